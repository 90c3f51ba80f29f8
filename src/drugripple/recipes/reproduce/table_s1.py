"""Table S1: a search of hyper-parameters, and what it gained on validation and on test rows.

Source: the paper's space is in a supplement that is not public; `recipes.tune.space` reconstructs it.
"""

import pandas as pd

from drugripple.config import make_run
from drugripple.evaluation.metrics import rmse
from drugripple.evaluation.schemes import Scheme
from drugripple.predictors.csg2a_settings import NetworkSettings
from drugripple.recipes.folds import divide, fold_of, measured_rows
from drugripple.recipes.reproduce.item import Claim, Finding, Verdict
from drugripple.recipes.reproduce.workshop import Workshop, quick_note
from drugripple.recipes.tune.run import tune
from drugripple.recipes.tune.settings import TuneRun
from drugripple.runtime.nesting import read_toml_text

TRIALS, QUICK_TRIALS = 30, 2


def reproduce(workshop: Workshop) -> Finding:
    """Search on validation rows of one mixed fold; then fit the start and the best, and look at the test rows once."""
    run = make_run(
        TuneRun,
        {
            "data": workshop.run.data, "out": workshop.kept / "search", "scheme": Scheme.MIXED, "fold": 0,
            "trials": QUICK_TRIALS if workshop.run.quick else TRIALS, "seed": workshop.run.seed,
            "split": {"seed": workshop.run.seed},
            "network": workshop.network.model_dump(mode="json", exclude_unset=True),
        },
        "table-s1",
    )  # fmt: skip
    done = tune(run, on_trial=lambda trial: workshop.progress("trials", trial.number, trial.total))
    found = read_toml_text((done.folder / "best.toml").read_text(encoding="utf-8"))
    best = make_run(NetworkSettings, found, "best.toml")
    rows = measured_rows(run, run.split.replicates)
    fold = fold_of(divide(rows, run.split, [run.scheme])[run.scheme], 0)
    scores = []
    for name, settings in (("start", workshop.network), ("best of the search", best)):
        predictor = workshop.tuned(settings, rows.table, fold.train, fold.valid)
        for part, of in (("validation", fold.valid), ("test", fold.test)):
            some = rows.table.take(of)
            scores.append({"settings": name, "part": part, "rmse": rmse(some.values, predictor.predict(some.pairs))})
    table = pd.DataFrame(scores)
    by = table.set_index(["settings", "part"])["rmse"]
    gain = {part: by[("start", part)] - by[("best of the search", part)] for part in ("validation", "test")}
    claim = Claim(
        "hyper-parameters were searched for", "space and gain not public",
        f"{len(done.trials)} trials; RMSE falls by {gain['validation']:.4f} on validation rows, by {gain['test']:.4f} "
        "on test rows (mixed, fold 0)",
        Verdict.REPRODUCED if gain["test"] > 0 else Verdict.DIFFERS,
        "validation rows chose; test rows were looked at once, after the search",
    )  # fmt: skip
    return Finding((claim,), quick_note(workshop.run), {"scores": table, "trials": done.trials})
