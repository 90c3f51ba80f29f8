"""Reads the authors' published weights into our networks. Facts only: names and shapes of tensors.

The weights are CC BY-NC-SA 4.0 and are never shipped. They mean something only with `apply="rowsum"`, the function
they were trained with; the reader therefore fixes the preset `released`.

Source: the state dicts published with Bang, Koo and Kim 2024, doi:10.1093/bioinformatics/btae249.
"""

from collections.abc import Mapping
from pathlib import Path

from torch import Tensor, nn

from drugripple.errors import CheckpointError, first_five
from drugripple.genes.prior import InteractionPrior
from drugripple.genes.symbols import SymbolMap
from drugripple.model.network import PerturbationNet, ResponseNet
from drugripple.model.presets import Preset
from drugripple.model.settings import Freeze
from drugripple.model.storage import read_state_dict, require_same_shapes

_STAGE_ONE = {
    "attention.w_gene": "w_gex",
    "attention.w_comp": "w_comp",
    "condition.projection.linear.": "CCE.comp_proj.0.",
    "condition.projection.norm.": "CCE.comp_proj.1.",
    "condition.time.": "CCE.time_enc.",
    "condition.dose.": "CCE.dose_enc.",
    "molecule.": "CCE.MAT.",
    "norm.": "feed_forward.0.",
    "output.weight": "feed_forward.3.weight",
}
"""How our names of a stage-1 network begin, and the authors' in their place."""

_STAGE_TWO = {
    **{f"backbone.{ours}": f"CSG2A.{theirs}" for ours, theirs in _STAGE_ONE.items()},
    "rescale.scale": "scalar",
    "rescale.shift": "bias",
    "project_basal.linear.": "bgex_proj.0.",
    "project_basal.norm.": "bgex_proj.1.",
    "project_treated.linear.": "agex_proj.0.",
    "project_treated.norm.": "agex_proj.1.",
    "project_compound.linear.": "comp_proj.0.",
    "project_compound.norm.": "comp_proj.1.",
    "head.first.linear.": "pred_head.0.",
    "head.first.norm.": "pred_head.1.",
    "head.second.linear.": "pred_head.4.",
    "head.second.norm.": "pred_head.5.",
    "head.output.": "pred_head.8.",
}
"""How our names of a stage-2 network begin, and the authors' in their place."""


def published_names(net: PerturbationNet | ResponseNet) -> dict[str, str]:
    """Our name of each tensor and the authors'.

    Raises:
        CheckpointError: if the network has a tensor that the authors' has not.

    >>> _rename("head.second.norm.weight", _STAGE_TWO)
    'pred_head.5.weight'
    """
    stage = _STAGE_ONE if isinstance(net, PerturbationNet) else _STAGE_TWO
    return {name: _rename(name, stage) for name in net.state_dict()}


def read_pretrained(path: Path, prior: InteractionPrior) -> PerturbationNet:
    """Read the authors' stage-1 network. The genes of `prior` must be the 978 landmarks in the published order.

    Raises:
        CheckpointError: if the file is damaged, the genes are in another order, or a tensor does not fit.
    """
    state = read_state_dict(path)
    net = PerturbationNet(_checked(prior), Preset.RELEASED.perturbation())
    _fill(net, state, path)
    return net.eval()


def read_finetuned(path: Path, prior: InteractionPrior) -> ResponseNet:
    """Read the authors' stage-2 network; `prior` is as for `read_pretrained`.

    Raises:
        CheckpointError: as `read_pretrained`.
    """
    state = read_state_dict(path)
    backbone = PerturbationNet(_checked(prior), Preset.RELEASED.perturbation())
    net = ResponseNet(backbone, Preset.RELEASED.response(freeze=Freeze.RELEASED))
    _fill(net, state, path)
    return net.eval()


def read_backbone(path: Path, prior: InteractionPrior) -> PerturbationNet:
    """Read the stage-1 network of either file of the authors; `prior` is as for `read_pretrained`.

    Raises:
        CheckpointError: as `read_pretrained`.
    """
    fine_tuned = any(name.startswith("CSG2A.") for name in read_state_dict(path))
    return read_finetuned(path, prior).backbone if fine_tuned else read_pretrained(path, prior)


def _rename(name: str, stage: Mapping[str, str]) -> str:
    for ours, theirs in stage.items():
        if name.startswith(ours):
            return theirs + name.removeprefix(ours)
    message = f"the published layout has no tensor for {name!r}; make the network with the preset 'released'"
    raise CheckpointError(message)


def _checked(prior: InteractionPrior) -> InteractionPrior:
    """The prior, if its genes are the 978 landmarks in the published order, which the state dict does not store."""
    published, given = SymbolMap.landmarks().space.symbols, prior.genes.symbols
    advice = "give the genes of SymbolMap.landmarks() in their order"
    if len(given) != len(published):
        message = f"the published weights are for {len(published)} landmark genes, got {len(given)}; {advice}"
        raise CheckpointError(message)
    differ = [
        f"{place}: {found} (published: {wanted})"
        for place, (found, wanted) in enumerate(zip(given, published, strict=True), start=1)
        if found != wanted
    ]
    if differ:
        message = f"{len(differ)} of {len(given)} genes stand elsewhere than published: {first_five(differ)}; {advice}"
        raise CheckpointError(message)
    return prior


def _fill(net: PerturbationNet | ResponseNet, state: Mapping[str, Tensor], path: Path) -> None:
    names = published_names(net)
    wanted = {names[name]: tensor for name, tensor in net.state_dict().items()}
    require_same_shapes(state, wanted, origin=path, network="a network of the preset 'released'")
    own: dict[str, Tensor] = {ours: state[theirs] for ours, theirs in names.items()}
    module: nn.Module = net
    module.load_state_dict(own)
