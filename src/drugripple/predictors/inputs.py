"""From tables to what the networks read: molecule vectors, scaled expression, treatments."""

from collections.abc import Sequence
from dataclasses import dataclass

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
from drugripple.model.mat.encoder import MoleculeAttentionTransformer, encode
from drugripple.model.network import PerturbationNet
from drugripple.runtime.progress import Progress, no_progress
from drugripple.training.response import ResponseInputs


@dataclass(frozen=True)
class Molecules:
    """Graphs of a compound table's rows."""

    graphs: tuple[MolGraph, ...]

    def encode(self, mat: MoleculeAttentionTransformer) -> Float[Tensor, "c d"]:
        """One vector a compound, in the table's order."""
        return encode(mat, self.graphs).cpu()


def molecules_of(
    compounds: CompoundTable,
    *,
    fallback_keeps_hydrogens: bool = False,
    progress: Progress = no_progress,
    seed: int = 0,
) -> Molecules:
    """Graphs of every compound's molecule, as `build_graph` makes them, from the disk cache where it has them."""
    graphs = featurise(
        sorted(set(compounds.molecules), key=lambda molecule: molecule.parent),
        seed=seed,
        fallback_keeps_hydrogens=fallback_keeps_hydrogens,
        cache=cache_folder() / "molecules",
        progress=progress,
    )
    return Molecules(tuple(graphs[molecule.parent] for molecule in compounds.molecules))


def molecule_vectors(
    net: PerturbationNet, compounds: CompoundTable, *, progress: Progress = no_progress
) -> Float[Tensor, "c d"]:
    """What a network reads of each compound's molecule: its encoder's vector, or Morgan bits."""
    if net.molecule is not None:
        return graphs_for(net, compounds, progress=progress).encode(net.molecule)
    return torch.from_numpy(morgan(compounds.molecules, bits=net.settings.fingerprint_bits))


def graphs_for(net: PerturbationNet, compounds: CompoundTable, *, progress: Progress = no_progress) -> Molecules:
    """The graphs that a network's molecule encoder reads, in the form that the network was trained on."""
    return molecules_of(compounds, fallback_keeps_hydrogens=net.settings.fallback_keeps_hydrogens, progress=progress)


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
