"""Stage 1 on the small public L1000 set: what ships, what it is compared with, and what a part of the genes costs.

    python -m runs.pretrain_l1000 --data ../shared/data --out out/l1000

Every variant is scored on held-out compounds (the shipped one also learns from them afterwards: see the card). The
scores go to results/results.csv (experiment `pretrain`), the curve over gene panels to results/gene_share.csv.
"""

import argparse
import shutil
import sys
from pathlib import Path

import numpy as np
import pandas as pd

from drugripple.config import make_run
from drugripple.evaluation.profile_metrics import PredictedBlock, score_blocks
from drugripple.genes.space import GeneSpace
from drugripple.model.checkpoint import load_perturbation
from drugripple.model.folders import shipped_folder
from drugripple.model.settings import L1000_LANDMARK
from drugripple.predictors.inputs import molecule_graphs
from drugripple.recipes.pretrain.corpus import held_out, read_corpus
from drugripple.recipes.pretrain.profiles import run_pretrain
from drugripple.recipes.pretrain.settings import PretrainRun
from drugripple.runtime.digest import folder_digest
from drugripple.training.perturbation import predict_profiles
from tools.ledger import ResultRow, append_results

TRAINING = {"learning_rate": 5e-4, "weight_decay": 0.0, "cosine_epochs": 0, "max_epochs": 80, "patience": 10}
OURS = {
    "perturbation": {"output": "change", "init": "scaled"},
    "molecules": "freeze",
    "anchors": {"consensus_weight": 0.2, "identity_weight": 1.0},
    "redistributable_only": True,
    "training": TRAINING,
}
VARIANTS = {
    "ours": OURS | {"hide_genes": 0.5},
    "ours-no-hiding": OURS,
    "ours-all": OURS | {"hide_genes": 0.5, "redistributable_only": False},
    "ours-released": OURS | {"preset": "released", "hide_genes": 0.5},
    "paper": {"training": TRAINING, "redistributable_only": True, "molecules": "freeze"},
    "released": {"training": TRAINING, "redistributable_only": True, "molecules": "freeze", "preset": "released"},
}
SHARES = (0.1, 0.2, 0.3, 0.5, 0.7, 0.85, 1.0)
PANELS = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--only", nargs="*", default=list(VARIANTS))
    parser.add_argument("--ship", action="store_true", help="put the variant `ours` into the package")
    options = parser.parse_args()
    digest = folder_digest(options.data / "l1000")
    for name in options.only:
        for seed in range(options.seeds):
            measure(name, VARIANTS[name], seed, options, digest)
    if {"ours", "ours-no-hiding"} <= set(options.only):
        gene_share(options)
    if options.ship:
        target = shipped_folder(L1000_LANDMARK)
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(options.out / "ours-0" / "checkpoint", target)


def settings_of(name: str, seed: int, options: argparse.Namespace) -> PretrainRun:
    values = {**VARIANTS[name], "data": options.data, "out": options.out / f"{name}-{seed}", "seed": seed}
    return make_run(PretrainRun, {**values, "validation": "compound"}, name)


def measure(name: str, settings: dict, seed: int, options: argparse.Namespace, digest: str) -> None:
    run = settings_of(name, seed, options)
    if (run.out / "metrics.json").exists():
        return
    done = run_pretrain(run)
    rows = []
    for score in done.scores.itertuples():
        own = score.model == "csg2a"
        corpus = "" if settings["redistributable_only"] else "all-data"  # baselines of another corpus are other rows
        model, preset = (f"csg2a-{name}", settings.get("preset", "paper")) if own else (score.model, corpus)
        rows.append(
            ResultRow(
                "pretrain", model, preset, "compound_blind", 1, seed, score.metric, score.value, float("nan"),
                int(score.n), digest, "python -m runs.pretrain_l1000",
            )
        )  # fmt: skip
    append_results(Path("results/results.csv"), rows)
    sys.stderr.write(f"{name} seed {seed}: {done.seconds:.0f} s, {len(done.history.epochs)} epochs\n")
    sys.stderr.write(done.scores.to_string() + "\n")


def gene_share(options: argparse.Namespace) -> None:
    """MSE on held-out profiles when only a random part of the genes is there, with and without hiding in training."""
    run = settings_of("ours", 0, options)
    corpus = read_corpus(run)
    profiles = corpus.profiles
    test = held_out(run, profiles).test
    graphs = molecule_graphs(corpus.compounds)
    records = []
    for name in ("ours", "ours-no-hiding"):
        net = load_perturbation(options.out / f"{name}-0" / "checkpoint").net
        for share in SHARES:
            for panel in range(PANELS if share < 1 else 1):
                records.append(scored(net, profiles, test, graphs, share, panel) | {"model": name})
    pd.DataFrame(records).to_csv("results/gene_share.csv", index=False)


def scored(net, profiles, test, graphs, share: float, panel: int) -> dict:
    genes = np.sort(
        np.random.default_rng([panel, round(share * 100)]).permutation(len(net.genes))[: round(share * len(net.genes))]
    )
    space = GeneSpace(tuple(net.genes.symbols[i] for i in genes))
    part = profiles.restrict(space)
    basal = part.basal.values[part.basal_row[test]]
    plates = [part.plate[row] for row in test]
    predicted = predict_profiles(net.restrict(space), part, test, graphs)
    scores, still = (
        score_blocks([PredictedBlock(part.treated[test], each, basal, plates)]).set_index("metric")["value"]
        for each in (predicted, basal)
    )
    return {"share": share, "panel": panel, "genes": len(genes), "mse": scores["mse"], "mse_no_change": still["mse"],
            "profile_pcc": scores["profile_pcc"], "gene_pcc": scores["gene_pcc"]}  # fmt: skip


if __name__ == "__main__":
    main()
