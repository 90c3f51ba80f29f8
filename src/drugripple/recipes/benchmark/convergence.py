"""How the trainings of a benchmark went, by their learning curves on disk, and which were cut before they converged."""

from collections.abc import Iterable, Mapping

import pandas as pd

from drugripple.config import make_run
from drugripple.evaluation.jobs import Job
from drugripple.evaluation.schemes import Scheme
from drugripple.predictors.peers.records import forms
from drugripple.recipes.benchmark.settings import BenchmarkRun
from drugripple.training.history import out_of_patience
from drugripple.training.settings import TrainingSettings

COLUMNS = (
    "model", "scheme", "fold", "seed", "epochs", "best_epoch", "train_loss", "valid_loss", "seconds", "ended_at_cap",
)  # fmt: skip


def trainings(run: BenchmarkRun, jobs: Iterable[Job]) -> pd.DataFrame:
    """One row per training that kept a learning curve: its epochs, the best of them, its losses, whether the cap bound.

    Epochs count from 1; the best one is the last with the lowest validation loss, which is the one that is kept. A
    network's or a peer's settings say what its cap and its patience were. Of another model's curve only the epochs are
    known: it ended at its cap if the lowest validation loss is that of the last one.
    """
    rule = {settings.label: settings.training for settings in run.network} | {
        name: TrainingSettings.model_validate(form.settings["training"]) for name, form in forms().items()
    }
    for variant in run.variant:
        changes = variant.settings.get("training")
        if variant.of in rule:
            published = rule[variant.of].model_dump(mode="json")
            told = {**published, **changes} if isinstance(changes, Mapping) else published
            rule[variant.label] = make_run(TrainingSettings, told, variant.label)
    rows = []
    for job in jobs:
        path = job.curve_path(run.out)
        epochs = pd.read_csv(path) if path.exists() else pd.DataFrame()
        if not {"train_loss", "valid_loss"} <= set(epochs) or epochs["valid_loss"].isna().all():
            continue
        losses = epochs["valid_loss"]
        best = int(losses[losses == losses.min()].index[-1])
        seconds = float(epochs["seconds"].sum()) if "seconds" in epochs else float("nan")
        capped = ended_at_cap(losses.tolist(), rule.get(job.model))
        rows.append(
            (job.model, job.scheme.value, job.fold, job.seed, len(epochs), best + 1, epochs["train_loss"][best],
             losses[best], seconds, capped)
        )  # fmt: skip
    return pd.DataFrame(rows, columns=list(COLUMNS))


def capped_trainings(found: pd.DataFrame) -> Mapping[tuple[str, Scheme], int]:
    """The number of trainings of each model and scheme that ended at their cap, where there are any."""
    capped = found[found["ended_at_cap"].astype(bool)]
    return {
        (str(model), Scheme(str(scheme))): len(part)
        for (model, scheme), part in capped.groupby(["model", "scheme"], sort=False)
    }


def ended_at_cap(valid_losses: list[float], training: TrainingSettings | None = None) -> bool:
    """Whether a training with these validation losses had epochs of patience left when it ended.

    >>> ended_at_cap([3.0, 2.0, 1.0]), ended_at_cap([3.0, 1.0, 2.0])
    (True, False)
    >>> ended_at_cap([3.0, 1.0, 2.0], TrainingSettings(max_epochs=3, patience=2))
    True
    """
    if not valid_losses:
        return False
    if training is None:
        return min(valid_losses) not in valid_losses[:-1]
    return len(valid_losses) >= training.max_epochs and not out_of_patience(valid_losses, training)
