"""Flags are the keys of run files; `--set` reaches the rest; the verbs stand in four groups."""

import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
from typer.main import get_group

import drugripple
from drugripple.cli.app import GROUPS, GROUPS_OF_VERBS, app
from drugripple.cli.console import exit_code_of
from drugripple.cli.run_flags import assemble, flags_of
from drugripple.errors import ConfigError
from drugripple.evaluation.schemes import Scheme
from drugripple.predict.screen.settings import ScreenRequest
from drugripple.recipes.benchmark.settings import BenchmarkRun
from drugripple.recipes.finetune.settings import FinetuneRun
from drugripple.recipes.pretrain.settings import PretrainMoleculesRun, PretrainRun
from drugripple.recipes.tune.settings import TuneRun

RUNS = {
    "finetune": FinetuneRun,
    "pretrain": PretrainRun,
    "pretrain-molecules": PretrainMoleculesRun,
    "benchmark": BenchmarkRun,
    "tune": TuneRun,
    "screen": ScreenRequest,
}
OWN = {"pretrain": {"devices", "nodes"}, "screen": {"dry-run"}, "benchmark": {
    "only-model", "only-scheme", "only-fold", "report-only", "no-report"
}}  # fmt: skip
"""Flags that are no key: what to do this time only."""
TABLES = {
    "finetune": {"split", "network", "settings"},
    "pretrain": {"perturbation", "anchors", "training"},
    "pretrain-molecules": {"sources", "exclude", "molecule", "training"},
    "benchmark": {"split", "network", "variant", "average"},
    "tune": {"split", "network", "settings", "search"},
    "screen": set(),
}
"""Keys that are tables, which `--set` reaches."""


def told(capsys, *arguments):
    exit_code_of(lambda: app(list(arguments)))
    return capsys.readouterr().out


@pytest.mark.parametrize("verb", RUNS)
def test_the_flags_of_a_verb_are_its_keys(capsys, verb):
    flags = set(re.findall(r"^  --([a-z-]+)", told(capsys, verb, "--help"), re.MULTILINE))
    keys = {key.replace("_", "-") for key in RUNS[verb].model_fields.keys() - TABLES[verb]}
    assert flags - OWN.get(verb, set()) - {"set", "help"} == keys


@pytest.mark.parametrize("verb", RUNS)
def test_every_key_says_what_it_means(verb):
    options = {flag.name: flag.annotation.__metadata__[0].help for flag in flags_of(RUNS[verb])}
    silent = [key for key, text in options.items() if not re.sub(r"\[default: .*\]", "", text).strip()]
    assert silent == []


def test_flags_win_over_the_file_and_changes_over_both(tmp_path):
    (tmp_path / "run.toml").write_text('data = "d"\nout = "o"\nseed = 1\nfold = 2\n[network]\nprior = "rewired"\n')
    run = assemble(
        FinetuneRun,
        tmp_path / "run.toml",
        {"seed": 5, "scheme": "mixed", "fold": None},
        ["network.prior=none", "split.folds=7", "network.response.widths=[32, 16]", "network.variant='1e3'"],
    )
    assert (run.seed, run.fold, run.scheme, run.split.folds) == (5, 2, Scheme.MIXED, 7)
    assert (run.network.prior.value, run.network.response.widths, run.network.variant) == ("none", (32, 16), "1e3")


def test_a_run_needs_no_file():
    run = assemble(BenchmarkRun, None, {"data": Path("d"), "out": Path("o"), "model": ["rf"], "scheme": ["mixed"]}, ())
    assert (run.model, run.scheme, run.out) == (("rf",), (Scheme.MIXED,), Path("o"))


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ("network.respons.freeze=none", r"the command line: there is no key network.respons; did you mean response\?"),
        ("split.fold=3", r"there is no key split.fold; did you mean folds\?"),
        ("split.folds=2", r"split.folds: Input should be greater than or equal to 3 \(got 2\)"),
        ("seed.x=1", "seed.x: seed is 3, not a table of settings"),
        ("split.folds", "is not KEY=VALUE"),
        ("network.response.widths=[1, 2", "is not a value of TOML"),
        ("scheme=cell-blind", "scheme: Input should be 'mixed', 'cell_blind', 'drug_blind' or 'disjoint'"),
    ],
)
def test_a_wrong_change_is_named(change, complaint):
    given = {"data": Path("d"), "out": Path("o"), "seed": 3}
    with pytest.raises(ConfigError, match=complaint):
        assemble(FinetuneRun, None, given, [change])


def test_a_network_of_a_list_is_reached_by_its_number(tmp_path):
    (tmp_path / "run.toml").write_text('data = "d"\nout = "o"\n[[network]]\n[[network]]\nvariant = "b"\n')
    run = assemble(BenchmarkRun, tmp_path / "run.toml", {}, ["network.1.training.max_epochs=3"])
    assert [network.training.max_epochs for network in run.network] == [1000, 3]
    with pytest.raises(ConfigError, match="'2' is no place in a list of 2"):
        assemble(BenchmarkRun, tmp_path / "run.toml", {}, ["network.2.prior=none"])


def test_a_misspelt_key_is_told_before_any_data_are_read(tmp_path, capsys):
    (tmp_path / "run.toml").write_text('data = "nowhere"\nout = "o"\n[[network]]\n[network.trainig]\nbatch = 3\n')
    assert exit_code_of(lambda: app(["benchmark", str(tmp_path / "run.toml")])) == 2
    assert "there is no key network.0.trainig; did you mean training?" in capsys.readouterr().err


def test_help_has_four_groups_in_order(capsys):
    text = told(capsys, "--help")
    assert [text.index(f"\n{group}:") for group in GROUPS] == sorted(text.index(f"\n{group}:") for group in GROUPS)
    assert list(GROUPS) == ["Use", "Train", "Evaluate", "Data"]


@pytest.mark.parametrize(("name", "verb"), [pair for verbs in GROUPS.values() for pair in verbs.items()])
def test_the_overview_says_what_the_verb_says(name, verb):
    group = get_group(import_module(f"drugripple.cli.{verb.module}").app)
    command = group if name in GROUPS_OF_VERBS else group.commands[name]
    assert (command.help or "").split("\n\n")[0].replace("\n", " ") == verb.summary


def test_every_verb_of_a_file_is_in_the_overview():
    known = {(verb.module, name) for verbs in GROUPS.values() for name, verb in verbs.items()}
    for module in ("use", "train", "evaluate"):
        assert {(module, name) for name in get_group(import_module(f"drugripple.cli.{module}").app).commands} <= known


def test_the_module_is_the_command_and_knows_its_version():
    ended = subprocess.run([sys.executable, "-m", "drugripple", "--version"], capture_output=True, text=True)
    assert (ended.returncode, ended.stdout) == (0, f"drugripple {drugripple.__version__}\n")


def test_type_checkers_see_the_annotations():
    """The file lies in the package folder, all of which the wheel takes."""
    assert (Path(drugripple.__file__).parent / "py.typed").is_file()


@pytest.mark.parametrize(
    ("word", "verb"),
    [("why", "explain"), ("predcit", "predict"), ("whatif", "what-if"), ("Suggest", "suggest"),
     ("build", "build-default"), ("doctor", "data doctor"), ("condition", "calibrate"),
     ("next_experiments", "suggest"), ("explain_prediction", "explain")],
)  # fmt: skip
def test_a_word_that_is_no_verb_names_the_one_that_is_meant(capsys, word, verb):
    assert exit_code_of(lambda: app([word, "--expression", "samples.csv"])) == 2
    assert capsys.readouterr().err == f"error: there is no verb {word!r}; did you mean {verb}?\n"


def test_an_empty_word_means_no_verb(capsys):
    assert exit_code_of(lambda: app([""])) == 2
    assert "did you mean" not in capsys.readouterr().err


def test_a_word_like_no_verb_is_sent_to_the_list(capsys):
    assert exit_code_of(lambda: app(["xyzzy"])) == 2
    assert "there is no verb 'xyzzy'; `drugripple --help` lists what there is" in capsys.readouterr().err
