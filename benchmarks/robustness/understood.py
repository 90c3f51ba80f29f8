"""One file for each row of the table in docs/your_files.md: what is understood, by its name there."""

import gzip
from collections.abc import Callable
from dataclasses import replace

import anndata
import numpy as np
import pandas as pd
from scipy import sparse

from benchmarks.robustness import compounds as of_compounds
from benchmarks.robustness.expression import GENE_NAMES, asked, frame, names_of
from benchmarks.robustness.tables import old_h5ad
from benchmarks.robustness.text import Layout, save, written
from benchmarks.robustness.trial import Place, Trial
from benchmarks.robustness.world import COMPOUNDS, genes, rma

CHOSEN = np.array([0, 2, 5, 6, 12])
PLAIN = Layout(",", False, ".", True, "symbol", "named", "none", "", "\n", "utf-8", False, False, False)
LAYOUTS = {
    "comma": PLAIN,
    "tab": replace(PLAIN, delimiter="\t"),
    "semicolon, decimal comma": replace(PLAIN, delimiter=";", decimal=","),
    "tab, decimal comma": replace(PLAIN, delimiter="\t", decimal=","),
    "bar": replace(PLAIN, delimiter="|"),
    "samples as rows": replace(PLAIN, genes_in_rows=False),
    "quoted": replace(PLAIN, quoted=True),
    "R's header": replace(PLAIN, first="absent"),
    "blank header": replace(PLAIN, first="blank"),
    "running numbers": replace(PLAIN, numbered=True),
    "delimiter at the end": replace(PLAIN, trailing="rows"),
    "comment lines": replace(PLAIN, above="#1\n#2\n"),
    "title": replace(PLAIN, above="Table S1. Expression\n"),
    "keys and values": replace(PLAIN, above="Platform: Illumina\nDate,2024-01-01\n"),
    "sep=": replace(PLAIN, delimiter=";", above="sep"),
    "gzip": replace(PLAIN, packed=True),
    "UTF-16": replace(PLAIN, encoding="utf-16"),
    "descriptions": replace(PLAIN, described=True),
}
GENES = ("symbol", "lower case", "entrez", "ensembl", "DepMap", "DepMap through R", "TCGA", "GENCODE", "BrainArray",
         "ENSG_SYMBOL", "SYMBOL|ENSG", "hg38", "previous")  # fmt: skip
WITH_TITLES = {"smi, blank": " ", "smi, tab": "\t"}
SPELLINGS = {
    "salt": lambda smiles: f"{smiles}.OC(=O)c1cc2ccccc2c(Cc2c(O)c(C(O)=O)cc3ccccc23)c1O",
    "solvate": lambda smiles: f"{smiles}.O.CCO",
    "extension": lambda smiles: f"{smiles} |c:1|",
}


def _text(layout: Layout) -> Callable[[Place], Trial]:
    def make(place: Place) -> Trial:
        path = save(place.folder, layout, written(layout, list(genes()), names_of(CHOSEN), rma()[CHOSEN]))
        return asked(place, path, "", CHOSEN)

    return make


def _genes(form: str) -> Callable[[Place], Trial]:
    def make(place: Place) -> Trial:
        table = frame(CHOSEN).set_axis(names_of(CHOSEN))
        table.columns = [GENE_NAMES[form](gene) for gene in genes()]
        table.to_csv(place.folder / "x.csv")
        return asked(place, place.folder / "x.csv", "", CHOSEN)

    return make


def _matrix(name: str, save_as: Callable[[pd.DataFrame, object], object]) -> Callable[[Place], Trial]:
    def make(place: Place) -> Trial:
        save_as(frame(CHOSEN).set_axis(names_of(CHOSEN)), place.folder / name)
        return asked(place, place.folder / name, "", CHOSEN)

    return make


def _gct(third: bool) -> Callable[[pd.DataFrame, object], object]:
    def save_as(table: pd.DataFrame, path) -> None:
        lines = ["#1.3" if third else "#1.2", f"{table.shape[1]}\t{len(table)}" + ("\t1\t1" if third else "")]
        lines.append("\t".join(["id", "title", *table.index]))
        lines += ["\t".join(["tissue", "", *["lung"] * len(table)])] if third else []
        lines += ["\t".join([gene, "words", *map(str, table[gene])]) for gene in table]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")

    return save_as


def _h5ad(form: Callable[[np.ndarray], object]) -> Callable[[pd.DataFrame, object], object]:
    def save_as(table: pd.DataFrame, path) -> None:
        obs, var = pd.DataFrame(index=table.index), pd.DataFrame(index=table.columns)
        anndata.AnnData(form(table.to_numpy(np.float32)), obs=obs, var=var).write_h5ad(path)

    return save_as


def _depmap(table: pd.DataFrame, path) -> None:
    extra = pd.DataFrame({"ModelID": table.index, "IsDefaultEntryForModel": "Yes"}, index=table.index)
    pd.concat([extra, table], axis=1).reset_index(drop=True).to_csv(path)


def _annotated(table: pd.DataFrame, path) -> None:
    flipped = table.T
    flipped.insert(0, "exon_count", range(len(flipped)))
    flipped.to_csv(path, index_label="gene")


def _compounds(name: str, save_as: Callable[[pd.DataFrame, object], object]) -> Callable[[Place], Trial]:
    def make(place: Place) -> Trial:
        table = pd.DataFrame({"name": list(COMPOUNDS)[:4], "smiles": list(COMPOUNDS.values())[:4]})
        save_as(table, place.folder / name)
        return of_compounds.asked(place, place.folder / name, "", {known: known for known in table["name"]})

    return make


def _lines(parted: str, header: str = "") -> Callable[[pd.DataFrame, object], object]:
    def save_as(table: pd.DataFrame, path) -> None:
        lines = [f"{smiles}{parted}{name}" for name, smiles in table.itertuples(index=False)]
        path.write_text("\n".join([*([header] if header else []), *lines]) + "\n", encoding="utf-8")

    return save_as


def _respelled(spell: Callable[[str], str]) -> Callable[[pd.DataFrame, object], object]:
    return lambda table, path: table.assign(smiles=table["smiles"].map(spell)).to_csv(path, index=False)


def _gzipped(table: pd.DataFrame, path) -> None:
    path.write_bytes(gzip.compress(table.to_csv(index=False).encode()))


EXPRESSION: dict[str, Callable[[Place], Trial]] = {
    **{name: _text(layout) for name, layout in LAYOUTS.items()},
    **{f"genes: {form}": _genes(form) for form in GENES},
    "Parquet": _matrix("x.parquet", lambda table, path: table.to_parquet(path)),
    "Parquet with a column of names": _matrix(
        "x.parquet", lambda table, path: table.reset_index(names="cell_line").to_parquet(path)
    ),
    "h5ad, dense": _matrix("x.h5ad", _h5ad(np.array)),
    "h5ad, sparse by row": _matrix("x.h5ad", _h5ad(sparse.csr_matrix)),
    "h5ad, sparse by column": _matrix("x.h5ad", _h5ad(sparse.csc_matrix)),
    "h5ad before anndata 0.7": _matrix("x.h5ad", old_h5ad),
    "GCT 1.2": _matrix("x.gct", _gct(third=False)),
    "GCT 1.3": _matrix("x.gct", _gct(third=True)),
    "DepMap 25Q2": _matrix("OmicsExpression.csv", _depmap),
    "annotation columns": _matrix("x.csv", _annotated),
}
OF_COMPOUNDS: dict[str, Callable[[Place], Trial]] = {
    "csv": _compounds("c.csv", lambda table, path: table.to_csv(path, index=False)),
    "csv.gz": _compounds("c.csv.gz", _gzipped),
    "tsv": _compounds("c.tsv", lambda table, path: table.to_csv(path, index=False, sep="\t")),
    "semicolons": _compounds("c.csv", lambda table, path: table.to_csv(path, index=False, sep=";")),
    "parquet": _compounds("c.parquet", lambda table, path: table.to_parquet(path)),
    "xlsx": _compounds("c.xlsx", lambda table, path: table.to_excel(path, index=False)),
    **{name: _compounds("c.smi", _lines(parted)) for name, parted in WITH_TITLES.items()},
    "smi with a header": _compounds("c.smi", _lines("\t", "smiles\tname")),
    **{name: _compounds("c.csv", _respelled(spell)) for name, spell in SPELLINGS.items()},
    "metal complexes": lambda place: of_compounds.metals(place, np.random.default_rng(0)),
}
UNDERSTOOD = EXPRESSION | OF_COMPOUNDS
"""By the name of the row in the docs."""
