"""Over-representation against counting by hand, gseapy, and random lists."""

from math import comb

import numpy as np
import pytest

from drugripple.errors import TableError
from drugripple.genes.space import GeneSpace
from drugripple.interpretation.enrichment import ENRICHR, false_positives, over_represented

UNIVERSE = GeneSpace(tuple(f"G{i}" for i in range(200)))
RNG = np.random.default_rng(0)
SETS = {f"set {i}": tuple(f"G{j}" for j in RNG.choice(260, 20 + i, replace=False)) for i in range(40)}


def test_two_of_three_by_hand():
    """3 of 7 genes listed, 4 in the set, 2 shared: P(X ≥ 2) = (C(4,2) C(3,1) + C(4,3))/C(7,3) = 22/35."""
    seven = GeneSpace(tuple("abcdefg"))
    found = over_represented("abg", {"s": tuple("abcd")}, seven, fewest=1).iloc[0]
    assert (found["overlap"], found["size"], found["genes"]) == (2, 4, "a, b")
    assert found["p"] == pytest.approx((comb(4, 2) * comb(3, 1) + comb(4, 3)) / comb(7, 3))


@pytest.mark.parametrize("background", [UNIVERSE, ENRICHR])
def test_it_is_what_gseapy_computes(background):
    gseapy = pytest.importorskip("gseapy")
    listed = [f"G{i}" for i in RNG.choice(200, 45, replace=False)]
    ours = over_represented(listed, SETS, background).set_index("set")
    sets = SETS if isinstance(background, int) else {k: [g for g in v if g in UNIVERSE] for k, v in SETS.items()}
    names = background if isinstance(background, int) else list(UNIVERSE.symbols)
    theirs = gseapy.enrich(gene_list=listed, gene_sets=sets, background=names, outdir=None).results.set_index("Term")
    np.testing.assert_allclose(ours["p"], theirs.loc[ours.index, "P-value"].astype(float), rtol=1e-9)
    np.testing.assert_allclose(ours["q"], theirs.loc[ours.index, "Adjusted P-value"].astype(float), rtol=1e-9)


def test_a_planted_set_is_found_and_only_it():
    inside = [gene for gene in SETS["set 7"] if gene in UNIVERSE][:15]
    found = over_represented([*inside, "G1", "G2"], SETS, UNIVERSE)
    assert found.loc[found["q"] < 1e-6, "set"].tolist() == ["set 7"]


def test_random_lists_hold_their_level_against_the_assayed_genes_only():
    """Sets of assayed genes alone, as cancer pathways nearly are: against 20,000 genes every list seems enriched."""
    assayed = {name: tuple(g for g in genes if g in UNIVERSE) for name, genes in SETS.items()}
    honest = false_positives(assayed, UNIVERSE, 60, UNIVERSE, draws=200)
    inflated = false_positives(assayed, UNIVERSE, 60, ENRICHR, draws=50)
    assert honest.lists <= 0.05
    assert inflated.lists == 1.0
    assert inflated.sets > 20


def test_a_list_outside_the_background_is_refused():
    with pytest.raises(TableError, match="none of the listed genes"):
        over_represented(["TP53"], SETS, UNIVERSE)
