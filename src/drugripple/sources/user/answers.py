"""How patients fared: a user's table with a row per patient and drug, Ding's names of columns included."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from drugripple.errors import Fault, SourceError
from drugripple.runtime.notes import tell
from drugripple.sources.user.column_names import plain
from drugripple.sources.user.text_table import read_table

NAMES: Mapping[str, tuple[str, ...]] = {
    "patient": ("patient", "patientarr", "patientid", "bcrpatientbarcode", "sample", "sampleid"),
    "drug": ("drug", "drugname", "compound", "compoundname"),
    "smiles": ("smiles", "canonicalsmiles"),
    "cancer": ("cancer", "cancers", "cancertype", "cohort", "tissue"),
    "responder": ("responder",),
    "response": ("response", "measureofresponse", "bestresponse"),
}
"""Names that a column may have, without their punctuation, by what it is."""
CLASSES: Mapping[str, tuple[str, ...]] = {
    "Complete Response": ("complete response", "cr"),
    "Partial Response": ("partial response", "pr"),
    "Stable Disease": ("stable disease", "sd"),
    "Clinical Progressive Disease": ("clinical progressive disease", "progressive disease", "pd"),
}
"""The classes of Ding et al. 2016, which are RECIST's, by how people write them."""
YES, NO = frozenset({"1", "1.0", "yes", "true", "responder"}), frozenset({"0", "0.0", "no", "false", "non-responder"})


def read_answers(path: Path) -> pd.DataFrame:
    """Columns patient, drug, and of smiles, cancer, responder (1 or 0) and response those that the table has.

    Raises:
        SourceError: if it is no table, lacks a patient, a drug or an answer, `responder` is neither yes nor no, or
            `response` is none of the classes.
    """
    table = read_table(path)
    tell(map(str, table.notes))
    found: dict[str, list[str]] = {}
    for what, names in NAMES.items():
        column = next((i for i, name in enumerate(table.header) if plain(name) in names), None)
        if column is not None:
            found[what] = [row[column] for row in table.cells]
    lacking = [name for name in ("patient", "drug") if name not in found]
    if not {"responder", "response"} & found.keys():
        lacking.append("responder (1 or 0) or response")
    if lacking:
        what = f"it has no column {', '.join(lacking)}"
        raise SourceError(Fault(path, what, expected="patient, drug, smiles and responder or response"))
    frame = pd.DataFrame(found)
    if "responder" in frame:
        answer = frame["responder"].str.lower()
        strange = answer[~answer.isin(YES | NO)]
        if len(strange):
            line = table.lines[int(strange.index[0])]
            raise SourceError(Fault(path, f"line {line}: responder is {strange.iloc[0]!r}", expected="1 or 0"))
        frame["responder"] = answer.isin(YES).astype(int)
    elif "response" in frame:
        named = {word: name for name, words in CLASSES.items() for word in words}
        answer = frame["response"].str.strip().str.lower().map(named)
        if answer.isna().any():
            row = int(answer.index[answer.isna()][0])
            what = f"line {table.lines[row]}: response is {frame['response'].iloc[row]!r}"
            expected = f"{', '.join(CLASSES)} (or CR, PR, SD, PD)"
            raise SourceError(Fault(path, what, expected=expected, do="leave out patients without an answer"))
        frame["response"] = answer
    if "smiles" in frame:
        frame["smiles"] = frame["smiles"].where(frame["smiles"] != "")
    return frame
