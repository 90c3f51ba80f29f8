"""A fitted autoencoder of responses: what the network reads, and what it answers."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Float32
from scipy.special import erf

from drugripple.data.tables import ExpressionTable
from drugripple.genes.ranks import normal_scores
from drugripple.genes.space import GeneSpace
from drugripple.predictors.features import PrincipalAxes, on_genes

INPUT_SCALE = 0.25
"""Factor of responses and components; with it a fresh network starts near the linear part of its units."""


class Layers(NamedTuple):
    """Parameters. Axes: k member, d input, w hidden unit, r of the linear path, c compound."""

    encode: Float32[np.ndarray, "k d w"]
    encode_bias: Float32[np.ndarray, "k 1 w"]
    decode: Float32[np.ndarray, "k w c"]
    decode_bias: Float32[np.ndarray, "k 1 c"]
    narrow: Float32[np.ndarray, "k d r"]
    widen: Float32[np.ndarray, "k r c"]

    def respond(self, inputs: Float32[np.ndarray, "n d"]) -> Float[np.ndarray, "n c"]:
        """The mean over members of what they make of some samples."""
        hidden = inputs @ self.encode + self.encode_bias
        hidden = 0.5 * hidden * (1 + erf(hidden / np.float32(np.sqrt(2))))
        found = hidden @ self.decode + self.decode_bias + inputs @ self.narrow @ self.widen
        return found.astype(np.float64).mean(axis=0)


@dataclass(frozen=True)
class FittedAutoencoder:
    """What was learnt. Axes: n training sample, c training compound, g gene, p component."""

    samples: tuple[str, ...]
    compounds: tuple[str, ...]
    """Parent SMILES."""
    genes: GeneSpace
    axes: PrincipalAxes
    spread: Float32[np.ndarray, " p"]
    """Standard deviation of the training samples along each axis."""
    mean: Float[np.ndarray, " c"]
    deviation: Float[np.ndarray, " c"]
    layers: Layers
    answers: Float[np.ndarray, "n c"]
    """Predicted responses of the training samples, with all that was measured of them shown."""

    def grid(self, expression: ExpressionTable) -> Float[np.ndarray, "a c"]:
        """The response of every sample to every training compound.

        Raises:
            GeneSpaceError: if a new sample lacks a gene of the fit.
        """
        place = {name: row for row, name in enumerate(self.samples)}
        row = np.array([place.get(name, -1) for name in expression.samples], dtype=np.int64)
        found, new = self.answers[row], np.flatnonzero(row < 0)
        if new.size:
            components = scaled_components(expression.take(new), self.genes, self.axes, self.spread)
            nothing = np.zeros((len(new), len(self.compounds)), dtype=np.float32)
            found[new] = self.mean + self.deviation * self.layers.respond(inputs(nothing, nothing > 0, components))
        return found


def inputs(
    responses: Float32[np.ndarray, "n c"], shown: Bool[np.ndarray, "*k n c"], components: Float32[np.ndarray, "*k n p"]
) -> Float32[np.ndarray, "*k n d"]:
    """x: what the network reads of some samples."""
    number = np.maximum(shown.sum(axis=-1, keepdims=True), 1)
    scaled = np.where(shown, responses, 0) * np.sqrt(shown.shape[-1] / number)
    parts = (INPUT_SCALE * scaled, shown - 0.5, INPUT_SCALE * components)
    return np.concatenate([part.astype(np.float32) for part in parts], axis=-1)


def scaled_components(
    expression: ExpressionTable, genes: GeneSpace, axes: PrincipalAxes, spread: Float32[np.ndarray, " p"]
) -> Float32[np.ndarray, "n p"]:
    """p: scores on the axes, with a deviation of 1 among training samples.

    Raises:
        GeneSpaceError: if a gene of the fit is not measured.
    """
    return axes.of(normal_scores(on_genes(expression, genes)).astype(np.float32)) / spread
