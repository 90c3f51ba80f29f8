from pathlib import Path

import numpy as np
import pytest

from drugripple.data.tables import ExpressionScale
from drugripple.sources.user.expression_scale import Unusable, advice_on, guess_scale


def tpm(samples: int = 5, genes: int = 3001) -> np.ndarray:
    generator = np.random.default_rng(0)
    values = generator.lognormal(0, 2, (samples, genes))
    values[generator.random(values.shape) < 0.3] = 0
    return values / values.sum(axis=1, keepdims=True) * 1e6


@pytest.mark.parametrize(
    ("values", "scale"),
    [
        (tpm(), Unusable.LINEAR),
        (np.round(tpm()), Unusable.COUNTS),
        (np.log2(tpm() + 1), ExpressionScale.LOG2_TPM),
        (np.log2(tpm() / 7 + 1), ExpressionScale.LOG2_FPKM),
        (np.log2(tpm() + 0.001), ExpressionScale.LOG2_TPM),
        (np.full((3, 5), 2.0), Unusable.CONSTANT),
        (np.full((3, 5), np.nan), Unusable.UNKNOWN),
        (np.array([[-1000.5, 3.0, 1000.25]]), Unusable.UNKNOWN),
        (np.random.default_rng(1).normal(0, 1, (7, 503)), ExpressionScale.ROBUST_Z),
        (np.clip(np.random.default_rng(1).standard_t(1, (29, 503)), -10, 10), ExpressionScale.L1000_Z),
    ],
    ids=["tpm", "counts", "log2 tpm", "log2 fpkm", "xena", "constant", "nothing", "odd", "robust z", "level 5"],
)
def test_made_up_values_are_recognised(values: np.ndarray, scale: object) -> None:
    guess = guess_scale(values)
    assert guess.scale == scale
    assert guess.usable == (not isinstance(scale, Unusable))
    assert bool(advice_on(guess)) == isinstance(scale, Unusable)


def test_a_few_missing_values_change_nothing() -> None:
    values = np.log2(tpm() + 1)
    values[0, 7] = np.nan
    assert guess_scale(values).scale == ExpressionScale.LOG2_TPM


@pytest.mark.shared
def test_real_matrices_are_recognised(shared_data: Path) -> None:
    import pandas as pd

    def numbers(name: str) -> np.ndarray:
        return pd.read_parquet(shared_data / name).select_dtypes("number").to_numpy(np.float32)[::8]

    rma = numbers("gdsc/expression.parquet")
    median = np.median(rma, axis=0)
    robust = (rma - median) / (1.4826 * np.maximum(np.median(np.abs(rma - median), axis=0), 0.1))
    sample_z = (rma - rma.mean(axis=1, keepdims=True)) / rma.std(axis=1, keepdims=True)
    for values, scale in (
        (rma, ExpressionScale.RMA),
        (rma[:1], ExpressionScale.RMA),
        (np.exp2(rma), Unusable.LINEAR),
        (np.round(np.exp2(rma)), Unusable.COUNTS),
        (robust, ExpressionScale.ROBUST_Z),
        (robust[:1], ExpressionScale.ROBUST_Z),
        (sample_z, ExpressionScale.SAMPLE_Z),
        (sample_z[:1], ExpressionScale.SAMPLE_Z),
        (numbers("nci60/expression.parquet"), ExpressionScale.RMA),
        (numbers("l1000/perturbed.parquet"), ExpressionScale.L1000_LOG2),
        (numbers("l1000/level5_modz.parquet"), ExpressionScale.L1000_Z),
    ):
        assert guess_scale(values).scale == scale
