import json

import pytest
import torch
from tests.processes import ready, run_code

import benchmarks.__main__ as command
from benchmarks.attention import attention_backward, attention_forward
from benchmarks.clock import shortest
from benchmarks.dense import networks
from benchmarks.evaluation import evaluation_overhead_seconds
from benchmarks.folds import folds_at_once
from benchmarks.response import (
    finetune_rows,
    finetune_rows_5778,
    finetune_rows_bf16,
    predict_pairs,
    predict_pairs_bf16,
)
from benchmarks.world import conditions, expression, prior
from drugripple.model.fused.prediction import GridPredictor
from drugripple.model.fused.training import distinct_pairs, respond_pairs
from drugripple.training.history import Epoch, History
from tools.ledger import BenchmarkRecord, read_benchmarks

ISSUE_NAMES = {
    "attention_forward", "attention_backward", "finetune_rows", "finetune_rows_bf16", "predict_pairs",
    "predict_pairs_bf16", "mixed_fold_seconds", "finetune_rows_5778", "step_peak_gib_10167", "mat_molecules",
    "screen_10m_peak_gib", "pretrain_rows", "gpu_epoch_seconds", "predict_peak_gib",
    "pretrain_rows_train_molecules", "pretrain_peak_gib", "gctx_build_added_mib",
    "evaluation_overhead_seconds", "matrix_gflops", "mat_molecules_backward", "cost_by_genes", "cost_by_rows",
    "cost_by_batch", "cost_by_compounds", "fit_seconds", "fit_seconds_svr_exact", "folds_at_once",
    "gpu_forty_folds_seconds", "pretrain_processes", "pretrain_read_rows", "fusing_by_genes", "peer_rows",
    "read_h5ad_peak_gib", "read_large_h5ad_peak_gib", "read_parquet_peak_gib", "read_bomb_peak_gib",
    "default_screen_pairs",
}  # fmt: skip


def test_names_are_the_agreed_ones():
    assert set(command.BENCHMARKS) <= ISSUE_NAMES


def test_the_dense_form_and_ours_give_the_same_answer():
    """A ratio of two different computations would mean nothing."""
    fast, plain = networks(prior(23))
    basal, compound = expression(7, 23), conditions(5, 23)
    sample, which = torch.tensor([0, 6, 3, 3]), torch.tensor([4, 0, 0, 2])
    fast.eval(), plain.eval()
    with torch.no_grad():
        ours = respond_pairs(fast, distinct_pairs(basal, compound, sample, which))
        dense = plain.respond(basal[sample], compound[which]).ln_ic50
        grid = GridPredictor(fast, compound)(basal)[sample, which]
    torch.testing.assert_close(ours, dense, rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(grid, dense, rtol=1e-4, atol=1e-4)


def test_both_forms_train_the_same_parameters():
    fast, plain = networks(prior(23))
    moving = [{name for name, p in net.named_parameters() if p.requires_grad} for net in (fast, plain)]
    assert moving[0] == moving[1]
    assert not any(name.startswith("backbone") for name in moving[0])


def test_the_prior_has_as_many_edges_as_string():
    assert len(prior(978).edges) == 1_771


@pytest.fixture
def half_a_second(monkeypatch):
    """Whatever is timed runs once and takes half a second."""

    def timed(*runs):
        return [(run(), 0.5)[1] for run in runs]

    monkeypatch.setattr("benchmarks.attention.shortest", timed)
    monkeypatch.setattr("benchmarks.response.shortest", timed)
    monkeypatch.setattr("benchmarks.folds.shortest", lambda *runs, **_: timed(*runs))


@pytest.mark.usefixtures("half_a_second")
@pytest.mark.parametrize("measure", [attention_forward, attention_backward])
def test_attention_is_measured_at_every_size(measure):
    records = list(measure(sizes=((23, 8, (1, 2)), (31, 4, (1,)))))
    assert [(record.name, record.genes, record.rows) for record in records] == [
        (measure.__name__, 23, 8),
        (measure.__name__, 23, 8),
        (measure.__name__, 31, 4),
    ]
    assert [record.value for record in records] == [16.0, 16.0, 8.0]
    assert [record.ratio for record in records] == [8.0, 4.0, 4.0]
    assert records[1].ratio_to == "dense formula, 2 rows at once, 4 rows/s"


@pytest.mark.parametrize("measure", [finetune_rows, finetune_rows_bf16])
def test_fine_tuning_is_measured(measure):
    by_row, by_entity = measure(genes=23, rows=40, batches=(8, 20), lines=7, compounds=5)
    for record, masks in ((by_row, "row"), (by_entity, "entity")):
        assert (record.name, record.genes, record.rows) == (measure.__name__, 23, 40)
        assert record.value > 0
        assert record.ratio > 0
        assert record.ratio_to.startswith("plain layers with dense attention, 40 rows at once")
        assert record.ratio_to.endswith(f"a dropout mask for every {masks}")


def test_every_gene_is_measured_without_a_dense_form():
    records = list(finetune_rows_5778(genes=23, rows=40, batches=(8,), lines=7, compounds=5))
    assert [record.name for record in records] == ["finetune_rows_5778"] * 2
    assert [record.ratio for record in records] == [None, None]
    assert "bfloat16" in records[1].ratio_to


@pytest.mark.usefixtures("half_a_second")
def test_folds_as_processes_are_measured_against_folds_in_turn():
    start_method = ready().get_start_method()
    at_once, stacked = folds_at_once(folds=2, genes=23, rows=64, epochs=1, start_method=start_method)
    assert (at_once.name, stacked.name) == ("folds_at_once", "folds_stacked")
    assert at_once.ratio_to.startswith("one after another")
    assert stacked.ratio > 0


def test_the_quickest_epoch_and_dense_step_give_the_rates(monkeypatch):
    def two_epochs(*_, on_epoch, **__):
        epochs = (Epoch(0, 1.0, 1.0, 5.0), Epoch(1, 1.0, 1.0, 4.0))
        [on_epoch(epoch) for epoch in epochs]
        return History(epochs)

    clock = iter([0.0, 3.0, 10.0, 12.0])
    monkeypatch.setattr("benchmarks.response.finetune", two_epochs)
    monkeypatch.setattr("benchmarks.response.time.perf_counter", lambda: next(clock))
    record = next(finetune_rows(genes=23, rows=40, batches=(8,), lines=7, compounds=5))
    assert (record.value, record.ratio) == (10.0, 0.5)


@pytest.mark.usefixtures("half_a_second")
@pytest.mark.parametrize("measure", [predict_pairs, predict_pairs_bf16])
def test_prediction_is_measured(measure):
    (record,) = measure(genes=23, samples=11, compounds=5)
    assert (record.rows, record.value, record.ratio) == (55, 110.0, 11.0)


def test_a_million_pairs_are_screened_in_blocks(monkeypatch):
    from benchmarks import memory

    seen = []
    monkeypatch.setattr(
        memory.GridPredictor, "__call__", lambda self, part: seen.append(len(part)) or torch.zeros(len(part), 2)
    )
    monkeypatch.setattr(memory, "PAIRS_AT_ONCE", 3000)
    memory._screen(genes=23, samples=9, compounds=1500)
    assert seen == [2, 2, 2, 2, 1]


def test_the_shortest_of_several_runs_counts_in_turn(monkeypatch):
    """The clock stands still but for the runs: first run 2, 1, 3 seconds, second run 5, 4, 6; each after a warm-up."""
    now, calls = [0.0], []

    def run(name, lasting):
        lasting = iter(lasting)

        def call():
            calls.append(name)
            now[0] += next(lasting)

        return call

    monkeypatch.setattr("benchmarks.clock.time.perf_counter", lambda: now[0])
    found = shortest(run("a", [0.5, 2.0, 1.0, 3.0]), run("b", [0.5, 5.0, 4.0, 6.0]), seconds=0.0, least=3)
    assert found == [1.0, 4.0]
    assert "".join(calls) == "abababab"


def test_peak_memory_grows_with_what_is_held():
    """In a process of its own, where nothing larger was held before."""
    code = (
        "import torch\n"
        "from benchmarks.clock import own_peak_gib\n"
        "before = own_peak_gib()\n"
        "held = torch.ones(2**27)\n"
        "assert 0.4 < own_peak_gib() - before < 0.7, own_peak_gib() - before\n"
    )
    run_code(code)


def test_every_record_goes_into_the_history(tmp_path, capsys):
    def pretend():
        yield BenchmarkRecord("pretend", 12.5, "rows/s", 3.0, "dense", 978, 10)

    history = tmp_path / "history.jsonl"
    command.main(["--history", str(history)], {"pretend": pretend})
    (record,) = read_benchmarks(history)
    assert (record.name, record.value) == ("pretend", 12.5)
    assert json.loads(history.read_text())["hardware"].endswith(f"; torch threads: {torch.get_num_threads()}")
    assert "pretend at 978 genes: 12.5 rows/s, 3 times the dense" in capsys.readouterr().out


def test_the_number_of_threads_is_set_and_recorded(tmp_path, monkeypatch):
    used = []
    monkeypatch.setattr(torch, "set_num_threads", used.append)
    monkeypatch.setattr(torch, "get_num_threads", lambda: used[-1])
    history = tmp_path / "history.jsonl"
    command.main(["--history", str(history), "--threads", "7"], {"x": lambda: [BenchmarkRecord("x", 1.0, "s")]})
    assert read_benchmarks(history)[0].hardware.endswith("; torch threads: 7")


def test_an_unknown_name_is_refused_with_the_known_ones(capsys):
    with pytest.raises(SystemExit) as left:
        command.main(["attention"], command.BENCHMARKS)
    assert left.value.code == 2
    assert "no benchmark is called attention; choose from matrix_gflops" in capsys.readouterr().err


def test_the_evaluation_is_measured():
    (record,) = evaluation_overhead_seconds(lines=31, drugs=23, folds=3)
    assert (record.name, record.unit, record.rows) == ("evaluation_overhead_seconds", "s", 31 * 23)
    assert record.value > 0
