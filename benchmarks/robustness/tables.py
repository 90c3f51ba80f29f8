"""Tables of expression in every format, whole or damaged."""

from pathlib import Path

import anndata
import h5py
import numpy as np
import pandas as pd
from scipy import sparse

from benchmarks.robustness.text import one_of
from benchmarks.robustness.world import GENES, genes

Table = pd.DataFrame


def write_frame(table: Table, path: Path) -> None:
    if path.suffix == ".parquet":
        table.rename_axis("name").reset_index().to_parquet(path)
    else:
        table.to_csv(path, sep="\t" if path.suffix == ".tsv" else ",")


def write_h5ad(table: Table, path: Path, generator: np.random.Generator) -> None:
    values = table.to_numpy(np.float32 if generator.integers(2) else np.float64)
    form = one_of(generator, (np.array, sparse.csr_matrix, sparse.csc_matrix))
    var = pd.DataFrame({"n_cells": generator.integers(1, 9, GENES)}, index=[gene.ensembl_id for gene in genes()])
    var["gene_name"] = table.columns.to_numpy()
    data = anndata.AnnData(form(values), obs=pd.DataFrame({"batch": "a"}, index=table.index), var=var)
    data.write_h5ad(path, compression=one_of(generator, (None, "gzip", "lzf")))


def old_h5ad(table: Table, path: Path) -> None:
    """As anndata wrote before 0.7: obs and var as compound datasets."""
    with h5py.File(path, "w") as file:
        file["X"] = table.to_numpy(np.float32)
        for part, names in (("obs", table.index), ("var", table.columns)):
            text = [name.encode() for name in names]
            file[part] = np.array([(name,) for name in text], dtype=[("index", f"S{max(map(len, text))}")])


def write_any(table: Table, path: Path, generator: np.random.Generator) -> None:
    match path.suffix:
        case ".h5ad":
            write_h5ad(table, path, generator)
        case ".xlsx":
            table.to_excel(path)
        case ".zip":
            table.to_csv(path, compression={"method": "zip", "archive_name": "x.csv"})
        case ".parquet":
            table.to_parquet(path)
        case _:
            table.to_csv(path)


def damage_file(table: Table, path: Path, generator: np.random.Generator, *, cut: bool) -> None:
    write_any(table, path, generator)
    content = bytearray(path.read_bytes())
    if cut:
        content = content[: int(generator.integers(1, len(content)))]
    else:
        for at in generator.integers(4, len(content), int(generator.integers(1, 6))):
            content[at] ^= 1 << int(generator.integers(8))
    path.write_bytes(bytes(content))


def gct(table: Table, generator: np.random.Generator) -> str:
    third = bool(generator.integers(2))
    lines = [f"#1.{3 if third else 2}", f"{GENES}\t{len(table)}" + ("\t1\t1" if third else "")]
    lines.append("\t".join(["id" if third else "NAME", "pr_gene_title" if third else "Description", *table.index]))
    if third:
        lines.append("\t".join(["tissue", "", *(["lung"] * len(table))]))
    lines += ["\t".join([gene, "some words", *map(str, table[gene])]) for gene in table.columns]
    return one_of(generator, ("\n", "\r\n")).join(lines) + "\n"
