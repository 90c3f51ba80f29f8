"""Which compounds of a split are the same molecule, a salt or stereoisomer of it, or its close analogue."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Int

from drugripple.chem.fingerprint import morgan, tanimoto
from drugripple.chem.molecule import Molecule, reduce_all
from drugripple.chem.parent import Reduction
from drugripple.chem.tautomers import canonical_tautomer, formula
from drugripple.data.tables import CompoundTable
from drugripple.evaluation.leaks.kinds import Leak

ANALOGUE = 0.7
"""Tanimoto similarity of Morgan bits from which a compound is an analogue; sorafenib and regorafenib have 0.83."""


class Structure(NamedTuple):
    """Names of one structure, from the strictest to the loosest; all are the text itself if it cannot be read."""

    canonical: str
    parent: str
    block: str


@dataclass(frozen=True)
class Twins:
    """Structures of the compounds of a split, under the names that the split uses."""

    smiles: Mapping[str, str]
    structure: Mapping[str, Structure]

    @classmethod
    def of(cls, rows: pd.DataFrame) -> "Twins":
        """Read the distinct structures of the columns drug and smiles; the first of a drug that is not blank."""
        distinct = rows[rows["smiles"].str.strip() != ""].drop_duplicates("drug")
        smiles = {drug: text for drug, text in zip(distinct["drug"], distinct["smiles"], strict=True) if text.strip()}
        found = reduce_all(smiles.values()).found
        return cls(smiles, {drug: _structure(text, found.get(text)) for drug, text in smiles.items()})

    def key(self, rows: pd.DataFrame) -> pd.Series:
        """The identity of every row's compound: its parent structure, or its name if it has none."""
        return rows["drug"].map({drug: found.parent for drug, found in self.structure.items()}).fillna(rows["drug"])

    def block(self, rows: pd.DataFrame) -> pd.Series:
        """InChIKey block of every row's compound; blank where it has no structure."""
        return rows["drug"].map({drug: found.block for drug, found in self.structure.items()}).fillna("")

    def related(self, early: pd.DataFrame, late: pd.DataFrame) -> Iterator[tuple[Leak, dict[str, str]]]:
        """Late compounds that are related to an early one, by their closest relation: {late name: early name}."""
        before = [drug for drug in early["drug"].unique() if drug in self.structure]
        after = [drug for drug in late["drug"].unique() if drug in self.structure]
        left = set(after)
        for leak, level in ((Leak.SAME_MOLECULE, 0), (Leak.SALT_TWIN, 1), (Leak.STEREO_TWIN, 2)):
            owner = {self.structure[drug][level]: drug for drug in before}
            found = {drug: owner[self.structure[drug][level]] for drug in after if self.structure[drug][level] in owner}
            yield leak, {drug: other for drug, other in found.items() if drug in left}
            left -= set(found)
        tautomers = self._tautomers(before, [drug for drug in after if drug in left])
        yield Leak.TAUTOMER, tautomers
        left -= set(tautomers)
        yield Leak.ANALOGUE, self._analogues(before, [drug for drug in after if drug in left])

    def _tautomers(self, before: list[str], after: list[str]) -> dict[str, str]:
        """Tautomers that InChI keeps apart, such as ketone and enol; only isomers are looked at, since that is slow."""
        formulas = {drug: formula(self.structure[drug].parent) for drug in (*before, *after)}
        wanted = {formulas[drug] for drug in after}
        owner = {canonical_tautomer(self.structure[drug].parent): drug for drug in before if formulas[drug] in wanted}
        both = {formulas[drug] for drug in owner.values()}
        found = {drug: canonical_tautomer(self.structure[drug].parent) for drug in after if formulas[drug] in both}
        return {drug: owner[form] for drug, form in found.items() if form in owner}

    def _analogues(self, before: list[str], after: list[str]) -> dict[str, str]:
        if not before or not after:
            return {}
        bits = [
            morgan([Molecule(self.structure[drug].parent, self.structure[drug].block) for drug in drugs])
            for drugs in (after, before)
        ]
        near = tanimoto(*bits)
        return {
            after[i]: f"{before[int(near[i].argmax())]}, similarity {near[i].max():.2f}"
            for i in range(len(after))
            if near[i].max() >= ANALOGUE
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


def _structure(text: str, found: Reduction | None) -> Structure:
    return Structure(found.written, found.parent, found.key) if found else Structure(text, text, text)
