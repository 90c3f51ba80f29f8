"""The commands behind the figures in results/; run each as `python -m runs.NAME` from the project's root."""

FAST = {
    "learning_rate": 1e-3, "final_rate": 1e-5, "cosine_epochs": 12, "batch": 1024, "max_epochs": 12,
    "precision": "bfloat16", "patience": 12,
}  # fmt: skip
"""Few and large steps in half precision: the quickest way to train, cut at twelve epochs."""
METRICS = {"rmse": "rmse", "pcc": "pcc", "per_drug_pcc": "per_drug_pcc_mean"}
"""Metrics of one fold that are kept, and what `evaluation.metrics.score` calls them."""
