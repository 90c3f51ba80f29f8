"""Benchmark: models on the same folds, with a report."""

from typing import TYPE_CHECKING

from drugripple._exports import lazy_exports

if TYPE_CHECKING:
    from drugripple.recipes.benchmark.folds import data_digests as data_digests
    from drugripple.recipes.benchmark.folds import prepare_folds as prepare_folds
    from drugripple.recipes.benchmark.folds import write_plan as write_plan
    from drugripple.recipes.benchmark.models import network_origin as network_origin
    from drugripple.recipes.benchmark.models import read_besides as read_besides
    from drugripple.recipes.benchmark.run import Benchmark as Benchmark
    from drugripple.recipes.benchmark.run import JobDone as JobDone
    from drugripple.recipes.benchmark.run import failures as failures
    from drugripple.recipes.benchmark.run import run_benchmark as run_benchmark
    from drugripple.recipes.benchmark.run import train_benchmark as train_benchmark
    from drugripple.recipes.benchmark.settings import BenchmarkRun as BenchmarkRun
else:
    __all__ = lazy_exports(__name__)
