"""Arms that differ in one thing: pretrained once, fitted on the same folds, compared by paired and corrected tests."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np
import pandas as pd

from drugripple.config import make_run
from drugripple.data.predictor import Predictor
from drugripple.data.response import ResponseTable
from drugripple.errors import counted
from drugripple.evaluation.cross_validation import train_on_folds
from drugripple.evaluation.jobs import Job, JobBoard, jobs_of
from drugripple.evaluation.schemes import Scheme
from drugripple.evaluation.scoreboard import Scoreboard, scoreboard
from drugripple.model.folders import CHECKPOINT
from drugripple.model.settings import RANDOM, Freeze
from drugripple.predictors.csg2a import network_predictor
from drugripple.predictors.csg2a_settings import NetworkSettings
from drugripple.recipes.pretrain.profiles import PretrainResult, read_result, run_pretrain
from drugripple.recipes.pretrain.settings import PretrainRun
from drugripple.recipes.reproduce.item import Verdict
from drugripple.recipes.reproduce.workshop import QUICK_EPOCHS, Workshop
from drugripple.runtime.digest import content_digest

Makers = Mapping[str, Callable[[], Predictor]]
FULL, RANDOM_TRAINED, RANDOM_FROZEN = "pretrained-frozen", "random-trained", "random-frozen"
GDSC2_ARMS = "gdsc2"
"""Where predictions of arms on GDSC2 are kept: an arm of two experiments is trained once."""
PRETRAINING = {"learning_rate": 5e-4, "weight_decay": 0.0, "cosine_epochs": 0, "max_epochs": 80, "patience": 10}
DRAWS = 200
ALPHA = 0.05
METRICS = ("rmse", "pcc", "per_drug_pcc_mean")
SCHEMES = (Scheme.MIXED, Scheme.CELL_BLIND, Scheme.DRUG_BLIND)
"""What arms of pretraining are compared on; a quick run on the first."""
FETCH = "drugripple data fetch gse92742"
"""The command that brings the paper's corpus."""


def pretrain_arm(workshop: Workshop, name: str, **changes: object) -> PretrainResult:
    """Pretrain on profiles with settings of an arm, once; the molecule encoder stays as it was shipped.

    Raises:
        DrugrippleError: if the profiles cannot be read.
    """
    training = dict(PRETRAINING)
    if workshop.run.quick:
        training["max_epochs"] = QUICK_EPOCHS
    data = workshop.run.data
    given = {
        "data": workshop.run.profiles or data, "prior_data": data, "molecules": "freeze", "validation": "compound",
        "seed": workshop.run.seed, "training": training, **changes,
    }  # fmt: skip
    place = workshop.kept / "pretrained"
    told = make_run(PretrainRun, given | {"out": place}, name).model_dump_json()
    run = make_run(PretrainRun, given | {"out": place / f"{name}-{content_digest(told)[:12]}"}, name)
    if (run.out / CHECKPOINT).is_dir() and (run.out / "history.csv").is_file():
        return read_result(run.out)
    workshop.progress(f"pretraining {name}", 0, 0)
    return run_pretrain(run)


def arms_of_pretraining(workshop: Workshop) -> dict[str, NetworkSettings]:
    """The network pretrained on all of the corpus and frozen, and the same from random weights, trained and frozen."""
    folder = pretrain_arm(workshop, "full").folder / CHECKPOINT
    return {
        FULL: started_from(workshop, str(folder), Freeze.TRUE, "full"),
        RANDOM_TRAINED: started_from(workshop, RANDOM, Freeze.NONE),
        RANDOM_FROZEN: started_from(workshop, RANDOM, Freeze.TRUE),
    }


def corpus_size(workshop: Workshop) -> int:
    """Number of profiles that the network of `pretrain_arm(workshop, "full")` was made from."""
    return pretrain_arm(workshop, "full").checkpoint.card.data[0].rows


def started_from(workshop: Workshop, backbone: str, freeze: Freeze, variant: str = "") -> NetworkSettings:
    """The network to fine-tune, from another backbone and frozen in another way."""
    own = workshop.network
    response = own.response.model_copy(update={"freeze": freeze})
    return own.model_copy(update={"backbone": backbone, "variant": variant, "response": response})


def network_makers(workshop: Workshop, arms: Mapping[str, NetworkSettings]) -> dict[str, Callable[[], Predictor]]:
    """A maker of an unfitted network for each arm."""
    return {name: partial(network_predictor, settings, workshop.run.data) for name, settings in arms.items()}


def compare_arms(
    workshop: Workshop, name: str, table: ResponseTable, models: Makers, schemes: Sequence[Scheme], reference: str
) -> Scoreboard:
    """Fit every arm on the same folds, keep the predictions under a name, and compare all with a reference.

    Raises:
        TrainingError: if an arm fails, after the others have run.
    """
    folder = workshop.kept / "folds" / name
    folds = {scheme: workshop.folds_of(table, scheme) for scheme in schemes}
    total = len(models) * len(schemes) * len(workshop.fold_numbers)

    def tell(job: Job, done: int, _total: int) -> None:
        workshop.progress(f"{name}: {job.model} {job.scheme}", done, total)

    seeds = [workshop.run.seed]
    only, workers = workshop.fold_numbers, workshop.run.workers
    outcome = train_on_folds(table, folds, models, folder, seeds=seeds, only=only, workers=workers, on_done=tell)
    outcome.refuse_failures()
    board = JobBoard.look(folder, folds, jobs_of(models, folds, seeds=seeds, only=only))
    return scoreboard(board, table, reference=reference, draws=DRAWS)


def beside(found: Scoreboard, scheme: Scheme, arm: str) -> tuple[str, Verdict]:
    """The full network beside an arm over the folds of a scheme, and whether it is better beyond chance.

    Raises:
        KeyError: if the arm was not compared.
    """
    rows = found.comparison.set_index(["scheme", "model"]).loc[scheme.value]
    folds, p_value = int(rows["folds"].to_dict()[arm]), float(rows["corrected_p"].to_dict()[arm])
    means = means_of(found).set_index(["scheme", "model"])["rmse"].loc[scheme.value].to_dict()
    tested = f"corrected p = {p_value:.2g}" if np.isfinite(p_value) else "no test of so few"
    text = f"{means[FULL]:.3f} against {means[arm]:.3f} over {counted(folds, 'fold')}, {tested}"
    if not p_value < ALPHA:
        return text, Verdict.OPEN
    return text, Verdict.REPRODUCED if means[FULL] < means[arm] else Verdict.DIFFERS


def means_of(found: Scoreboard) -> pd.DataFrame:
    """Mean and deviation over folds of the main scores: scheme, model, folds and a pair of columns per metric."""
    some = found.per_fold[found.per_fold["metric"].isin(METRICS)]
    grouped = some.groupby(["scheme", "model", "metric"], sort=False)["value"]
    wide = grouped.mean().unstack("metric").reindex(columns=list(METRICS))
    deviations = grouped.std().unstack("metric").reindex(columns=list(METRICS)).add_suffix("_sd")
    folds = grouped.count().unstack("metric")["rmse"].rename("folds")
    table = pd.concat([folds, wide, deviations], axis=1).reset_index()
    return table.sort_values(["scheme", "rmse"], ignore_index=True)
