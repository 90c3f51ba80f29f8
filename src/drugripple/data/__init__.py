"""Checked tables of expression, compounds and responses, and the batches that models see."""
