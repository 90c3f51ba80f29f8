"""The plots of docs/speed.md."""

from typing import NamedTuple

import numpy as np

from drugripple.report.figures import curve


class Plot(NamedTuple):
    description: str
    svg: str
    """Blank where nothing, or a single size, was measured."""


def plots(records):
    return {
        "speed_genes": _curves(
            records,
            "genes",
            {
                "gene attention": "attention_by_genes",
                "prediction, rank 256": "predict_by_genes_low_rank",
                "fine-tuning, rank 256": "finetune_by_genes_low_rank",
                "fine-tuning, full output layer": "finetune_by_genes",
            },
            "genes",
            "rows or pairs a second",
        ),
        "speed_batch": _curves(
            records, "rows", {"fine-tuning, 978 genes": "finetune_by_batch"}, "rows in a batch", "rows a second"
        ),
        "speed_compounds": _curves(
            records, "rows", {"prediction, 978 genes": "predict_by_compounds"}, "compounds", "pairs a second"
        ),
        "speed_rows": _curves(
            records, "rows", {"fine-tuning, 978 genes": "epoch_by_rows"}, "training rows", "seconds an epoch"
        ),
    }


def _curves(records, axis, names, x_label, y_label):
    description = f"{y_label} against {x_label}"
    found = {
        label: {getattr(record, axis): record.value for record in records if record.name == name}
        for label, name in names.items()
    }
    found = {label: points for label, points in found.items() if points}
    sizes = sorted({size for points in found.values() for size in points})
    if len(sizes) < 2:
        return Plot(description, "")
    series = {label: np.array([points.get(size, np.nan) for size in sizes]) for label, points in found.items()}
    svg = curve(np.array(sizes, dtype=float), series, x_label=x_label, y_label=y_label, logarithmic=True)
    return Plot(description, svg)
