"""The doctor's findings about a compound file."""

from collections.abc import Iterator

from drugripple.chem.molecule import canonical_smiles
from drugripple.errors import DrugrippleError, first_five
from drugripple.sources.user.compound_layout import FoundCompounds
from drugripple.sources.user.compounds import usable_compounds
from drugripple.sources.user.findings import Finding, Level, Topic


def compound_findings(found: FoundCompounds) -> tuple[Finding, ...]:
    """Columns, structures, duplicates and conditions; a problem exactly if the file cannot be used."""
    findings = [*_columns(found), *_structures(found), *_same_structure(found)]
    try:
        usable_compounds(found)
    except DrugrippleError as error:
        text = str(error).removeprefix(f"{found.path}: ")
        findings.append(Finding(Level.PROBLEM, Topic.USE, text))
    return tuple(findings)


def _columns(found: FoundCompounds) -> Iterator[Finding]:
    columns = [f"SMILES from {found.smiles_column!r}"]
    columns += [f"dose in micromolar from {found.dose_column!r}"] if found.dose_column else []
    columns += [f"hours from {found.hours_column!r}"] if found.hours_column else []
    text = f"compounds, {found.kind}: {len(found.rows):,} lines, {', '.join(columns)}"
    yield Finding(Level.FINE, Topic.LAYOUT, text)
    if not found.dose_column or not found.hours_column:
        absent = " and ".join(
            name for name, there in (("dose_um", found.dose_column), ("hours", found.hours_column)) if not there
        )
        text = f"no column {absent}: the model's own condition is used"
        yield Finding(Level.FINE, Topic.CONDITIONS, text)


def _structures(found: FoundCompounds) -> Iterator[Finding]:
    failed = found.rows[found.rows["reason"] != ""]
    good = len(found.rows) - len(failed)
    text = f"{good:,} of {len(found.rows):,} can be used"
    if good:
        yield Finding(Level.FINE, Topic.STRUCTURES, text)
    else:
        text = f"none of the {len(failed)} structures can be used (first: {failed['reason'].iloc[0]})"
        yield Finding(Level.PROBLEM, Topic.STRUCTURES, text)
    if len(failed):
        shown = [f"line {line}: {reason}" for line, reason in failed[["line", "reason"]].itertuples(index=False)]
        yield Finding(
            Level.NOTE,
            Topic.STRUCTURES,
            f"{len(failed):,} cannot be used and are left out: {first_five(shown)}",
            "correct them, or go on without",
            tuple(failed["id"]),
        )
    salts = [
        str(name)
        for name, smiles, molecule in found.rows.loc[
            found.rows["reason"] == "", ["id", "smiles", "molecule"]
        ].itertuples(index=False)
        if canonical_smiles(smiles) != molecule.parent
    ]
    if salts:
        text = f"{len(salts):,} were given as salts or ions; their parent is used: {first_five(salts)}"
        yield Finding(Level.FINE, Topic.STRUCTURES, text, names=tuple(salts))


def _same_structure(found: FoundCompounds) -> Iterator[Finding]:
    """Ids that share the first block of the InChIKey: one skeleton, maybe other stereochemistry."""
    groups: dict[str, dict[str, None]] = {}
    usable = found.rows[found.rows["reason"] == ""].drop_duplicates("id")
    for name, molecule in usable[["id", "molecule"]].itertuples(index=False):
        groups.setdefault(molecule.key, {})[str(name)] = None
    same = [" = ".join(names) for names in groups.values() if len(names) > 1]
    if same:
        text = f"{len(same):,} structures stand under several ids (stereochemistry apart): {first_five(same)}"
        yield Finding(Level.NOTE, Topic.DUPLICATES, text, "keep them if that is meant", tuple(same))
