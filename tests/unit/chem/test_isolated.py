"""What crashes RDKit or never ends costs one compound, not the job."""

import signal

import pytest

from drugripple.chem import isolated
from drugripple.chem.isolated import reduce_isolated
from drugripple.chem.parent import Reduction, reduce_structure


@pytest.fixture
def hostile(monkeypatch, tmp_path):
    """A child process in which the structure "crash" kills it and "forever" never ends."""
    (tmp_path / "sitecustomize.py").write_text(
        "import os, signal, time\n"
        "import drugripple.chem.parent as parent\n"
        "whole = parent.reduce_structure\n"
        "def reduce_structure(smiles, *, name=''):\n"
        "    if smiles == 'crash':\n"
        "        os.kill(os.getpid(), signal.SIGSEGV)\n"
        "    while smiles == 'forever':\n"
        "        time.sleep(1)\n"
        "    return whole(smiles, name=name)\n"
        "parent.reduce_structure = reduce_structure\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))


def test_the_culprit_is_named_and_the_others_are_read(hostile):
    outcome = list(
        reduce_isolated([("CCO.Cl", ""), ("crash", "bad one"), ("CN", ""), ("forever", ""), ("C1CC", "x")], seconds=3.0)
    )
    assert [type(one) for one in outcome] == [Reduction, str, Reduction, str, str]
    assert outcome[0] == reduce_structure("CCO.Cl")
    assert outcome[1].startswith("compound 'bad one' with SMILES 'crash' crashes RDKit; ")
    assert "takes longer than 3 s" in outcome[3]
    assert "compound 'x'" in outcome[4]


def test_a_caller_that_ignores_alarms_does_not_wait_for_ever(hostile):
    before = signal.signal(signal.SIGALRM, signal.SIG_IGN)
    try:
        (outcome,) = reduce_isolated([("forever", "")], seconds=1.0)
    finally:
        signal.signal(signal.SIGALRM, before)
    assert "takes longer than 1 s" in outcome


def test_nothing_asked_starts_no_process(monkeypatch):
    monkeypatch.setattr(isolated.subprocess, "run", None)
    assert list(reduce_isolated([])) == []
