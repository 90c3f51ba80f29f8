"""Stage 2: fine-tuning on measured responses, and predicting them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional as F

from drugripple.errors import ConfigError, TrainingError
from drugripple.model.fused.training import Pairs, pairs, respond_pairs
from drugripple.model.network import ResponseNet
from drugripple.model.settings import Freeze
from drugripple.training.loop import Epoch, History, fit
from drugripple.training.settings import TrainingSettings

EVALUATION_BATCH = 4096
WHOLE_TABLES = 16_384
"""Up to so many samples and treatments a GPU computes on all of them in each step, so that it need not wait to be told
which of them a batch holds."""


@dataclass(frozen=True)
class ResponseInputs:
    """What a response network reads, one row a sample or a treatment; rows of a task point into these.

    Axes: n sample, t treatment (compound at a dose for a time), g gene, d molecule vector.
    """

    basal: Float[Tensor, "n g"]
    """Robust z-scores."""
    molecule: Float[Tensor, "t d"]
    dose_um: Float[Tensor, " t"]
    hours: Float[Tensor, " t"]

    def to(self, device: torch.device | str) -> "ResponseInputs":
        """The same inputs elsewhere."""
        return ResponseInputs(*(value.to(device) for value in (self.basal, self.molecule, self.dose_um, self.hours)))


@dataclass(frozen=True)
class ResponseRows:
    """Measured rows: a sample, a treatment and a target each."""

    sample: Int[Tensor, " m"]
    treatment: Int[Tensor, " m"]
    target: Float[Tensor, " m"]

    def __len__(self) -> int:
        return len(self.sample)

    def to(self, device: torch.device | str) -> "ResponseRows":
        """The same rows elsewhere."""
        return ResponseRows(self.sample.to(device), self.treatment.to(device), self.target.to(device))


def finetune(
    net: ResponseNet,
    inputs: ResponseInputs,
    train: ResponseRows,
    valid: ResponseRows,
    settings: TrainingSettings,
    *,
    seed: int,
    state: Path | None = None,
    on_epoch: Callable[[Epoch], None] = lambda _: None,
) -> History:
    """Fit the head and the scaling layer (and what else is not frozen) to the training rows; best epoch restored.

    With a truly frozen backbone the chemical condition of each treatment is computed once and the fused path runs;
    otherwise the plain path does, because dropout and batch statistics differ from row to row. On a GPU every table and
    row number lies there from the start; up to `WHOLE_TABLES` a step of the fused path has fixed shapes and waits for
    nothing.

    Raises:
        ConfigError: if a step is to be compiled that is not the fused path's.
        TrainingError: as `fit`.

    Source: paper section 3.2.2, spec csg2a section 4.2.
    """
    device = pick_device(settings.device)
    net.to(device)
    here, train, valid = inputs.to(device), train.to(device), valid.to(device)
    frozen, entities = net.settings.freeze is Freeze.TRUE, len(here.basal) + len(here.molecule)
    few = entities <= WHOLE_TABLES
    if settings.compiled and not (frozen and few):
        message = (
            f"compiled = true needs freeze = 'true' and at most {WHOLE_TABLES:,} samples and treatments, got "
            f"{net.settings.freeze.value!r} and {entities:,}; leave it out"
        )
        raise ConfigError(message)
    fixed = _conditions(net, here) if frozen else None
    whole = few and (settings.compiled or device.type != "cpu")

    def loss(rows: Int[Tensor, " b"]) -> Float[Tensor, ""]:
        sample, treatment = train.sample[rows], train.treatment[rows]
        if fixed is None:
            molecule, dose, hours = here.molecule[treatment], here.dose_um[treatment], here.hours[treatment]
            predicted = net(here.basal[sample], molecule, dose, hours).ln_ic50
        else:
            gather = Pairs if whole else pairs
            predicted = respond_pairs(net, gather(here.basal, fixed, sample, treatment))
        return F.mse_loss(predicted.float(), train.target[rows])

    def validate() -> float:
        predicted = predict_rows(net, here, valid.sample, valid.treatment)
        return F.mse_loss(predicted.cpu().double(), valid.target.cpu().double()).item()

    step = compiled_step(loss, device) if settings.compiled else loss
    return fit(
        net, step, validate, rows=len(train), settings=settings, seed=seed, state=state, on_epoch=on_epoch,
        rows_on=device,
    )  # fmt: skip


def compiled_step(
    loss: Callable[[Int[Tensor, " b"]], Float[Tensor, ""]], device: torch.device
) -> Callable[[Int[Tensor, " b"]], Float[Tensor, ""]]:
    """A loss as one compiled graph, on a GPU with CUDA graphs; what an earlier fit compiled is forgotten.

    Raises:
        TrainingError: at its first call, if this machine cannot compile.
    """
    from torch import _dynamo  # a second that only this needs

    _dynamo.reset()  # else the sizes of each fit's tables count towards one limit of recompiling
    compiled = torch.compile(loss, fullgraph=True, mode="reduce-overhead" if device.type == "cuda" else "default")

    def step(rows: Int[Tensor, " b"]) -> Float[Tensor, ""]:
        try:
            return compiled(rows)
        except _dynamo.exc.BackendCompilerFailed as error:
            cause = getattr(error, "inner_exception", error)
            reason = f"{type(cause).__name__}: {str(cause).splitlines()[0]}"
            message = (
                f"the step cannot be compiled here ({reason}); install what torch.compile needs (a C++ compiler, on a "
                "GPU Triton) or leave compiled = true out"
            )
            raise TrainingError(message) from error

    return step


def predict_rows(
    net: ResponseNet, inputs: ResponseInputs, sample: Int[Tensor, " m"], treatment: Int[Tensor, " m"]
) -> Float[Tensor, " m"]:
    """Predictions of rows, in evaluation mode, in bounded memory."""
    net.eval()
    with torch.no_grad():
        compound = _conditions(net, inputs)
        return torch.cat(
            [
                respond_pairs(net, pairs(inputs.basal, compound, sample[part], treatment[part])).float()
                for part in _parts(len(sample))
            ]
        )


def pick_device(name: str) -> torch.device:
    """A device by name; `auto` takes a GPU where there is one."""
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    return torch.device(name)


def _conditions(net: ResponseNet, inputs: ResponseInputs) -> Float[Tensor, "t g"]:
    """D of every treatment, in evaluation mode."""
    condition = net.backbone.condition
    training = condition.training
    condition.eval()
    with torch.no_grad():
        compound = condition(inputs.molecule, inputs.dose_um, inputs.hours)
    condition.train(training)
    return compound


def _parts(rows: int) -> Iterator[slice]:
    return (slice(start, start + EVALUATION_BATCH) for start in range(0, rows, EVALUATION_BATCH))
