"""Finding stated facts in a long text."""
