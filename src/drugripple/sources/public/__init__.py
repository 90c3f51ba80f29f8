"""Published data: where they are, how they are fetched, and their formats."""
