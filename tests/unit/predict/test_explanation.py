"""What an explanation says to a person: in words, as a page and as drawings."""

from dataclasses import replace

import matplotlib.axes
import pandas as pd
import pytest

from drugripple.data.measure import Measure

from .conftest import TRAINED


def test_what_was_not_measured_is_said_in_words(asked_wider, why):
    new = asked_wider.model.explain(asked_wider.new, "CCCCO", sample=asked_wider.new.samples[1])
    assert set(new.shown_samples(5)["measured"]) == {"not measured"}
    assert new.to_html().count(">not measured<") == 15
    shown = why.shown_samples(TRAINED)["measured"]
    assert [value == "not measured" for value in shown] == why.samples["measured"].isna().tolist()
    assert 0 < (shown == "not measured").sum() < TRAINED


def test_an_answer_is_a_concentration_where_it_can_be(why):
    """e^2 = 7.389, e^1 = 2.718, e^3 = 20.09."""
    told = replace(why, prediction=2.0, low=1.0, high=3.0, level=0.8)
    assert told.answer == "IC50 7.39 µM (80% interval 2.72 to 20.1 µM)"
    assert f"with {why.compound}: IC50 7.39 µM" in repr(told)
    assert "IC50 7.39 µM (80% interval 2.72 to 20.1 µM). New sample, known compound." in told.to_html()
    assert replace(told, measure=Measure.AUC).answer == "auc 2.00 (80% interval 1.00 to 3.00)"


def test_it_is_written_rendered_and_drawn(why, tmp_path):
    page = why.write(tmp_path / "why", pairs=50)
    names = {path.name for path in page.parent.iterdir()}
    assert {"explanation.html", "explanation.md", "pairs.csv", "genes.csv", "explanation"} <= names
    pairs = pd.read_csv(page.parent / "pairs.csv")
    assert len(pairs) == 51
    assert pairs["contribution"].sum() == pytest.approx(why.pairs["contribution"].sum())
    assert f"Why {why.compound} in {why.sample}?" in page.read_text()
    assert "vorinostat" in why.compound
    assert "<iframe" in why._repr_html_()
    for axes in (why.plot(), why.plot_samples(top=4)):
        assert isinstance(axes, matplotlib.axes.Axes)
    assert [label.get_text() for label in why.plot(top=3).get_yticklabels()] == why.genes["gene"].head(3).tolist()
