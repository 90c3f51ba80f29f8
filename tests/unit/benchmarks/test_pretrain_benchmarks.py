import numpy as np
import pytest
import torch

from benchmarks import gctx_stream, pretrain
from benchmarks.dense import DenseAttention
from benchmarks.world import conditions, expression, prior
from drugripple.model.network import PerturbationNet
from drugripple.model.settings import PerturbationSettings


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(pretrain, "SMALL", {"width": 8, "layers": 1, "heads": 2})
    monkeypatch.setattr(pretrain, "COMPOUNDS", 13)


@pytest.mark.usefixtures("small")
def test_rows_are_measured_at_the_batch_asked_and_at_the_best():
    first, best = pretrain.pretrain_rows(profiles=307, genes=23, rows=61, batches=(7, 31))
    assert (first.name, best.name) == ("pretrain_rows", "pretrain_rows_best_batch")
    assert (first.genes, first.rows) == (23, 61)
    assert first.ratio_to.endswith("ours in batches of 7")
    assert best.value >= first.value > 0
    assert first.ratio > 0


@pytest.mark.usefixtures("small")
def test_reading_alone_is_measured(monkeypatch):
    monkeypatch.setattr(pretrain, "shortest", lambda *runs: [(run(), 0.5)[1] for run in runs])
    (record,) = pretrain.pretrain_read_rows(profiles=307, genes=23, rows=61, batch=31)
    assert (record.name, record.genes, record.rows) == ("pretrain_read_rows", 23, 61)
    assert record.value == 122.0


@pytest.mark.usefixtures("small")
def test_training_molecules_costs_rows():
    (record,) = pretrain.pretrain_rows_train_molecules(profiles=307, genes=23, rows=61, batch=31)
    assert record.value > 0


@pytest.mark.usefixtures("small")
def test_the_store_of_the_benchmark_is_whole(tmp_path):
    table = pretrain._store(tmp_path / "store", 307, 23)
    assert table.treated.shape == (307, 23)
    assert len(table.basal) == 15
    assert len(set(table.compounds.smiles)) == 13
    assert np.abs(table.treated[:, 0]).min() > 0


def test_both_stage_1_networks_compute_the_same():
    torch.manual_seed(0)
    net = PerturbationNet(prior(23), PerturbationSettings(molecule={"width": 8, "layers": 1, "heads": 2})).eval()
    ours = net.perturb(expression(5, 23), conditions(5, 23)).treated
    net.attention = DenseAttention(net.attention)
    torch.testing.assert_close(net.perturb(expression(5, 23), conditions(5, 23)).treated, ours, rtol=1e-4, atol=1e-4)


@pytest.mark.usefixtures("small")
def test_a_whole_run_is_measured_in_its_own_process_and_a_broken_promise_is_an_error(monkeypatch):
    memory, epoch = pretrain.pretrain_peak_gib(profiles=311, genes=23, stated_gib=4.0)
    assert (memory.name, epoch.name) == ("pretrain_peak_gib", "pretrain_epoch_seconds")
    assert 0.05 < memory.value < 4.0
    monkeypatch.setattr(pretrain, "_measured", lambda *_: {"peak_gib": memory.value, "epoch_seconds": epoch.value})
    with pytest.raises(RuntimeError, match=r"but promised at most 0\.01"):
        next(iter(pretrain.pretrain_peak_gib(profiles=311, genes=23, stated_gib=0.01)))


@pytest.mark.usefixtures("small")
def test_two_processes_are_measured_beside_one(monkeypatch):
    """Seconds an epoch by threads and processes; a run of several processes itself: test_pretrain_processes."""
    seconds = {(1, 1): 6.0, (2, 1): 4.0, (1, 2): 3.0}
    monkeypatch.setattr(pretrain, "_measured", lambda _, *way, **__: {"epoch_seconds": seconds[way]})
    (record,) = pretrain.pretrain_processes(profiles=310, genes=23, batch=64)
    assert record.value == pytest.approx(pretrain.TRAINED * 310 / 3.0)
    assert record.ratio == pytest.approx(2.0)
    assert record.ratio_to == "one process with one thread; one with two threads 1.5 times; batch 64"


def test_building_a_store_is_measured(monkeypatch):
    memory, rows = gctx_stream.gctx_build_added_mib(samples=900, genes=978, stated_mib=256.0)
    assert (memory.name, rows.name) == ("gctx_build_added_mib", "gctx_build_rows")
    assert rows.value > 0
