"""One training loop, which knows nothing of what it trains."""

import io
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from pickle import UnpicklingError
from typing import TYPE_CHECKING, Any

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from drugripple.errors import ConfigError, TrainingError
from drugripple.model.settings import Precision
from drugripple.runtime.sealed import read_sealed, write_sealed
from drugripple.training.distributed.process_group import SINGLE_PROCESS, ProcessGroup
from drugripple.training.made_from import UNKNOWN, MadeFrom, changed_since
from drugripple.training.settings import TrainingSettings

if TYPE_CHECKING:
    import pandas as pd

CPU = torch.device("cpu")


@dataclass(frozen=True)
class Epoch:
    """One pass over the training rows and what it gave."""

    number: int
    """Number of the epoch, from 0."""
    train_loss: float
    """Mean loss over the training rows, each under the weights of its own step."""
    valid_loss: float
    """Loss of the validation rows under the weights at the end of the epoch."""
    seconds: float
    """Time that the epoch took, validation included."""


@dataclass(frozen=True)
class History:
    """A finished training: every epoch; the model holds the weights of the best one."""

    epochs: tuple[Epoch, ...]
    """All epochs in order."""

    @property
    def best(self) -> Epoch:
        """The last epoch with the lowest validation loss (an equal loss counts as an improvement)."""
        return min(reversed(self.epochs), key=lambda epoch: epoch.valid_loss)

    def ended_at_cap(self, settings: TrainingSettings) -> bool:
        """Whether `max_epochs` cut the training before its patience was out: it may not have converged."""
        return not out_of_patience([epoch.valid_loss for epoch in self.epochs], settings)

    def table(self) -> "pd.DataFrame":
        """One row per epoch: epoch (from 1), train_loss, valid_loss, seconds."""
        import pandas as pd

        rows = [(e.number + 1, e.train_loss, e.valid_loss, e.seconds) for e in self.epochs]
        return pd.DataFrame(rows, columns=["epoch", "train_loss", "valid_loss", "seconds"])


def fit(
    model: nn.Module,
    loss: Callable[[Int[Tensor, " b"]], Float[Tensor, ""]],
    validate: Callable[[], float],
    *,
    rows: int,
    settings: TrainingSettings,
    seed: int,
    state: Path | None = None,
    made_from: MadeFrom = UNKNOWN,
    on_epoch: Callable[[Epoch], None] = lambda _: None,
    group: ProcessGroup = SINGLE_PROCESS,
    rows_on: torch.device = CPU,
) -> History:
    """Train until `patience` epochs have brought no gain on the validation rows, then restore the best weights.

    Every source of randomness is seeded from `seed` and stored with `state`. A run that is killed at any moment and
    started again therefore ends with the weights of an undisturbed one, on a CPU bit for bit. Within an epoch nothing
    here waits for a GPU.

    Several processes may train together. Each gets the row numbers of the whole batch and returns its part of the whole
    batch's loss; the parts sum up. Only the first process writes `state` and reports, and any number of processes may
    go on from `state`.

    Args:
        model: the network, trained in place.
        loss: returns the loss of rows; it gets their numbers and is called in training mode.
        validate: returns the validation loss; it is called in evaluation mode without gradients.
        rows: number of training rows.
        settings: optimiser and stopping rule.
        seed: the seed of order and dropout.
        state: the file that keeps the run between epochs.
        made_from: the digest of each thing that is trained from; a stored state goes on from the same alone.
        on_epoch: called after each epoch.
        group: the processes that train together.
        rows_on: the device of the row numbers.

    Raises:
        TrainingError: if a loss is not finite, or `state` is damaged, of another run, or made from other data than
            `made_from` says.

    Source: the code published with doi:10.1093/bioinformatics/btae249 (Adam, a cosine rate for the first epochs, the
    stopping rule).
    """
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimiser = torch.optim.Adam(trained, lr=settings.learning_rate, weight_decay=settings.weight_decay, fused=True)
    shuffler = torch.Generator().manual_seed(seed)
    devices = [parameter.device for parameter in trained[:1] if parameter.device.type == "cuda"]
    with torch.random.fork_rng(devices):
        torch.manual_seed(seed)
        identity = {"seed": seed, "rows": rows, **settings.model_dump(mode="json")}
        run = _Run(model, optimiser, shuffler, identity, made_from)
        epochs = run.resume(state)
        while not _finished(epochs, settings):
            epoch = _one_epoch(model, loss, validate, optimiser, shuffler, rows, settings, len(epochs), group, rows_on)
            epochs.append(epoch)
            if History(tuple(epochs)).best is epoch:
                run.keep()
            if group.leads:
                run.save(state, epochs)
                on_epoch(epoch)
        run.restore()
    model.eval()
    return History(tuple(epochs))


def refuse_compiled(settings: TrainingSettings, stage: str) -> None:
    """Refuse to compile the steps of a stage that reads its data step by step.

    Raises:
        ConfigError: if the settings ask for that.
    """
    if settings.compiled:
        message = f"compiled = true is for fine-tuning; leave it out of the training settings of {stage}"
        raise ConfigError(message)


def learning_rate(settings: TrainingSettings, epoch: int) -> float:
    """The rate of an epoch: a cosine from `learning_rate` to `final_rate`, then constant."""
    if not settings.cosine_epochs:
        return settings.learning_rate
    turn = math.cos(math.pi * min(epoch / settings.cosine_epochs, 1.0))
    return settings.final_rate + (settings.learning_rate - settings.final_rate) * (1 + turn) / 2


def _finished(epochs: list[Epoch], settings: TrainingSettings) -> bool:
    return len(epochs) >= settings.max_epochs or out_of_patience([epoch.valid_loss for epoch in epochs], settings)


def out_of_patience(valid_losses: Sequence[float], settings: TrainingSettings) -> bool:
    """Whether so many epochs have passed without an improvement that a training ends; one loss per epoch, in order."""
    lowest, gained = math.inf, 0
    for number, valid_loss in enumerate(valid_losses):
        if valid_loss <= lowest * (1 - settings.min_improvement):
            lowest, gained = valid_loss, number
    return len(valid_losses) > 0 and len(valid_losses) - 1 - gained >= settings.patience


def _one_epoch(
    model: nn.Module,
    loss: Callable[[Int[Tensor, " b"]], Float[Tensor, ""]],
    validate: Callable[[], float],
    optimiser: torch.optim.Optimizer,
    shuffler: torch.Generator,
    rows: int,
    settings: TrainingSettings,
    number: int,
    group: ProcessGroup,
    rows_on: torch.device,
) -> Epoch:
    start = time.perf_counter()
    for parameters in optimiser.param_groups:
        parameters["lr"] = learning_rate(settings, number)
    trained = [parameter for parameters in optimiser.param_groups for parameter in parameters["params"]]
    device = next(model.parameters()).device.type
    half = settings.precision is Precision.BFLOAT16
    model.train()
    # Near-equal parts, so that no batch is left with the single row that batch norm cannot take.
    batches = torch.randperm(rows, generator=shuffler).to(rows_on).tensor_split(max(1, round(rows / settings.batch)))
    losses: list[Tensor] = []
    for batch in batches:
        optimiser.zero_grad(set_to_none=True)
        with torch.autocast(device, torch.bfloat16, enabled=half):
            value = loss(batch)
        value.backward()
        group.sum_gradients(trained)
        optimiser.step()
        losses.append(value.detach().clone())
    model.eval()
    with torch.no_grad(), torch.autocast(device, torch.bfloat16, enabled=half):
        valid = validate()
    sizes = torch.tensor([len(batch) for batch in batches], dtype=torch.float64)
    train = group.add(torch.stack(losses).cpu().double() @ sizes).item() / rows
    if not (math.isfinite(train) and math.isfinite(valid)):
        message = (
            f"epoch {number}: the training loss is {train} and the validation loss {valid}; "
            f"lower learning_rate (now {settings.learning_rate}) or check the inputs' scale"
        )
        raise TrainingError(message)
    return Epoch(number, train, valid, time.perf_counter() - start)


class _Run:
    """A training as it has to survive a kill: weights, optimiser, random numbers, epochs and whose run it is."""

    def __init__(
        self,
        model: nn.Module,
        optimiser: torch.optim.Optimizer,
        shuffler: torch.Generator,
        identity: dict[str, Any],
        made_from: MadeFrom,
    ) -> None:
        self.model, self.optimiser, self.shuffler = model, optimiser, shuffler
        self.identity, self.made_from = identity, made_from
        self.frozen = {name for name, parameter in model.named_parameters() if not parameter.requires_grad}
        self.best: dict[str, Tensor] = {}

    def moving(self) -> dict[str, Tensor]:
        """The tensors that training can change: parameters that are not frozen, and every buffer."""
        return {name: tensor for name, tensor in self.model.state_dict().items() if name not in self.frozen}

    def load(self, moving: dict[str, Tensor]) -> None:
        self.model.load_state_dict(self.model.state_dict() | moving)

    def keep(self) -> None:
        self.best = {name: tensor.detach().clone() for name, tensor in self.moving().items()}

    def restore(self) -> None:
        self.load(self.best)

    def save(self, state: Path | None, epochs: list[Epoch]) -> None:
        if state is None:
            return
        device_random = torch.cuda.get_rng_state_all() if torch.cuda.is_available() else []
        everything = {
            "identity": self.identity,
            "made_from": dict(self.made_from),
            "model": self.moving(),
            "best": self.best,
            "optimiser": self.optimiser.state_dict(),
            "shuffler": self.shuffler.get_state(),
            "random": torch.get_rng_state(),
            "device_random": device_random,
            "epochs": [asdict(epoch) for epoch in epochs],
        }
        content = io.BytesIO()
        torch.save(everything, content)
        write_sealed(state, content.getbuffer())

    def resume(self, state: Path | None) -> list[Epoch]:
        if state is None or not state.exists():
            return []
        try:
            saved = torch.load(io.BytesIO(read_sealed(state)), weights_only=True, map_location="cpu")
            if saved["identity"] != self.identity:
                changed = sorted(key for key in self.identity if saved["identity"].get(key) != self.identity[key])
                message = f"{state} belongs to a run with other settings ({', '.join(changed)}); use another folder"
                raise TrainingError(message)
            if changed := changed_since(saved["made_from"], self.made_from):
                message = (
                    f"{state} cannot be gone on from, because {' and '.join(changed)} changed since it was written; "
                    "put back what there was, or delete it to train from the start"
                )
                raise TrainingError(message)
            self.load(saved["model"])
            self.optimiser.load_state_dict(saved["optimiser"])
            self.best = saved["best"]
            self.shuffler.set_state(saved["shuffler"])
            epochs = [Epoch(**epoch) for epoch in saved["epochs"]]
            torch.set_rng_state(saved["random"])
            if saved["device_random"]:
                torch.cuda.set_rng_state_all(saved["device_random"])
        except (RuntimeError, KeyError, EOFError, OSError, ValueError, TypeError, UnpicklingError) as error:
            if isinstance(error, TrainingError):
                raise
            message = f"{state} cannot be gone on from: delete it to train from the start ({error})"
            raise TrainingError(message) from error
        return epochs
