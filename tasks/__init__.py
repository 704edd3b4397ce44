"""The built-in tasks: one folder a family, each with a `task.py` that the registry loads like a plugin's."""
