"""Chemistry: SMILES to canonical parents, graphs and fingerprints. Nothing here imports torch."""
