"""Which forms of stage 1 learn a planted change of expression, and does attention then hold the planted pairs?

    python -m runs.planted_forms

Writes results/planted_forms.csv: one row per form and seed. World, weights and order of the rows come from the seed;
everything else is the same for all forms. No data folder is read.

`found` counts planted pairs among the top three of each compound's map, from which the mean over compounds is taken:
24 in all, 0.15 expected by chance. `area` is the ROC area of planted against other pairs.
"""

import argparse
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import torch
from scipy.stats import mannwhitneyu

from drugripple.chem.graph import build_graph
from drugripple.data.synthetic import World, synthetic_world
from drugripple.interpretation.maps import AttentionMap, mean_from_factors, subtract_mean
from drugripple.interpretation.pairs import top_pairs
from drugripple.model.mat.encoder import encode
from drugripple.model.network import PerturbationNet
from drugripple.model.presets import Preset
from drugripple.model.settings import PerturbationSettings
from drugripple.training.history import History
from drugripple.training.perturbation import pretrain
from drugripple.training.settings import TrainingSettings

RESULT = Path(__file__).parent.parent / "results" / "planted_forms.csv"
GENES, LINES, COMPOUNDS, HELD_OUT = 31, 97, 8, 15
SIZE: dict[str, object] = {"molecule": {"width": 32, "layers": 1, "heads": 2}, "hidden": 16, "dropout": 0.0}
SCALED: dict[str, object] = {"init": "scaled"}
PAPER = {**Preset.PAPER.perturbation_changes, **SCALED}
FORMS: dict[str, dict[str, object]] = {
    "default": SCALED,
    "paper": dict(Preset.PAPER.perturbation_changes),
    "paper, scaled factors": PAPER,
    "paper, scaled factors and biases": {**PAPER, "bias": True, "condition_bias": True},
    "paper, scaled factors and self-loops": {**PAPER, "self_loops": True},
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--epochs", type=int, default=200)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--out", type=Path, default=RESULT)
    options = parser.parse_args()
    rows = pd.read_csv(options.out).to_dict("records") if options.out.exists() else []
    done = {(row["form"], row["seed"], row["epochs"]) for row in rows}
    for seed in options.seeds:
        for form in FORMS:
            if (form, seed, options.epochs) not in done:
                rows.append(measured(form, options.epochs, seed))
                pd.DataFrame(rows).to_csv(options.out, index=False)
                print(rows[-1], flush=True)


def measured(form: str, epochs: int, seed: int) -> dict[str, object]:
    """One row of the table."""
    case = trained(FORMS[form], epochs, seed=seed)
    found, area = recovered(case, attention)
    losses = [epoch.valid_loss for epoch in case.history.epochs]
    still = float(np.mean(np.square(case.change_of_held_out())))
    return {
        "form": form, "seed": seed, "epochs": epochs, "valid_loss": round(min(losses), 4), "no_change": round(still, 4),
        "found": found, "of": 3 * COMPOUNDS, "area": round(float(area), 4),
    }  # fmt: skip


class Planted(NamedTuple):
    """A network that was trained on a world, and what it is asked."""

    world: World
    net: PerturbationNet
    basal: torch.Tensor
    compound: torch.Tensor
    history: History

    def change_of_held_out(self) -> np.ndarray:
        """What a prediction of no change misses."""
        table = self.world.perturbations
        rows = np.flatnonzero(table.basal_row < HELD_OUT)
        return table.treated[rows] - table.basal.values[table.basal_row[rows]]


def training(epochs: int) -> TrainingSettings:
    """A cosine over all epochs."""
    return TrainingSettings(
        learning_rate=5e-3, final_rate=1e-4, cosine_epochs=epochs, batch=64, max_epochs=epochs, patience=epochs,
        weight_decay=0.0, device="cpu",
    )  # fmt: skip


def trained(form: dict[str, object], epochs: int, *, seed: int = 0, shuffled: bool = False) -> Planted:
    """A network of a form on the world of a seed."""
    world = synthetic_world(seed, genes=GENES, lines=LINES, compounds=COMPOUNDS, shuffled=shuffled)
    table = world.perturbations
    graphs = [build_graph(molecule) for molecule in table.compounds.molecules]
    torch.manual_seed(seed)
    net = PerturbationNet(world.prior, PerturbationSettings.model_validate({**SIZE, **form}))
    held_out = table.basal_row < HELD_OUT
    valid, train = np.flatnonzero(held_out), np.flatnonzero(~held_out)
    history = pretrain(net, table, train, valid, graphs, training(epochs), seed=seed, train_molecules=False)
    with torch.no_grad():
        dose, hours = torch.full((COMPOUNDS,), 10.0), torch.full((COMPOUNDS,), 24.0)
        compound = net.eval().condition(encode(net.molecule, graphs), dose, hours)
    return Planted(world, net, torch.from_numpy(table.basal.values), compound, history)


def attention(case: Planted, compound: torch.Tensor) -> AttentionMap:
    """The mean attention map of a compound over all lines."""
    with torch.no_grad():
        q = case.net.attention.query_factor(case.basal, compound.expand(LINES, -1)).numpy()
    return mean_from_factors([q], case.world.prior, "attention")


def recovered(
    case: Planted,
    read: Callable[[Planted, torch.Tensor], AttentionMap],
    *,
    contrasted: bool = True,
    by_size: bool = False,
) -> tuple[int, float]:
    """Planted pairs among each compound's top three, and the mean ROC area of planted against other pairs."""
    found, areas = 0, []
    names, mechanisms = case.net.genes.symbols, case.world.perturbations.compounds.mechanism
    maps = [read(case, row) for row in case.compound]
    for each, mechanism in zip(subtract_mean(maps) if contrasted else maps, mechanisms, strict=True):
        ranked = replace(each, scores=np.abs(each.scores)) if by_size else each
        pairs = case.world.planted_pairs[mechanism]
        planted = {(names[a], names[b]) for a, b in pairs}
        best = top_pairs(ranked, 3)
        found += len(planted & set(zip(best["gene_a"], best["gene_b"], strict=True)))
        is_planted = np.zeros(ranked.scores.shape, dtype=bool)
        is_planted[pairs[:, 0], pairs[:, 1]] = True
        above = np.triu_indices(GENES, 1)
        scores, truth = ranked.scores[above], is_planted[above]
        areas.append(mannwhitneyu(scores[truth], scores[~truth]).statistic / truth.sum() / (~truth).sum())
    return found, float(np.mean(areas))


if __name__ == "__main__":
    main()
