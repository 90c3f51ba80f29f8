"""A training on busy cores says so, once, and no other does."""

import os

import joblib
import pytest
import torch

from drugripple.runtime.notes import heard
from drugripple.training import busy
from drugripple.training.busy import BUSY, busy_notes
from drugripple.training.loop import fit
from drugripple.training.settings import TrainingSettings


@pytest.fixture
def crowded(monkeypatch):
    """Two cores, two threads, and one other program."""
    monkeypatch.setattr(joblib, "cpu_count", lambda: 2)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    monkeypatch.setattr(torch, "get_num_threads", lambda: 2)
    monkeypatch.setattr(os, "getloadavg", lambda: (2.9, 0.0, 0.0))


def test_a_slow_epoch_of_several_threads_on_busy_cores_is_told(crowded):
    assert busy_notes(61.0, "cpu") == (BUSY,)


def test_nothing_is_said_of_a_quick_epoch_or_of_a_gpu(crowded):
    assert busy_notes(59.0, "cpu") == ()
    assert busy_notes(61.0, "cuda") == ()


def test_nothing_is_said_where_a_training_has_its_cores_alone(crowded, monkeypatch):
    monkeypatch.setattr(os, "getloadavg", lambda: (2.1, 9.0, 9.0))
    assert busy_notes(61.0, "cpu") == ()


def test_nothing_is_said_in_a_container_of_a_busy_machine(crowded, monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: 64)
    monkeypatch.setattr(os, "getloadavg", lambda: (90.0, 0.0, 0.0))
    assert busy_notes(61.0, "cpu") == ()


def test_one_thread_waits_for_nobody(crowded, monkeypatch):
    monkeypatch.setattr(torch, "get_num_threads", lambda: 1)
    assert busy_notes(61.0, "cpu") == ()


def test_a_training_tells_it_once(crowded, monkeypatch):
    monkeypatch.setattr(busy, "SLOW", 0.0)
    model, said = torch.nn.Linear(2, 1), []
    with heard(said.append):
        fit(
            model, lambda rows: model(torch.ones(len(rows), 2)).mean(), lambda: 1.0, rows=3, seed=0,
            settings=TrainingSettings(max_epochs=3, patience=3, batch=3),
        )  # fmt: skip
    assert said == [BUSY]
