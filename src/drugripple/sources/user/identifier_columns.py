"""Columns of a compound file that name structures in another way than SMILES."""

from collections.abc import Sequence

from rdkit import Chem
from rdkit.rdBase import BlockLogs

from drugripple.chem.identifiers import cure_for, mostly_identifiers
from drugripple.errors import Fault, SourceError, first_five

INCHI, INCHIKEY = "an InChI", "an InChIKey"
FEWEST_COMPARED = 3
BLOCK = 14
"""Characters of an InChIKey that name the skeleton; what follows is stereochemistry and charge."""


def without_structures(where: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> Fault:
    """The refusal of a table without SMILES: what stands in place of structures, and what gives SMILES."""
    cells = {name: mostly_identifiers([row[i] for row in rows]) for i, name in enumerate(header)}
    held = {name: what for name, what in cells.items() if what and not what.startswith("a number")}
    if not held:
        return Fault(where, "it has no column of SMILES", got=f"columns {first_five(header)}", do="name it 'smiles'")
    name, what = next(iter(held.items()))
    text = f"it has no column of SMILES; the cells of {name!r} are each {what}, no structure as SMILES"
    return Fault(where, text, do=f"{cure_for(what)}, in a column called 'smiles'")


def refuse_other_structures(where: str, header: Sequence[str], rows: Sequence[Sequence[str]], smiles: int) -> None:
    """Refuse SMILES beside InChIs or InChIKeys of other compounds: columns that were shifted or sorted apart.

    Stereochemistry does not count, and salts do not where either column has the parent alone in fewer than half of
    the rows.

    Raises:
        SourceError: with the first rows that differ.
    """
    for other, name in enumerate(header):
        what = mostly_identifiers([row[other] for row in rows]) if other != smiles else ""
        if what not in (INCHI, INCHIKEY):
            continue
        with BlockLogs():
            keys = [(row, _key(row[smiles]), _key_of(row[other].strip(), what)) for row in rows]
        pairs = [(row, own, stated) for row, own, stated in keys if own and stated]
        apart = [row for row, own, stated in pairs if own != stated]
        if len(pairs) >= FEWEST_COMPARED and 2 * len(apart) > len(pairs):
            fault = Fault(
                where,
                f"the columns {header[smiles]!r} and {name!r} hold different structures in {len(apart)} of the first "
                f"{len(pairs)} rows",
                first_five(f"{row[smiles][:30]} beside {row[other].strip()[:30]}" for row in apart),
                do="compare them with the original: one was shifted or sorted apart; correct it or delete it",
            )
            raise SourceError(fault)


def _key_of(text: str, what: str) -> str:
    return text[:BLOCK] if what == INCHIKEY else str(Chem.InchiToInchiKey(text))[:BLOCK]


def _key(smiles: str) -> str:
    molecule = Chem.MolFromSmiles(smiles.strip()) if len(smiles) < 1_000 else None
    return str(Chem.MolToInchiKey(molecule))[:BLOCK] if molecule is not None else ""
