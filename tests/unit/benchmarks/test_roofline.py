"""Multiply-adds by hand, and what becomes of them."""

import pytest
import torch

from benchmarks.roofline import FLOPS, count, matrix_rates, share, variant
from drugripple.chem.molecule import standardise
from drugripple.model.mat.encoder import MatConfig
from drugripple.model.products import quick_products
from tools.ledger import BenchmarkRecord

RATES = {"matrix_gflops": 100.0, "matrix_gflops_bf16": 200.0}


def record(name, value=1e6, how="", genes=23, rows=5):
    return BenchmarkRecord(name, value, "rows/s", 2.0, how, genes, rows, "here", "", "")


def test_products_and_attention_are_counted_as_two_a_multiply_add():
    """A product of 3x5 by 5x7 is 105 multiply-adds; attention of 2 heads, 4 nodes and 8 columns twice 2·4·4·8."""
    assert count(lambda: torch.ones(3, 5) @ torch.ones(5, 7)) == 2 * 105
    states = torch.ones(1, 2, 4, 8)
    assert count(lambda: torch.nn.functional.scaled_dot_product_attention(states, states, states)) == 2 * 2 * 256


def test_gene_attention_is_four_products_of_genes_by_hidden():
    """Forward 4 g h = 4·23·64; backward 7 more: four for the weights, three for what is not given."""
    assert FLOPS["attention_forward"](record("attention_forward")) == 2 * 4 * 23 * 64
    assert FLOPS["attention_backward"](record("attention_backward")) == 2 * 11 * 23 * 64


def test_a_share_is_of_the_rate_of_the_same_precision():
    """2·4·23·64 = 11,776 operations a row, 1e6 rows/s: 11.776 of 100 GFLOP/s."""
    reached = share(record("attention_forward"), RATES)
    assert (reached.name, reached.genes, reached.rows) == ("attention_forward_share", 23, 5)
    assert reached.value == pytest.approx(11.776)
    single, half = (share(record(f"predict_pairs{end}"), RATES).value for end in ("", "_bf16"))
    assert single == pytest.approx(2 * half)


def test_prediction_and_fine_tuning_of_a_row_cost_at_least_their_projection():
    """A folded projection of 512 x genes a pair; fine-tuning also reads it back twice, and folds it once a step."""
    pair = FLOPS["predict_pairs"](record("predict_pairs"))
    row = FLOPS["finetune_rows"](record("finetune_rows", how="ours: batch 600, float32, a dropout mask for every row"))
    entity = FLOPS["finetune_rows"](
        record("finetune_rows", how="ours: batch 600, float32, a dropout mask for every entity")
    )
    assert 2 * 512 * (23 + 512) < pair < 2 * 512 * (23 + 1024)
    assert row > 3 * 2 * 512 * 512
    assert entity < row


def test_molecules_cost_five_square_products_a_layer_and_node(monkeypatch):
    from benchmarks import molecules, roofline
    from drugripple.chem.graph import build_graph

    graphs = [build_graph(standardise("CCO")), build_graph(standardise("c1ccccc1"))]
    monkeypatch.setattr(roofline, "library", lambda _: molecules.Library(graphs, 7, ""))
    config = MatConfig(d_model=64, layers=3, heads=2)
    each = roofline._encoded(record("mat_molecules"), backward=False, config=config)
    square = 2 * 64 * 64 * 11 / 2
    assert square * (5 * 2 + 2) < each < 1.3 * square * 5 * 3  # the first layer projects distinct atoms only
    trained = roofline._encoded(record("mat_molecules"), backward=True, config=config)
    assert 2.8 * each < trained < 3.2 * each


def test_what_is_not_counted_has_no_share():
    assert share(record("predict_peak_gib"), RATES) is None


def test_records_of_one_name_are_told_apart_by_their_words():
    one = record("x", how="plain, 64 rows at once, 3 rows/s; ours: batch 8, bfloat16, a dropout mask for every entity")
    assert variant(one) == ("64 rows at once", "bfloat16", "mask for every entity")


def test_both_precisions_are_measured(monkeypatch):
    monkeypatch.setattr("benchmarks.roofline.shortest", lambda *runs, **_: [(run(), 0.5)[1] for run in runs])
    rates = {made.name: made.value for made in matrix_rates(size=100)}
    names = {"matrix_gflops", "matrix_gflops_bf16"}
    names |= {"matrix_gflops_torch"} if hasattr(torch.backends.mkldnn, "matmul") else set()
    assert rates == dict.fromkeys(names, pytest.approx(0.004))


def test_the_rate_of_torch_left_alone_leaves_nothing_behind():
    with quick_products():
        before = torch.backends.mkldnn.matmul.fp32_precision
        rates = {made.name: made.value for made in matrix_rates(size=256)}
        assert torch.backends.mkldnn.matmul.fp32_precision == before
    assert all(rate > 0 for rate in rates.values())
