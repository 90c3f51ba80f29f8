"""Genes: ordered panels, prior networks and scaling. Nothing here imports torch."""
