"""Reads the authors' published weights into our networks. Facts only: names and shapes of tensors.

The weights are CC BY-NC-SA 4.0 and are never shipped; they mean something only with `apply="rowsum"`, the function
they were trained with, which is why the reader fixes the preset `released`.

Source: spec csg2a section 3.7.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from pickle import UnpicklingError

import torch
from torch import Tensor, nn

from drugripple.errors import CheckpointError, first_five
from drugripple.genes.prior import InteractionPrior
from drugripple.model.network import PerturbationNet, ResponseNet
from drugripple.model.settings import Freeze, Preset

FIRST_GENES = ("DDR1", "PAX8", "RPS5", "ABCF1", "SPAG7")
"""How the published 978-gene order begins; the state dict does not store it."""

_STAGE_ONE = (
    (r"attention\.w_gene$", "w_gex"),
    (r"attention\.w_comp$", "w_comp"),
    (r"condition\.project\.", "CCE.comp_proj.0."),
    (r"condition\.norm\.", "CCE.comp_proj.1."),
    (r"condition\.time\.", "CCE.time_enc."),
    (r"condition\.dose\.", "CCE.dose_enc."),
    (r"molecule\.", "CCE.MAT."),
    (r"norm\.", "feed_forward.0."),
    (r"output\.", "feed_forward.3."),
)
_STAGE_TWO = (
    (r"backbone\.", "CSG2A."),
    (r"rescale\.scale$", "scalar"),
    (r"rescale\.shift$", "bias"),
    (r"head\.", "pred_head."),
    (r"treated\.", "agex_proj."),
    (r"basal\.", "bgex_proj."),
    (r"compound\.", "comp_proj."),
)


def published_names(net: PerturbationNet | ResponseNet) -> dict[str, str]:
    """Our tensor names and the authors' for them.

    >>> _rename("attention.w_gene", _STAGE_ONE)
    'w_gex'
    """
    if isinstance(net, PerturbationNet):
        return {name: _rename(name, _STAGE_ONE) for name in net.state_dict()}
    names = {}
    for name in net.state_dict():
        inner = name.removeprefix("backbone.")
        names[name] = _rename(name, _STAGE_TWO) if inner == name else "CSG2A." + _rename(inner, _STAGE_ONE)
    return names


def read_pretrained(path: Path, prior: InteractionPrior) -> PerturbationNet:
    """The authors' stage-1 network on the genes of `prior`, which must be in the published order.

    Raises:
        CheckpointError: if the file is damaged, the genes are in another order, or a tensor does not fit.
    """
    state = _state(path)
    net = PerturbationNet(_checked(prior), Preset.RELEASED.perturbation())
    _fill(net, state, path)
    return net.eval()


def read_finetuned(path: Path, prior: InteractionPrior) -> ResponseNet:
    """The authors' stage-2 network; `prior` as for `read_pretrained`.

    Raises:
        CheckpointError: as `read_pretrained`.
    """
    state = _state(path)
    backbone = PerturbationNet(_checked(prior), Preset.RELEASED.perturbation())
    net = ResponseNet(backbone, Preset.RELEASED.response(freeze=Freeze.RELEASED))
    _fill(net, state, path)
    return net.eval()


def _rename(name: str, rules: tuple[tuple[str, str], ...]) -> str:
    for ours, theirs in rules:
        if re.match(ours, name):
            return re.sub(ours, theirs, name, count=1)
    message = f"the published layout has no tensor for {name!r}; its preset is `released`"
    raise CheckpointError(message)


def _checked(prior: InteractionPrior) -> InteractionPrior:
    if prior.genes.symbols[: len(FIRST_GENES)] != FIRST_GENES:
        message = (
            f"the published weights begin with genes {list(FIRST_GENES)}, this panel with "
            f"{first_five(prior.genes.symbols)}; give the genes in the published order"
        )
        raise CheckpointError(message)
    return prior


def _state(path: Path) -> Mapping[str, Tensor]:
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, RuntimeError, EOFError, UnpicklingError) as error:
        message = f"{path} cannot be read as a plain state dict ({str(error).splitlines()[0]})"
        raise CheckpointError(message) from error
    if not isinstance(state, Mapping) or not all(isinstance(value, Tensor) for value in state.values()):
        message = f"{path} holds a {type(state).__name__}, not a mapping of names to tensors"
        raise CheckpointError(message)
    return state


def _fill(net: PerturbationNet | ResponseNet, state: Mapping[str, Tensor], path: Path) -> None:
    names = published_names(net)
    shapes = {names[name]: tuple(tensor.shape) for name, tensor in net.state_dict().items()}
    found = {name: tuple(tensor.shape) for name, tensor in state.items()}
    if shapes != found:
        differ = sorted(name for name in shapes.keys() | found.keys() if shapes.get(name) != found.get(name))
        message = f"{path}: {len(differ)} tensors are missing, unknown or misshapen: {first_five(differ)}"
        raise CheckpointError(message)
    own: dict[str, Tensor] = {ours: state[theirs] for ours, theirs in names.items()}
    module: nn.Module = net
    module.load_state_dict(own)
