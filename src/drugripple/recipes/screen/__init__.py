"""A compound library of any length with a panel of samples."""
