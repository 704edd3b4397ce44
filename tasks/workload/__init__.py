"""Own data as a task, without code: rows of a file, templates, and a scorer by name."""
