"""`drugripple tune`: a search of hyper-parameters on validation rows; test rows are removed before it starts."""

import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
from pydantic import JsonValue

from drugripple.config import write_run
from drugripple.data.response import ResponseTable
from drugripple.errors import ConfigError, TrainingError
from drugripple.evaluation.split_file import annotation_digest, response_digest, split_digest
from drugripple.recipes.benchmark.models import network_origin, read_besides
from drugripple.recipes.folds import divide, fold_of, measured_rows
from drugripple.recipes.run_folder import RUN_FILE, growing_folder
from drugripple.recipes.tune.settings import TuneRun
from drugripple.recipes.tune.subject import Draw, Searched, searched
from drugripple.runtime.atomic import write_csv
from drugripple.sources.study import files_of
from drugripple.training.history import Epoch
from drugripple.training.loggers import RunLog, refuse_absent, run_log

if TYPE_CHECKING:
    import optuna


MOST_EPOCHS = 1_000_000
"""How far apart the epochs of two folds are counted, so that a trial is compared with others on the same fold."""


class Part(NamedTuple):
    """The training and validation rows of one fold, which a trial may see."""

    train: ResponseTable
    valid: ResponseTable


class Trial(NamedTuple):
    """A trial has ended, and its result."""

    number: int
    total: int
    value: float
    """RMSE of validation rows at the best epoch; NaN if the trial was pruned."""
    draw: Mapping[str, JsonValue]


class Tuned(NamedTuple):
    """The results of a search."""

    folder: Path
    trials: pd.DataFrame
    best: Mapping[str, JsonValue]
    rmse: float


def tune(run: TuneRun, *, on_trial: Callable[[Trial], None] = lambda _: None) -> Tuned:
    """Search until `trials` are finished or pruned; a killed search continues and ends the same.

    Writes study.sqlite3, trials.csv and best.toml to `run.out`.

    Args:
        run: the settings to search, the rows to judge by, and the folder.
        on_trial: called after each trial.

    Raises:
        ConfigError: if Optuna is not installed, a setting does not exist, or the folder holds another search.
        TrainingError: if no trial ends with a finite loss.
    """
    try:
        import optuna  # noqa: F401
    except ImportError as error:
        message = "tune needs a package that is not installed: pip install 'drugripple[search]'"
        raise ConfigError(message) from error
    refuse_absent(run.logger)
    with growing_folder(run, run.out, inputs=_inputs(run)):
        return _search(run, on_trial)


def _inputs(run: TuneRun) -> list[Path]:
    split = [] if run.split.file is None else [run.split.file]
    return [*files_of(run), Path(run.network.backbone), *split]


def _search(run: TuneRun, on_trial: Callable[[Trial], None]) -> Tuned:
    import optuna

    subject = searched(run)
    rows = measured_rows(run, run.split.replicates)
    folds = divide(rows, run.split, [run.scheme])
    parts = [
        Part(rows.table.take(fold.train), rows.table.take(fold.valid))
        for fold in (fold_of(folds[run.scheme], number) for number in run.fold)
    ]
    data = {
        "responses, expression or SMILES": response_digest(rows.table),
        "targets, mechanisms or tissues": annotation_digest(rows.table),
        "weights, prior or further studies": read_besides(run.model, run.data)
        if run.model
        else network_origin(run.network, run.data),
    }
    plan = {"split": split_digest(folds), **data, **subject.plan, "search": subject.space}
    plan |= {name: getattr(run, name) for name in ("scheme", "fold", "seed", "warmup_epochs", "startup_trials")}
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = _study(run, json.loads(json.dumps(plan, default=str)))
    write_run(run, run.out / RUN_FILE)
    while (done := _finished(study)) < run.trials:
        study.sampler = optuna.samplers.TPESampler(seed=_seed(run.seed, done), n_startup_trials=run.startup_trials)
        trial = study.ask()
        draw = {key: json.loads(trial.suggest_categorical(key, [json.dumps(v) for v in values]))
                for key, values in subject.space.items()}  # fmt: skip
        value = _try(run, trial, subject, draw, parts)
        if np.isfinite(value):
            study.tell(trial, value)
        else:
            study.tell(trial, state=optuna.trial.TrialState.PRUNED)
        on_trial(Trial(done + 1, run.trials, value, draw))
    return _write(run, study, subject)


def _study(run: TuneRun, plan: dict[str, JsonValue]) -> "optuna.Study":
    """The study in the folder; a trial that a kill left running is set aside and drawn again."""
    import optuna

    pruner = optuna.pruners.MedianPruner(run.startup_trials, run.warmup_epochs)
    storage = f"sqlite:///{run.out / 'study.sqlite3'}"
    study = optuna.create_study(storage=storage, study_name="tune", pruner=pruner, load_if_exists=True)
    before = study.user_attrs.get("plan")
    if before is None:
        study.set_user_attr("plan", plan)
    elif before != plan:
        changed = [key for key in plan if before.get(key) != plan[key]]
        message = (
            f"{run.out} holds another search ({', '.join(changed)} differ); put back what there was, or use another "
            "`out`"
        )
        raise ConfigError(message)
    for trial in study.get_trials(deepcopy=False, states=(optuna.trial.TrialState.RUNNING,)):
        study.tell(trial.number, state=optuna.trial.TrialState.FAIL)
    return study


def _finished(study: "optuna.Study") -> int:
    from optuna.trial import TrialState

    return len(study.get_trials(deepcopy=False, states=(TrialState.COMPLETE, TrialState.PRUNED)))


def _seed(seed: int, number: int) -> int:
    """The seed of a trial, with which a killed search draws what it would have drawn."""
    return int(np.random.SeedSequence([seed, number]).generate_state(1)[0])


def _try(run: TuneRun, trial: "optuna.Trial", subject: Searched, draw: Draw, parts: list[Part]) -> float:
    """Mean over folds of the validation RMSE; NaN if the trial was pruned or its loss diverged."""
    with run_log(run.logger, run.out, f"trial-{trial.number}") as log:
        log.settings(draw)
        value = _mean_rmse(run, trial, subject, draw, parts, log)
        log.scores({"validation_rmse": value})
    return value


def _mean_rmse(
    run: TuneRun, trial: "optuna.Trial", subject: Searched, draw: Draw, parts: list[Part], log: RunLog
) -> float:
    import optuna

    started = time.perf_counter()
    losses: list[float] = []
    values: list[float] = []
    for number, (train, valid) in enumerate(parts):
        losses.append(float("inf"))

        def watch(epoch: Epoch, number: int = number) -> None:
            losses[-1] = min(losses[-1], epoch.valid_loss)
            log.epoch(epoch, prefix=f"fold_{run.fold[number]}/" if len(parts) > 1 else "")
            trial.report(float(np.sqrt(np.mean(losses))), number * MOST_EPOCHS + epoch.number)
            if trial.should_prune():
                raise optuna.TrialPruned

        try:
            values.append(subject.fit(draw, train, valid, watch))
        except optuna.TrialPruned:
            return float("nan")
        except TrainingError as error:
            trial.set_user_attr("reason", str(error))
            return float("nan")
    trial.set_user_attr("seconds", round(time.perf_counter() - started, 2))
    return float(np.mean(values))


def _write(run: TuneRun, study: "optuna.Study", subject: Searched) -> Tuned:
    from optuna.trial import TrialState

    ended = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE, TrialState.PRUNED))
    rows = [
        {
            "trial": number,
            "state": trial.state.name.lower(),
            "validation_rmse": trial.value if trial.state is TrialState.COMPLETE else float("nan"),
            "epochs": len(trial.intermediate_values),
            "seconds": trial.user_attrs.get("seconds"),
            "reason": trial.user_attrs.get("reason", ""),
            **trial.params,
        }
        for number, trial in enumerate(ended)
    ]
    table = pd.DataFrame(rows)
    write_csv(run.out / "trials.csv", table)
    complete = [trial for trial in ended if trial.state is TrialState.COMPLETE]
    if not complete:
        message = f"none of {len(ended)} trials ended with a finite loss; see {run.out / 'trials.csv'}"
        raise TrainingError(message)
    winner = min(complete, key=lambda trial: float(trial.value or 0))
    draw = {key: json.loads(str(value)) for key, value in winner.params.items()}
    write_run(subject.best(draw), run.out / "best.toml")
    return Tuned(run.out, table, draw, float(winner.value or 0))
