"""The figures in docs/figures: drawn from measured numbers, and the architecture."""

import numpy as np
import pandas as pd

from drugripple.errors import TableError
from drugripple.evaluation.schemes import Scheme
from drugripple.report.figures import curve
from tools.pages.architecture import architecture
from tools.pages.default_figures import default_figures
from tools.pages.fold_schemes import fold_scheme
from tools.pages.house import house
from tools.pages.measured import Measured

BY_GENES = {
    "gene attention": "attention_by_genes",
    "prediction, rank 256": "predict_by_genes_low_rank",
    "fine-tuning, rank 256": "finetune_by_genes_low_rank",
    "fine-tuning, full output layer": "finetune_by_genes",
}


def figures(measured: Measured) -> dict[str, str]:
    """Each figure as SVG text, under its file name without the ending.

    Raises:
        TableError: if a figure has fewer than two measured sizes.
    """
    training, prediction = "fine-tuning, 978 genes", "prediction, 978 genes"
    return {
        "speed_genes": _sizes(measured, "genes", BY_GENES, "genes", "rows or pairs per second"),
        "speed_batch": _sizes(measured, "rows", {training: "finetune_by_batch"}, "rows per batch", "rows per second"),
        "speed_compounds": _sizes(
            measured, "rows", {prediction: "predict_by_compounds"}, "compounds", "pairs per second"
        ),
        "speed_rows": _sizes(measured, "rows", {training: "epoch_by_rows"}, "training rows", "seconds per epoch"),
        "architecture": architecture(),
        "house": house(measured.folder.parent),
        **{f"folds_{scheme.value}": fold_scheme(scheme) for scheme in Scheme},
        "gene_share": gene_share(pd.read_csv(measured.folder / "gene_share.csv")),
        **default_figures(measured),
    }


def gene_share(scores: pd.DataFrame) -> str:
    """Squared error on held-out profiles, relative to "no change" on the same genes."""
    scores = scores.assign(relative=scores["mse"] / scores["mse_no_change"])
    names = {"ours": "random genes hidden in pretraining", "ours-no-hiding": "all genes shown in pretraining"}
    by_share = scores.groupby(["model", "share"])["relative"]
    mean, spread = by_share.mean().unstack("model"), by_share.std().fillna(0.0).unstack("model")
    return curve(
        mean.index.to_numpy() * 100,
        {names[model]: mean[model].to_numpy() for model in names},
        deviation={names[model]: spread[model].to_numpy() for model in names},
        x_label="share of the 978 genes that is measured (%)",
        y_label="MSE relative to no change",
        levels={"no change": 1.0},
    )


def _sizes(measured: Measured, axis: str, names: dict[str, str], x_label: str, y_label: str) -> str:
    found = {
        label: {getattr(record, axis): record.value for record in measured.history if record.name == name}
        for label, name in names.items()
    }
    sizes = sorted({size for points in found.values() for size in points})
    if len(sizes) < 2:
        message = f"{y_label} against {x_label} needs two measured sizes of {', '.join(names.values())}, found {sizes}"
        raise TableError(message)
    series = {label: np.array([points.get(size, np.nan) for size in sizes]) for label, points in found.items()}
    return curve(np.array(sizes, dtype=float), series, x_label=x_label, y_label=y_label, logarithmic=True)
