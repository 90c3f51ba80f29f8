import numpy as np
import pandas as pd
import pytest

from drugripple.errors import GeneSpaceError
from drugripple.genes.set_variation import SetVariation
from drugripple.genes.space import GeneSpace

GENES = GeneSpace(tuple(f"G{i}" for i in range(60)))


@pytest.fixture(scope="module")
def cohort():
    """30 samples of 60 genes, and sets of 5 to 12 of them."""
    rng = np.random.default_rng(2)
    sets = {f"set {i}": tuple(rng.choice(GENES.symbols, size=5 + i % 8, replace=False)) for i in range(11)}
    return rng.normal(size=(30, 60)).astype(np.float32), sets


def test_scores_of_the_cohort_are_those_of_gseapy(cohort):
    gseapy = pytest.importorskip("gseapy", reason="the comparison needs gseapy")
    """gseapy looks Φ up in a table, so that two genes of nearly the same rank change places now and then."""
    values, sets = cohort
    frame = pd.DataFrame(values.T, index=list(GENES.symbols), columns=[f"s{i}" for i in range(30)])
    given = {name: list(members) for name, members in sets.items()}
    theirs = gseapy.gsva(frame, given, outdir=None, min_size=1, max_size=100, kcdf="Gaussian", threads=1).res2d
    table = theirs.pivot(index="Name", columns="Term", values="ES").astype(float)
    ours = SetVariation.fit(GENES, values, sets, fewest=5).scores(values)
    apart = np.abs(ours - table.loc[frame.columns, list(sets)].to_numpy())
    assert (apart < 1e-5).mean() > 0.98
    assert apart.max() < 0.01


def test_a_score_does_not_change_with_the_samples_beside_it(cohort):
    values, sets = cohort
    fitted = SetVariation.fit(GENES, values[:20], sets, fewest=5)
    np.testing.assert_array_equal(fitted.scores(values[20:])[:1], fitted.scores(values[20:21]))


def test_a_set_whose_genes_stand_on_top_scores_one_minus_nothing(cohort):
    """Of genes that all lead the walk, it rises to 1 and never falls below 0."""
    values, _ = cohort
    fitted = SetVariation.fit(GENES, values, {"top": GENES.symbols[:5]}, fewest=5)
    high = np.where(np.arange(60) < 5, 9.0, -9.0)[None]
    assert fitted.scores(high).tolist() == [[1.0]]
    assert fitted.scores(-high).tolist() == [[-1.0]]


def test_without_a_set_that_is_measured_it_says_so(cohort):
    with pytest.raises(GeneSpaceError, match="none of 1 gene sets has 5 of the 60 measured genes"):
        SetVariation.fit(GENES, cohort[0], {"few": ("G0", "G1", "other")}, fewest=5)
