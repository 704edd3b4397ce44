"""A run that may stop early: its rule, what it will be asked, how its evidence grows, and when it is enough."""
