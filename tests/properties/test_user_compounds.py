"""However a compound file is laid out, the same structures, names and ids come back, or one clear error."""

import gzip
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from drugripple.errors import DrugrippleError
from drugripple.sources.user.compounds import read_treatments

SMILES = ("CCO", "c1ccccc1O", "CC(=O)[O-].[Na+]", "C[C@H](N)C(=O)O", "N[Pt](N)(Cl)Cl", "CN1CCC[C@H]1c1cccnc1")
PARENTS = ("CCO", "Oc1ccccc1", "CC(=O)O", "C[C@H](N)C(=O)O", "N.N.[Cl][Pt][Cl]", "CN1CCC[C@H]1c1cccnc1")
HEADERS = {
    "smiles": ("SMILES", "smiles", "canonical_smiles", "Isomeric SMILES", "structure"),
    "id": ("id", "DRUG_ID", "ChEMBL ID"),
    "name": ("name", "Drug Name", "compound"),
    "dose_um": ("dose_um", "Dose (µM)", "uM"),
    "note": ("remark", "H", "UM", "batch"),
}
NAME = st.text(alphabet="abcXYZ 0123456789-'()βμ", min_size=1, max_size=12).map(str.strip).filter(bool)
NAMES = st.lists(NAME, min_size=len(SMILES), max_size=len(SMILES), unique=True)


@given(
    names=NAMES,
    doses=st.lists(st.integers(1, 999), min_size=len(SMILES), max_size=len(SMILES)),
    columns=st.permutations(["smiles", "id", "name", "dose_um", "note"]),
    headers=st.fixed_dictionaries({column: st.sampled_from(names) for column, names in HEADERS.items()}),
    delimiter=st.sampled_from([",", "\t", ";", "|"]),
    end=st.sampled_from(["\n", "\r\n"]),
    comma=st.booleans(),
    trailing=st.booleans(),
    packed=st.booleans(),
    extension=st.booleans(),
)
@settings(max_examples=80, deadline=None)
def test_every_layout_gives_the_compounds_that_were_written(
    names, doses, columns, headers, delimiter, end, comma, trailing, packed, extension
):
    mark = "," if comma and delimiter != "," else "."
    rows = []
    for i, (smiles, name, dose) in enumerate(zip(SMILES, names, doses, strict=True)):
        cells = {"smiles": smiles, "id": f"{i + 1}", "name": name, "dose_um": f"{dose}{mark}5", "note": "x"}
        if extension and delimiter != "|":
            cells["smiles"] += " |&1:1|"
        rows.append([cells[column] for column in columns])
    lines = [[headers[column] for column in columns], *rows]
    text = "".join(delimiter.join(line) + (delimiter if trailing and line in rows else "") + end for line in lines)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / ("x.csv.gz" if packed else "x.csv")
        path.write_bytes(gzip.compress(text.encode()) if packed else text.encode())
        asked = read_treatments(path, dose_um=10.0, hours=24.0)
    assert asked.compounds.smiles == PARENTS
    assert asked.compounds.names == tuple(names)
    assert asked.compounds.ids == tuple(str(i + 1) for i in range(len(SMILES)))
    assert asked.dose_um.tolist() == [dose + 0.5 for dose in doses]


@given(
    text=st.text(alphabet='CNO=#()[]123.@+-\t ,;|\n"smilesxname\u00e9', max_size=80),
    name=st.sampled_from(["csv", "smi"]),
)
@settings(max_examples=200, deadline=None)
def test_rows_in_are_rows_out_or_rows_told(text, name):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"x.{name}"
        path.write_text(text, encoding="utf-8")
        try:
            asked = read_treatments(path, dose_um=10.0, hours=24.0)
        except DrugrippleError:
            return
    assert len(asked) >= len(asked.compounds) >= 1
    lines = sum(bool(line.strip()) for line in text.split("\n"))
    assert lines - 1 <= len(asked) + len(asked.left_out) <= lines
