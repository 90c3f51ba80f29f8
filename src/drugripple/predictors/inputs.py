"""From tables to what the networks read: molecule vectors, scaled expression, treatments."""

from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from drugripple.chem.featurise import featurise
from drugripple.chem.fingerprint import morgan
from drugripple.chem.graph import MolGraph
from drugripple.config import cache_folder
from drugripple.data.tables import CompoundTable, ExpressionTable
from drugripple.genes.scaling import RobustScaler
from drugripple.model.mat.encoder import encode
from drugripple.model.network import PerturbationNet
from drugripple.runtime.progress import Progress, no_progress
from drugripple.training.response import ResponseInputs


def molecule_graphs(
    compounds: CompoundTable, *, fallback_keeps_hydrogens: bool = False, progress: Progress = no_progress
) -> tuple[MolGraph, ...]:
    """Graphs of a compound table's rows, as `build_graph` makes them, from the disk cache where it has them."""
    graphs = featurise(
        sorted(set(compounds.molecules), key=lambda molecule: molecule.parent),
        fallback_keeps_hydrogens=fallback_keeps_hydrogens,
        cache=cache_folder() / "molecules",
        progress=progress,
    )
    return tuple(graphs[molecule.parent] for molecule in compounds.molecules)


def molecule_vectors(
    net: PerturbationNet, compounds: CompoundTable, *, progress: Progress = no_progress
) -> Float[Tensor, "c d"]:
    """What a network reads of each compound's molecule: its encoder's vector, or Morgan bits."""
    if net.molecule is not None:
        return encode(net.molecule, graphs_for(net, compounds, progress=progress)).cpu()
    return torch.from_numpy(morgan(compounds.molecules, bits=net.settings.fingerprint_bits))


def graphs_for(
    net: PerturbationNet, compounds: CompoundTable, *, progress: Progress = no_progress
) -> tuple[MolGraph, ...]:
    """The graphs that a network's molecule encoder reads, in the form that the network was trained on."""
    keeps = net.settings.fallback_keeps_hydrogens
    return molecule_graphs(compounds, fallback_keeps_hydrogens=keeps, progress=progress)


def response_inputs(
    expression: ExpressionTable,
    scaler: RobustScaler,
    vectors: Float[Tensor, "c d"],
    dose_um: float | Sequence[float],
    hours: float | Sequence[float],
) -> ResponseInputs:
    """Robust z-scores of samples beside treatments: each molecule at its dose for its time."""
    count = len(vectors)
    return ResponseInputs(
        torch.from_numpy(scaler.transform(expression.values)),
        vectors,
        torch.from_numpy(np.broadcast_to(np.asarray(dose_um, dtype=np.float32), (count,)).copy()),
        torch.from_numpy(np.broadcast_to(np.asarray(hours, dtype=np.float32), (count,)).copy()),
    )
