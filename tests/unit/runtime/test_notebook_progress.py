"""Bars under a notebook's cell, with a kernel and a display that are made up."""

import sys
import time
from types import ModuleType, SimpleNamespace

import pytest

from drugripple.runtime.progress import NotebookProgress


class Bar:
    """What `display` returns: remembers what was drawn last."""

    def __init__(self, html: str) -> None:
        self.drawn = [html]

    def update(self, html: str) -> None:
        self.drawn.append(html)


@pytest.fixture
def notebook(monkeypatch):
    """The bars that were shown, and a clock that is set by hand."""
    bars, clock, made = [], [0.0], ModuleType("IPython.display")
    made.HTML = lambda html: html
    made.display = lambda html, display_id: bars.append(Bar(html)) or bars[-1]
    monkeypatch.setitem(sys.modules, "IPython", ModuleType("IPython"))
    monkeypatch.setitem(sys.modules, "IPython.display", made)
    monkeypatch.setitem(sys.modules, "ipykernel", ModuleType("ipykernel"))
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    return SimpleNamespace(bars=bars, clock=clock)


def test_work_of_more_than_two_seconds_has_a_bar_that_goes_with_it(notebook):
    tell = NotebookProgress()
    for second in (0.0, 1.9, 2.1, 2.2, 2.5):
        notebook.clock[0] = second
        tell("pairs of <A>", round(10 * second), 30)
    (bar,) = notebook.bars
    assert bar.drawn == [
        "<progress value='21' max='30'></progress> pairs of &lt;A&gt;: 21 of 30",
        "<progress value='25' max='30'></progress> pairs of &lt;A&gt;: 25 of 30",
    ]
    tell("pairs of <A>", 30, 30)
    assert bar.drawn[-1] == ""


def test_short_work_and_work_outside_a_notebook_show_nothing(notebook, monkeypatch):
    tell = NotebookProgress()
    tell("molecules", 0, 5)
    notebook.clock[0] = 1.0
    tell("molecules", 5, 5)
    monkeypatch.delitem(sys.modules, "ipykernel")
    for second in (2.0, 9.0):
        notebook.clock[0] = second
        tell("pairs", 1, 0)
    assert notebook.bars == []


def test_work_that_was_broken_off_begins_anew(notebook):
    tell = NotebookProgress()
    tell("pairs", 3, 10)
    notebook.clock[0] = 60.0
    tell("pairs", 0, 10)
    assert notebook.bars == []
    notebook.clock[0] = 63.0
    tell("pairs", 1, 0)
    assert notebook.bars[0].drawn == ["<progress></progress> pairs: 1"]
