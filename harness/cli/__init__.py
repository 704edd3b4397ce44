"""The command line: one file a command; each loads its input, makes one call and prints."""
