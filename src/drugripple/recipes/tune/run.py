"""`drugripple tune`: search hyper-parameters on validation rows; test rows are taken away before anything starts."""

import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple

import numpy as np
import pandas as pd
from pydantic import Field, JsonValue, model_validator

from drugripple.config import Record, make_run, write_run
from drugripple.data.response import ResponseTable
from drugripple.errors import ConfigError, TrainingError
from drugripple.evaluation.splits import Replicates, Scheme, Validation
from drugripple.predictors.csg2a import backbone_of, fit_network
from drugripple.predictors.csg2a_settings import NetworkSettings
from drugripple.recipes.benchmark.folds import prepare
from drugripple.recipes.benchmark.settings import BenchmarkRun
from drugripple.recipes.run_folder import RUN_FILE, growing_folder
from drugripple.recipes.tune.space import settings_with, space_of
from drugripple.runtime.atomic import write_csv
from drugripple.runtime.outputs import files_below
from drugripple.training.loop import Epoch

if TYPE_CHECKING:
    import optuna


class TuneRun(Record):
    """`drugripple tune RUN.toml`: one network, what to try of it, and the folds whose validation rows judge."""

    data: Path
    dataset: Literal["GDSC1", "GDSC2"] = "GDSC2"
    out: Path
    network: NetworkSettings = NetworkSettings()
    """Settings that every trial shares."""
    search: dict[str, Annotated[tuple[JsonValue, ...], Field(min_length=1)]] = Field(default_factory=dict)
    """Values to try of each setting of the network, named with dots; the default space where empty."""
    scheme: Scheme = Scheme.MIXED
    on_folds: tuple[int, ...] = Field((0,), min_length=1)
    """Folds that judge; the mean decides where there are several."""
    folds: int = Field(10, ge=3)
    split_seed: int = 0
    replicates: Replicates = Replicates.GROUP
    validation: Validation = Validation.BLIND
    trials: int = Field(20, ge=1)
    seed: int = 0
    """Of the search and of every network."""
    warmup_epochs: int = Field(3, ge=0)
    """Epochs before a trial may be pruned."""
    startup_trials: int = Field(5, ge=1)
    """Trials that are drawn at random and never pruned."""

    @model_validator(mode="after")
    def _search_what_there_is(self) -> "TuneRun":
        space_of(self.network, self.search)
        return self

    def splits(self) -> BenchmarkRun:
        """The benchmark whose folds these are: the same rows, schemes and seeds give the same folds."""
        shared = ("data", "dataset", "out", "folds", "split_seed", "replicates", "validation")
        values = {name: getattr(self, name) for name in shared}
        return make_run(
            BenchmarkRun,
            values | {"models": ("mean_effects",), "schemes": (self.scheme,), "only": self.on_folds},
            "tune",
        )


class Part(NamedTuple):
    """What a trial may see of one fold."""

    train: ResponseTable
    valid: ResponseTable


class Trial(NamedTuple):
    """One trial has ended."""

    number: int
    total: int
    value: float
    """RMSE of validation rows at the best epoch; NaN where it was pruned."""
    draw: Mapping[str, JsonValue]


class Tuned(NamedTuple):
    """What a search found."""

    folder: Path
    trials: pd.DataFrame
    best: Mapping[str, JsonValue]
    rmse: float


def tune(run: TuneRun, *, on_trial: Callable[[Trial], None] = lambda _: None) -> Tuned:
    """Search until `trials` are finished or pruned; a search that was killed goes on and ends the same.

    Writes study.sqlite3, trials.csv and best.toml to `run.out`.

    Raises:
        ConfigError: if Optuna is not installed, a setting does not exist, or the folder holds another search.
        TrainingError: if no trial ends with a finite loss.
    """
    try:
        import optuna  # noqa: F401
    except ImportError as error:
        message = "tune needs a package that is not installed: pip install 'drugripple[search]'"
        raise ConfigError(message) from error
    with growing_folder(run, run.out, inputs=[run.data, *files_below(run.data / "gdsc"), Path(run.network.backbone)]):
        return _search(run, on_trial)


def _search(run: TuneRun, on_trial: Callable[[Trial], None]) -> Tuned:
    import optuna

    space = space_of(run.network, run.search)
    material = prepare(run.splits())
    folds = [material.splits.folds[run.scheme][number] for number in run.on_folds]
    parts = [Part(material.table.take(fold.train), material.table.take(fold.valid)) for fold in folds]
    plan = {"split": material.splits.digest, "network": run.network.model_dump(mode="json"), "search": space}
    plan |= {name: getattr(run, name) for name in ("scheme", "on_folds", "seed", "warmup_epochs", "startup_trials")}
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = _study(run, json.loads(json.dumps(plan, default=str)))
    write_run(run, run.out / RUN_FILE)
    while (done := _finished(study)) < run.trials:
        study.sampler = optuna.samplers.TPESampler(seed=_seed(run.seed, done), n_startup_trials=run.startup_trials)
        trial = study.ask()
        draw = {key: json.loads(trial.suggest_categorical(key, [json.dumps(v) for v in values]))
                for key, values in space.items()}  # fmt: skip
        value = _try(run, trial, draw, parts)
        if np.isfinite(value):
            study.tell(trial, value)
        else:
            study.tell(trial, state=optuna.trial.TrialState.PRUNED)
        on_trial(Trial(done + 1, run.trials, value, draw))
    return _write(run, study)


def _study(run: TuneRun, plan: dict[str, JsonValue]) -> "optuna.Study":
    """The study in the folder; a trial that a kill left running is set aside, and is drawn again."""
    import optuna

    pruner = optuna.pruners.MedianPruner(run.startup_trials, run.warmup_epochs)
    storage = f"sqlite:///{run.out / 'study.sqlite3'}"
    study = optuna.create_study(storage=storage, study_name="tune", pruner=pruner, load_if_exists=True)
    before = study.user_attrs.get("plan")
    if before is None:
        study.set_user_attr("plan", plan)
    elif before != plan:
        changed = [key for key in plan if before.get(key) != plan[key]]
        message = f"{run.out} holds another search ({', '.join(changed)} differ); use another `out`"
        raise ConfigError(message)
    for trial in study.get_trials(deepcopy=False, states=(optuna.trial.TrialState.RUNNING,)):
        study.tell(trial.number, state=optuna.trial.TrialState.FAIL)
    return study


def _finished(study: "optuna.Study") -> int:
    from optuna.trial import TrialState

    return len(study.get_trials(deepcopy=False, states=(TrialState.COMPLETE, TrialState.PRUNED)))


def _seed(seed: int, number: int) -> int:
    """A seed for each trial, so that a search that was killed draws what it would have drawn."""
    return int(np.random.SeedSequence([seed, number]).generate_state(1)[0])


def _try(run: TuneRun, trial: "optuna.Trial", draw: Mapping[str, JsonValue], parts: list[Part]) -> float:
    """Mean over folds of the validation RMSE; NaN if the trial was pruned or its loss ran away."""
    import optuna

    settings = settings_with(run.network, draw)
    started = time.perf_counter()
    best: list[float] = []
    for number, (train, valid) in enumerate(parts):
        lowest = [float("inf")]

        def watch(epoch: Epoch, number: int = number, lowest: list[float] = lowest) -> None:
            lowest[0] = min(lowest[0], epoch.valid_loss)
            trial.report(
                float(np.sqrt(np.mean([*best, lowest[0]]))), number * settings.training.max_epochs + epoch.number
            )
            if trial.should_prune():
                raise optuna.TrialPruned

        backbone = backbone_of(settings, run.data, train.expression.genes, seed=run.seed)
        try:
            fit_network(settings, train, valid, backbone, seed=run.seed, on_epoch=watch)
        except optuna.TrialPruned:
            return float("nan")
        except TrainingError as error:
            trial.set_user_attr("reason", str(error))
            return float("nan")
        best.append(lowest[0])
    trial.set_user_attr("seconds", round(time.perf_counter() - started, 2))
    return float(np.mean(np.sqrt(best)))


def _write(run: TuneRun, study: "optuna.Study") -> Tuned:
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
    write_run(settings_with(run.network, draw), run.out / "best.toml")
    return Tuned(run.out, table, draw, float(winner.value or 0))
