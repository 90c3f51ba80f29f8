"""Every kind of file, by name."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from benchmarks.robustness import compounds, expression, large, splits, uses
from benchmarks.robustness.trial import Place, Trial


@dataclass(frozen=True)
class Kind:
    """A generator of files."""

    make: Callable[[Place, np.random.Generator], Trial]
    says: str
    """What the files are, for the table in the docs."""
    share: int = 10
    """Of how many files of all, in relation to the other kinds."""


KINDS = {
    "text": Kind(expression.text, "expression as text in any layout", 30),
    "damaged text": Kind(expression.damaged_text, "the same with a damaged line", 20),
    "names": Kind(expression.names, "numbers, repeats and annotation among the names of samples", 15),
    "gene names": Kind(expression.gene_names, "genes under every pattern of names", 15),
    "binary": Kind(expression.binary, "Parquet, h5ad and gct: of many makers, damaged, under wrong names", 20),
    "scale": Kind(expression.scale, "one cohort on fourteen scales", 15),
    "compound tables": Kind(
        compounds.tables, "compounds in any layout, under names that programs take for something else", 20
    ),
    "spellings": Kind(compounds.spellings, "molecules in any order of atoms, as salts, with maps and extensions", 15),
    "metals": Kind(compounds.metals, "metal complexes in every spelling", 2),
    "hostile structures": Kind(compounds.hostile, "structures that crash, hang or mean nothing, through predict", 12),
    "hostile screen": Kind(compounds.hostile_screen, "the same through screen", 8),
    "repeats": Kind(compounds.repeated, "repeated names, ids, rows; doses", 8),
    "explained": Kind(uses.explained, "explanations of some samples of a file, against those of the whole", 4),
    "audits": Kind(splits.audits, "splits with twelve kinds of leaks, and clean ones", 15),
    "hostile files": Kind(
        uses.hostile_text, "nested JSON and TOML, archives as tables, control characters, endless lines", 12
    ),
    "overwriting": Kind(uses.overwriting, "outputs that are inputs, or in use", 6),
    "damaged state": Kind(uses.damaged_state, "networks and screens whose files were cut, altered or deleted", 15),
    "consoles": Kind(uses.consoles, "names beyond ASCII on old consoles, no home, unknown locales", 2),
    "linked": Kind(uses.linked, "HDF5 whose parts lie in other files", 4),
    "formulas": Kind(uses.formulas, "names that a spreadsheet would run", 2),
    "memory": Kind(large.memory, "large files of which few genes are asked for", 1),
}
