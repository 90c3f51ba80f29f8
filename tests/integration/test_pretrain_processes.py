"""Real processes that train one network together, over gloo."""

import os
import signal
from datetime import timedelta
from multiprocessing.util import Finalize

import numpy as np
import pytest
import torch
from joblib import effective_n_jobs
from tests.processes import ready
from torch.distributed.elastic.multiprocessing import DefaultLogsSpecs, Std
from torch.distributed.launcher.api import LaunchConfig, elastic_launch

from drugripple.chem.graph import build_graph
from drugripple.cli.app import app
from drugripple.cli.console import exit_code_of
from drugripple.data.synthetic import synthetic_world
from drugripple.errors import ConfigError, TrainingError
from drugripple.model.network import PerturbationNet
from drugripple.model.presets import Preset
from drugripple.model.settings import MatSettings
from drugripple.recipes.pretrain.profiles import read_result, run_pretrain
from drugripple.recipes.pretrain.settings import PretrainRun
from drugripple.training.distributed import launch
from drugripple.training.distributed.launch import Processes, run_job
from drugripple.training.distributed.process_group import SINGLE_PROCESS
from drugripple.training.perturbation import pretrain
from drugripple.training.perturbation_step import Anchors, Hiding
from drugripple.training.settings import TrainingSettings

SETTINGS = TrainingSettings(
    learning_rate=3e-3, weight_decay=0.0, batch=13, max_epochs=3, patience=3, cosine_epochs=0, device="cpu"
)


def train(folder, group, device, tell):
    """Everything random is on: dropout, hidden genes, anchors; the molecule encoder learns too. In float64."""
    world = synthetic_world(0, genes=29, lines=7, compounds=5)
    profiles = world.perturbations
    torch.manual_seed(0)
    settings = Preset.PAPER.perturbation(molecule=MatSettings(width=8, layers=1, heads=2), hidden=8, init="scaled")
    net = PerturbationNet(world.prior, settings).double()
    change = np.random.default_rng(1).standard_normal((3, 29)).astype(np.float32)
    rows = np.random.default_rng(0).permutation(len(profiles))
    kill = (folder / "kill").exists()
    tell("joblib", effective_n_jobs(-1))

    def on_epoch(epoch):
        tell("epoch", epoch)
        if kill and epoch.number == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    history = pretrain(
        net, profiles, rows[:-11], rows[-11:], [build_graph(m) for m in profiles.compounds.molecules], SETTINGS, seed=0,
        anchors=Anchors(change, np.arange(3), profiles.basal.values, 0.5, 0.7, 0.4), hiding=Hiding(0.6),
        state=folder / "state", on_epoch=on_epoch, group=group, device=device,
    )  # fmt: skip
    if group.leads:
        losses = [(epoch.train_loss, epoch.valid_loss) for epoch in history.epochs]
        torch.save({"losses": losses, "net": net.state_dict()}, folder / "done")


@pytest.fixture(autouse=True)
def little_patience(monkeypatch):
    """A process that waits for another in vain says so within the test's own time."""
    monkeypatch.setattr(launch, "PATIENCE", timedelta(seconds=100))


@pytest.fixture
def quick_start(monkeypatch):
    """Processes are forked from a server; `test_two_processes` starts them as the library does."""
    monkeypatch.setattr(launch, "START_METHOD", ready().get_start_method())


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    folder = tmp_path_factory.mktemp("alone")
    train(folder, SINGLE_PROCESS, torch.device("cpu"), lambda *_: None)
    return torch.load(folder / "done")


def same(done, wanted):
    np.testing.assert_allclose(done["losses"], wanted["losses"], rtol=1e-7)
    for name, tensor in done["net"].items():
        torch.testing.assert_close(tensor, wanted["net"][name], rtol=1e-6, atol=1e-8)


def test_two_processes_give_the_curve_and_the_network_of_one(alone, tmp_path):
    told = []
    run_job(train, tmp_path, "cpu", Processes(2), lambda *what: told.append(what))
    same(torch.load(tmp_path / "done"), alone)
    assert told.pop(0) == ("joblib", 1), "a spawned process with joblib's own processes never ends"
    assert [(what, epoch.number) for what, epoch in told] == [("epoch", 0), ("epoch", 1), ("epoch", 2)]
    assert "MASTER_PORT" not in os.environ


@pytest.mark.usefixtures("quick_start")
def test_a_killed_leader_is_one_error_and_one_process_can_go_on_from_it(alone, tmp_path):
    (tmp_path / "kill").touch()
    with pytest.raises(TrainingError, match=r"training process \d of 2 ended early .* start again"):
        run_job(train, tmp_path, "cpu", Processes(2), lambda *_: None)
    (tmp_path / "kill").unlink()
    numbers = []
    train(tmp_path, SINGLE_PROCESS, torch.device("cpu"), lambda _, told: numbers.append(getattr(told, "number", None)))
    assert numbers == [None, 1, 2]
    same(torch.load(tmp_path / "done"), alone)


def write_what_is_left(folder, group, device, tell):
    """At the very end of each process, say whether its connections to the others are still open."""

    def write():
        (folder / str(group.rank)).write_text(str(torch.distributed.is_initialized()))

    Finalize(None, write, exitpriority=0)


@pytest.mark.usefixtures("quick_start")
def test_processes_leave_no_connection_open(tmp_path):
    """What still runs when the interpreter goes ends a process by SIGABRT, now and then."""
    run_job(write_what_is_left, tmp_path, "cpu", Processes(2), lambda *_: None)
    assert [(tmp_path / rank).read_text() for rank in "01"] == ["False", "False"]


def refuse(_, group, device, tell):
    if not group.leads:
        message = "process 1 cannot read its part"
        raise ConfigError(message)
    group.wait()


@pytest.mark.usefixtures("quick_start")
def test_the_error_of_one_process_is_the_error_of_all():
    with pytest.raises(ConfigError, match=r"^process 1 cannot read its part$"):
        run_job(refuse, None, "cpu", Processes(2), lambda *_: None)


def test_too_many_processes_for_a_batch_are_refused(tmp_path):
    from drugripple.training.distributed.process_group import ProcessGroup

    with pytest.raises(TrainingError, match="a batch of 13 of 59 profiles cannot be shared by 12 processes"):
        train(tmp_path, ProcessGroup(0, 12), torch.device("cpu"), lambda *_: None)


RUN = {
    "prior": "none",
    "perturbation": {"hidden": 8, "molecule": {"width": 16, "layers": 1, "heads": 2}},
    "training": {"batch": 64, "max_epochs": 2, "patience": 2, "weight_decay": 0.0, "cosine_epochs": 0, "device": "cpu"},
}


def call(folder, arguments):
    os.chdir(folder)
    assert exit_code_of(lambda: app(arguments)) == 0


@pytest.fixture
def signals_as_before():
    """torchrun's agent handles signals from its start on."""
    before = {
        number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT)
    }
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("signals_as_before")
def test_the_command_runs_under_torchrun_and_agrees_with_one_process(place, tmp_path):
    """`torchrun` is this launch with a command in place of a function; its processes are forked from a server here.

    In float32, where Adam makes steps of full size out of gradients that are nothing but rounding, to 1 %.
    """
    run = PretrainRun.model_validate(RUN | {"data": place / "store", "out": tmp_path / "one"})
    one = run_pretrain(run)
    text = (tmp_path / "one" / "run.toml").read_text()
    (tmp_path / "run.toml").write_text(text)
    ready()
    logs = DefaultLogsSpecs(tmp_path / "logs", Std.OUT)
    rendezvous = {"run_id": "test", "rdzv_backend": "c10d", "rdzv_endpoint": "localhost:0"}
    asked = LaunchConfig(1, 1, 2, **rendezvous, max_restarts=0, start_method="forkserver", logs_specs=logs)
    elastic_launch(asked, call)(tmp_path, ["pretrain", "run.toml", "--out", "two"])
    told = [line for log in (tmp_path / "logs").rglob("stdout.log") for line in log.read_text().splitlines()]
    assert told.count("two") == 1
    two = read_result(tmp_path / "two")
    losses = [[(epoch.train_loss, epoch.valid_loss) for epoch in result.history.epochs] for result in (one, two)]
    np.testing.assert_allclose(*losses, rtol=1e-2)
    assert two.checkpoint.card.hardware.endswith("; 2 processes")
