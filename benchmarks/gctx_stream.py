"""Peak memory of turning a Level-5 GCTX into a profile store; one JSON object on stdout.

    python benchmarks/gctx_stream.py --samples 200000 --genes 978 --memory-mib 256

The generated file has the layout of GSE92742: one control signature in twenty, batches of 300.
"""

import argparse
import gzip
import json
import platform
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from drugripple.genes.symbols import SymbolMap
from drugripple.sources.gctx import write_gctx
from drugripple.sources.gse92742 import build_profiles
from drugripple.sources.profile_store import open_store

BATCH = 300
CONTROL_EVERY = 20
COMPOUNDS = 5_000
LINES = 70


def peak_mib():
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10


def write_world(folder, samples, genes):
    entrez = [gene.entrez_id for gene in SymbolMap.landmarks().genes][:genes]
    entrez += [str(10**8 + i) for i in range(genes - len(entrez))]
    names = [f"B{i // BATCH:05d}_L{i // BATCH % LINES}_24H:BRD-K{i:08d}:10" for i in range(samples)]
    rng = np.random.default_rng(0)
    blocks = (rng.standard_normal((min(5_000, samples - i), genes)).astype("f4") for i in range(0, samples, 5_000))
    write_gctx(folder / "level5.gctx", entrez, names, blocks)
    header = "sig_id\tpert_id\tpert_iname\tpert_type\tcell_id\tpert_dose\tpert_dose_unit\tpert_time\tpert_time_unit\n"
    with gzip.open(folder / "sig_info.txt.gz", "wt", compresslevel=1) as file:
        file.write(header)
        for i, name in enumerate(names):
            kind = "ctl_vehicle" if i % CONTROL_EVERY == 0 else "trt_cp"
            compound = "DMSO" if kind == "ctl_vehicle" else f"BRD-K{i % COMPOUNDS}"
            line = f"L{i // BATCH % LINES}"
            file.write(f"{name}\t{compound}\t{compound}\t{kind}\t{line}\t10.0\tum\t24\th\n")
    with (folder / "pert_info.txt").open("w") as file:
        file.write("pert_id\tpert_iname\tcanonical_smiles\n")
        for i in range(COMPOUNDS):
            smiles = f"CC{'O' * (i % 7)}{'C' * (i // 7 % 40)}N{'C' * (i // 280)}"
            file.write(f"BRD-K{i}\tname{i}\t{smiles}\n")
    with (folder / "gene_info.txt").open("w") as file:
        file.write("pr_gene_id\tpr_gene_symbol\n")
        file.writelines(f"{number}\tG{number}\n" for number in entrez)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--samples", type=int, default=200_000)
    parser.add_argument("--genes", type=int, default=978)
    parser.add_argument("--memory-mib", type=float, default=256)
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name)
        write_in_child(folder, options.samples, options.genes)
        files = [folder / f for f in ("level5.gctx", "sig_info.txt.gz", "gene_info.txt", "pert_info.txt")]
        before, start = peak_mib(), time.perf_counter()
        built = build_profiles(*files, folder / "store", memory_mib=options.memory_mib)
        seconds, added = time.perf_counter() - start, peak_mib() - before
        table = open_store(folder / "store")
        print(
            json.dumps(
                {
                    "name": "gctx_stream",
                    "samples": options.samples,
                    "genes": options.genes,
                    "file_mib": round(files[0].stat().st_size / 2**20, 1),
                    "stated_mib": options.memory_mib,
                    "added_peak_mib": round(added, 1),
                    "within_bound": added <= options.memory_mib,
                    "seconds": round(seconds, 1),
                    "profiles": built.rows,
                    "reopened": len(table),
                    "hardware": f"{platform.machine()}, {platform.system()}",
                }
            )
        )


def write_in_child(folder, samples, genes):
    """Another process writes the file, so that its memory does not count."""
    here = str(Path(__file__).parent)
    code = f"import sys; sys.path.insert(0, {here!r}); import gctx_stream, pathlib;"
    code += f"gctx_stream.write_world(pathlib.Path({str(folder)!r}), {samples}, {genes})"
    subprocess.run([sys.executable, "-c", code], check=True)


if __name__ == "__main__":
    main()
