"""What is measured on a GPU runs on a CPU too, and says what it lacks."""

import pytest
import torch

from benchmarks import gpu
from drugripple.data.synthetic import synthetic_world
from drugripple.evaluation.schemes import Scheme
from drugripple.model.presets import Preset
from drugripple.model.settings import Precision
from drugripple.model.shipped import fresh_network
from drugripple.training.settings import TrainingSettings

QUICK = TrainingSettings(batch=64, max_epochs=1, patience=1, device="cpu")


@pytest.fixture(scope="module")
def world():
    made = synthetic_world(0, genes=24, lines=12, compounds=12)
    backbone = fresh_network(made.prior, Preset.PAPER.perturbation(hidden=5), seed=0, encoder="morgan")
    return made.response, backbone


def test_an_epoch_is_measured_in_both_precisions_with_its_share_of_the_matrix_rate(world, monkeypatch):
    monkeypatch.setattr(gpu, "WAYS", tuple((precision, "as written") for precision in Precision))
    monkeypatch.setattr("benchmarks.roofline.shortest", lambda *runs, **_: [(run(), 0.5)[1] for run in runs])
    epochs = list(gpu.gpu_epoch_seconds(QUICK, world, epochs=2))
    assert [record.name for record in epochs] == ["gpu_epoch_seconds", "gpu_finetune_rows_share"] * 2
    assert all(record.value > 0 for record in epochs)
    assert "float32, as written" in epochs[0].ratio_to
    assert "bfloat16, as written" in epochs[2].ratio_to


def test_every_fold_of_every_scheme_is_run(world):
    (record,) = gpu.gpu_forty_folds_seconds(QUICK, world, folds=3)
    assert record.ratio_to.startswith("12 folds, mean RMSE ")
    assert all(scheme.value in record.ratio_to for scheme in Scheme)


@pytest.mark.skipif(torch.cuda.is_available(), reason="needs a machine without a GPU")
def test_without_a_gpu_the_error_says_what_is_needed():
    with pytest.raises(RuntimeError, match="needs a CUDA GPU"):
        next(gpu.gpu_epoch_seconds())
