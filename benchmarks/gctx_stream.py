"""Memory of turning a GCTX into a profile store: `python -m benchmarks.gctx_stream` prints it as JSON.

The generated file has the layout of GSE92742: one control signature in twenty, batches of 300.
"""

import argparse
import gzip
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

import numpy as np

from benchmarks.clock import own_peak_gib
from drugripple.genes.symbols import SymbolMap
from drugripple.sources.public.l1000.build import build_profiles
from drugripple.sources.public.l1000.gctx import write_gctx
from drugripple.sources.public.l1000.store import open_store
from tools.ledger import BenchmarkRecord

SAMPLES, GENES, STATED_MIB = 200_000, 978, 256.0
BATCH = 300
CONTROL_EVERY = 20
COMPOUNDS = 5_000
LINES = 70


def gctx_build_added_mib(samples=SAMPLES, genes=GENES, stated_mib=STATED_MIB):
    """What building adds to the memory of its process; the ratio is that of the file to it."""
    with tempfile.TemporaryDirectory() as folder:
        for step in ("write", "build"):  # each in a process of its own: the writer's memory does not count
            command = [sys.executable, "-m", "benchmarks.gctx_stream", "--step", step, "--folder", folder]
            command += ["--samples", str(samples), "--genes", str(genes), "--stated-mib", str(stated_mib)]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
        measured = json.loads(done.stdout)
    if measured["added_mib"] > stated_mib:
        message = f"building added {measured['added_mib']:.0f} MiB, but promised at most {stated_mib:.0f}"
        raise RuntimeError(message)
    ratio = measured["file_mib"] / measured["added_mib"]
    yield BenchmarkRecord(
        "gctx_build_added_mib", measured["added_mib"], "MiB", ratio, "size of the file", genes=genes, rows=samples
    )
    yield BenchmarkRecord("gctx_build_rows", samples / measured["seconds"], "rows/s", genes=genes, rows=samples)


def write(folder, samples, genes):
    entrez = [gene.entrez_id for gene in SymbolMap.landmarks().genes][:genes]
    entrez += [str(10**8 + i) for i in range(genes - len(entrez))]
    names = [f"B{i // BATCH:05d}_L{i // BATCH % LINES}_24H:BRD-K{i:08d}:10" for i in range(samples)]
    rng = np.random.default_rng(0)
    blocks = (rng.standard_normal((min(5_000, samples - i), genes)).astype("f4") for i in range(0, samples, 5_000))
    write_gctx(folder / "level5.gctx", entrez, names, blocks)
    with gzip.open(folder / "sig_info.txt.gz", "wt", compresslevel=1) as file:
        file.write("sig_id\tpert_id\tpert_iname\tpert_type\tcell_id\tpert_dose\tpert_dose_unit\tpert_time\n")
        for i, name in enumerate(names):
            kind = "ctl_vehicle" if i % CONTROL_EVERY == 0 else "trt_cp"
            compound = "DMSO" if kind == "ctl_vehicle" else f"BRD-K{i % COMPOUNDS}"
            file.write(f"{name}\t{compound}\t{compound}\t{kind}\tL{i // BATCH % LINES}\t10.0\tum\t24\n")
    with (folder / "pert_info.txt").open("w") as file:
        file.write("pert_id\tpert_iname\tcanonical_smiles\n")
        for i in range(COMPOUNDS):
            file.write(f"BRD-K{i}\tname{i}\t{_smiles(i)}\n")
    with (folder / "gene_info.txt").open("w") as file:
        file.write("pr_gene_id\tpr_gene_symbol\n")
        file.writelines(f"{number}\tG{number}\n" for number in entrez)


def _smiles(i):
    """A small molecule of its own for each number below 5,000."""
    first, second, third = (digit * "C" for digit in (i % 10 + 1, i // 10 % 10 + 1, i // 100 % 10 + 1))
    return f"{first}N{second}O{third}{('', 'O', 'N', 'F', 'Cl')[i // 1000]}"


def build(folder, stated_mib):
    files = [folder / name for name in ("level5.gctx", "sig_info.txt.gz", "gene_info.txt", "pert_info.txt")]
    landmarks = SymbolMap.landmarks().space
    before, start = own_peak_gib(), time.perf_counter()
    built = build_profiles(*files, folder / "store", genes=landmarks, memory_mib=stated_mib)
    seconds, added = time.perf_counter() - start, 1024 * (own_peak_gib() - before)
    if len(open_store(folder / "store")) != built.rows:
        message = "the store does not hold what was built"
        raise RuntimeError(message)
    return {"added_mib": added, "seconds": seconds, "file_mib": files[0].stat().st_size / 2**20}


def main():
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gctx_stream")
    parser.add_argument("--samples", type=int, default=SAMPLES)
    parser.add_argument("--genes", type=int, default=GENES)
    parser.add_argument("--stated-mib", type=float, default=STATED_MIB)
    parser.add_argument("--step", choices=["write", "build"])
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    if options.step == "write":
        write(options.folder, options.samples, options.genes)
    elif options.step == "build":
        print(json.dumps(build(options.folder, options.stated_mib)))
    else:
        for record in gctx_build_added_mib(options.samples, options.genes, options.stated_mib):
            print(json.dumps(asdict(record)))


if __name__ == "__main__":
    main()
