"""What the network of a fit is made from: a pretrained one, or genes and the interactions between them."""

from dataclasses import dataclass
from pathlib import Path

from drugripple.errors import ConfigError
from drugripple.genes.prior import InteractionPrior
from drugripple.genes.space import GeneSpace
from drugripple.model.network import PerturbationNet
from drugripple.model.presets import FORM
from drugripple.model.settings import RANDOM, BackboneGenes, Prior
from drugripple.model.shipped import fresh_network, pretrained
from drugripple.model.shipped_interactions import shipped_interactions
from drugripple.predictors.csg2a_settings import NetworkSettings
from drugripple.sources.public.tidy import landmark_genes, read_interactions


@dataclass(frozen=True)
class BackboneSource:
    """What the backbones of fits are made from, read beforehand: a pretrained network, or genes and interactions."""

    pretrained: PerturbationNet | None = None
    landmarks: GeneSpace | None = None
    """Genes of a random network, unless it has all that are measured."""
    interactions: InteractionPrior | None = None
    """Interactions between any genes, for a random network."""

    @classmethod
    def read(cls, settings: NetworkSettings, data: Path | None = None) -> "BackboneSource":
        """Read what settings ask for.

        Args:
            settings: which network.
            data: tidy folder that holds the interaction prior and the landmark genes, for a random one; where there is
                none, the shipped network's genes and prior are taken.

        Raises:
            DrugrippleError: if there is no such network, it is not of the form of the preset named, or no
                folder is given where one is needed.
        """
        if settings.backbone != RANDOM:
            net = pretrained(settings.backbone).net
            _refuse_another_form(settings, net)
            return cls(net)
        if data is None:
            if settings.genes is BackboneGenes.ALL:
                message = "a network on all genes needs `data`, a tidy folder with the interaction prior of those genes"
                raise ConfigError(message)
            shipped = shipped_interactions()
            return cls(None, shipped.genes, shipped)
        landmarks = landmark_genes(data) if settings.genes is BackboneGenes.LANDMARK else None
        return cls(None, landmarks, read_interactions(data))

    def make(self, settings: NetworkSettings, measured: GeneSpace, *, seed: int) -> PerturbationNet:
        """The network to fine-tune, on the genes that are both its own and measured.

        Args:
            settings: which network.
            measured: genes of the expression.
            seed: of random weights and of a rewired prior.

        Raises:
            DrugrippleError: if none of its genes is measured, or what it is made from was not read.
        """
        if self.pretrained is not None:
            net = self.pretrained.restrict(self.pretrained.genes.shared_with(measured))
        elif self.interactions is not None:
            genes = measured if self.landmarks is None else self.landmarks.shared_with(measured)
            prior = self.interactions.between(genes)
            net = fresh_network(prior, settings.perturbation, seed=seed, encoder=settings.encoder)
        else:
            message = "a random backbone needs the interactions between genes; read them with BackboneSource.read"
            raise ConfigError(message)
        if settings.prior is Prior.STRING:
            return net
        known = net.interactions
        return net.with_prior(
            known.rewired(seed) if settings.prior is Prior.REWIRED else InteractionPrior.empty(net.genes)
        )


def _refuse_another_form(settings: NetworkSettings, net: PerturbationNet) -> None:
    """Refuse a backbone of another form than that of a preset which was named."""
    if "preset" not in settings.model_fields_set:
        return
    wanted = settings.preset.perturbation()
    differ = [
        f"{key} = {getattr(net.settings, key)} (preset: {getattr(wanted, key)})"
        for key in FORM
        if getattr(net.settings, key) != getattr(wanted, key)
    ]
    if differ:
        message = (
            f"the backbone {settings.backbone!r} is not of the form that preset {settings.preset.value!r} names: "
            f"{', '.join(differ)}; pretrain one with that preset, or name the preset of this one"
        )
        raise ConfigError(message)


def backbone_of(settings: NetworkSettings, data: Path | None, measured: GeneSpace, *, seed: int) -> PerturbationNet:
    """Make a backbone from what a data folder holds, as `BackboneSource.make` does."""
    return BackboneSource.read(settings, data).make(settings, measured, seed=seed)
