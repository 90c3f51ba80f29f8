"""Peak memory, each measured in a process of its own: `python -m benchmarks.memory NAME` prints it in GiB."""

import subprocess
import sys

import torch

from benchmarks.clock import own_peak_gib
from benchmarks.dense import networks
from benchmarks.world import conditions, expression, prior
from drugripple.model.fused.prediction import GridPredictor
from drugripple.model.network import PerturbationNet
from drugripple.model.settings import PerturbationSettings
from drugripple.predict.model import PAIRS_AT_ONCE
from tools.ledger import BenchmarkRecord

STEP_ROWS = 128
SCREEN = (1_000, 1_000)


def step_peak_gib_10167():
    yield _record("step_peak_gib_10167", 10_167, STEP_ROWS)


def predict_peak_gib():
    """A million pairs: 1,000 samples with 1,000 compounds."""
    yield _record("predict_peak_gib", 978, SCREEN[0] * SCREEN[1])


def _record(name, genes, rows):
    done = subprocess.run([sys.executable, "-m", "benchmarks.memory", name], capture_output=True, text=True, check=True)
    return BenchmarkRecord(name, float(done.stdout), "GiB", genes=genes, rows=rows)


def _pretraining_step(genes=10_167, rows=STEP_ROWS):
    """Two steps, so that the optimiser's state is there: attention, layer norm and the full output layer."""
    settings = PerturbationSettings(molecule={"width": 32, "layers": 1, "heads": 2})
    net = PerturbationNet(prior(genes), settings).train()
    optimiser = torch.optim.Adam(net.parameters(), fused=True)
    basal, compound, target = expression(rows, genes), conditions(rows, genes), expression(rows, genes)
    for _ in range(2):
        optimiser.zero_grad(set_to_none=True)
        torch.nn.functional.mse_loss(net.perturb(basal, compound).treated, target).backward()
        optimiser.step()


def _screen(genes=978, samples=SCREEN[0], compounds=SCREEN[1]):
    net, _ = networks(prior(genes))
    predictor = GridPredictor(net, conditions(compounds, genes))
    best = torch.full((samples,), torch.inf)
    for rows, part in zip(
        torch.arange(samples).split(max(1, PAIRS_AT_ONCE // compounds)),
        expression(samples, genes).split(max(1, PAIRS_AT_ONCE // compounds)),
        strict=True,
    ):
        best[rows] = predictor(part).amin(1)


MEASURED = {"step_peak_gib_10167": _pretraining_step, "predict_peak_gib": _screen}

if __name__ == "__main__":
    MEASURED[sys.argv[1]]()
    print(own_peak_gib())
