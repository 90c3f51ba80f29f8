"""Training of the autoencoder of responses: all members at once, each with its own start and its own hidden responses.

    loss = Σ_sc w_sc (1 - k_sc + u k_sc) (ẑ_sc - z_sc)² / Σ_sc w_sc (1 - k_sc + u k_sc)

w is how often the pair was measured times the variance of the compound's responses, so that errors count in the unit
of the responses; u is what a shown response counts.
"""

import numpy as np
import torch
from jaxtyping import Float, Float32
from torch import Tensor
from torch.nn import functional as F

from drugripple.predictors.autoencoder.fitted import Layers, inputs
from drugripple.predictors.autoencoder.settings import AutoencoderSettings


def train_layers(
    responses: Float32[np.ndarray, "n c"],
    weight: Float32[np.ndarray, "n c"],
    components: Float32[np.ndarray, "n p"],
    settings: AutoencoderSettings,
    *,
    seed: int,
) -> Layers:
    """Learn to tell hidden responses from shown ones.

    Args:
        responses: z; what stands where the weight is 0 is never looked at.
        weight: w; 0 where nothing was measured.
        components: p of every sample.
        settings: sizes and training.
        seed: of the start, of what is hidden and of dropout.
    """
    random, k = np.random.default_rng(seed), settings.members
    n, c = responses.shape
    measured = weight > 0
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        layers = _fresh(settings, 2 * c + components.shape[1], c)
        batches = -(-n // settings.batch)
        optimiser = torch.optim.AdamW(layers, lr=settings.learning_rate, weight_decay=settings.weight_decay, fused=True)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, settings.epochs * batches)
        for _ in range(settings.epochs):
            for rows in np.array_split(random.permutation(n), batches):
                share = random.uniform(settings.fewest_shown, 1, (k, len(rows), 1))
                share[random.random(share.shape) < settings.nothing_shown] = 0
                shown = measured[rows] & (random.random((k, len(rows), c), dtype=np.float32) < share)
                kept = random.random((k, len(rows), components.shape[1]), dtype=np.float32) >= settings.dropout
                read = inputs(responses[rows], shown, components[rows] * kept / (1 - settings.dropout))
                counts = torch.from_numpy(weight[rows] * np.where(shown, np.float32(settings.shown_weight), 1))
                left = _respond(layers, torch.from_numpy(read), settings.dropout) - torch.from_numpy(responses[rows])
                loss = (counts * left.square()).sum() / counts.sum() * k
                optimiser.zero_grad(set_to_none=True)
                loss.backward()
                optimiser.step()
                schedule.step()
    return Layers(*(layer.detach().numpy() for layer in layers))


def _fresh(settings: AutoencoderSettings, reads: int, compounds: int) -> list[Tensor]:
    """Parameters in the order of `Layers`."""
    k, width, rank = settings.members, settings.width, settings.rank
    shapes = (
        (k, reads, width), (k, 1, width), (k, width, compounds), (k, 1, compounds), (k, reads, rank),
        (k, rank, compounds),
    )  # fmt: skip
    made = []
    for shape in shapes:
        bound = shape[1] ** -0.5 if shape[1] > 1 else 0.0
        made.append(torch.empty(shape).uniform_(-bound, bound).requires_grad_())
    return made


def _respond(layers: list[Tensor], read: Float[Tensor, "k n d"], dropout: float) -> Float[Tensor, "k n c"]:
    """What each member makes of its own rows, some hidden units dropped."""
    encode, encode_bias, decode, decode_bias, narrow, widen = layers
    hidden = F.dropout(F.gelu(torch.baddbmm(encode_bias, read, encode)), dropout)
    return torch.baddbmm(decode_bias, hidden, decode) + read @ narrow @ widen
