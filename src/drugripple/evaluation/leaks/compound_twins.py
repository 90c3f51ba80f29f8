"""Which compounds of a split are the same molecule, a salt or stereoisomer of it, or its close analogue."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Int

from drugripple.chem.fingerprint import morgan, tanimoto
from drugripple.chem.molecule import Molecule, reduce_all
from drugripple.chem.tautomers import canonical_tautomer, formula
from drugripple.data.tables import CompoundTable
from drugripple.evaluation.leaks.kinds import Leak

ANALOGUE = 0.7
"""Tanimoto similarity of Morgan bits from which a compound is an analogue; sorafenib and regorafenib have 0.83."""


class Structure(NamedTuple):
    """Names of one structure, from the strictest to the loosest."""

    canonical: str
    parent: str
    block: str


@dataclass(frozen=True)
class Twins:
    """Structures of the compounds of a split, under the names that the split uses."""

    read: Mapping[str, Structure]
    """The structure of each SMILES that can be read."""
    structures: Mapping[str, tuple[Structure, ...]]
    """Structures of each compound that has any; several where its rows do not agree."""

    @classmethod
    def of(cls, rows: pd.DataFrame) -> "Twins":
        """Read the distinct structures of the columns drug and smiles."""
        drawn = rows.loc[rows["smiles"] != "", ["drug", "smiles"]].drop_duplicates()
        reductions = reduce_all(drawn["smiles"]).found
        read = {text: Structure(one.written, one.parent, one.key) for text, one in reductions.items()}
        several: dict[str, list[Structure]] = {}
        for drug, text in zip(drawn["drug"], drawn["smiles"], strict=True):
            if text in read:
                several.setdefault(drug, []).append(read[text])
        return cls(read, {drug: tuple(found) for drug, found in several.items()})

    def unread(self, rows: pd.DataFrame) -> "pd.Series[bool]":
        """Whether a row has a SMILES, but neither it nor another of its compound can be read."""
        return (rows["smiles"] != "") & ~rows["drug"].isin(self.structures)

    def key(self, rows: pd.DataFrame) -> "pd.Series[str]":
        """The identity of every row's compound: its parent structure, or its plain name if it has none."""
        named = [one.parent if one else plain for one, plain in zip(self._of(rows), rows["drug_key"], strict=True)]
        return pd.Series(named, index=rows.index, dtype=object)

    def block(self, rows: pd.DataFrame) -> "pd.Series[str]":
        """InChIKey block of every row's compound; blank where it has no structure."""
        return pd.Series([one.block if one else "" for one in self._of(rows)], index=rows.index, dtype=object)

    def _of(self, rows: pd.DataFrame) -> Iterator[Structure | None]:
        """Each row's own structure, or the first that is known of its compound."""
        for drug, text in zip(rows["drug"], rows["smiles"], strict=True):
            yield self.read.get(text) or next(iter(self.structures.get(drug, ())), None)

    def related(self, early: pd.DataFrame, late: pd.DataFrame) -> Iterator[tuple[Leak, dict[str, str]]]:
        """Late compounds that are related to an early one, by their closest relation: {late name: early name}."""
        before = self._drawn(early)
        after = self._drawn(late)
        left = {drug for drug, _ in after}
        for leak, level in ((Leak.SAME_MOLECULE, 0), (Leak.SALT_TWIN, 1), (Leak.STEREO_TWIN, 2)):
            owner = {one[level]: drug for drug, one in before}
            found = {drug: owner[one[level]] for drug, one in after if one[level] in owner}
            yield leak, {drug: other for drug, other in found.items() if drug in left}
            left -= set(found)
        tautomers = _tautomers(before, [(drug, one) for drug, one in after if drug in left])
        yield Leak.TAUTOMER, tautomers
        left -= set(tautomers)
        yield Leak.ANALOGUE, _analogues(before, [(drug, one) for drug, one in after if drug in left])

    def _drawn(self, rows: pd.DataFrame) -> "list[tuple[str, Structure]]":
        return [(drug, one) for drug in rows["drug"].unique() for one in self.structures.get(drug, ())]


def _tautomers(before: "list[tuple[str, Structure]]", after: "list[tuple[str, Structure]]") -> dict[str, str]:
    """Tautomers that InChI keeps apart, such as ketone and enol; only isomers are looked at, since that is slow."""
    formulas = {one.parent: formula(one.parent) for _, one in (*before, *after)}
    wanted = {formulas[one.parent] for _, one in after}
    isomers = [(drug, one) for drug, one in before if formulas[one.parent] in wanted]
    owner = {canonical_tautomer(one.parent): drug for drug, one in isomers}
    both = {formulas[one.parent] for _, one in isomers}
    found = [(drug, canonical_tautomer(one.parent)) for drug, one in after if formulas[one.parent] in both]
    return {drug: owner[form] for drug, form in found if form in owner}


def _analogues(before: "list[tuple[str, Structure]]", after: "list[tuple[str, Structure]]") -> dict[str, str]:
    if not before or not after:
        return {}
    bits = [morgan([Molecule(one.parent, one.block) for _, one in part]) for part in (after, before)]
    near = tanimoto(*bits)
    return {
        drug: f"{before[int(row.argmax())][0]}, similarity {row.max():.2f}"
        for (drug, _), row in zip(after, near, strict=True)
        if row.max() >= ANALOGUE
    }


def molecule_numbers(compounds: CompoundTable) -> Int[np.ndarray, " c"]:
    """A number for each compound; salts and stereoisomers of one molecule share the first one's row number.

    Split by these, not by rows of the table: GDSC2 holds afuresertib also as its hydrochloride, and bleomycin with and
    without the stereochemistry of its sugars.

    >>> molecule_numbers(CompoundTable.from_smiles(("CCN", "CO", "CCN.Cl"))).tolist()
    [0, 1, 0]
    """
    first: dict[str, int] = {}
    return np.array(
        [first.setdefault(molecule.key, row) for row, molecule in enumerate(compounds.molecules)], dtype=np.int64
    )
