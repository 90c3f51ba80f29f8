"""Models of a benchmark that are the mean of others: equal weights, nothing is trained."""

import numpy as np

from drugripple.evaluation.jobs import Job, finished_jobs, jobs_of, keep_predictions, read_predictions
from drugripple.recipes.benchmark.folds import Material
from drugripple.recipes.benchmark.settings import BenchmarkRun


def average_finished(run: BenchmarkRun, material: Material) -> None:
    """Write predictions of every averaged model on the folds that all its parts have finished, always made anew.

    Its seconds are those of its parts, added up. Where a part is missing an earlier mean is removed.

    Raises:
        SplitError: if predictions on disk are of another split.
    """
    folds = material.folds_of(run)
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
            keep_predictions(job, fold, material.table.take(fold.test), yhat, seconds, run.out)
