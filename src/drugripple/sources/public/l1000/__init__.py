"""LINCS L1000 profiles."""
