"""The family `lm-eval`."""
