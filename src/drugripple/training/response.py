"""Stage 2: fine-tuning on measured responses, and predicting them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional as F

from drugripple.chem.graph import MolGraph
from drugripple.data.molecule_batch import collate, each_once
from drugripple.errors import ConfigError, TrainingError, first_line
from drugripple.model.free_factors import FreeTerms
from drugripple.model.fused.training import PairBatch, distinct_pairs, respond_pairs
from drugripple.model.mat.encoder import encode
from drugripple.model.network import ResponseNet
from drugripple.model.products import quick_products
from drugripple.model.settings import Freeze
from drugripple.training.device import pick_device
from drugripple.training.history import Epoch, History
from drugripple.training.loop import fit
from drugripple.training.made_from import UNKNOWN, MadeFrom
from drugripple.training.settings import TrainingSettings

EVALUATION_BATCH = 4096
"""Number of rows that are predicted at once."""
WHOLE_TABLES = 16_384
"""Number of samples and treatments up to which a GPU computes on all of them in each step, because it would otherwise
wait to learn which of them a batch holds."""
WHOLE_MOLECULES = 512
"""Number of distinct molecules up to which a GPU computes on all of them in each step, where their encoder is
trained."""


@dataclass(frozen=True)
class ResponseInputs:
    """What a response network reads of samples and treatments; `ResponseRows` point into these.

    Axes: n sample, t treatment (compound at a dose for a time), g gene, d molecule vector.
    """

    basal: Float[Tensor, "n g"]
    """Expression of each sample, as robust z-scores."""
    molecule: Float[Tensor, "t d"]
    """Molecule vector of each treatment."""
    dose_um: Float[Tensor, " t"]
    """Dose of each treatment, in micromolar."""
    hours: Float[Tensor, " t"]
    """Time of each treatment."""
    graphs: tuple[MolGraph, ...] = ()
    """Molecular graph of each treatment, where the molecule encoder is trained, too."""
    known: tuple[Int[Tensor, " n"], Int[Tensor, " t"]] | None = None
    """Numbers of samples and of treatments among the network's free vectors, where it has any."""

    def to(self, device: torch.device | str) -> "ResponseInputs":
        """The same inputs on another device; graphs stay on the host."""
        basal, molecule, dose_um, hours = (
            value.to(device) for value in (self.basal, self.molecule, self.dose_um, self.hours)
        )
        known = None if self.known is None else (self.known[0].to(device), self.known[1].to(device))
        return ResponseInputs(basal, molecule, dose_um, hours, self.graphs, known)


@dataclass(frozen=True)
class ResponseRows:
    """Measured rows: a sample, a treatment and a target each. Axis: m row."""

    sample: Int[Tensor, " m"]
    """Row of `ResponseInputs.basal`."""
    treatment: Int[Tensor, " m"]
    """Row of the three other inputs."""
    target: Float[Tensor, " m"]
    """The value to predict."""

    def __len__(self) -> int:
        return len(self.sample)

    def to(self, device: torch.device | str) -> "ResponseRows":
        """The same rows on another device."""
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
    made_from: MadeFrom = UNKNOWN,
    on_epoch: Callable[[Epoch], None] = lambda _: None,
) -> History:
    """Fit the head, the scaling layer and what else is not frozen; the network ends with the best epoch's weights.

    With a truly frozen backbone the chemical condition of each treatment is computed once and the fused form runs;
    otherwise the plain form does, because dropout and batch statistics differ from row to row. On a GPU every table and
    row number lies there from the start; up to `WHOLE_TABLES`, and `WHOLE_MOLECULES` where their encoder is trained, a
    step has fixed shapes and waits for nothing, and is captured as a CUDA graph.

    Args:
        net: the network, trained in place.
        inputs: samples and treatments.
        train: rows to learn from.
        valid: rows that decide when to stop.
        settings: optimiser and stopping rule.
        seed: the seed of order and dropout.
        state: the file that keeps the run between epochs.
        made_from: the digest of each thing that is trained from; a stored state goes on from the same alone.
        on_epoch: called after each epoch.

    Raises:
        ConfigError: if a step is to be compiled that is not of the fused form, or the molecule encoder is trained and
            the inputs have no graphs.
        TrainingError: as `fit`.

    Source: paper section 3.2.2.
    """
    device = pick_device(settings.device)
    net.to(device)
    here, train, valid = inputs.to(device), train.to(device), valid.to(device)
    _refuse_impossible(net, here, settings)
    fixed = _conditions(net, here) if net.settings.freeze is Freeze.TRUE else None
    whole = _entities(here) <= WHOLE_TABLES and (settings.compiled or device.type != "cpu")
    if net.trains_molecules:
        whole = whole and len(each_once(here.graphs)[0]) <= WHOLE_MOLECULES
    encode_some = _molecule_encoder(net, here, whole=whole)

    def loss(rows: Int[Tensor, " b"]) -> Float[Tensor, ""]:
        sample, treatment = train.sample[rows], train.treatment[rows]
        free = _free_terms(net, here, sample, treatment)
        if fixed is None:
            dose, hours = here.dose_um[treatment], here.hours[treatment]
            predicted = net(here.basal[sample], encode_some(treatment), dose, hours, free).ln_ic50
        else:
            gather = PairBatch if whole else distinct_pairs
            predicted = respond_pairs(net, gather(here.basal, fixed, sample, treatment), free)
        return F.mse_loss(predicted.float(), train.target[rows])

    def validate() -> float:
        predicted = predict_rows(net, _encoded_anew(net, here), valid.sample, valid.treatment)
        return F.mse_loss(predicted.cpu().double(), valid.target.cpu().double()).item()

    step = compiled_step(loss, device) if settings.compiled else loss
    return fit(
        net, step, validate, rows=len(train), settings=settings, seed=seed, state=state, made_from=made_from,
        on_epoch=on_epoch, rows_on=device, same_shapes=whole,
    )  # fmt: skip


def _refuse_impossible(net: ResponseNet, inputs: ResponseInputs, settings: TrainingSettings) -> None:
    """Refuse to compile another form than the fused one, and to train an encoder of molecules without their graphs.

    Raises:
        ConfigError: saying which.
    """
    frozen, entities = net.settings.freeze is Freeze.TRUE, _entities(inputs)
    if settings.compiled and not (frozen and entities <= WHOLE_TABLES):
        message = (
            f"compiled = true needs freeze = 'true' and at most {WHOLE_TABLES:,} samples and treatments, got "
            f"{net.settings.freeze.value!r} and {entities:,}; leave it out"
        )
        raise ConfigError(message)
    if net.trains_molecules and len(inputs.graphs) != len(inputs.molecule):
        graphs, treatments = len(inputs.graphs), len(inputs.molecule)
        message = f"freeze = 'none' needs the graph of every treatment, got {graphs} of {treatments}"
        raise ConfigError(message)


def _entities(inputs: ResponseInputs) -> int:
    return len(inputs.basal) + len(inputs.molecule)


def compiled_step(
    loss: Callable[[Int[Tensor, " b"]], Float[Tensor, ""]], device: torch.device
) -> Callable[[Int[Tensor, " b"]], Float[Tensor, ""]]:
    """Compile a loss into one graph, on a GPU with CUDA graphs; what an earlier fit compiled is forgotten.

    Raises:
        TrainingError: at its first call, if this machine cannot compile.
    """
    from torch import _dynamo  # imported here because it takes a second

    _dynamo.reset()  # otherwise the sizes of each fit's tables count towards one limit of recompiling
    compiled = torch.compile(loss, fullgraph=True, mode="reduce-overhead" if device.type == "cuda" else "default")

    def step(rows: Int[Tensor, " b"]) -> Float[Tensor, ""]:
        try:
            return compiled(rows)
        except _dynamo.exc.BackendCompilerFailed as error:
            cause = getattr(error, "inner_exception", error)
            reason = f"{type(cause).__name__}: {first_line(cause)}"
            message = (
                f"the step cannot be compiled here ({reason}); install what torch.compile needs (a C++ compiler, on a "
                "GPU Triton) or leave compiled = true out"
            )
            raise TrainingError(message) from error

    return step


def predict_rows(
    net: ResponseNet, inputs: ResponseInputs, sample: Int[Tensor, " m"], treatment: Int[Tensor, " m"]
) -> Float[Tensor, " m"]:
    """Predict rows in evaluation mode, in bounded memory."""
    net.eval()
    with torch.no_grad(), quick_products():
        compound = _conditions(net, inputs)
        parts = []
        for some in _parts(len(sample)):
            pairs = distinct_pairs(inputs.basal, compound, sample[some], treatment[some])
            parts.append(respond_pairs(net, pairs, _free_terms(net, inputs, sample[some], treatment[some])).float())
        return torch.cat(parts)


def _free_terms(
    net: ResponseNet, inputs: ResponseInputs, sample: Int[Tensor, " b"], treatment: Int[Tensor, " b"]
) -> FreeTerms | None:
    """What free vectors add to each pair, where there are any."""
    if net.factors is None or inputs.known is None:
        return None
    of_sample, of_treatment = inputs.known
    return net.factors(of_sample[sample], of_treatment[treatment])


def _molecule_encoder(
    net: ResponseNet, inputs: ResponseInputs, *, whole: bool
) -> Callable[[Int[Tensor, " b"]], Float[Tensor, "b d"]]:
    """Gives the molecule vectors of a batch's treatments; where the encoder is trained, each treatment is encoded once.

    With `whole` every molecule of the table is, once, in whatever batch.
    """
    if not net.trains_molecules:
        return lambda treatment: inputs.molecule[treatment]
    mat, device, dtype = net.backbone.mat, inputs.molecule.device, inputs.molecule.dtype
    if whole:
        distinct, rows = each_once(inputs.graphs)
        row_of, table = torch.tensor(rows, device=device), collate(distinct).to(device, dtype)
        prepared = mat.prepare(table)
        return lambda treatment: mat(table, prepared)[row_of[treatment]]

    def of_batch(treatment: Int[Tensor, " b"]) -> Float[Tensor, "b d"]:
        distinct, row = torch.unique(treatment, return_inverse=True)
        graphs = collate([inputs.graphs[number] for number in distinct.tolist()])
        return mat(graphs.to(device, dtype))[row]

    return of_batch


def _encoded_anew(net: ResponseNet, inputs: ResponseInputs) -> ResponseInputs:
    """The inputs with the vectors that a trained encoder gives now."""
    if not net.trains_molecules:
        return inputs
    return replace(inputs, molecule=encode(net.backbone.mat, inputs.graphs, device=inputs.molecule.device))


def _conditions(net: ResponseNet, inputs: ResponseInputs) -> Float[Tensor, "t g"]:
    """The chemical condition D of every treatment, in evaluation mode."""
    condition = net.backbone.condition
    training = condition.training
    condition.eval()
    with torch.no_grad():
        compound = condition(inputs.molecule, inputs.dose_um, inputs.hours)
    condition.train(training)
    return compound


def _parts(rows: int) -> Iterator[slice]:
    return (slice(start, start + EVALUATION_BATCH) for start in range(0, rows, EVALUATION_BATCH))
