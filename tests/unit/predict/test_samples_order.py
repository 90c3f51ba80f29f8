"""A cohort's own medians are not used to hide that its values stand under other genes."""

import numpy as np
import pytest

from drugripple.data.tables import ExpressionScale, ExpressionTable
from drugripple.errors import GeneSpaceError
from drugripple.genes.scaling import RobustScaler
from drugripple.genes.space import GeneSpace
from drugripple.predict.samples import TrainedScale, scale_samples

GENES = 401
SPACE = GeneSpace(tuple(f"G{i}" for i in range(GENES)))
LEVELS = np.random.default_rng(0).uniform(2, 13, GENES)


def values(seed, samples):
    return LEVELS + np.random.default_rng(seed).normal(size=(samples, GENES))


def trained(*, ranked):
    return TrainedScale(SPACE, RobustScaler.fit(values(1, 200), ranked=ranked), ExpressionScale.RMA)


def table(own, scale=ExpressionScale.LOG2_TPM):
    return ExpressionTable(tuple(f"S{i}" for i in range(len(own))), SPACE, own.astype(np.float32), scale)


def exchanged(share):
    draws, order = np.random.default_rng(2), np.arange(GENES)
    moved = draws.choice(GENES, int(share * GENES), replace=False)
    order[moved] = draws.permutation(moved)
    return order


@pytest.mark.parametrize("ranked", [False, True])
@pytest.mark.parametrize("share", [0.8, 1.0])
def test_levels_in_another_order_are_refused(ranked, share):
    with pytest.raises(GeneSpaceError, match=r"values do not belong to their genes.*in another order"):
        scale_samples(trained(ranked=ranked), table(values(3, 12)[:, exchanged(share)]))


@pytest.mark.parametrize("form", [lambda x: x / 2, lambda x: np.exp2(x / 3)], ids=["logarithm", "steep"])
def test_another_scale_in_the_same_order_is_moved(form):
    platform = np.random.default_rng(4).normal(0, 2.5, GENES)
    found = scale_samples(trained(ranked=False), table(form(values(3, 12) + platform)))
    assert "medians of its own 12 samples" in found.notes[-1]


def test_scaled_genes_hold_no_order():
    own = values(3, 12)
    found = scale_samples(
        trained(ranked=False), table((own - own.mean(axis=0)) / own.std(axis=0), ExpressionScale.GENE_Z)
    )
    assert "medians of its own" in found.notes[-1]
