"""The commands behind the figures in results/; run each as `python -m runs.NAME` from the project's root."""
