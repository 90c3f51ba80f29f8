"""Models of a benchmark that are the mean of others: equal weights, nothing is trained."""

from collections.abc import Mapping, Sequence

import numpy as np

from drugripple.data.tables import ResponseTable
from drugripple.evaluation.crossval import Job, finished_jobs, jobs_of, keep_predictions, read_predictions
from drugripple.evaluation.splits import Fold, Scheme
from drugripple.recipes.benchmark_run import BenchmarkRun


def average_finished(
    run: BenchmarkRun, table: ResponseTable, folds: Mapping[Scheme, Sequence[Fold]]
) -> tuple[Job, ...]:
    """Predictions of every averaged model on the folds that all its parts have finished, always made anew.

    Its seconds are those of its parts, added up. Where a part is missing an earlier mean is removed.

    Raises:
        SplitError: if predictions on disk are of another split.
    """
    made = []
    for mean in run.average:
        for job in jobs_of([mean.name], folds, seeds=run.seeds, only=run.only):
            parts = [Job(model, job.scheme, job.fold, job.seed) for model in mean.of]
            if len(finished_jobs(run.out, parts, folds)) < len(parts):
                job.path(run.out).unlink(missing_ok=True)
                continue
            found = [read_predictions(run.out, part) for part in parts]
            fold = folds[job.scheme][job.fold]
            yhat = np.mean([predictions.yhat for predictions in found], axis=0)
            seconds = sum(predictions.seconds for predictions in found)
            keep_predictions(job, fold, table.take(fold.test), yhat, seconds, run.out)
            made.append(job)
    return tuple(made)
