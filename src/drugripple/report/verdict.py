"""A paragraph that says whether a model beats mean effects."""

import math
from collections.abc import Mapping

PRINTED = 0.0005  # two scores closer than this print alike: neither has won


def verdict(model: Mapping[str, float], naive: Mapping[str, float]) -> str:
    """The errors of both, which is lower, and whether the model tells cell lines apart within a drug.

    >>> verdict({"rmse": 2.0, "per_drug_pcc": 0.1}, {"rmse": 1.0, "per_drug_pcc": float("nan")})[:39]
    'The network does not beat mean effects:'
    """
    gain = naive["rmse"] - model["rmse"]
    errors = f"its typical error (RMSE of ln IC50) is {model['rmse']:.3f} against {naive['rmse']:.3f}"
    if abs(gain) < PRINTED:
        first = f"The network and mean effects are equally good: RMSE of ln IC50 {model['rmse']:.3f}."
    elif gain > 0:
        first = f"The network beats mean effects: {errors}, {gain / naive['rmse']:.1%} less."
    else:
        first = f"The network does not beat mean effects: {errors}, {-gain / naive['rmse']:.1%} more."
    factor = f"A typical prediction of the network is off by a factor of {math.exp(model['rmse']):.1f} in IC50."
    return f"{first} {factor} {_within_drug(model['per_drug_pcc'], naive['per_drug_pcc'])}"


def _within_drug(model: float, naive: float) -> str:
    if math.isnan(model):
        return "Within a drug, its ranking of cell lines cannot be scored on these rows."
    reached = f"the network's predictions correlate with the measurements at {model:.2f} on average"
    if math.isnan(naive):
        return (
            f"Within a drug, {reached}; mean effects give every new cell line the same value for a drug "
            "and cannot rank them at all."
        )
    if abs(model - naive) < PRINTED:
        return f"Within a drug, {reached}, as those of mean effects do."
    return f"Within a drug, {reached}, {'better' if model > naive else 'worse'} than the {naive:.2f} of mean effects."
