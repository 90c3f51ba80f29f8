"""The networks of both stages, in the paper's reading order."""

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from drugripple.data.batch import Batch
from drugripple.errors import ConfigError, GeneSpaceError
from drugripple.genes.prior import InteractionPrior
from drugripple.genes.space import GeneSpace
from drugripple.model.attention import GeneAttention
from drugripple.model.condition import ConditionEncoder
from drugripple.model.dropout import Dropout
from drugripple.model.mat.encoder import MatConfig, MoleculeAttentionTransformer
from drugripple.model.settings import Freeze, PerturbationSettings, ResponseSettings


class Perturbation(NamedTuple):
    """Stage 1's answer. Axes: b condition, g gene."""

    treated: Float[Tensor, "b g"]
    """Predicted expression after treatment, robust z."""
    compound: Float[Tensor, "b g"]
    """The chemical condition D."""


class Response(NamedTuple):
    """Stage 2's answer. Axes: b condition, g gene."""

    ln_ic50: Float[Tensor, " b"]
    """Natural logarithm of the IC50 in micromolar (or of what remains of it, for a residual target)."""
    treated: Float[Tensor, "b g"]
    compound: Float[Tensor, "b g"]


class PerturbationNet(nn.Module):
    """Stage 1: basal expression, structure, dose and time to expression after treatment.

        D = ConditionEncoder(MAT(S), dose, hours)                                   [b g]
        h = A(g, D) g                                                               [b g]
        ĝ = W_out Dropout(ReLU(LayerNorm(h)))                                       [b g]

    Source: paper sections 3.1.1-3.1.2. Differs: the layer norm is the authors' code's, not the text's;
    `output="change"` (ours) adds the last layer's result to g.
    """

    def __init__(self, prior: InteractionPrior, settings: PerturbationSettings) -> None:
        """A network with fresh weights on the genes of a prior."""
        super().__init__()
        genes = len(prior.genes)
        self.settings = settings
        self.interactions = prior
        size, reads_graphs = settings.molecule, settings.encoder == "mat"
        config = MatConfig(d_model=size.width, layers=size.layers, heads=size.heads)
        self.molecule = MoleculeAttentionTransformer(config) if reads_graphs else None
        self.condition = ConditionEncoder(size.width if reads_graphs else settings.fingerprint_bits, genes, settings)
        self.attention = GeneAttention(prior, settings) if settings.mixing == "attention" else None
        biased = settings.layer_norm == "affine" and settings.bias
        self.norm: nn.LayerNorm | nn.Identity = (
            nn.Identity() if settings.layer_norm == "none" else nn.LayerNorm(genes, bias=biased)
        )
        self.dropout = Dropout(settings.dropout)
        if settings.output_rank is None:
            self.output: nn.Module = nn.Linear(genes, genes, bias=False)
        else:
            narrow = nn.Linear(genes, settings.output_rank, bias=False)
            self.output = nn.Sequential(narrow, nn.Linear(settings.output_rank, genes, bias=False))

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

    def forward(self, batch: Batch) -> Perturbation:
        """Encode each distinct molecule once, then perturb."""
        condition = batch.condition
        molecule = self.mat(condition.molecules)[condition.which]
        compound = self.condition(molecule, condition.dose_um, condition.hours)
        return self.perturb(batch.basal, compound)

    def perturb(
        self,
        basal: Float[Tensor, "b g"],
        compound: Float[Tensor, "b g"],
        visible: Float[Tensor, "#b g"] | None = None,
    ) -> Perturbation:
        """The treated profile, given the chemical condition.

        `visible` (1 or 0) gives exactly what `restrict` to the visible genes would give in their columns. The first
        layer stays in full precision under autocast, because A g reaches 10³ before the norm.
        """
        with torch.autocast(basal.device.type, enabled=False):
            basal, compound = in_full(basal), in_full(compound)
            if visible is not None:
                basal, compound = basal * visible, compound * visible
            normal = self._normalise(self.mix(basal, compound, visible), visible)
        activated = self.dropout(torch.relu(normal))
        treated = self.output(activated)
        return Perturbation(basal + treated if self.settings.output == "change" else treated, compound)

    def mix(
        self,
        basal: Float[Tensor, "b g"],
        compound: Float[Tensor, "b g"],
        visible: Float[Tensor, "#b g"] | None = None,
    ) -> Float[Tensor, "b g"]:
        """The first layer: attention, or the sum of the `plain` ablation."""
        return basal + compound if self.attention is None else self.attention(basal, compound, visible)

    def _normalise(self, mixed: Float[Tensor, "b g"], visible: Float[Tensor, "#b g"] | None) -> Float[Tensor, "b g"]:
        if visible is None or isinstance(self.norm, nn.Identity):
            return self.norm(mixed)
        count = visible.sum(-1, keepdim=True)
        centred = (mixed - mixed.sum(-1, keepdim=True) / count) * visible
        normal = centred * torch.rsqrt(centred.square().sum(-1, keepdim=True) / count + self.norm.eps)
        bias = 0.0 if self.norm.bias is None else self.norm.bias
        return (normal * self.norm.weight + bias) * visible

    def restrict(self, genes: GeneSpace) -> "PerturbationNet":
        """The same network on some of its genes: every parameter belongs to a gene, so nothing has to be learnt anew.

        Raises:
            GeneSpaceError: if a gene is not in the panel.
        """
        columns = torch.from_numpy(self.genes.positions(genes.symbols))
        part = PerturbationNet(self.interactions.restrict(genes), self.settings)
        state = {}
        for name, tensor in self.state_dict().items():
            part_of = tensor
            for axis in _GENE_AXES.get(name, (0,) if name.startswith("condition.norm.") and tensor.ndim else ()):
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
    """Values of half precision in single precision, others as they are."""
    return values.float() if values.dtype is torch.bfloat16 else values


_GENE_AXES = {
    "attention.w_gene": (0,),
    "attention.w_comp": (0,),
    "condition.project.weight": (0,),
    "norm.weight": (0,),
    "norm.bias": (0,),
    "output.weight": (0, 1),
    "output.0.weight": (1,),
    "output.1.weight": (0,),
}
"""Axes of each parameter that run over genes (the batch norm's are recognised by name)."""


class Rescale(nn.Module):
    """What carries another data set's expression into the pretrained space: g' = (g + β) s.

    Source: paper section 3.2.2, where μ = -β and σ = 1/s. Differs: scalars, as in the authors' code; their s may cross
    zero, ours passes a softplus unless `positive_scale` is off.
    """

    def __init__(self, genes: int, settings: ResponseSettings) -> None:
        """One scale and shift, one a gene, or none."""
        super().__init__()
        shape = {"scalar": 1, "per_gene": genes, "identity": 0}[settings.scaling]
        self.positive = settings.positive_scale
        draw = torch.randn(shape).abs() + 1e-8
        self.scale = nn.Parameter(torch.log(torch.expm1(draw)) if self.positive else draw)
        self.shift = nn.Parameter(torch.randn(shape))

    def forward(self, basal: Float[Tensor, "b g"]) -> Float[Tensor, "b g"]:
        """Rescaled expression."""
        if not self.scale.numel():
            return basal
        return (basal + self.shift) * self.factor()

    def factor(self) -> Tensor:
        """s itself."""
        return F.softplus(self.scale) if self.positive else self.scale


class ResponseNet(nn.Module):
    """Stage 2: a pretrained network behind a trainable scaling layer, and a head that reads ln IC50.

        g' = Rescale(g);   ĝ, D = PerturbationNet(g', S, dose, hours)
        ln IC50 = Head([Project(basal), Project(ĝ), Project(D)])

    Source: paper section 3.2.2. Differs: whether the head reads g' (text) or g (authors' code) is `head_basal`;
    biases stay, as in the code.
    """

    def __init__(self, backbone: PerturbationNet, settings: ResponseSettings) -> None:
        """A fresh head around a stage-1 network, which is frozen as the settings say."""
        super().__init__()
        genes = len(backbone.genes)
        wide, narrow = settings.widths
        self.settings = settings
        self.backbone = backbone
        self.rescale = Rescale(genes, settings)
        self.basal = _block(genes, wide, settings.dropout)
        self.treated = _block(genes, wide, settings.dropout)
        self.compound = _block(genes, wide, settings.dropout)
        self.head = nn.Sequential(
            *_block(3 * wide, wide, settings.dropout), *_block(wide, narrow, settings.dropout), nn.Linear(narrow, 1)
        )
        backbone.requires_grad_(settings.freeze is Freeze.NONE)
        if backbone.molecule is not None:
            backbone.molecule.requires_grad_(False)

    def train(self, mode: bool = True) -> "ResponseNet":
        """As torch, but a truly frozen backbone stays in evaluation mode, and the molecule encoder always does."""
        super().train(mode)
        if self.settings.freeze is Freeze.TRUE:
            self.backbone.eval()
        if self.backbone.molecule is not None:
            self.backbone.molecule.eval()
        return self

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
    ) -> Response:
        """ln IC50 from expression and molecule vectors; at least two rows while training (batch norm)."""
        return self.respond(basal, self.backbone.condition(molecule, dose_um, hours))

    def respond(self, basal: Float[Tensor, "b g"], compound: Float[Tensor, "b g"]) -> Response:
        """ln IC50, given the chemical condition."""
        scaled = self.rescale(basal)
        treated = self.backbone.perturb(scaled, compound).treated
        seen = scaled if self.settings.head_basal == "scaled" else basal
        features = torch.cat([self.basal(seen), self.treated(treated), self.compound(compound)], dim=-1)
        return Response(self.head(features).squeeze(-1), treated, compound)


def _block(inputs: int, outputs: int, dropout: float) -> nn.Sequential:
    return nn.Sequential(nn.Linear(inputs, outputs), nn.BatchNorm1d(outputs), nn.ReLU(), Dropout(dropout))
