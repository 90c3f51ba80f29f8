"""Fused forms of the network for fine-tuning and prediction, each equal to the plain form."""
