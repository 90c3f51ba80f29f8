import numpy as np
import pytest

from drugripple.report import benchmark_figures
from drugripple.report.benchmark_figures import cliques, critical_difference_diagram, drug_spread, fold_values


@pytest.fixture
def painted(monkeypatch):
    """Axes that a figure was painted on, and its lines as (x, y) lists."""
    from matplotlib.figure import Figure

    kept = []

    def draw(size, description, paint):
        axes = Figure(size).subplots()
        paint(axes)
        kept.append(axes)
        return "<svg"

    monkeypatch.setattr(benchmark_figures, "draw", draw)
    return kept


def test_cliques_by_hand():
    """Within 1: {1, 1.5, 2} and {1.5, 2, 2.5}; 4 stands alone. The run {2, 2.5} is inside the second."""
    assert cliques(np.array([4, 1, 2.5, 1.5, 2]), 1.0) == ((0, 2), (1, 3))
    assert cliques(np.array([1.0, 2.0]), 0.5) == ()
    assert cliques(np.array([1.0, 2.0, 3.0]), 5.0) == ((0, 2),)


def test_diagram_puts_models_at_their_ranks_and_joins_what_does_not_differ(painted):
    critical_difference_diagram(("slow", "best", "middle"), np.array([2.8, 1.0, 2.2]), 1.0)
    (axes,) = painted
    lines = [(list(map(float, line.get_xdata())), list(map(float, line.get_ydata()))) for line in axes.lines]
    stems = {x[0] for x, y in lines if len(x) == 3}
    assert stems == {1.0, 2.2, 2.8}
    thick = [line for line in axes.lines if line.get_linewidth() == 4]
    assert [list(line.get_xdata()) for line in thick] == [pytest.approx([2.16, 2.84])]
    ruler = next(x for x, y in lines if y == [0.85, 0.85])
    assert ruler == [1.0, 2.0]
    texts = {text.get_text().strip(): text.get_position() for text in axes.texts}
    assert texts["best  1.00"][0] < 1
    assert texts["2.80  slow"][0] > 3
    assert "critical difference 1.00" in texts
    assert {"1", "2", "3"} <= set(texts)


def test_folds_and_their_mean(painted):
    fold_values({"a": np.array([1.0, 2.0, 6.0])}, label="RMSE")
    strokes, mean = painted[0].lines
    assert sorted(set(strokes.get_xdata()[np.isfinite(strokes.get_xdata())])) == [1.0, 2.0, 6.0]
    assert list(mean.get_xdata()) == [3.0, 3.0]


def test_spread_over_drugs(painted):
    drug_spread({"a": np.arange(101) / 100}, label="PCC")
    thin, middle, _ = painted[0].lines
    assert list(thin.get_xdata()) == pytest.approx([0.05, 0.95])
    assert list(middle.get_xdata()) == pytest.approx([0.5, 0.5])
    (bar,) = painted[0].patches
    assert (bar.get_x(), bar.get_width()) == (pytest.approx(0.25), pytest.approx(0.5))


def test_figures_follow_the_page_and_say_what_they_show():
    svg = critical_difference_diagram(("a", "b", "c"), np.array([1.0, 2.0, 3.0]), 0.5)
    assert svg.startswith('<svg role="img" aria-label="Critical-difference diagram of 3 models"')
    assert "currentColor" in svg
