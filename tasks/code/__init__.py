"""Reasoning about programs of many files."""
