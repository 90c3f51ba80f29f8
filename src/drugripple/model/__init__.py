"""The networks of both stages, and their checkpoints."""
