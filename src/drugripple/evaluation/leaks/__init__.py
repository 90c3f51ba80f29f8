"""What test rows share with training rows, and how it is found."""
