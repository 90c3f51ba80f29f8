"""Published data: where it is, how it is fetched, and its formats."""
