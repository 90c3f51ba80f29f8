"""Costs by size and the other models, at sizes of seconds."""

import pytest

import benchmarks.baselines as others
from benchmarks.scaling import cost_by_batch, cost_by_compounds, cost_by_genes, cost_by_rows, fusing_by_genes
from drugripple.training.settings import TrainingSettings


@pytest.fixture(autouse=True)
def half_a_second(monkeypatch):
    monkeypatch.setattr("benchmarks.scaling.shortest", lambda *runs, **_: [(run(), 0.5)[1] for run in runs])


def test_cost_by_genes_has_four_paths_a_size():
    records = list(cost_by_genes(sizes=(23, 29), batch=8, rank=3, samples=2, compounds=5))
    assert [(record.name, record.genes) for record in records[:4]] == [
        ("attention_by_genes", 23),
        ("finetune_by_genes", 23),
        ("finetune_by_genes_low_rank", 23),
        ("predict_by_genes_low_rank", 23),
    ]
    assert [record.genes for record in records[4:]] == [29] * 4
    assert records[3].value == 20.0  # 10 pairs in half a second
    assert all(record.value > 0 for record in records)


def test_rows_batches_and_compounds_are_the_axis_of_their_plot():
    assert [record.rows for record in cost_by_rows(sizes=(40, 80), genes=23, batch=8)] == [40, 80]
    assert [record.rows for record in cost_by_batch(sizes=(512, 1024), genes=23)] == [512, 1024]
    records = list(cost_by_compounds(sizes=(3, 2_001), genes=23, samples=2))
    assert [(record.rows, record.value) for record in records] == [(3, 12.0), (2_001, 8_004.0)]


def test_fusing_is_measured_against_the_same_network_row_by_row():
    records = list(fusing_by_genes(sizes=(23, 29), batches=(8,), lines=5, compounds=3))
    assert [(record.genes, record.rows) for record in records] == [(23, 8), (29, 8)]
    assert all(record.value > 0 and record.ratio > 0 for record in records)


@pytest.mark.slow
def test_every_model_is_trained_on_the_same_rows_and_scored_on_others(monkeypatch):
    monkeypatch.setattr(others, "data_folder", lambda: None)
    training = TrainingSettings(learning_rate=1e-3, batch=64, max_epochs=2, patience=2, cosine_epochs=2, device="cpu")
    records = list(others.fit_seconds(rows=300, held_out=60, training=training))
    assert [record.name for record in records] == [
        f"fit_{what}_{model}"
        for model in ("csg2a", "lightgbm", "rf", "svm", "ridge", "mean_effects")
        for what in ("seconds", "rmse")
    ]
    assert {record.rows for record in records[::2]} == {300}
    assert {record.rows for record in records[1::2]} == {60}
    assert {record.ratio_to for record in records} == {"synthetic world"}
    assert all(0 < record.value < 20 for record in records[1::2])


def test_too_few_rows_are_refused(monkeypatch):
    monkeypatch.setattr(others, "data_folder", lambda: None)
    with pytest.raises(ValueError, match="4800 rows are too few to hold out 2400"):
        others.fit_seconds_svr_exact(rows=10, held_out=2_400).__next__()
