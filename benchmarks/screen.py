"""Ten million pairs from files to files: `python -m benchmarks.screen` prints memory and time as JSON.

1,000 samples with 978 genes and a library of 10,000 generated molecules of about 30 atoms. The network reads Morgan
bits, so that the time is that of the pairs and not of 10,000 conformers.
"""

import argparse
import itertools
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from benchmarks.clock import own_peak_gib
from benchmarks.world import prior
from drugripple.genes.prior import InteractionPrior
from drugripple.genes.scaling import RobustScaler
from drugripple.genes.symbols import SymbolMap
from drugripple.model.checkpoint import Card, save_response
from drugripple.model.network import PerturbationNet, ResponseNet
from drugripple.model.settings import PerturbationSettings, ResponseSettings
from drugripple.predict.screen.estimate import estimate
from drugripple.predict.screen.run import screen
from drugripple.predict.screen.settings import ScreenMode, ScreenRequest
from tools.ledger import BenchmarkRecord

SAMPLES, COMPOUNDS = 1_000, 10_000
PARTS = ["C", "CC", "OC", "F", "Cl", "C(F)(F)F", "N1CCOCC1", "C#N", "OCC", "S(C)(=O)=O", "C(=O)NC"]


def screen_10m_peak_gib(samples=SAMPLES, compounds=COMPOUNDS, threads=None):
    """Most memory of a whole screen; the ratio is that of the stated bound to it."""
    with tempfile.TemporaryDirectory() as folder:
        for step in ("write", "state", "run"):  # each in a process of its own: another's memory does not count
            command = [sys.executable, "-m", "benchmarks.screen", "--step", step, "--folder", folder]
            command += ["--samples", str(samples), "--compounds", str(compounds)]
            command += ["--threads", str(threads or torch.get_num_threads())]
            done = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
            if step == "state":
                stated = done["stated_gib"]
    if done["peak_gib"] > stated:
        message = f"the screen held {done['peak_gib']:.2f} GiB, but promised at most {stated:.2f}"
        raise RuntimeError(message)
    ratio = stated / done["peak_gib"]
    yield BenchmarkRecord(
        "screen_10m_peak_gib", done["peak_gib"], "GiB", ratio, "bound that a dry run states", 978, done["pairs"]
    )
    yield BenchmarkRecord("screen_pairs", done["pairs"] / done["seconds"], "pairs/s", genes=978, rows=done["pairs"])


def write(folder, samples, compounds):
    space = SymbolMap.landmarks().space
    edges = InteractionPrior(space, prior(len(space)).edges, "random, as many as STRING")
    settings = PerturbationSettings(encoder="morgan")
    torch.manual_seed(0)
    net = ResponseNet(PerturbationNet(edges, settings), ResponseSettings())
    values = np.random.default_rng(0).standard_normal((samples, len(space))).astype(np.float32)
    card = Card(
        kind="response", name="random weights", perturbation=settings, response=net.settings, genes=space.symbols,
        gene_digest=space.digest, prior_source=edges.source, expression_scale="robust_z",
    )  # fmt: skip
    save_response(folder / "model", net, RobustScaler.fit(values), card)
    frame = pd.DataFrame(values, columns=list(space.symbols))
    frame.insert(0, "sample", [f"S{i}" for i in range(samples)])
    frame.to_parquet(folder / "samples.parquet")
    parts = itertools.product(PARTS, repeat=4)
    with (folder / "library.csv").open("w") as file:
        file.write("id,smiles\n")
        for number, (a, b, c, d) in enumerate(itertools.islice(parts, compounds)):
            file.write(f"Z{number},Cc1cc({a})c({b})c(C(=O)NCc2ccc({c})cc2)c1{d}\n")
    return {}


def question(folder):
    return ScreenRequest(
        model=folder / "model",
        expression=folder / "samples.parquet",
        compounds=folder / "library.csv",
        out=folder / "screen",
        mode=ScreenMode.FULL,
    )


def state(folder):
    return {"stated_gib": estimate(question(folder)).memory_bytes / 2**30}


def run(folder):
    start = time.perf_counter()
    done = screen(question(folder))
    if done.card.left_out:
        message = f"{done.card.left_out} generated molecules could not be used"
        raise RuntimeError(message)
    return {"peak_gib": own_peak_gib(), "pairs": done.card.pairs, "seconds": time.perf_counter() - start}


def main():
    parser = argparse.ArgumentParser(prog="python -m benchmarks.screen")
    parser.add_argument("--samples", type=int, default=SAMPLES)
    parser.add_argument("--compounds", type=int, default=COMPOUNDS)
    parser.add_argument("--threads", type=int)
    parser.add_argument("--step", choices=["write", "state", "run"])
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    if options.threads:
        torch.set_num_threads(options.threads)
    if options.step == "write":
        print(json.dumps(write(options.folder, options.samples, options.compounds)))
    elif options.step:
        print(json.dumps({"state": state, "run": run}[options.step](options.folder)))
    else:
        for record in screen_10m_peak_gib(options.samples, options.compounds, options.threads):
            print(json.dumps({"name": record.name, "value": record.value, "ratio": record.ratio, "rows": record.rows}))


if __name__ == "__main__":
    main()
