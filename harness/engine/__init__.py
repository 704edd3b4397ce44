"""Runs a plan against a model: order, limits, retries, integrity, checkpoints."""
