"""Which trainings of a benchmark ended because their epochs were used up, not because they had converged."""

from collections import Counter
from collections.abc import Iterable, Mapping

import pandas as pd

from drugripple.evaluation.jobs import Job
from drugripple.evaluation.schemes import Scheme
from drugripple.recipes.benchmark.settings import BenchmarkRun
from drugripple.training.loop import out_of_patience
from drugripple.training.settings import TrainingSettings


def capped_trainings(run: BenchmarkRun, jobs: Iterable[Job]) -> Mapping[tuple[str, Scheme], int]:
    """The number of trainings of each model and scheme that ended at their cap, by their learning curves on disk.

    A network's settings say what its cap and its patience were. Of another model's curve only the epochs are known: it
    counts if the lowest validation loss is that of the last one.
    """
    training = {settings.label: settings.training for settings in run.network}
    counts: Counter[tuple[str, Scheme]] = Counter()
    for job in jobs:
        path = job.curve_path(run.out)
        if path.exists():
            losses = pd.read_csv(path).get("valid_loss")
            if losses is not None and ended_at_cap(losses.tolist(), training.get(job.model)):
                counts[job.model, job.scheme] += 1
    return dict(counts)


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
