"""A fine-tuned network opened up: what its attention layer reads, and the profiles that it predicts."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from drugripple.data.tables import CompoundTable, ExpressionTable
from drugripple.errors import ConfigError
from drugripple.genes.scaling import RobustScaler
from drugripple.genes.space import GeneSpace
from drugripple.interpretation.compound_maps import MeanMaps
from drugripple.model.network import PerturbationNet
from drugripple.predictors.csg2a import NetworkPredictor
from drugripple.predictors.inputs import molecule_vectors
from drugripple.predictors.saving import require_fitted

ROWS_AT_ONCE = 1024
DOSE_UM = 10.0


@dataclass(frozen=True)
class OpenNetwork:
    """A pretrained part with samples and compounds as it reads them. Axes: n sample, c compound, g gene."""

    net: PerturbationNet
    basal: Float[Tensor, "n g"]
    conditions: Float[Tensor, "c g"]

    @property
    def genes(self) -> GeneSpace:
        """The genes of every column."""
        return self.net.genes

    def maps(self, rows: Int[np.ndarray, " k"]) -> MeanMaps:
        """Mean attention maps over some samples, for any compound.

        Raises:
            ConfigError: if the network has no attention.
        """
        if self.net.attention is None:
            message = "this network mixes by addition (mixing = 'plain') and has no attention maps"
            raise ConfigError(message)
        return MeanMaps.of(self.net.attention, self.genes, self.basal[torch.from_numpy(rows)].numpy())

    def treated(self, samples: Int[np.ndarray, " m"], compounds: Int[np.ndarray, " m"]) -> Float[np.ndarray, "m g"]:
        """Predicted profiles of pairs."""
        return np.concatenate(list(self._blocks(samples, compounds)))

    def distances(self, samples: Int[np.ndarray, " m"], compounds: Int[np.ndarray, " m"]) -> Float[np.ndarray, " m"]:
        """How far each pair's predicted profile lies from the basal one; profiles are never all in memory."""
        found, start = [], 0
        for block in self._blocks(samples, compounds):
            basal = self.basal[torch.from_numpy(samples[start : start + len(block)])].numpy()
            found.append(np.linalg.norm(block - basal, axis=1))
            start += len(block)
        return np.concatenate(found).astype(np.float64)

    def _blocks(
        self, samples: Int[np.ndarray, " m"], compounds: Int[np.ndarray, " m"]
    ) -> Iterator[Float[np.ndarray, "b g"]]:
        with torch.no_grad():
            for part in torch.arange(len(samples)).split(ROWS_AT_ONCE):
                at, of = torch.from_numpy(samples)[part], torch.from_numpy(compounds)[part]
                yield self.net.perturb(self.basal[at], self.conditions[of]).treated.numpy()


def open_network(predictor: NetworkPredictor, expression: ExpressionTable, compounds: CompoundTable) -> OpenNetwork:
    """A fine-tuned network's pretrained part, behind its scaling layer."""
    fitted = require_fitted(predictor.fitted, predictor.name)
    net, settings = fitted.net, fitted.net.settings
    z = fitted.scaler.transform(expression.restrict(net.genes).values)
    with torch.no_grad():
        basal = net.rescale(torch.from_numpy(z))
    conditions = conditions_of(net.backbone, compounds, dose_um=settings.dose_um, hours=settings.hours)
    return OpenNetwork(net.backbone, basal, conditions)


def open_pretrained(
    net: PerturbationNet,
    expression: ExpressionTable,
    compounds: CompoundTable,
    *,
    hours: float,
    dose_um: float = DOSE_UM,
) -> OpenNetwork:
    """A pretrained network as it is, without a scaling layer, told robust z-scores of all samples."""
    values = expression.restrict(net.genes).values
    z = RobustScaler.fit(values).transform(values)
    return OpenNetwork(net, torch.from_numpy(z), conditions_of(net, compounds, dose_um=dose_um, hours=hours))


def conditions_of(
    net: PerturbationNet, compounds: CompoundTable, *, dose_um: float, hours: float
) -> Float[Tensor, "c g"]:
    """The chemical condition of each compound at one dose and time."""
    vectors = molecule_vectors(net, compounds)
    net.eval()
    with torch.no_grad():
        return net.condition(vectors, torch.full((len(vectors),), dose_um), torch.full((len(vectors),), hours))
