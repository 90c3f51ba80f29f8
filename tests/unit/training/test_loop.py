import io
import math
import os
import signal

import pytest
import torch
from tests.processes import ready
from torch import nn

from drugripple.errors import TrainingError
from drugripple.runtime.sealed import read_sealed, write_sealed
from drugripple.training.history import Epoch, History
from drugripple.training.loop import _prepare, fit, learning_rate
from drugripple.training.made_from import UNKNOWN
from drugripple.training.settings import TrainingSettings

SETTINGS = TrainingSettings(learning_rate=1e-2, batch=8, max_epochs=7, patience=7, cosine_epochs=0)


def problem():
    torch.manual_seed(0)
    x = torch.randn(41, 5)
    y = x @ torch.randn(5) + 0.1 * torch.randn(41)
    model = nn.Sequential(nn.Linear(5, 11), nn.ReLU(), nn.Dropout(0.3), nn.Linear(11, 1))

    def loss(rows):
        return ((model(x[rows]).squeeze(-1) - y[rows]) ** 2).mean()

    return model, loss, lambda: loss(torch.arange(41)).item()


def stored(state):
    return torch.load(io.BytesIO(read_sealed(state)))


def store(state, content):
    written = io.BytesIO()
    torch.save(content, written)
    write_sealed(state, written.getbuffer())


def run(state=None, on_epoch=lambda _: None, made_from=UNKNOWN, **changes):
    model, loss, validate = problem()
    settings = SETTINGS.model_copy(update=changes)
    history = fit(
        model, loss, validate, rows=41, settings=settings, seed=3, state=state, made_from=made_from, on_epoch=on_epoch
    )
    return model.state_dict(), history


def die_in_epoch(state, number):
    def die(epoch):
        if epoch.number == number:
            os.kill(os.getpid(), signal.SIGKILL)

    run(state, die)


def kill(state, number):
    child = ready().Process(target=die_in_epoch, args=(state, number))
    child.start()
    child.join(120)
    assert child.exitcode == -signal.SIGKILL


def interrupt(state, number):
    """A process that is killed costs seconds; one is enough."""

    def stop(epoch):
        if epoch.number == number:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(state, stop)


@pytest.mark.parametrize(("end", "number"), [(kill, 3), (interrupt, 0), (interrupt, 6)])
def test_a_killed_run_resumes_bit_for_bit(tmp_path, end, number):
    undisturbed, history = run()
    state = tmp_path / "training.state"
    end(state, number)
    resumed, resumed_history = run(state)
    assert [e.valid_loss for e in resumed_history.epochs] == [e.valid_loss for e in history.epochs]
    assert all(torch.equal(undisturbed[name], resumed[name]) for name in undisturbed)


def test_best_epoch_is_restored():
    model, loss, _ = problem()
    losses = iter([3.0, 1.0, 2.0, 5.0, 4.0, 6.0, 7.0])
    kept = []

    def validate():
        kept.append(model[0].weight.detach().clone())
        return next(losses)

    history = fit(model, loss, validate, rows=41, settings=SETTINGS, seed=0)
    assert history.best.number == 1
    assert torch.equal(model[0].weight, kept[1])


def test_stops_after_patience_and_an_equal_loss_counts_as_better():
    model, loss, _ = problem()
    losses = iter([2.0, 1.0, 1.0, 3.0, 3.0, 3.0, 3.0])
    settings = SETTINGS.model_copy(update={"patience": 3})
    history = fit(model, loss, lambda: next(losses), rows=41, settings=settings, seed=0)
    assert history.best.number == 2
    assert len(history.epochs) == 6


def test_small_gains_do_not_prolong_training_but_the_lowest_loss_is_kept():
    """1.0 is a gain; 0.995 and 0.992 are each less than 1 % below it, 0.98 is not asked for any more."""
    model, loss, _ = problem()
    losses = iter([2.0, 1.0, 0.995, 0.992, 0.98])
    settings = SETTINGS.model_copy(update={"patience": 2, "min_improvement": 0.01})
    weights = []

    def validate():
        weights.append(model[0].weight.detach().clone())
        return next(losses)

    history = fit(model, loss, validate, rows=41, settings=settings, seed=0)
    assert [epoch.valid_loss for epoch in history.epochs] == [2.0, 1.0, 0.995, 0.992]
    assert torch.equal(model[0].weight, weights[3])


def test_small_gains_that_add_up_are_a_gain():
    model, loss, _ = problem()
    losses = iter([1.0, 0.995, 0.989, 0.989, 0.989, 0.5])
    settings = SETTINGS.model_copy(update={"patience": 2, "min_improvement": 0.01})
    history = fit(model, loss, lambda: next(losses), rows=41, settings=settings, seed=0)
    assert len(history.epochs) == 5


def test_rate_is_a_cosine_and_then_constant():
    settings = TrainingSettings()
    rates = [learning_rate(settings, epoch) for epoch in (0, 10, 20, 500)]
    assert rates == pytest.approx([1e-4, 5.5e-5, 1e-5, 1e-5])


def test_global_randomness_is_left_alone():
    before = torch.get_rng_state()
    run(max_epochs=1)
    model_made = torch.get_rng_state()
    run(max_epochs=3)
    assert torch.equal(model_made, torch.get_rng_state())
    assert before is not None


def test_a_loss_that_is_not_finite_is_an_error():
    model, _, validate = problem()
    with pytest.raises(TrainingError, match=r"epoch 0: the training loss is nan.*lower learning_rate"):
        fit(
            model,
            lambda rows: model[0].weight.sum() * math.nan * len(rows),
            validate,
            rows=41,
            settings=SETTINGS,
            seed=0,
        )


def test_state_of_another_run_is_refused(tmp_path):
    run(tmp_path / "state")
    with pytest.raises(TrainingError, match=r"other settings \(learning_rate\)"):
        run(tmp_path / "state", learning_rate=0.5)


class Stranger:
    """What no training state holds."""


@pytest.mark.parametrize("damage", ["bytes", "object", "list", "epochs"])
def test_damaged_state_is_refused(tmp_path, damage):
    run(tmp_path / "state")
    saved = stored(tmp_path / "state")
    if damage == "bytes":
        (tmp_path / "state").write_bytes(b"half a file")
    else:
        other = {"object": saved | {"best": Stranger()}, "list": [1], "epochs": saved | {"epochs": [{"number": 1}]}}
        store(tmp_path / "state", other[damage])
    with pytest.raises(TrainingError, match="delete it to train from the start"):
        run(tmp_path / "state")


def test_frozen_parameters_are_not_stored(tmp_path):
    model, loss, validate = problem()
    model[0].requires_grad_(False)
    fit(model, loss, validate, rows=41, settings=SETTINGS, seed=0, state=tmp_path / "state")
    assert set(stored(tmp_path / "state")["model"]) == {"3.weight", "3.bias"}


def test_a_training_goes_on_only_from_what_it_was_made_from(tmp_path):
    before = {"expression": "a", "responses": "b", "molecules": "c"}
    run(tmp_path / "state", max_epochs=2, made_from=before)
    told = r"state cannot be gone on from, because expression and responses changed since .* put back what there was"
    with pytest.raises(TrainingError, match=told):
        run(tmp_path / "state", max_epochs=2, made_from=before | {"expression": "x", "responses": "y"})
    run(tmp_path / "state", max_epochs=2, made_from=before)


def test_one_altered_bit_of_a_state_is_refused(tmp_path):
    run(tmp_path / "state", max_epochs=1)
    content = bytearray((tmp_path / "state").read_bytes())
    content[len(content) // 2] ^= 4
    (tmp_path / "state").write_bytes(content)
    with pytest.raises(TrainingError, match=r"delete it to train from the start .*cut short or altered"):
        run(tmp_path / "state", max_epochs=1)


def test_a_training_ended_at_its_cap_unless_its_patience_was_out():
    settings = TrainingSettings(max_epochs=3, patience=2)
    falling = History(tuple(Epoch(number, 0.0, 3.0 - number, 0.0) for number in range(3)))
    waited = History(tuple(Epoch(number, 0.0, 1.0 + number, 0.0) for number in range(3)))
    assert (falling.ended_at_cap(settings), waited.ended_at_cap(settings)) == (True, False)


@pytest.mark.parametrize("before", [False, True])
@pytest.mark.parametrize("captured", [False, True])
def test_an_optimiser_is_made_ready_for_its_kind_of_step_whatever_run_its_state_is_from(before, captured):
    weight = torch.nn.Parameter(torch.ones(2))
    rate = torch.tensor(0.5) if before else 0.5
    optimiser = torch.optim.Adam([weight], lr=rate, capturable=before, foreach=False)
    for wanted in (0.25, 0.125):
        _prepare(optimiser, wanted, captured=captured, device=torch.device("cpu"))
        (group,) = optimiser.param_groups
        assert (group["capturable"], isinstance(group["lr"], torch.Tensor)) == (captured, captured)
        assert float(group["lr"]) == wanted
    if captured:
        held = optimiser.param_groups[0]["lr"]
        _prepare(optimiser, 0.1, captured=True, device=torch.device("cpu"))
        assert optimiser.param_groups[0]["lr"] is held
