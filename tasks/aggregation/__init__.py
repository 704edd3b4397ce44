"""Questions whose answer needs every matching record of a long text: counts, totals, rankings, tables."""
