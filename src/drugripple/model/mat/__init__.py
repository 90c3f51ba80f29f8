"""Molecule Attention Transformer."""
