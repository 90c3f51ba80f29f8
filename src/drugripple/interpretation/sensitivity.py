"""Which gene moves which: the derivative of the predicted profile, a second reading of a network.

    J_ij = ∂ treated_i / ∂ basal_j                      [g g]   mean over conditions
    map  = (J + Jᵀ)/2

Attention scores weigh the inputs of hidden units, and the output layer behind them mixes those freely, so that training
may put a mechanism anywhere in A. The derivative follows the signal from gene to gene through the whole network.

Source: ours. On the synthetic world the paper's form keeps planted pairs in A, the `change` output only in J (tested).
"""

from collections.abc import Iterable

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from drugripple.interpretation.maps import AttentionMap, mean_of_total
from drugripple.model.network import PerturbationNet


def sensitivity_map(
    net: PerturbationNet, basal: Float[Tensor, "b g"], compound: Float[Tensor, "b g"], label: str
) -> AttentionMap:
    """Average the symmetric part of the derivative over conditions, in evaluation mode: one backward pass per gene.

    `basal` is what the network reads (behind the scaling layer of a response network), `compound` the chemical
    condition.
    """
    training = net.training
    net.eval()
    wanted = basal.detach().requires_grad_()
    treated = net.perturb(wanted, compound.detach()).treated
    rows = [torch.autograd.grad(gene.sum(), wanted, retain_graph=True)[0].mean(0) for gene in treated.unbind(1)]
    net.train(training)
    derivative = torch.stack(rows).double().cpu().numpy()
    return AttentionMap(net.genes, (derivative + derivative.T) / 2, label, len(basal))


def mean_sensitivity(
    net: PerturbationNet, blocks: Iterable[tuple[Float[Tensor, "_ g"], Float[Tensor, "_ g"]]], label: str
) -> AttentionMap:
    """Average `sensitivity_map` over conditions in blocks of (basal, compound), holding one block and one map.

    Raises:
        TableError: if no condition arrives.
    """
    total, conditions = np.zeros((len(net.genes), len(net.genes))), 0
    for basal, compound in blocks:
        total += len(basal) * sensitivity_map(net, basal, compound, label).scores
        conditions += len(basal)
    return mean_of_total(total, conditions, net.genes, label)
