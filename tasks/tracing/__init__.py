"""Following what changes or leads on: assignments, lists, roads."""
