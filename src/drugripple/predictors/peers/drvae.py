"""Dr.VAE: one model per compound, of what it does to expression and to growth (Rampášek et al. 2019).

    z₃ ~ N(0, I)                 z₁ ~ p(z₁ | z₃, y)           untreated state
    z₂ ~ N(z₁ + W z₁ + b, σ²(z₁))                             treated state
    x₁ ~ D(z₁), x₂ ~ D(z₂)                                    one decoder for both
    y ~ N(w·[z₁, z₂ - z₁] + c, s²)                            response, standardised within the compound
    q(z₁ | x₁), q(z₂ | x₂) one encoder;  q(z₃ | z₁, y)

    loss = - E log D(x₁) - E log D(x₂) - 0.05 β E log D(x₂ | z₂ from z₁) - w_y E log p(y)
           + KL[q(z₃) ‖ N(0, I)] + KL[q(z₁) ‖ p(z₁ | z₃, y)] + β KL[q(z₂) ‖ p(z₂ | z₁)]      each at least 2 nats

| symbol | meaning | in the code |
|---|---|---|
| x₁, x₂ | genes before and after treatment, z-scores | `Examples` |
| y | drawn from p(y) where a profile's line has no training response | `state_terms` |
| E | mean over the rows of a batch that have the term, and over two draws | `DrVAENetwork.loss` |
| β | 0.01 in the first step, then 1 | `first_weight` |

Source: doi:10.1093/bioinformatics/btz158. Written from a specification of the method, without its code.
Differs: the response is ln IC50 and p(y) linear with a fixed deviation (theirs: two classes, or a sigmoid). Lines are
drawn with equal weight. All treatment times count (theirs: 6 hours). `treated_state = "released"` draws the z₂ that x₂
is read from out of q(z₁ | x₁), as the released code does by mistake. Log variances of states stay within ±20, because
without a bound one compound's training of 59 ended in NaN.
"""

from enum import StrEnum
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Int
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional as F

from drugripple.config import Record
from drugripple.predictors.peers.normal import Normal, NormalBlock
from drugripple.training.settings import TrainingSettings


class TreatedState(StrEnum):
    """Where the state comes from that a treated profile is read from."""

    OWN = "own"
    """q(z₂ | x₂), the encoder on the treated profile."""
    RELEASED = "released"
    """q(z₁ | x₁), as in the released code."""


class DrVAESettings(Record):
    """What Dr.VAE is made of; the published values stand in drvae.toml."""

    latent: int = Field(ge=1)
    encoder: int = Field(ge=1)
    decoder: int = Field(ge=1)
    middle: int = Field(ge=1)
    """Hidden units of the networks between the states."""
    draws: int = Field(ge=1)
    noise: float = Field(ge=0)
    """Standard deviation of what is added to the genes in training."""
    free_nats: float = Field(ge=0)
    """What each divergence of a row counts at least."""
    foreseen_weight: float = Field(ge=0)
    """Weight of the treated profile as it is foreseen from the untreated one."""
    first_weight: float = Field(ge=0)
    """Weight β of the first step; it is 1 afterwards."""
    response_weight: float = Field(gt=0)
    response_sd: float = Field(gt=0)
    """Standard deviation of the standardised response: 0.05 of a range of 1 in the original, of a range of five
    deviations here."""
    treated_state: TreatedState
    fewest_rows: int = Field(ge=2)
    """Training responses that a compound has to have."""
    training: TrainingSettings


class Examples(NamedTuple):
    """What is known of one compound. Axes: b row, k treated row, g gene."""

    untreated: Float[Tensor, "b g"]
    response: Float[Tensor, " b"]
    """Standardised; NaN where it is not known."""
    treated: Float[Tensor, "k g"]
    treated_row: Int[Tensor, " k"]
    """The row that each treated profile belongs to."""

    def take(self, rows: Int[Tensor, " r"]) -> "Examples":
        """Some rows, numbered anew, with their treated profiles."""
        place = torch.full((len(self.untreated),), -1)
        place[rows] = torch.arange(len(rows))
        of_treated = place[self.treated_row]
        some = of_treated >= 0
        return Examples(self.untreated[rows], self.response[rows], self.treated[some], of_treated[some])


class DrVAENetwork(nn.Module):
    """Encoder, decoder, the change between the states, and what ties them to the response."""

    def __init__(self, settings: DrVAESettings, genes: int) -> None:
        """Fresh weights; those of the change are almost nothing."""
        super().__init__()
        latent, middle = settings.latent, settings.middle
        self.encoder = NormalBlock(genes, settings.encoder, latent)
        self.decoder = nn.Sequential(nn.Linear(latent, settings.decoder), nn.ELU())
        self.gene_mean, self.gene_sd = nn.Linear(settings.decoder, genes), nn.Linear(settings.decoder, genes)
        self.change, self.change_variance = nn.Linear(latent, latent), nn.Linear(latent, latent)
        for weights in self.change.parameters():
            nn.init.uniform_(weights, -1e-4, 1e-4)
        self.deep = NormalBlock(latent + 1, middle, latent)
        self.prior = NormalBlock(latent + 1, middle, latent)
        self.head = nn.Linear(2 * latent, 1)
        self.settings = settings

    def read(self, state: Float[Tensor, "b z"]) -> Normal:
        """Genes of a state."""
        h = self.decoder(state)
        return Normal(self.gene_mean(h), 2 * torch.log(F.softplus(self.gene_sd(h)) + 1e-3))

    def after(self, state: Float[Tensor, "b z"]) -> Normal:
        """The treated state of an untreated one."""
        return Normal.bounded(state + self.change(state), self.change_variance(state) - 2)

    def respond(self, state: Float[Tensor, "b z"], treated: Float[Tensor, "b z"]) -> Float[Tensor, " b"]:
        """The mean response of states."""
        return self.head(torch.cat([state, treated - state], dim=1))[:, 0]

    def forward(self, untreated: Float[Tensor, "b g"]) -> Float[Tensor, " b"]:
        """The standardised response of samples, by the means of their states."""
        state = self.encoder(untreated).mean
        return self.respond(state, self.after(state).mean)

    def loss(self, some: Examples, beta: float) -> Float[Tensor, ""]:
        """The negative bound of a batch, on average over draws."""
        noisy = some._replace(
            untreated=some.untreated + self.settings.noise * torch.randn_like(some.untreated),
            treated=some.treated + self.settings.noise * torch.randn_like(some.treated),
        )
        draws = [sum(state_terms(self, noisy, beta).values()) for _ in range(self.settings.draws)]
        return torch.stack(draws).mean()  # type: ignore[arg-type]


def state_terms(net: DrVAENetwork, some: Examples, beta: float) -> dict[str, Float[Tensor, ""]]:
    """Every term of the loss for one draw of the states; those of treated profiles are 0 where there is none."""
    settings, row = net.settings, some.treated_row
    known = ~some.response.isnan()
    before, treated = net.encoder(some.untreated), net.encoder(some.treated)
    state = before.draw()
    after = net.after(state)
    foreseen, own = after.draw(), treated.draw()
    told = Normal(
        net.respond(state, foreseen.index_put((row,), own))[:, None],
        torch.full((len(state), 1), 2 * float(np.log(settings.response_sd))),
    )
    response = torch.where(known[:, None], some.response[:, None].nan_to_num(), told.draw())
    deep = net.deep(torch.cat([state, response], dim=1))
    prior = net.prior(torch.cat([deep.draw(), response], dim=1))
    shown = own if settings.treated_state is TreatedState.OWN else state[row]
    floor = settings.free_nats
    return {
        "untreated": -net.read(state).log_density(some.untreated).mean(),
        "treated": -_mean(net.read(shown).log_density(some.treated)),
        "foreseen": -settings.foreseen_weight * beta * _mean(net.read(foreseen[row]).log_density(some.treated)),
        "response": -settings.response_weight * _mean(told.log_density(some.response[:, None].nan_to_num())[known]),
        "deep": deep.divergence(Normal.standard(deep.mean)).clamp(min=floor).mean(),
        "prior": before.divergence(prior).clamp(min=floor).mean(),
        "change": beta * _mean(treated.divergence(after.take(row)).clamp(min=floor)),
    }


def _mean(values: Float[Tensor, " k"]) -> Float[Tensor, ""]:
    return values.mean() if len(values) else values.sum()
