"""Predicted expression after treatment, some pairs of a sample and a treatment at a time."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
import torch

from drugripple.predict.model import DrugResponseModel
from drugripple.predict.request import PredictionRequest

PROFILES_AT_ONCE = 256


def profile_blocks(model: DrugResponseModel, asked: PredictionRequest) -> Iterator[pd.DataFrame]:
    """Rows of profiles: sample, id, compound, dose_um, hours, and every gene as robust z of the pretrained scale."""
    net, compound, treatments = model.checkpoint.net, asked.conditions, asked.treatments
    samples, ids, names = (np.array(column) for column in (asked.samples.names, treatments.ids, treatments.names))
    with torch.no_grad():
        basal = net.rescale(asked.samples.z)
        for pairs in torch.arange(len(basal) * len(compound)).split(PROFILES_AT_ONCE):
            row, column = pairs // len(compound), pairs % len(compound)
            frame = pd.DataFrame(
                net.backbone.perturb(basal[row], compound[column]).treated.numpy(), columns=list(net.genes.symbols)
            )
            frame.insert(0, "sample", samples[row])
            frame.insert(1, "id", ids[column])
            frame.insert(2, "compound", names[column])
            frame.insert(3, "dose_um", treatments.dose_um[column])
            frame.insert(4, "hours", treatments.hours[column])
            yield frame
