"""Before the first reply: what a plan can decide, how often it errs, and the lock that holds it to its word."""
