"""Model adapters: one file each."""
