"""The leak audit: what test rows share with training rows."""
