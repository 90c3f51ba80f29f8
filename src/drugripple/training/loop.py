"""One training loop, which knows nothing of what it trains."""

import math
import time
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from drugripple.errors import ConfigError, TrainingError
from drugripple.model.products import quick_products
from drugripple.model.settings import Precision
from drugripple.runtime.notes import tell
from drugripple.training.busy import busy_notes
from drugripple.training.captured import CapturedSteps, Step
from drugripple.training.distributed.process_group import SINGLE_PROCESS, ProcessGroup
from drugripple.training.history import Epoch, History, out_of_patience
from drugripple.training.made_from import UNKNOWN, MadeFrom
from drugripple.training.run_state import RunState
from drugripple.training.settings import TrainingSettings

CPU = torch.device("cpu")


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
    same_shapes: bool = False,
) -> History:
    """Train until `patience` epochs have brought no gain on the validation rows, then restore the best weights.

    Every source of randomness is seeded from `seed` and stored with `state`. A run that is killed at any moment and
    started again therefore ends with the weights of an undisturbed one, on a CPU bit for bit. Within an epoch nothing
    here waits for a GPU, but for the capture of a step.

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
        same_shapes: whether `loss` gives the device the same work for any rows of one number and waits for nothing; on
            a GPU a step is then captured and replayed, unless `settings` compile it or leave that out.

    Raises:
        TrainingError: if a loss is not finite, or `state` is damaged, of another run, or made from other data than
            `made_from` says.

    Source: the code published with doi:10.1093/bioinformatics/btae249 (Adam, a cosine rate for the first epochs, the
    stopping rule).
    """
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    captured = same_shapes and settings.cuda_graphs and not settings.compiled and rows_on.type == "cuda"
    optimiser = torch.optim.Adam(
        trained, lr=settings.learning_rate, weight_decay=settings.weight_decay, fused=True, capturable=captured
    )
    step = _step_of(loss, optimiser, next(model.parameters()).device.type, settings.precision, group)
    if captured:
        step = CapturedSteps(step, rows_on)
    shuffler = torch.Generator().manual_seed(seed)
    devices = [parameter.device for parameter in trained[:1] if parameter.device.type == "cuda"]
    with torch.random.fork_rng(devices), nullcontext() if settings.compiled or devices else quick_products():
        torch.manual_seed(seed)
        identity = {"seed": seed, "rows": rows, **settings.model_dump(mode="json", exclude={"cuda_graphs"})}
        run = RunState(model, optimiser, shuffler, identity, made_from)
        epochs = run.resume(state)
        while not _finished(epochs, settings):
            _prepare(optimiser, learning_rate(settings, len(epochs)), captured=captured, device=rows_on)
            epoch = _one_epoch(model, step, validate, shuffler, rows, settings, len(epochs), group, rows_on)
            epochs.append(epoch)
            if History(tuple(epochs)).best is epoch:
                run.keep()
            if group.leads:
                run.save(state, epochs)
                on_epoch(epoch)
                tell(busy_notes(epoch.seconds, next(model.parameters()).device.type))
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


def _prepare(optimiser: torch.optim.Optimizer, rate: float, *, captured: bool, device: torch.device) -> None:
    """Give an optimiser its learning rate, in a tensor where steps are captured, whatever run its state is from."""
    for parameters in optimiser.param_groups:
        held, parameters["capturable"] = parameters["lr"], captured
        if not captured:
            parameters["lr"] = rate
        elif isinstance(held, Tensor) and held.device.type == device.type:
            held.fill_(rate)
        else:
            parameters["lr"] = torch.tensor(rate, device=device)


def _step_of(
    loss: Callable[[Int[Tensor, " b"]], Float[Tensor, ""]],
    optimiser: torch.optim.Optimizer,
    device: str,
    precision: Precision,
    group: ProcessGroup,
) -> Step:
    """A step as written: gradients of the loss, then the update."""
    trained = [parameter for parameters in optimiser.param_groups for parameter in parameters["params"]]

    def step(rows: Int[Tensor, " b"]) -> Float[Tensor, ""]:
        optimiser.zero_grad(set_to_none=True)
        with torch.autocast(device, torch.bfloat16, enabled=precision is Precision.BFLOAT16):
            value = loss(rows)
        value.backward()
        group.sum_gradients(trained)
        optimiser.step()
        return value.detach().clone()

    return step


def _one_epoch(
    model: nn.Module,
    step: Step,
    validate: Callable[[], float],
    shuffler: torch.Generator,
    rows: int,
    settings: TrainingSettings,
    number: int,
    group: ProcessGroup,
    rows_on: torch.device,
) -> Epoch:
    start = time.perf_counter()
    device, half = next(model.parameters()).device.type, settings.precision is Precision.BFLOAT16
    model.train()
    # Near-equal parts, so that no batch is left with the single row that batch norm cannot take.
    batches = torch.randperm(rows, generator=shuffler).to(rows_on).tensor_split(max(1, round(rows / settings.batch)))
    losses = [step(batch) for batch in batches]
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
