"""What one run of the suite does: which benchmarks, in which order, and the shares beside them."""

import pytest

import benchmarks.__main__ as command
from tools.ledger import BenchmarkRecord, read_benchmarks


def rates():
    yield BenchmarkRecord("matrix_gflops", 100.0, "GFLOP/s")
    yield BenchmarkRecord("matrix_gflops_bf16", 200.0, "GFLOP/s")


def attention():
    yield BenchmarkRecord("attention_forward", 1e6, "rows/s", genes=23, rows=5)


def other():
    yield BenchmarkRecord("other", 1.0, "s")


SUITE = {"matrix_gflops": rates, "other": other, "attention_forward": attention, "screen_10m_peak_gib": other}


def run(tmp_path, *names):
    history = tmp_path / "history.jsonl"
    command.main([*names, "--history", str(history)], SUITE)
    return read_benchmarks(history)


def test_a_share_of_the_rate_measured_in_the_same_run_follows_its_record(tmp_path):
    """Attention of 23 genes is 2·4·23·64 operations a row: 1e6 rows/s are 11.776 of 100 GFLOP/s."""
    records = run(tmp_path)
    assert [record.name for record in records] == [
        "matrix_gflops", "matrix_gflops_bf16", "other", "attention_forward", "attention_forward_share",
    ]  # fmt: skip
    assert records[-1].value == pytest.approx(11.776)
    assert all("; torch 2" in record.hardware for record in records)


def test_the_rate_is_measured_first_where_a_share_is_wanted_and_only_there(tmp_path, monkeypatch):
    monkeypatch.setattr(command, "matrix_rates", rates)
    assert [record.name for record in run(tmp_path / "a", "other")] == ["other"]
    first, *_ = run(tmp_path / "b", "attention_forward")
    assert first.name == "matrix_gflops"


def test_a_long_one_runs_when_named(tmp_path):
    assert [record.name for record in run(tmp_path, "screen_10m_peak_gib")] == ["other"]
    assert set(command.LONG) <= set(command.BENCHMARKS)
