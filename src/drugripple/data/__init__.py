"""Checked tables of expression, compounds, pairs and responses, and the protocol of predictors."""
