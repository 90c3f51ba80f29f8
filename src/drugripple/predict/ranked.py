"""The most promising compounds of each sample, or samples of each compound, and what their order means."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pandas as pd

from drugripple.data.measure import Measure
from drugripple.errors import counted
from drugripple.predict.choices import Ranked, Ranking

SHORT = ("sample", "id", "compound", "low", "high", "low_um", "high_um", "compound_r")
"""What a short table of the best has besides the response and the percentile."""
DOMAIN, NEW_COMPOUND = "in_domain", "new compound"
"""The column of the verdict, and how the kind of a pair ends."""


def to_print(table: pd.DataFrame, ranked: Ranked | None = None) -> pd.DataFrame:
    """What a person reads first of predictions; of another model's than the default one, all but ids that are names.

    What was measured of the pairs and where compounds were tested is among it where any of it is known, the nearest
    known compound where compounds are new, and the verdict of the domain where any pair is outside.

    Args:
        table: predictions.
        ranked: what was ranked, if only the best are there; all of them are in the domain.
    """
    measure = next((one for one in Measure if one.value in table), None)
    names = ["sample", "compound"] if (table["id"] == table["compound"]).all() else ["sample", "id", "compound"]
    if measure is None or (DOMAIN not in table and ranked is None):
        return pd.DataFrame(table[[*names, *table.columns.difference(["sample", "id", "compound"], sort=False)]])
    unit = measure.micromolar
    response = [unit, "low_um", "high_um"] if unit else [measure.value, "low", "high"]
    known = [name for name in ("measured_um", "measured", "tested_um", "compound_r") if name in table]
    known = [name for name in known if table[name].notna().any()]
    new = table["kind"].str.endswith(NEW_COMPOUND) if "kind" in table else pd.Series(False, table.index)
    outside = DOMAIN in table and not table[DOMAIN].all()
    wanted = [
        *names, *response, *(name for name in known if name != "compound_r" or ranked is Ranked.COMPOUNDS),
        "compound_percentile" if ranked is Ranked.SAMPLES else "sample_percentile",
        *(["nearest_compound"] if new.any() else []), *([DOMAIN] if outside and not ranked else []),
    ]  # fmt: skip
    shown = pd.DataFrame(table[[name for name in wanted if name in table]])
    verdict = {DOMAIN: table[DOMAIN].map({True: "yes", False: "no"})} if DOMAIN in shown else {}
    nearest = {"nearest_compound": table["nearest_compound"].where(new, "")} if "nearest_compound" in shown else {}
    return shown.assign(**verdict, **nearest)


@dataclass(frozen=True)
class Top:
    """Which rows of a table of predictions are kept: the first of each sample or compound that are in the domain."""

    number: int
    """At most so many of each."""
    measure: Measure
    rank: Ranked = Ranked.COMPOUNDS
    by: Ranking | None = None
    """What is compared; selectivity where compounds are ranked, and the response where samples are, unless given."""

    @property
    def ranking(self) -> Ranking:
        """What is compared."""
        return self.by or (Ranking.SELECTIVITY if self.rank is Ranked.COMPOUNDS else Ranking.RESPONSE)

    @property
    def percentile(self) -> str:
        """The column that tells selectivity."""
        return "sample_percentile" if self.rank is Ranked.COMPOUNDS else "compound_percentile"

    @property
    def keys(self) -> list[str]:
        """The columns that are compared, the first first."""
        return [*([self.percentile] if self.ranking is Ranking.SELECTIVITY else []), self.measure.value]

    def of(self, table: pd.DataFrame) -> pd.DataFrame:
        """The rows kept, the most promising first, one sample or compound after the other as the table has them."""
        owner, ranked = ("sample", "compound") if self.rank is Ranked.COMPOUNDS else ("id", "sample")
        inside = table[table["in_domain"].to_numpy(bool)]
        ordered = inside.sort_values([*self.keys, ranked], ascending=self.measure.lower_is_sensitive, kind="stable")
        first = ordered[ordered.groupby(owner, sort=False).cumcount() < self.number]
        place = {name: row for row, name in enumerate(dict.fromkeys(table[owner]))}
        return first.iloc[first[owner].map(place).to_numpy().argsort(kind="stable")].reset_index(drop=True)

    def of_all(self, frames: Iterable[pd.DataFrame]) -> Iterator[pd.DataFrame]:
        """The rows kept of all frames together, as one frame; memory holds the best so far."""
        kept = pd.DataFrame()
        for frame in frames:
            kept = self.of(pd.concat([kept, frame], ignore_index=True))
        yield kept

    def short(self, best: pd.DataFrame) -> pd.DataFrame:
        """Names, response, interval, percentile and how well the compound is predicted; all rows are in the domain."""
        shown = (*SHORT, self.percentile, self.measure.value, self.measure.micromolar)
        return best[[name for name in best if name in shown]]

    @property
    def note(self) -> str:
        """What the order means.

        >>> print(Top(3, Measure.AUC, by=Ranking.RESPONSE).note)
        at most 3 compounds of each sample, in the domain only, by auc, the lowest first: it compares compounds, of \
which some are potent in every sample; `selectivity` tells which ones hit this sample harder than others
        """
        compounds = self.rank is Ranked.COMPOUNDS
        ranked, owner = ("compound", "sample") if compounds else ("sample", "compound")
        end = "lowest" if self.measure.lower_is_sensitive else "highest"
        if self.ranking is Ranking.SELECTIVITY:
            meaning = (
                "how much harder a compound hits this sample than the training samples; it need not be potent"
                if compounds
                else "how much harder a sample is hit by this compound than by the training compounds"
            )
        else:
            meaning = (
                "it compares compounds, of which some are potent in every sample; `selectivity` tells which ones hit "
                "this sample harder than others"
                if compounds
                else "it compares samples, of which some respond to most compounds; `selectivity` tells which ones "
                "this compound hits harder than other compounds do"
            )
        of = f"{counted(self.number, ranked)} of each {owner}"
        return f"at most {of}, in the domain only, by {self.keys[0]}, the {end} first: {meaning}"
