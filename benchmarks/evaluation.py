"""What the evaluation costs beside the models: splits, metrics and intervals."""

import tempfile
import time
from pathlib import Path

import numpy as np

from drugripple.evaluation.metrics import score
from drugripple.evaluation.schemes import Scheme
from drugripple.evaluation.split_file import read_splits, write_splits
from drugripple.evaluation.splits import make_folds
from drugripple.evaluation.statistics import two_way_bootstrap
from tools.ledger import BenchmarkRecord

DRAWS = 1000


def evaluation_overhead_seconds(lines=1000, drugs=200, folds=10):
    """Four schemes: make the folds, write and read them, score two models on every fold, bootstrap their difference."""
    samples, compounds = (axis.ravel() for axis in np.meshgrid(np.arange(lines), np.arange(drugs), indexing="ij"))
    generator = np.random.default_rng(0)
    effects = generator.normal(size=lines)[samples] + 2 * generator.normal(size=drugs)[compounds]
    y = effects + generator.normal(size=samples.size)
    models = [effects, y + 0.8 * generator.normal(size=samples.size)]
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "splits.parquet"
        made = {scheme: make_folds(samples, compounds, scheme, folds=folds) for scheme in Scheme}
        write_splits(path, made, seed=0)
        read = read_splits(path, samples, compounds).folds
    for several in read.values():
        tested = np.concatenate([fold.test for fold in several])
        for fold in several:
            test = fold.test
            for yhat in models:
                score(y[test], yhat[test], compounds=compounds[test], samples=samples[test], mean_effects=effects[test])
        errors = [(y - yhat)[tested] for yhat in models]
        two_way_bootstrap(*errors, samples[tested], compounds[tested], draws=DRAWS)
    seconds = time.perf_counter() - start
    yield BenchmarkRecord("evaluation_overhead_seconds", seconds, "s", rows=samples.size)
