"""Large files of which few genes are asked for, and the memory that reading them takes."""

from dataclasses import replace

import anndata
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from scipy import sparse

from benchmarks.robustness.expression import SOME, asked
from benchmarks.robustness.trial import Fault, Outcome, Place, Ran, Trial
from benchmarks.robustness.world import CLOSE, GENES, SAMPLES, World, genes, more_lines, rma

MIB = 1 << 20
SPARE = 1_200 * MIB
"""What the program itself and its libraries may hold."""


def memory(place: Place, generator: np.random.Generator) -> Trial:
    """Large files of which few genes are asked for: what is held does not grow with the others."""
    what = str(generator.choice(["wide parquet", "sparse h5ad", "parquet bomb", "dense h5ad"]))
    rows, wide = {"wide parquet": (60, 30_000), "parquet bomb": (20_000, 12_000), "sparse h5ad": (4_000, 12_000)}.get(
        what, (3_000, 12_000)
    )
    names = [*(gene.symbol for gene in genes()), *(f"OTHER{i}" for i in range(wide - GENES))]
    samples = [f"s{i}" for i in range(rows)]
    path = place.folder / ("x.parquet" if "parquet" in what else "x.h5ad")
    if "parquet" in what:
        lines = more_lines(generator, rows)
        lines[: len(SAMPLES)] = rma()
        level = pa.array(np.full(rows, 7.25, np.float32))
        columns = [pa.array(column.astype(np.float32)) for column in lines.T]
        for _ in range(wide - GENES):  # a bomb holds one constant, which packs to nothing
            columns.append(level if "bomb" in what else pa.array(generator.uniform(3, 12, rows).astype(np.float32)))
        pq.write_table(pa.table([pa.array(samples), *columns], names=["sample", *names]), path, compression="zstd")
    else:
        cells = _log_of_parts(generator, rows, wide)
        obs, var = pd.DataFrame(index=samples), pd.DataFrame(index=names)
        anndata.AnnData(cells if what == "sparse h5ad" else cells.toarray(), obs=obs, var=var).write_h5ad(
            path, compression="gzip"
        )
    trial = asked(place, path, f"{what}, {rows:,} x {wide:,}", np.arange(3))

    def check(_: Ran) -> None:
        table = pd.read_csv(place.folder / "out.csv").pivot_table("ln_ic50", "sample", "compound")
        if table.shape != (rows, len(SOME)) or table.isna().any(axis=None):
            raise Fault(Outcome.LOSS, f"{table.shape} predictions of {rows:,} samples")
        truth = World(place.world).truth("rma").loc[list(SAMPLES), table.columns]
        off = np.abs(table.loc[samples[: len(SAMPLES)]].to_numpy() - truth.to_numpy()).max()
        if "parquet" in what and not off <= CLOSE:
            raise Fault(Outcome.WRONG, f"off by {off:.4g}")

    return replace(trial, check=check, memory=SPARE + 8 * rows * GENES * 4)


def _log_of_parts(generator: np.random.Generator, rows: int, wide: int) -> sparse.csr_matrix:
    """ln(x + 1) of parts per ten thousand, as single cells are kept: a twentieth of the genes, few molecules each.

    Of the genes wanted, half are there, so that no cell is without any.
    """
    parts = [sparse.random(rows, n, share, random_state=generator) for n, share in ((GENES, 0.5), (wide - GENES, 0.05))]
    counts = sparse.hstack(parts, format="csr")
    counts.data = 1.0 + generator.poisson(1.0, counts.nnz)
    total = np.asarray(counts.sum(axis=1)).ravel()
    counts.data = np.log1p(1e4 * counts.data / np.repeat(total, np.diff(counts.indptr)))
    return counts.astype(np.float32)
