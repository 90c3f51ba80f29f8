"""Does a compound that pretraining saw make a blind test easier? Drug-blind GDSC2 folds after three pretrainings.

    python -m runs.pretraining_exposure --data ../shared/data --out out/exposure

Stage 1 learns from the redistributable part of the small public L1000 set: whole (`exposed`); without every GDSC2
compound, their salts and stereoisomers (`blind`); and without other compounds with about as many profiles and consensus
signatures (`control`), which tells what less data costs. Rows are held out at random for early stopping, so that an
arm learns from what it keeps. Stage 2 is the residual network of Table 1 behind each, one seed: look at the size of the
differences, not for a p-value. Rows go to results/results.csv (experiment `pretraining_exposure`; scheme `drug_blind`,
and `drug_blind_exposed` for the test rows whose compound the first arm saw), folds and the size of each corpus to
results/table1/. What is finished is not redone.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from drugripple.config import make_run
from drugripple.evaluation.jobs import Job, read_predictions
from drugripple.evaluation.metrics import pcc, pcc_by_group, rmse
from drugripple.evaluation.schemes import Scheme
from drugripple.model.checkpoint import Card
from drugripple.model.storage import read_card
from drugripple.recipes.benchmark.folds import prepare_folds
from drugripple.recipes.benchmark.run import board_of, failures, train_waiting
from drugripple.recipes.benchmark.settings import BenchmarkRun
from drugripple.recipes.pretrain.corpus import read_corpus
from drugripple.recipes.pretrain.profiles import run_pretrain
from drugripple.recipes.pretrain.settings import PretrainRun
from drugripple.runtime.digest import folder_digest
from drugripple.sources.public.tidy import read_gdsc
from runs import FAST
from runs.pretrain_l1000 import OURS as STAGE_1
from tools.ledger import ResultRow, append_results

PRETRAININGS = ("exposed", "blind", "control")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--folds", type=int, default=5, help="of the ten, from the first")
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    blocks = [molecule.key for molecule in read_gdsc(options.data, "GDSC2").table.compounds.molecules]
    whole = read_corpus(stage_1("exposed", options))
    known = np.array([molecule.key for molecule in whole.compounds.molecules])
    exposed = np.isin(known, blocks)
    options.out.mkdir(parents=True, exist_ok=True)
    gone = {"exposed": np.zeros(len(known), dtype=bool), "blind": exposed, "control": alike(whole, known, exposed)}
    sizes = []
    for name, rows in gone.items():
        excluded = options.out / f"{name}.smi"
        excluded.write_text("".join(f"{whole.compounds.smiles[row]}\n" for row in np.flatnonzero(rows)))
        run = stage_1(name, options, exclude=excluded)
        if not (run.out / "metrics.json").exists():
            run_pretrain(run)
        left = read_corpus(run)
        signatures = 0 if left.anchors is None else len(left.anchors.change)
        sizes.append({"pretraining": name, "profiles": len(left.profiles), "signatures": signatures})
    pd.DataFrame(sizes).to_csv("results/table1/pretraining_exposure_corpora.csv", index=False)
    table = cross_validate(options)
    card = read_card(options.out / "exposed" / "checkpoint", Card)
    seen = np.isin(blocks, card.compounds_seen)[table.compound_row]
    found = pd.DataFrame(
        [
            {"scheme": scheme, "pretraining": name, "fold": fold} | scores(table, options, name, fold, rows)
            for scheme, rows in (("drug_blind", np.ones(len(table), dtype=bool)), ("drug_blind_exposed", seen))
            for name in PRETRAININGS
            for fold in range(options.folds)
        ]
    )
    found.to_csv("results/table1/pretraining_exposure.csv", index=False, float_format="%.5f")
    report(found, options)


def alike(corpus, known, exposed):
    """Compounds that GDSC2 has not got, drawn until they have as many profiles and signatures as those it has."""
    profiles = np.bincount(corpus.profiles.compound_row, minlength=len(known))
    has_profiles = np.isin(known, known[profiles > 0])
    rng, gone = np.random.default_rng(0), np.zeros(len(known), dtype=bool)
    for profiled in (True, False):
        weight = profiles if profiled else (profiles == 0).astype(int)
        wanted = weight[exposed].sum() - weight[gone].sum()
        strangers = rng.permutation(np.unique(known[~exposed & ~gone & (has_profiles == profiled)]))
        for block in strangers:
            if wanted <= 0:
                break
            rows = (known == block) & ~gone
            gone |= rows
            wanted -= weight[rows].sum()
    return gone


def stage_1(name: str, options: argparse.Namespace, exclude: Path | None = None) -> PretrainRun:
    settings = {"data": options.data, "out": options.out / name, "hide_genes": 0.5, "exclude": exclude}
    return make_run(PretrainRun, {**STAGE_1, **settings, "validation": "row"}, name)


def cross_validate(options):
    """Trains what is not trained yet; the table that the predictions are of."""
    networks = [
        {
            "name": name, "backbone": str(options.out / name / "checkpoint"), "target": "residual",
            "response": {"dropout_of": "entity"}, "training": FAST | {"patience": 4},
        }
        for name in PRETRAININGS
    ]  # fmt: skip
    run = make_run(
        BenchmarkRun,
        {
            "data": options.data, "out": options.out / "folds", "network": networks, "scheme": "drug_blind",
            "fold": list(range(options.folds)), "workers": options.workers,
        },
        "exposure",
    )  # fmt: skip
    made = prepare_folds(run)
    outcome = train_waiting(run, made.table, board_of(run, made))
    if outcome.failed:
        raise SystemExit("\n".join(failures(outcome)))
    return made.table


def scores(table, options, name, fold, rows) -> dict[str, float]:
    found = read_predictions(options.out / "folds", Job(name, Scheme.DRUG_BLIND, fold))
    kept = rows[found.row_id]
    y, yhat, compounds = found.y[kept], found.yhat[kept], table.compound_row[found.row_id[kept]]
    _, within = pcc_by_group(y, yhat, compounds)
    return {
        "rmse": rmse(y, yhat), "pcc": pcc(y, yhat), "per_drug_pcc": float(np.nanmean(within)), "n": int(kept.sum()),
        "compounds": np.unique(compounds).size,
    }  # fmt: skip


def report(found: pd.DataFrame, options: argparse.Namespace) -> None:
    digest = "+".join(folder_digest(options.data / part) for part in ("gdsc", "l1000"))
    command = f"python -m runs.pretraining_exposure --folds {options.folds}"
    rows = [
        ResultRow("pretraining_exposure", f"csg2a-{name}", "residual", scheme, len(part), 0, metric,
                  part[metric].mean(), part[metric].std(), int(part["n"].sum()), digest, command)
        for (scheme, name), part in found.groupby(["scheme", "pretraining"], sort=False)
        for metric in ("rmse", "pcc", "per_drug_pcc")
    ]  # fmt: skip
    append_results(Path("results/results.csv"), rows)
    for scheme, part in found.groupby("scheme", sort=False):
        wide = part.pivot_table(index="fold", columns="pretraining", values="rmse")
        print(scheme, wide.round(3).to_string(), sep="\n")
        for other in ("blind", "control"):
            print(f"{other} - exposed: {(wide[other] - wide['exposed']).mean():+.4f}")


if __name__ == "__main__":
    main()
