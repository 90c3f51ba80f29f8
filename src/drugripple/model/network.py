"""The networks of both stages, in the paper's reading order."""

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from drugripple.errors import ConfigError, GeneSpaceError
from drugripple.genes.prior import InteractionPrior
from drugripple.genes.space import GeneSpace
from drugripple.model.attention import GeneAttention
from drugripple.model.condition import ConditionEncoder
from drugripple.model.dropout import Dropout
from drugripple.model.free_factors import FreeFactors, FreeTerms, Known
from drugripple.model.mat.encoder import MatConfig, MoleculeAttentionTransformer
from drugripple.model.norm import GeneNorm
from drugripple.model.projection import Head, LowRankLinear, Projection
from drugripple.model.settings import (
    BasalScaling,
    Freeze,
    HeadBasal,
    LayerNormForm,
    Mixing,
    MoleculeReader,
    Output,
    PerturbationSettings,
    ResponseSettings,
)


class Perturbation(NamedTuple):
    """What a stage-1 network answers. Axes: b condition, g gene."""

    treated: Float[Tensor, "b g"]
    """Predicted expression after treatment, as a robust z-score."""
    compound: Float[Tensor, "b g"]
    """The chemical condition D."""


class Response(NamedTuple):
    """What a stage-2 network answers. Axes: b condition, g gene."""

    ln_ic50: Float[Tensor, " b"]
    """Natural logarithm of the IC50 in micromolar; for a residual target, what the mean effects leave of it."""
    treated: Float[Tensor, "b g"]
    """Predicted expression after treatment, as a robust z-score."""
    compound: Float[Tensor, "b g"]
    """The chemical condition D."""


class PerturbationNet(nn.Module):
    """The network of stage 1: from basal expression, molecule, dose and time to expression after treatment.

        D = ConditionEncoder(MAT(S), dose, hours)                                   [b g]
        h = A(g, D) g                                                               [b g]
        ĝ = W_out Dropout(ReLU(LayerNorm(h)))                                       [b g]

    Source: paper sections 3.1.1-3.1.2. Differs: the layer norm is the authors' code's, not the text's;
    `output="change"` (ours) adds the last layer's result to g.
    """

    def __init__(self, prior: InteractionPrior, settings: PerturbationSettings) -> None:
        """Draw weights for the genes of a prior."""
        super().__init__()
        genes = len(prior.genes)
        self.settings = settings
        self.interactions = prior
        size, reads_graphs = settings.molecule, settings.encoder is MoleculeReader.MAT
        config = MatConfig.of(size, settings.pooling)
        self.molecule = MoleculeAttentionTransformer(config) if reads_graphs else None
        self.condition = ConditionEncoder(size.width if reads_graphs else settings.fingerprint_bits, genes, settings)
        self.attention = GeneAttention(prior, settings) if settings.mixing is Mixing.ATTENTION else None
        biased = settings.layer_norm is LayerNormForm.AFFINE and settings.bias
        self.norm = None if settings.layer_norm is LayerNormForm.NONE else GeneNorm(genes, bias=biased)
        self.dropout = Dropout(settings.dropout)
        self.output: nn.Linear | LowRankLinear = (
            nn.Linear(genes, genes, bias=False)
            if settings.output_rank is None
            else LowRankLinear(genes, settings.output_rank)
        )

    @property
    def genes(self) -> GeneSpace:
        """The genes of every column."""
        return self.interactions.genes

    @property
    def mat(self) -> MoleculeAttentionTransformer:
        """The encoder of molecular graphs.

        Raises:
            ConfigError: if the network reads fingerprints instead.
        """
        if self.molecule is None:
            message = "this network reads Morgan bits (encoder = 'morgan') and has no molecule encoder"
            raise ConfigError(message)
        return self.molecule

    def forward(
        self,
        basal: Float[Tensor, "b g"],
        molecule: Float[Tensor, "b d"],
        dose_um: Float[Tensor, " b"],
        hours: Float[Tensor, " b"],
        visible: Float[Tensor, "#b g"] | None = None,
    ) -> Perturbation:
        """Predict from expression and molecule vectors; at least two rows while training (batch norm).

        `visible` is as for `perturb`.
        """
        return self.perturb(basal, self.condition(molecule, dose_um, hours), visible)

    def perturb(
        self,
        basal: Float[Tensor, "b g"],
        compound: Float[Tensor, "b g"],
        visible: Float[Tensor, "#b g"] | None = None,
    ) -> Perturbation:
        """Predict from expression and chemical conditions.

        `visible` (1 or 0) gives exactly what `restrict` to the visible genes would give in their columns. The first
        layer stays in full precision under autocast, because A g reaches 10³ before the norm.
        """
        with torch.autocast(basal.device.type, enabled=False):
            basal, compound = in_full(basal), in_full(compound)
            if visible is not None:
                basal, compound = basal * visible, compound * visible
            normal = self.normalise(self.mix(basal, compound, visible), visible)
        activated = self.dropout(torch.relu(normal))
        treated = self.output(activated)
        return Perturbation(basal + treated if self.settings.output is Output.CHANGE else treated, compound)

    def mix(
        self,
        basal: Float[Tensor, "b g"],
        compound: Float[Tensor, "b g"],
        visible: Float[Tensor, "#b g"] | None = None,
    ) -> Float[Tensor, "b g"]:
        """The first layer: attention, or the sum of the `plain` ablation."""
        return basal + compound if self.attention is None else self.attention(basal, compound, visible)

    def normalise(
        self, mixed: Float[Tensor, "*b g"], visible: Float[Tensor, "*#b g"] | None = None
    ) -> Float[Tensor, "*b g"]:
        """The layer norm behind the first layer, where the settings have one."""
        return mixed if self.norm is None else self.norm(mixed, visible)

    def restrict(self, genes: GeneSpace) -> "PerturbationNet":
        """The same network on some of its genes; every weight belongs to a gene, so that none has to be learnt anew.

        Raises:
            GeneSpaceError: if a gene is not one of the network's.
        """
        columns = torch.from_numpy(self.genes.positions(genes.symbols))
        part = PerturbationNet(self.interactions.restrict(genes), self.settings)
        state = {}
        for name, tensor in self.state_dict().items():
            part_of = tensor
            for axis in _gene_axes(name, tensor):
                part_of = part_of.index_select(axis, columns)
            state[name] = part_of
        part.load_state_dict(state)
        return part.train(self.training)

    def with_prior(self, prior: InteractionPrior) -> "PerturbationNet":
        """The same weights with another network of interactions between the same genes.

        Raises:
            GeneSpaceError: if the prior is on other genes.
        """
        if prior.genes != self.genes:
            message = f"the prior is on {len(prior.genes)} genes, not on the network's {len(self.genes)}; restrict it"
            raise GeneSpaceError(message)
        other = PerturbationNet(prior, self.settings)
        other.load_state_dict(self.state_dict())
        return other.train(self.training)


def in_full(values: Tensor) -> Tensor:
    """Values in single precision where they are in half precision, otherwise as they are."""
    return values.float() if values.dtype is torch.bfloat16 else values


_GENE_AXES = {
    "attention.w_gene": (0,),
    "attention.w_comp": (0,),
    "condition.projection.linear.weight": (0,),
    "norm.weight": (0,),
    "norm.bias": (0,),
    "output.weight": (0, 1),
    "output.narrow.weight": (1,),
    "output.wide.weight": (0,),
}
"""Axes that run over genes, by parameter; every tensor of the condition's batch norm but its counter has one too."""


def _gene_axes(name: str, tensor: Tensor) -> tuple[int, ...]:
    of_batch_norm = name.startswith("condition.projection.norm.") and tensor.ndim == 1
    return (0,) if of_batch_norm else _GENE_AXES.get(name, ())


class Rescale(nn.Module):
    """The scaling layer, which carries another data set's expression into the pretrained space: g' = (g + β) s.

    Source: paper section 3.2.2, where μ = -β and σ = 1/s. Differs: scalars, as in the authors' code; their s may cross
    zero, ours passes a softplus unless `positive_scale` is off.
    """

    def __init__(self, genes: int, settings: ResponseSettings) -> None:
        """Draw one scale and one shift, or one of each per gene, or none (`identity`)."""
        super().__init__()
        shape = {BasalScaling.SCALAR: 1, BasalScaling.PER_GENE: genes, BasalScaling.IDENTITY: 0}[settings.scaling]
        self.positive = settings.positive_scale
        draw = torch.randn(shape).abs() + 1e-8
        self.scale = nn.Parameter(torch.log(torch.expm1(draw)) if self.positive else draw)
        self.shift = nn.Parameter(torch.randn(shape))

    def forward(self, basal: Float[Tensor, "b g"]) -> Float[Tensor, "b g"]:
        """Rescale expression."""
        if not self.scale.numel():
            return basal
        return (basal + self.shift) * self.factor()

    def factor(self) -> Tensor:
        """The scale s, one value or one per gene."""
        return F.softplus(self.scale) if self.positive else self.scale


class ResponseNet(nn.Module):
    """The network of stage 2: a pretrained one behind a trainable scaling layer, and a head that reads ln IC50.

        g' = Rescale(g);   ĝ, D = PerturbationNet(g', molecule, dose, hours)
        ln IC50 = Head([Projection(g' or g), Projection(ĝ), Projection(D)])

    With `free_rank`, `factors` holds free vectors of known samples and compounds. What they add to pairs is the
    argument `free`; without it the network answers from features alone.

    Source: paper section 3.2.2. Differs: whether the head reads g' (text) or g (authors' code) is `head_basal`. Its
    biases stay as in the authors' code, unless the backbone was made with `bias=False`, as the text says.
    """

    def __init__(self, backbone: PerturbationNet, settings: ResponseSettings, known: Known | None = None) -> None:
        """Draw a head for a stage-1 network, which is frozen as the settings say, and vectors of whom it knows."""
        super().__init__()
        genes = len(backbone.genes)
        wide, bias, dropout = settings.widths[0], backbone.settings.bias, settings.dropout
        self.settings = settings
        self.backbone = backbone
        self.rescale = Rescale(genes, settings)
        self.project_basal, self.project_treated, self.project_compound = (
            Projection(genes, wide, dropout=dropout, linear_bias=bias, norm_bias=bias) for _ in range(3)
        )
        self.head = Head(3 * wide, settings.widths, dropout=dropout, bias=bias)
        self.factors = None if known is None else FreeFactors(known, settings)
        backbone.requires_grad_(settings.freeze in {Freeze.NONE, Freeze.ENCODER})
        if backbone.molecule is not None:
            backbone.molecule.requires_grad_(self.trains_molecules)

    def train(self, mode: bool = True) -> "ResponseNet":
        """Set the mode, but leave a truly frozen backbone and a frozen molecule encoder in evaluation mode."""
        super().train(mode)
        if self.settings.freeze is Freeze.TRUE:
            self.backbone.eval()
        if self.backbone.molecule is not None and not self.trains_molecules:
            self.backbone.molecule.eval()
        return self

    @property
    def trains_molecules(self) -> bool:
        """Whether the molecule encoder is trained, too."""
        return self.settings.freeze is Freeze.NONE and self.backbone.molecule is not None

    @property
    def genes(self) -> GeneSpace:
        """The genes of every column."""
        return self.backbone.genes

    def forward(
        self,
        basal: Float[Tensor, "b g"],
        molecule: Float[Tensor, "b d"],
        dose_um: Float[Tensor, " b"],
        hours: Float[Tensor, " b"],
        free: FreeTerms | None = None,
    ) -> Response:
        """Predict from expression and molecule vectors; at least two rows while training (batch norm)."""
        return self.respond(basal, self.backbone.condition(molecule, dose_um, hours), free)

    def respond(
        self, basal: Float[Tensor, "b g"], compound: Float[Tensor, "b g"], free: FreeTerms | None = None
    ) -> Response:
        """Predict from expression and chemical conditions."""
        scaled = self.rescale(basal)
        treated = self.backbone.perturb(scaled, compound).treated
        seen = scaled if self.settings.head_basal is HeadBasal.SCALED else basal
        parts = self.project_basal(seen), self.project_treated(treated), self.project_compound(compound)
        return Response(self.head(torch.cat(parts, dim=-1), free), treated, compound)
