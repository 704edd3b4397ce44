"""Logged requests, asked of two models without right answers: what changed beyond the baseline's own noise."""
