"""Does speed cost accuracy? One mixed fold of GDSC2, the same network, trained by the plain formula and the fast paths.

    python -m runs.fast_and_plain --data ../shared/data                        a tenth of the training rows, four ways
    python -m runs.fast_and_plain --data ../shared/data --every 1 --ways plain fused fast        all rows

`dense` builds every attention matrix; `plain` is the network row by row with attention in linear time; `fused` is what
fine-tuning runs; `fast` is that in half precision with dropout masks of lines and compounds. Rows go to
results/results.csv (experiment `fast_and_plain`): the RMSE of every seed, and over all seeds there the difference from
the plain network of the same seed.
"""

import argparse
import copy
import sys
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from drugripple.data.response import ResponseTable
from drugripple.evaluation.metrics import rmse
from drugripple.evaluation.schemes import Scheme
from drugripple.evaluation.splits import make_folds
from drugripple.genes.scaling import RobustScaler
from drugripple.model.attention import GeneAttention
from drugripple.model.network import PerturbationNet, ResponseNet
from drugripple.model.settings import Precision
from drugripple.predictors.backbone import backbone_of
from drugripple.predictors.csg2a import fit_network
from drugripple.predictors.csg2a_settings import NetworkSettings
from drugripple.predictors.inputs import molecule_vectors, response_inputs
from drugripple.runtime.digest import folder_digest
from drugripple.sources.public.tidy import read_gdsc
from drugripple.training.loop import fit
from drugripple.training.settings import TrainingSettings
from tools.ledger import ResultRow, append_results, read_results

TRAINING = TrainingSettings(
    learning_rate=1e-3, final_rate=1e-5, cosine_epochs=12, batch=1024, max_epochs=12, patience=12, device="cpu"
)
"""Few and large steps, cut at twelve epochs: the ways are compared with one another."""
FUSED = {
    "fused": NetworkSettings(training=TRAINING),
    "fast": NetworkSettings(
        training=TRAINING.model_copy(update={"precision": Precision.BFLOAT16}), response={"dropout_of": "entity"}
    ),
}
PLAIN = ("plain", "dense")
RESULTS = Path("results/results.csv")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--every", type=int, default=10, help="train on one row in so many")
    parser.add_argument("--ways", nargs="*", default=[*PLAIN, *FUSED], choices=[*PLAIN, *FUSED])
    parser.add_argument("--seeds", nargs="*", type=int, default=[0, 1])
    options = parser.parse_args()
    table = read_gdsc(options.data, "GDSC2").table
    fold = make_folds(table.sample_row, table.compound_row, Scheme.MIXED)[0]
    kept = np.sort(np.random.default_rng(0).permutation(fold.train)[: len(fold.train) // options.every])
    train, valid, test = tables = tuple(table.take(rows) for rows in (kept, fold.valid, fold.test))
    backbone = backbone_of(NetworkSettings(), options.data, table.expression.genes, seed=0)
    digest, measured = folder_digest(options.data / "gdsc"), test.values.astype("f8")
    for seed in options.seeds:
        for way in options.ways:
            if way in PLAIN:
                predicted = plainly(backbone, tables, seed, dense=way == "dense")
            else:
                predicted = fit_network(FUSED[way], train, valid, backbone, seed=seed, on_epoch=told(way)).predict(
                    test.pairs
                )
            score = rmse(measured, predicted)
            sys.stderr.write(f"{way} seed {seed}: RMSE {score:.4f}\n")
            row = ResultRow(
                "fast_and_plain", way, f"every-{options.every}", "mixed", 1, seed, "rmse", score, float("nan"),
                len(test), digest, f"python -m runs.fast_and_plain --every {options.every} --ways {way} --seeds {seed}",
            )  # fmt: skip
            append_results(RESULTS, [row])
    append_results(RESULTS, differences(digest))


def differences(digest: str) -> list[ResultRow]:
    """RMSE minus the plain network's of the same seed: mean and standard deviation over the seeds of each way."""
    rows = [row for row in read_results(RESULTS) if row.experiment == "fast_and_plain" and row.metric == "rmse"]
    found = {(row.preset, row.model, row.seed): row.mean for row in rows}
    made = []
    for preset, way in sorted({(row.preset, row.model) for row in rows if row.model != "plain"}):
        seeds = [seed for of, model, seed in found if (of, model) == (preset, way) and (preset, "plain", seed) in found]
        change = np.array([found[preset, way, seed] - found[preset, "plain", seed] for seed in seeds])
        sd = float(change.std(ddof=1)) if len(change) > 1 else float("nan")
        if seeds:
            made.append(
                ResultRow(
                    "fast_and_plain", way, preset, "mixed", 1, 0, "rmse_minus_plain", float(change.mean()), sd,
                    len(change), digest, "python -m runs.fast_and_plain",
                )
            )  # fmt: skip
    return made


class Dense(nn.Module):
    """A g with A in full, from the layer that never builds it."""

    def __init__(self, layer: GeneAttention) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, basal: torch.Tensor, compound: torch.Tensor, _visible: None = None) -> torch.Tensor:
        return (self.layer.attention_matrix(basal, compound) @ basal.unsqueeze(-1)).squeeze(-1)


def plainly(
    backbone: PerturbationNet,
    tables: tuple[ResponseTable, ResponseTable, ResponseTable],
    seed: int,
    *,
    dense: bool,
) -> np.ndarray:
    """What `fit_network` does with the settings `fused`, row by row."""
    train, valid, test = tables
    expression = train.expression.restrict(backbone.genes)
    scaler = RobustScaler.fit(expression.values[np.unique(train.sample_row)])
    vectors = molecule_vectors(backbone, train.compounds)
    torch.manual_seed(seed)
    net = ResponseNet(copy.deepcopy(backbone), NetworkSettings().preset.response())
    if dense:
        net.backbone.attention = Dense(net.backbone.attention)
    inputs = response_inputs(expression, scaler, vectors, net.settings.dose_um, net.settings.hours)
    with torch.no_grad():
        compound = net.eval().backbone.condition(inputs.molecule, inputs.dose_um, inputs.hours)

    def answer(table: ResponseTable, rows: torch.Tensor) -> torch.Tensor:
        columns = (table.sample_row, table.compound_row)
        sample, which = (torch.from_numpy(column.astype("i8"))[rows] for column in columns)
        return net.respond(inputs.basal[sample], compound[which]).ln_ic50

    def loss(rows: torch.Tensor) -> torch.Tensor:
        return F.mse_loss(answer(train, rows), target[rows])

    def predict(table: ResponseTable) -> np.ndarray:
        with torch.no_grad():
            parts = torch.arange(len(table)).split(256)
            return torch.cat([answer(table, part) for part in parts]).double().numpy()

    target = torch.from_numpy(train.values.astype("f4"))
    fit(
        net, loss, lambda: rmse(valid.values.astype("f8"), predict(valid)) ** 2, rows=len(train), settings=TRAINING,
        seed=seed, on_epoch=told("dense" if dense else "plain"),
    )  # fmt: skip
    return predict(test)


def told(way: str):
    return lambda epoch: sys.stderr.write(f"{way} {epoch}\n")


if __name__ == "__main__":
    main()
