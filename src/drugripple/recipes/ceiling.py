"""`drugripple ceiling`: the best attainable scores on GDSC, estimated from its own repeat measurements."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Float, Int

from drugripple.data.measure import Measure
from drugripple.data.response import ResponseTable
from drugripple.evaluation.noise_ceiling import Ceiling, noise_ceiling
from drugripple.runtime.atomic import write_json
from drugripple.sources.public.datasets import Dataset
from drugripple.sources.study import read_published, read_study
from drugripple.sources.study_settings import StudySettings

ASSUMPTIONS = (
    "two measurements of a pair are its truth, plus a bias of the compound in each assay, plus independent noise",
    "the noise has one variance, and the repeated compounds stand for all",
    "repeats are of different screens: what the compounds of one screen share of a sample's errors counts as noise, "
    "and a model that has seen the sample's other compounds can predict part of it",
)
ABOUT_GDSC = "between GDSC1 and GDSC2 assay, readout and dose ranges changed, so they disagree by more than noise"


class Repeats(NamedTuple):
    """Pairs measured twice. Axis p: pair."""

    first: Float[np.ndarray, " p"]
    second: Float[np.ndarray, " p"]
    drug: Int[np.ndarray, " p"]


@dataclass(frozen=True)
class CeilingReport:
    """One ceiling for each source of repeats."""

    ceilings: dict[str, Ceiling]
    measure: Measure
    """The measure of the responses, and so the unit of the standard deviations."""
    assumptions: tuple[str, ...]

    def table(self) -> pd.DataFrame:
        """The ceilings as a table: one row per source of repeats, with estimates and their intervals."""
        rows = []
        for source, found in self.ceilings.items():
            row: dict[str, object] = {"source": source, "drugs": found.drugs, "pairs": found.pairs}
            for name in ("sd", "pcc", "per_drug_pcc", "repeat_pcc"):
                interval = getattr(found, name)
                row[name] = f"{interval.estimate:.3f} ({interval.low:.3f} to {interval.high:.3f})"
            rows.append(row | {"raw_sd": f"{found.raw_sd:.3f}"})
        return pd.DataFrame(rows)


def ceiling(study: StudySettings, *, out: Path | None = None, draws: int = 1000, seed: int = 0) -> CeilingReport:
    """Estimate the noise of one measurement, the floor of the RMSE and the best attainable correlations.

    Args:
        study: where the responses are. Of GDSC, both panels and their agreement; of other responses, their repeats.
        out: folder for `ceiling.json`; nothing is written if None.
        draws: number of bootstrap draws over drugs.
        seed: seed of the bootstrap.

    Raises:
        DrugrippleError: if the responses are not there, or cannot be used.
        TableError: if there are no repeats to estimate from.
    """
    sources = _sources(study)
    ceilings = {
        name: noise_ceiling(*found, variance=float(table.values.var(dtype=np.float64)), draws=draws, seed=seed)
        for name, (found, table) in sources.items()
    }
    (measure,) = {table.measure for _, table in sources.values()}
    report = CeilingReport(ceilings, measure, ASSUMPTIONS if _one_table(study) else (*ASSUMPTIONS, ABOUT_GDSC))
    if out is not None:
        write_json(out / "ceiling.json", asdict(report))
    return report


def _sources(study: StudySettings) -> dict[str, tuple[Repeats, ResponseTable]]:
    """The repeats of each source, and the table whose variance they are held against."""
    if _one_table(study):
        table = read_study(study).table
        return {f"{study.name}, repeat measurements": (in_chance_order(repeats_within(table)), table)}
    gdsc1, gdsc2 = (read_published(study.data or Path(), name).table for name in (Dataset.GDSC1, Dataset.GDSC2))
    return {
        "GDSC2, compounds under two ids": (repeats_within(gdsc2), gdsc2),
        "GDSC1, compounds under two ids": (repeats_within(gdsc1), gdsc1),
        "GDSC1 against GDSC2": (repeats_between(gdsc1, gdsc2), gdsc2),
    }


def _one_table(study: StudySettings) -> bool:
    """Whether the repeats are those of one table; of GDSC both panels are read."""
    return study.responses is not None or study.dataset is Dataset.NCI60


def repeats_within(table: ResponseTable) -> Repeats:
    """The first two measurements of every pair measured more than once, in the table's order."""
    order = np.argsort(table.pairs.number, kind="stable")
    pair = table.pairs.number[order]
    starts = np.flatnonzero(np.r_[True, pair[1:] != pair[:-1]])
    again = starts[np.diff(np.r_[starts, pair.size]) > 1]
    first, second = order[again], order[again + 1]
    return Repeats(table.values[first], table.values[second], table.compound_row[first])


def in_chance_order(repeats: Repeats, seed: int = 0) -> Repeats:
    """The same repeats, half of them exchanged by chance: for tables whose repeats are sorted by value.

    There the second measurement is the larger one of every pair, and would pass for a bias of the second assay.
    """
    exchanged = np.random.default_rng(seed).random(repeats.first.size) < 0.5
    first = np.where(exchanged, repeats.second, repeats.first)
    second = np.where(exchanged, repeats.first, repeats.second)
    return Repeats(first, second, repeats.drug)


def repeats_between(one: ResponseTable, other: ResponseTable) -> Repeats:
    """Pairs measured in both tables, by the name of the sample and the parent of the compound; repeats averaged."""
    keyed = [
        pd.Series(
            table.values,
            index=pd.MultiIndex.from_arrays(
                [
                    np.array(table.expression.samples)[table.sample_row],
                    np.array(table.compounds.smiles)[table.compound_row],
                ]
            ),
        )
        .groupby(level=[0, 1])
        .mean()
        for table in (one, other)
    ]
    both = pd.concat(keyed, axis=1, join="inner")
    drug = pd.factorize(both.index.get_level_values(1))[0]
    return Repeats(both[0].to_numpy(), both[1].to_numpy(), drug.astype(np.int64))
