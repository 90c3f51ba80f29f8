"""From molecule, dose and time to one vector over genes."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from drugripple.model.projection import Projection
from drugripple.model.settings import DoseTransform, PerturbationSettings

DOSE_UNIT_UM = 100.0
TIME_UNIT_HOURS = 72.0
ENCODED = 2
"""Width that dose and time are each expanded to."""


class ConditionEncoder(nn.Module):
    """The chemical condition D: how a molecule at a dose for a time bears on each gene.

        D = Dropout(ReLU(BatchNorm([molecule, dose/100 · W_dose, hours/72 · W_time] W)))      [b g]

    Source: paper section 3.1.1. Differs: the batch norm, ReLU and dropout, and the biases of the dose and time
    encoders, are the authors' code's; `condition_layers=2` gives the text's "MLP".
    """

    def __init__(self, width: int, genes: int, settings: PerturbationSettings) -> None:
        """Draw weights from molecule vectors of one width to a number of genes."""
        super().__init__()
        encoder_bias = settings.condition_bias and settings.bias
        dropout = settings.dropout if settings.condition_dropout is None else settings.condition_dropout
        self.log_dose = settings.dose_transform is DoseTransform.LOG
        self.dose = nn.Linear(1, ENCODED, bias=encoder_bias)
        self.time = nn.Linear(1, ENCODED, bias=encoder_bias)
        inputs = width + 2 * ENCODED
        self.hidden = nn.Linear(inputs, inputs, bias=settings.bias) if settings.condition_layers == 2 else None
        self.projection = Projection(inputs, genes, dropout=dropout, linear_bias=False, norm_bias=settings.bias)

    def forward(
        self, molecule: Float[Tensor, "b d"], dose_um: Float[Tensor, " b"], hours: Float[Tensor, " b"]
    ) -> Float[Tensor, "b g"]:
        """D of each condition; at least two conditions while training (batch norm)."""
        dose = dose_um / DOSE_UNIT_UM
        if self.log_dose:
            dose = torch.log10(1 + dose)
        time = hours / TIME_UNIT_HOURS
        inputs = torch.cat([molecule, self.dose(dose.unsqueeze(-1)), self.time(time.unsqueeze(-1))], dim=-1)
        return self.projection(inputs if self.hidden is None else torch.relu(self.hidden(inputs)))
