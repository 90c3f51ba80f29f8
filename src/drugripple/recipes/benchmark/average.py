"""Models of a benchmark that average the predictions of others with equal weights."""

from drugripple.data.response import ResponseTable
from drugripple.evaluation.jobs import Job, JobBoard, keep_predictions, origin_of
from drugripple.predictors.ensemble import weighted_mean
from drugripple.recipes.benchmark.settings import BenchmarkRun
from drugripple.runtime.provenance import Origin


def average_finished(run: BenchmarkRun, table: ResponseTable, board: JobBoard) -> JobBoard:
    """Write anew the predictions of every averaged model on the folds that all its parts have finished.

    Its seconds are the sum of those of its parts, and its hardware and commits are theirs. If a part is missing, an
    earlier mean is removed.

    Returns:
        the board with the means that are there now.
    """
    made, gone = [], []
    for job in board.only(models=run.parts, schemes=run.scheme).jobs:
        parts = [Job(model, job.scheme, job.fold, job.seed) for model in run.parts[job.model]]
        if not board.done.issuperset(parts):
            job.path(run.out).unlink(missing_ok=True)
            gone.append(job)
            continue
        found = [board.read(part) for part in parts]
        fold = board.fold_of(job)
        yhat = weighted_mean([predictions.yhat for predictions in found])
        seconds = sum(predictions.seconds for predictions in found)
        origin = Origin.of_several(origin_of(run.out, part) for part in parts)
        keep_predictions(job, fold, table.take(fold.test), yhat, seconds, run.out, origin=origin)
        made.append(job)
    return board.without(gone).with_done(made)
