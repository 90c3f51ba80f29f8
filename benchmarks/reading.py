"""Memory of reading large files of which few genes are wanted, through the real command: `drugripple data doctor`.

The budget: 2 GiB and what the wanted genes need, three single-precision copies of them. A file above it is an error.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import h5py
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from drugripple.genes.symbols import SymbolMap
from tools.ledger import BenchmarkRecord

WANTED = 978
BUDGET_GIB = 2.0
LINES_AT_ONCE = 2_000
MEASURED = """
import sys
from pathlib import Path
from drugripple.cli import main
try:
    main()
finally:
    lines = Path("/proc/self/status").read_text().splitlines()
    sys.stderr.write("\\nPEAK " + next(line for line in lines if line.startswith("VmHWM")).split()[1])
"""


def read_parquet_peak_gib(samples=1_000, genes=60_000):
    """A column for each of 60,000 genes."""
    yield _measured("read_parquet_peak_gib", "x.parquet", samples, genes, write_parquet)


def read_h5ad_peak_gib(cells=20_000, genes=20_000):
    """A sparse matrix, by row and by column."""
    yield _measured("read_h5ad_peak_gib", "x.h5ad", cells, genes, write_h5ad)
    yield _measured(
        "read_h5ad_by_column_peak_gib", "x.h5ad", cells, genes, lambda *size: write_h5ad(*size, by_row=False)
    )


def read_large_h5ad_peak_gib(cells=100_000, genes=30_000):
    """An atlas."""
    yield _measured("read_large_h5ad_peak_gib", "x.h5ad", cells, genes, write_h5ad)


def read_bomb_peak_gib(rows=3_000, letters=1_000_000):
    """A Parquet file of some kilobytes with a column of notes that unpacks to 3 GB."""
    yield _measured("read_bomb_peak_gib", "x.parquet", rows, 0, lambda path, *_: write_bomb(path, rows, letters))


def write_parquet(path, samples, genes):
    generator = np.random.default_rng(0)
    columns = [pa.array(generator.uniform(0, 9, samples).astype(np.float32)) for _ in range(genes)]
    names = pa.array([f"s{i}" for i in range(samples)])
    pq.write_table(pa.table([names, *columns], names=["sample", *_genes(genes)]), path, compression="zstd")


def write_bomb(path, rows, letters, at_once=100):
    words = {"name": pa.string(), "note": pa.string(), "smiles": pa.string()}
    with pq.ParquetWriter(path, pa.schema(words), compression="zstd", use_dictionary=False) as file:
        for start in range(0, rows, at_once):
            some = range(start, min(rows, start + at_once))
            notes = ["a" * letters + str(i) for i in some]
            file.write_table(pa.table({"name": [f"n{i}" for i in some], "note": notes, "smiles": ["CCO"] * len(some)}))


def write_h5ad(path, cells, genes, *, by_row=True, share=0.03):
    """Logarithms of counts in as many genes of each cell (cells of each gene), as AnnData writes them."""
    lines, width = (cells, genes) if by_row else (genes, cells)
    filled = max(1, int(share * width))
    generator, step = np.random.default_rng(0), width // filled
    with h5py.File(path, "w") as file:
        file.attrs.update({"encoding-type": "anndata", "encoding-version": "0.1.0"})
        _write_names(file.create_group("obs"), [f"c{i}" for i in range(cells)])
        _write_names(file.create_group("var"), _genes(genes))
        matrix = file.create_group("X")
        kind = "csr_matrix" if by_row else "csc_matrix"
        matrix.attrs.update({"encoding-type": kind, "encoding-version": "0.1.0", "shape": np.array([cells, genes])})
        matrix["indptr"] = np.arange(lines + 1, dtype=np.int64) * filled
        shape = {"shape": (lines * filled,), "chunks": (min(1 << 20, lines * filled),)}
        data = matrix.create_dataset("data", dtype=np.float32, **shape)
        places = matrix.create_dataset("indices", dtype=np.int32, **shape)
        for start in range(0, lines, LINES_AT_ONCE):
            count = min(LINES_AT_ONCE, lines - start)
            inside = slice(start * filled, (start + count) * filled)
            places[inside] = (np.arange(filled) * step + generator.integers(0, step, (count, filled))).ravel()
            data[inside] = np.log2(1 + 1.37 * generator.integers(1, 400, count * filled))


def _write_names(group, names):
    about = {"encoding-type": "dataframe", "encoding-version": "0.2.0", "_index": "_index"}
    group.attrs.update(about | {"column-order": np.array([], dtype="S1")})
    index = group.create_dataset("_index", data=np.array(names, dtype=object), dtype=h5py.string_dtype())
    index.attrs.update({"encoding-type": "string-array", "encoding-version": "0.2.0"})


def _genes(count):
    known = SymbolMap.landmarks().space.symbols[:count]
    return [*known, *(f"OTHER{i}" for i in range(count - len(known)))]


def _measured(name, file, rows, genes, write):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / file
        write(path, rows, genes)
        peak, status = peak_gib("data", "doctor", str(path))
    budget = BUDGET_GIB + 3 * 4 * rows * min(genes, WANTED) / 2**30
    if peak > budget or status:
        message = f"{name}: {peak:.2f} GiB, status {status}; the budget is {budget:.2f} GiB"
        raise RuntimeError(message)
    return BenchmarkRecord(name, peak, "GiB", budget / peak, f"budget of {budget:.2f} GiB", genes=genes, rows=rows)


def peak_gib(*arguments):
    """The most memory that a command held, and its exit status."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, *arguments], capture_output=True, text=True, check=False, env=dict(os.environ)
    )
    return int(done.stderr.rpartition("\nPEAK ")[2]) / 2**20, done.returncode
