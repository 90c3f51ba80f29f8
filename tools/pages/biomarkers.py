"""Tables of docs/why.md, from results/default_model/biomarker*.csv."""

import csv
from collections.abc import Callable

from tools.pages.measured import Measured
from tools.pages.numbers import UNDEFINED, decimals, table

SMALLEST = 1e-4
"""What the files resolve."""


def known(measured: Measured) -> str:
    """Known biomarkers, one by one."""
    head = (
        "biomarker", "compound", "expected", "lines", "with it", "measured effect (p)", "predicted effect (p)", "shown",
        "shown when shuffled", "shown by other compounds",
    )  # fmt: skip
    rows = [
        (
            row["biomarker"],
            row["compound"],
            "sensitive" if row["expected"] == "-1" else "resistant",
            row["lines"],
            UNDEFINED if row["biomarker"].endswith("expression") else row["marked"],
            _effect(row, "measured"),
            _effect(row, "predicted"),
            "yes" if row["shown"] == "True" else "no",
            _percent(row["shown_shuffled"]),
            _percent(row["shown_by_other_compounds"]),
        )
        for row in _read(measured, "biomarkers")
    ]
    return table(head, rows)


def scan(measured: Measured) -> str:
    """Every significant event."""
    head = (
        "events", "significant", "compounds", "right sign", "shown", "right sign when shuffled", "shown when shuffled",
        "shown by other compounds", "effects correlate",
    )  # fmt: skip
    shares = ("right_sign", "shown", "right_sign_shuffled", "shown_shuffled", "shown_by_other_compounds")
    rows = [
        (
            row["events"],
            row["significant"],
            row["compounds"],
            *(_percent(row[name]) for name in shares),
            decimals(float(row["effect_correlation"]), 2),
        )
        for row in _read(measured, "biomarker_scan")
    ]
    return table(head, rows)


def targets(measured: Measured) -> str:
    """Do target genes stand out?"""
    rows = _read(measured, "target_genes")
    levels = [name for name in rows[0] if name.startswith("within_")]
    head = ("genes", "compounds", *(f"in the top {float(name.removeprefix('within_')):.1%}" for name in levels))
    return table(head, [(row["genes"], row["compounds"], *(_percent(row[name]) for name in levels)) for row in rows])


def genes(measured: Measured) -> str:
    """The genes that stand out for some compounds."""
    rows = [
        (row["compound"], row["genes"], decimals(float(row["largest_z"]), 1)) for row in _read(measured, "top_genes")
    ]
    return table(
        ("compound", "genes, the first stands out most; ln IC50 up or down with it", "mean_z of the first"), rows
    )


def planted_what_if(measured: Measured) -> str:
    """How often a network's what-if answers go the planted way."""
    head = (
        "changed",
        "world",
        "questions",
        "the planted way",
        "of genes or edges that mean nothing",
        "size",
        "size of those",
    )
    rows = [
        (
            row["changed"], row["world"], row["asked"], _percent(row["planted"]), _percent(row["other"]),
            decimals(float(row["size"]), 3), decimals(float(row["other_size"]), 3),
        )
        for row in _read(measured, "what_if_truth")
    ]  # fmt: skip
    return table(head, rows)


def _read(measured: Measured, name: str) -> list[dict[str, str]]:
    with (measured.folder / "default_model" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _effect(row: dict[str, str], what: str) -> str:
    p = float(row[f"{what}_p"])
    shown = f"< {SMALLEST:.4f}" if p < SMALLEST else f"{p:.4f}"
    return f"{decimals(float(row[f'{what}_effect']), 2)} ({shown})"


def _percent(text: str) -> str:
    return f"{float(text):.0%}"


BIOMARKERS: dict[str, Callable[[Measured], str]] = {
    "biomarkers": known,
    "biomarker_scan": scan,
    "target_genes": targets,
    "top_genes": genes,
    "planted_what_if": planted_what_if,
}
