"""The most promising compounds of each sample: which of a table's rows these are, and what that order means."""

from collections.abc import Iterable, Iterator

import pandas as pd

from drugripple.data.measure import Measure
from drugripple.errors import counted
from drugripple.predict.choices import Ranking

SHORT = ("sample", "id", "compound", "low", "high", "low_um", "high_um", "sample_percentile", "compound_r")
"""What a short table of ranked compounds has besides the response."""


def best_rows(table: pd.DataFrame, number: int, by: Ranking, measure: Measure) -> pd.DataFrame:
    """The first compounds of each sample that are in the domain, the most promising first.

    Args:
        table: predictions of the default model, with `sample_percentile` if `by` asks for it.
        number: at most so many of each sample.
        by: what is compared.
        measure: what is predicted.
    """
    inside = table[table["in_domain"].to_numpy(bool)]
    keys = ["sample_percentile", measure.value] if by is Ranking.SELECTIVITY else [measure.value]
    ordered = inside.sort_values([*keys, "compound"], ascending=measure.lower_is_sensitive, kind="stable")
    first = ordered[ordered.groupby("sample", sort=False).cumcount() < number]
    return _by_sample(first, dict.fromkeys(table["sample"]))


def best_of(frames: Iterable[pd.DataFrame], number: int, by: Ranking, measure: Measure) -> Iterator[pd.DataFrame]:
    """The rows of `best_rows` of all frames together, as one frame; memory holds the best so far."""
    kept, samples = pd.DataFrame(), dict[str, None]()
    for frame in frames:
        samples |= dict.fromkeys(frame["sample"])
        kept = best_rows(pd.concat([kept, frame], ignore_index=True), number, by, measure)
    yield _by_sample(kept, samples) if len(kept) else kept


def _by_sample(table: pd.DataFrame, samples: Iterable[str]) -> pd.DataFrame:
    """The rows of one sample after the other, in the order that samples are given in."""
    place = {name: row for row, name in enumerate(samples)}
    return table.iloc[table["sample"].map(place).to_numpy().argsort(kind="stable")].reset_index(drop=True)


def in_short(best: pd.DataFrame, measure: Measure) -> pd.DataFrame:
    """Names, response, interval, rank and how well the compound is predicted; all rows are in the domain."""
    return best[[name for name in best if name in (*SHORT, measure.value, measure.micromolar)]]


def ranking_notes(number: int, by: Ranking, measure: Measure) -> tuple[str, ...]:
    """What the order means.

    >>> print(*ranking_notes(3, Ranking.RESPONSE, Measure.AUC))
    at most 3 compounds of each sample, in the domain only, by auc: it compares compounds, of which some are potent in \
every sample; `selectivity` tells which ones hit this sample harder than others
    """
    what = f"at most {counted(number, 'compound')} of each sample, in the domain only, by"
    if by is Ranking.SELECTIVITY:
        end = "lowest" if measure.lower_is_sensitive else "highest"
        return (
            f"{what} sample_percentile, the {end} first: how much harder a compound hits this sample than the training "
            "samples; it need not be potent",
        )
    return (
        f"{what} {measure.value}: it compares compounds, of which some are potent in every sample; `selectivity` tells "
        "which ones hit this sample harder than others",
    )
