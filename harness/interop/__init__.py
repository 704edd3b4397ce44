"""Other harnesses: their logs as runs of ours, our runs as logs of theirs, our tasks offered to them."""
