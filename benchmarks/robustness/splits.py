"""Splits for the audit: clean ones of every scheme, and twelve kinds of leaks planted in them."""

from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.robustness.trial import Expected, Fault, Outcome, Place, Ran, Trial
from benchmarks.robustness.world import COMPOUNDS
from drugripple.evaluation.schemes import Scheme
from drugripple.evaluation.splits import make_folds

LINES = ("NCI-H23", "A549", "MCF7", "HT-29", "K-562", "786-0", "SW620", "U-87-MG", "PC-3", "HCT-116")
DRUGS = ("vorinostat", "melphalan", "sulfanilamide", "PD153035", "cyclophosphamide", "acetohydroxamic acid", "ketone")
SMILES = COMPOUNDS | {
    "vorinostat": "O=C(CCCCCCC(=O)Nc1ccccc1)NO", "melphalan": "N[C@@H](Cc1ccc(N(CCCl)CCCl)cc1)C(=O)O",
    "sulfanilamide": "Nc1ccc(S(N)(=O)=O)cc1", "PD153035": "COc1cc2ncnc(Nc3cccc(Br)c3)c2cc1OC",
    "cyclophosphamide": "O=P1(N(CCCl)CCCl)NCCCO1", "acetohydroxamic acid": "CC(=O)NO", "ketone": "CC(=O)CC(=O)c1ccccc1",
}  # fmt: skip
LEAKS = {
    "repeat": (Scheme.MIXED, "repeat"),
    "shared row": (Scheme.MIXED, "shared row"),
    "line": (Scheme.CELL_BLIND, "cell line on both sides"),
    "line in other words": (Scheme.CELL_BLIND, "two names"),
    "line with CCLE's tissue": (Scheme.CELL_BLIND, "two names"),
    "line by its id": (Scheme.CELL_BLIND, "two names"),
    "drug": (Scheme.DRUG_BLIND, "compound on both sides"),
    "drug in other words": (Scheme.DRUG_BLIND, "two spellings|one molecule|on both sides"),
    "salt": (Scheme.DRUG_BLIND, "salt"),
    "stereoisomer": (Scheme.DRUG_BLIND, "stereoisomer"),
    "tautomer": (Scheme.DRUG_BLIND, "tautomer"),
    "part of the drugs, nothing stated": (Scheme.DRUG_BLIND, "hidden in part|compound on both sides"),
}
"""What is planted: the scheme of the split, and what the audit should call it."""


def audits(place: Place, generator: np.random.Generator) -> Trial:
    """A clean split, or one with a leak, in one file or one per role."""
    leak = str(generator.choice([*LEAKS, "none", "none", "none"]))
    scheme = LEAKS[leak][0] if leak in LEAKS else list(Scheme)[int(generator.integers(4))]
    rows = _split(scheme, generator)
    if leak in LEAKS:
        rows = _planted(rows, leak, generator)
    paths = _written(rows, place.folder, generator)
    stated = () if leak.startswith("part") else ("--scheme", scheme.value)
    pattern = LEAKS[leak][1] if leak in LEAKS else "clean"

    def check(ran: Ran) -> None:
        found = ran.status != 0
        if found != (leak in LEAKS):
            raise Fault(Outcome.WRONG, f"{leak} in {scheme}: {ran.told[:300]}")

    return Trial("", f"{leak} in {scheme}", ("audit", *map(str, paths), *stated), Expected.READ, (), pattern, check)


def _split(scheme: Scheme, generator: np.random.Generator) -> pd.DataFrame:
    line, drug = (axis.ravel() for axis in np.meshgrid(np.arange(10), np.arange(7), indexing="ij"))
    fold = make_folds(line, drug, scheme, folds=3, seed=int(generator.integers(1 << 30)))[0]
    rows = pd.DataFrame({"cell_line": np.array(LINES)[line], "drug": np.array(DRUGS)[drug]})
    rows["smiles"] = rows["drug"].map(SMILES)
    rows["ln_ic50"] = generator.normal(size=len(rows)).round(4)
    role = np.full(len(rows), "", dtype=object)
    for name in ("train", "valid", "test"):
        role[getattr(fold, name)] = name
    return rows.assign(role=role)[role != ""]


def _planted(rows: pd.DataFrame, leak: str, generator: np.random.Generator) -> pd.DataFrame:
    if leak in ("stereoisomer", "tautomer", "salt"):  # of a drug that is tested
        drug = {"stereoisomer": "melphalan", "tautomer": "ketone", "salt": "sulfanilamide"}[leak]
        train = rows[rows["drug"] != drug].assign(role="train")
        test = rows[rows["drug"] == drug].assign(role="test")
        rows = pd.concat([train, test], ignore_index=True)
    test = rows[rows["role"] == "test"]
    one = test.iloc[[int(generator.integers(len(test)))]].assign(role="train")
    line, drug = one["cell_line"].iloc[0], one["drug"].iloc[0]
    match leak:
        case "repeat":
            one = one.assign(ln_ic50=99.0)
        case "line in other words":
            one = one.assign(cell_line=line.replace("-", " ").lower() + " ")
        case "line with CCLE's tissue":
            one = one.assign(cell_line=f"{line.replace('-', '')}_LARGE_INTESTINE")
        case "line by its id":
            ids = {name: f"SIDM{i:05d}" for i, name in enumerate(LINES)}
            rows = rows.assign(sanger_model_id=rows["cell_line"].map(ids))
            one = one.assign(cell_line="905946", sanger_model_id=ids[line])
        case "drug in other words":
            one = one.assign(drug=drug.upper() + " ")
        case "salt":
            one = one.assign(drug="other", smiles=one["smiles"] + ".Cl")
        case "stereoisomer":
            one = one.assign(drug="other", smiles=SMILES[drug].replace("@@", "@"))
        case "tautomer":
            one = one.assign(drug="other", smiles="CC(O)=CC(=O)c1ccccc1")
        case "part of the drugs, nothing stated":
            if test["drug"].nunique() < 2:
                one = one.assign(drug="nothing of it")
                rows = pd.concat([rows, test.head(1).assign(drug="further", smiles="CCO")])
                one = test.head(1).assign(role="train")
        case _:
            pass
    return pd.concat([rows, one], ignore_index=True)


def _written(rows: pd.DataFrame, folder: Path, generator: np.random.Generator) -> list[Path]:
    suffix = str(generator.choice([".csv", ".tsv", ".parquet"]))
    parts = {"split": rows}
    if generator.integers(2):
        parts = {str(role): part.drop(columns="role") for role, part in rows.groupby("role")}
    paths = []
    for name, part in parts.items():
        path = folder / f"{name}{suffix}"
        if suffix == ".parquet":
            part.to_parquet(path, index=bool(generator.integers(2)))
        else:
            part.to_csv(path, index=False, sep="\t" if suffix == ".tsv" else ",")
        paths.append(path)
    return paths
