"""One file of real cell lines on ten scales: does a model answer alike, or refuse?

    python -m runs.disguises --data ../shared/data --model FOLDER [FOLDER ...]

Lines of GDSC under names of their own, as RMA and as nine files that other people would have of the same lines. Each
is written as csv and asked about by `predict`, with the same known compounds, and held against RMA. A few of the lines
are asked about alone, too, since a model may move a cohort and not a few samples. Rows go to results/disguises.csv.
What sequencing adds (depth, lengths of genes, background, rounding) is made up here, by a seed.
"""

import argparse
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from jaxtyping import Float

from drugripple import load
from drugripple.data.tables import CompoundTable, ExpressionTable
from drugripple.errors import DrugrippleError
from drugripple.predict import DefaultModel, DrugResponseModel
from drugripple.runtime.atomic import write_csv
from drugripple.sources.public.tidy import read_gdsc

LINES, FEW, COMPOUNDS, SEED = 40, 4, 30, 0
AS_GIVEN = "RMA"
SAID = ("training's", "in training", "medians of its own", "used as it is")
"""Words of the notes that tell how expression was scaled."""
DEPTH, DISPERSION = 2e7, 0.05
BACKGROUND = 5
"""Percent of an array's values that are background, where sequencing finds nothing."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--model", type=Path, nargs="+", required=True, help="folders of models that predict")
    parser.add_argument("--results", type=Path, default=Path("results/disguises.csv"))
    options = parser.parse_args()
    table = read_gdsc(options.data, "GDSC2").table
    draws = np.random.default_rng(SEED)
    lines = table.expression.take(np.sort(draws.choice(len(table.expression), LINES, replace=False)))
    lines = replace(lines, samples=tuple(f"line {number + 1}" for number in range(LINES)))
    compounds = table.compounds.take(np.sort(draws.choice(len(table.compounds), COMPOUNDS, replace=False)))
    rows = [row for folder in options.model for row in compare(folder, lines, compounds)]
    found = pd.DataFrame(rows)
    write_csv(options.results, found.round(3))
    print(found.round(3).to_string())


def compare(folder: Path, lines: ExpressionTable, compounds: CompoundTable) -> list[dict[str, object]]:
    """Each disguise of all lines and of a few: what the model says of it, and how far its answers lie from RMA's."""
    model = load(folder)
    kind = "network" if isinstance(model, DrugResponseModel) else "default model"
    rows: list[dict[str, object]] = []
    for count in (len(lines), FEW):
        expected: Float[np.ndarray, " m"] | None = None
        for name, values in disguises(lines.values.astype(np.float64)).items():
            row: dict[str, object] = {"model": kind, "lines": count, "file": name}
            try:
                answers, note = ask(model, lines, values[:count], compounds)
            except DrugrippleError as error:
                rows.append(row | {"outcome": "refused", "note": str(error).split(": ", 1)[-1]})
                continue
            if name == AS_GIVEN:
                expected = answers
            rows.append(row | {"outcome": "answered", "note": note} | _apart(answers, expected))
    return rows


def _apart(answers: Float[np.ndarray, " m"], expected: Float[np.ndarray, " m"] | None) -> dict[str, float]:
    """How far answers lie from those for the file as given, where that was answered."""
    if expected is None:
        return {}
    apart = np.abs(answers - expected)
    return {"median": float(np.median(apart)), "largest": float(apart.max())}


def ask(
    model: DefaultModel | DrugResponseModel,
    lines: ExpressionTable,
    values: Float[np.ndarray, "n g"],
    compounds: CompoundTable,
) -> tuple[Float[np.ndarray, " m"], str]:
    """ln IC50 of every line with every compound, from a file, and the note on its scale."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "lines.csv"
        frame = pd.DataFrame(values, index=list(lines.samples[: len(values)]), columns=list(lines.genes.symbols))
        frame.rename_axis("cell_line").round(5).to_csv(path)
        table = model.predict(path, compounds)
    notes = [note for note in table.attrs["notes"] if any(words in note for words in SAID)]
    return table["ln_ic50"].to_numpy(dtype=np.float64), notes[-1] if notes else ""


def disguises(log2: Float[np.ndarray, "n g"]) -> Mapping[str, Float[np.ndarray, "n g"]]:
    """The same lines as ten files; the first is as given."""
    draws = np.random.default_rng(SEED)
    level = np.maximum(np.exp2(log2) - 2 ** np.percentile(log2, BACKGROUND), 0)
    tpm = level / level.sum(axis=1, keepdims=True) * 1e6
    lengths = draws.uniform(0.5, 8.0, size=log2.shape[1])
    reads = tpm * lengths
    share = reads / reads.sum(axis=1, keepdims=True)
    counts = draws.poisson(share * DEPTH * draws.uniform(0.5, 1.5, size=(len(log2), 1))).astype(np.float64)
    size = counts.sum(axis=1, keepdims=True)
    even = counts / size * size.mean()
    logs = np.log2(tpm + 1)
    return {
        AS_GIVEN: log2,
        "log2(TPM + 1)": logs,
        "log2(FPKM + 1)": np.log2(counts / lengths / size * 1e6 + 1),
        "ln(TPM + 1)": np.log(tpm + 1),
        "TPM": tpm,
        "counts": counts,
        "counts divided by size factors": even,
        "log2(counts + 1)": np.log2(counts + 1),
        "VST": np.log2(
            (1 + 2 * DISPERSION * even + 2 * np.sqrt(DISPERSION * even * (1 + DISPERSION * even))) / (4 * DISPERSION)
        ),
        "z-score by gene": (logs - logs.mean(axis=0)) / logs.std(axis=0).clip(1e-3),
    }


if __name__ == "__main__":
    main()
