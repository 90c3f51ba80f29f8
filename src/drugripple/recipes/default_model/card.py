"""The model card: a page of plain text beside the model."""

from collections.abc import Container, Sequence

import numpy as np
import pandas as pd

from drugripple.data.measure import Measure
from drugripple.data.pair_kind import LEVEL
from drugripple.data.response import ResponseTable
from drugripple.errors import counted, first_five
from drugripple.predict.domain import FEWEST_GENES
from drugripple.predictors.calibrated import CalibratedPredictor
from drugripple.predictors.multi_trait_gp.sample_kernel import FEWEST_SHARED_GENES
from drugripple.predictors.multi_trait_gp.settings import Structure
from drugripple.recipes.folds import MeasuredRows
from drugripple.runtime.provenance import versions
from drugripple.sources.user.drug_names import annotated

USE = f"""\
In research, to rank compounds for a sample and samples for a compound, to see how sure that is and what it rests on,
and to choose what to measure next. It reads gene expression (at least {FEWEST_SHARED_GENES} genes of training, on any
scale within a sample) and structures."""

EXTRAPOLATED = """\
- An IC50 above the highest tested concentration is an extrapolation of a fitted curve, in training and in predictions.
"""
LIMITS = f"""\
- For research only, not for decisions about patients. The samples are cell lines; a tumour is not a cell line.
- A new compound's mean response carries most of its error, and the width of its interval hardly tells how large that
  error is: see the column `informative` above.
{EXTRAPOLATED}\
- An interval covers a new measurement with the stated probability, of a known compound on average over samples, of new
  compounds on average over all of them, where samples and compounds are like those of the calibration. It does not know
  of genes that are missing: with fewer than {FEWEST_GENES} of training's, no sample counts as in domain."""


def limits_of(measure: Measure | None) -> str:
    """Limits of a model that predicts this measure."""
    return LIMITS if measure is not None and measure.micromolar else LIMITS.replace(EXTRAPOLATED, "")


def model_card(
    model: CalibratedPredictor,
    scores: pd.DataFrame,
    rows: MeasuredRows,
    studies: Sequence[str],
    tested: dict[str, float],
) -> str:
    """What the model is, what it learnt from, under which terms, how good it is, and what it is not for."""
    traits = model.predictor.traits
    structure = (
        "MiniMol embeddings" if model.predictor.structure is Structure.MINIMOL else "fingerprints and annotation"
    )
    lines = [
        "# Default model",
        "",
        "A multi-trait Gaussian process (drugripple/predictors/multi_trait_gp/README.md in the package).",
        "",
        f"- Learnt from: {rows.origin.name}, {len(rows.table):,} responses of {len(traits.kernel.samples)} samples to "
        f"{len(traits.compounds)} compounds; {len(traits.kernel.genes):,} genes.",
        f"- Means of new compounds: {structure}; other studies: {', '.join(studies) or 'none'}.",
        *(f"- {note[0].upper()}{note[1:]}." for note in known_beside(rows.table, tested)),
        f"- Predicts: {model.measure}.",
        f"- Made with: {', '.join(f'{name} {version}' for name, version in versions().items())}.",
        "",
        "## Intended use",
        "",
        USE,
        "",
        "## Terms of the data",
        "",
        rows.origin.terms,
        "",
        rows.origin.citation,
        "",
        "## How good it is",
        "",
        f"On pairs, samples and compounds that were hidden in turn; intervals of {LEVEL:.0%}, each scored on a part "
        "that took no part in its calibration.",
        "",
        "| " + " | ".join(scores.columns) + " |",
        "|" + "---|" * len(scores.columns),
        *("| " + " | ".join(_cell(value) for value in row) + " |" for row in scores.itertuples(index=False)),
        "",
        "## Limits",
        "",
        limits_of(model.measure),
    ]
    return "\n".join(lines) + "\n"


def known_beside(table: ResponseTable, tested: Container[str]) -> tuple[str, ...]:
    """Sentences on how many samples and compounds have annotation beside responses, and which lack it.

    Compounds are counted as the model learns them: those that share a structure are one, whose names are told. Targets
    and mechanisms are those that predictions show: of the data, else of the drug that a name stands for.

    Args:
        table: the responses.
        tested: parents of the compounds whose highest tested concentration is known.
    """
    samples = np.unique(table.sample_row).tolist()
    compounds = table.pairs.compact().compounds
    tissue = table.expression.tissue or ("",) * len(table.expression)
    targets, mechanism = annotated(compounds.names, compounds.targets, compounds.mechanism)
    return (
        *_shared_structures(table),
        _known("tissues", "samples", {table.expression.samples[i]: bool(tissue[i]) for i in samples}),
        _known("targets", "compounds", dict(zip(compounds.names, map(bool, targets), strict=True)))
        + _by_name(targets, compounds.targets),
        _known("mechanisms", "compounds", dict(zip(compounds.names, map(bool, mechanism), strict=True)))
        + _by_name(mechanism, compounds.mechanism),
        _known(
            "highest tested concentrations", "compounds",
            {name: parent in tested for name, parent in zip(compounds.names, compounds.smiles, strict=True)},
        ),
    )  # fmt: skip


def _shared_structures(table: ResponseTable) -> tuple[str, ...]:
    names: dict[str, list[str]] = {}
    for row in np.unique(table.compound_row).tolist():
        names.setdefault(table.compounds.smiles[row], []).append(table.compounds.names[row])
    shared = [" = ".join(dict.fromkeys(several)) for several in names.values() if len(several) > 1]
    what = counted(len(shared), "structure has", "structures have")
    return (f"{what} several names and a single column: {first_five(shared)}",) if shared else ()


def _known(what: str, of: str, known: dict[str, bool]) -> str:
    without = [name for name, is_known in known.items() if not is_known]
    named = f"; not of {first_five(without)}" if 0 < len(without) < len(known) else ""
    return f"{what} are known of {len(known) - len(without)} of {len(known)} {of}{named}"


def _by_name(known: Sequence[str], of_data: Sequence[str]) -> str:
    """How many words come from the names of drugs and not from the data; blank where none do."""
    number = sum(bool(word) and not own for word, own in zip(known, of_data, strict=True))
    return f" ({number} by the drug's name, not from the data)" if number else ""


def _cell(value: object) -> str:
    return f"{value:.3f}" if isinstance(value, float) else f"{value}"
