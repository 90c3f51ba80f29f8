"""Values under other genes and genes on several scales are refused; honest files of any order and scale are not."""

import numpy as np
import pytest

from drugripple.data.tables import ExpressionScale, ExpressionTable
from drugripple.errors import GeneSpaceError, ScaleError
from drugripple.genes.space import GeneSpace
from drugripple.predict.gene_fit import fall_of_levels, misplaced
from drugripple.predict.gene_levels import at_training_levels
from drugripple.predictors.multi_trait_gp.sample_kernel import GeneLevels, SampleKernel

GENES = 1_201
SYMBOLS = tuple(f"G{i}" for i in range(GENES))
LEVELS = np.random.default_rng(0).uniform(0, 13, GENES)


def draw(seed, samples, platform=0.0):
    draws = np.random.default_rng(seed)
    return np.maximum(LEVELS + platform * draws.normal(0, 3, GENES) + draws.normal(0, 1, (samples, GENES)), 0)


def table(values, symbols=SYMBOLS, scale=ExpressionScale.RMA):
    names = tuple(f"s{i}" for i in range(len(values)))
    return ExpressionTable(names, GeneSpace(tuple(symbols)), values.astype(np.float32), scale)


KERNEL = SampleKernel.fit(table(draw(1, 60)))


def levels(own):
    return KERNEL.levels(own), np.argsort(own.genes.positions(KERNEL.genes.symbols))


def shifted(share, by=1):
    kept = int(share * GENES)
    return SYMBOLS[:kept] + SYMBOLS[kept + by :] + SYMBOLS[kept : kept + by]


def sorted_apart(share):
    kept = int(share * GENES)
    return SYMBOLS[:kept] + tuple(sorted(SYMBOLS[kept:]))


@pytest.mark.parametrize("samples", [1, 12])
@pytest.mark.parametrize("symbols", [shifted(0.25), shifted(0.5, 7), sorted_apart(0.25), sorted_apart(0.5)])
def test_a_part_of_the_file_under_other_genes_is_refused_by_its_genes(samples, symbols):
    with pytest.raises(GeneSpaceError, match=r"values do not belong to their genes.*compare") as refused:
        at_training_levels(KERNEL, table(draw(2, samples), symbols))
    found = misplaced(*levels(table(draw(2, samples), symbols)))
    assert found is None or symbols[found.first] in str(refused.value)


def test_the_stretch_is_where_names_were_shifted():
    """1,201 genes are six blocks of 200; the names of the last 601 are shifted."""
    found = misplaced(*levels(table(draw(2, 12), shifted(0.5, 7))))
    assert abs(found.first - 600) <= 2
    assert found.last == GENES - 1
    assert found.agreement < 0.15 < 0.9 < found.of_the_others


@pytest.mark.parametrize("samples", [1, 12])
@pytest.mark.parametrize("platform", [0.0, 1.0])
@pytest.mark.parametrize("order", ["file", "random", "level", "name"])
def test_honest_files_in_any_order_are_taken(samples, platform, order):
    values = draw(3, samples, platform)
    by = {
        "file": np.arange(GENES),
        "random": np.random.default_rng(4).permutation(GENES),
        "level": np.argsort(values.mean(axis=0)),
        "name": np.argsort(SYMBOLS),
    }[order]
    own = table(values[:, by], [SYMBOLS[i] for i in by])
    assert "ranked as they are" in at_training_levels(KERNEL, own).notes[-1]


@pytest.mark.parametrize("samples", [1, 3, 12])
@pytest.mark.parametrize("share", [0.25, 0.5, 0.75])
def test_linear_genes_beside_logarithms_are_refused(samples, share):
    values = draw(5, samples)
    linear = np.random.default_rng(6).random(GENES) < share
    with pytest.raises(ScaleError, match=r"some genes are on another scale.*\[.*give all genes on one scale"):
        at_training_levels(KERNEL, table(np.where(linear, np.exp2(values) - 1, values)))


@pytest.mark.parametrize("samples", [1, 3, 12])
@pytest.mark.parametrize("form", [lambda x: x, lambda x: np.exp2(x) - 1, lambda x: np.round(np.exp2(x))])
@pytest.mark.parametrize("platform", [0.0, 1.0])
def test_one_scale_for_all_genes_never_falls(samples, form, platform):
    assert fall_of_levels(KERNEL.levels(table(form(draw(7, samples, platform))))) is None


def test_a_file_without_its_lowest_genes_is_on_one_scale():
    """Of the lowest that are left, most are of higher levels and vary much: training has them above the next."""
    draws = np.random.default_rng(19)
    wide = draws.random(GENES) < 0.15
    own = np.where(wide, 6 + draws.normal(0, 2.5, (20, GENES)), LEVELS + draws.normal(0, 0.5, (20, GENES)))
    trained = np.where(wide, LEVELS.mean(), LEVELS)
    kept = own.mean(axis=0) >= 4
    known = GeneLevels(GeneSpace(SYMBOLS[: kept.sum()]), trained[kept], np.ones(kept.sum()), own[:, kept])
    assert fall_of_levels(known) is None


def test_the_genes_named_are_on_the_lower_scale():
    values = draw(5, 12)
    linear = np.random.default_rng(6).random(GENES) < 0.5
    found = fall_of_levels(KERNEL.levels(table(np.where(linear, np.exp2(values) - 1, values))))
    assert found.size > 0.2
    assert found.below < found.above
    assert not any(linear[SYMBOLS.index(gene)] for gene in found.genes)


def test_a_cohort_with_levels_of_other_genes_is_refused_and_not_moved():
    names = np.random.default_rng(8).permutation(SYMBOLS)
    with pytest.raises(GeneSpaceError, match=r"they hold levels, but in another order.*correlation -?0\.[01]"):
        at_training_levels(KERNEL, table(draw(9, 12), names))


@pytest.mark.parametrize("share", [0.2, 0.5])
def test_names_exchanged_here_and_there_in_a_cohort_are_refused_with_some_of_them(share):
    draws = np.random.default_rng(11)
    names, moved = np.array(SYMBOLS), draws.choice(GENES, int(share * GENES), replace=False)
    names[moved] = names[draws.permutation(moved)]
    with pytest.raises(GeneSpaceError, match=r"of 1,201 genes \['G\d+'.*lie far from their levels.*compare") as refused:
        at_training_levels(KERNEL, table(draw(12, 20), names))
    assert {SYMBOLS[i] for i in moved} & set(str(refused.value).split("'"))


def exchanged(share, seed=13):
    draws = np.random.default_rng(seed)
    names, moved = np.array(SYMBOLS), draws.permutation(GENES)[: int(share * GENES)]
    names[moved] = names[draws.permutation(moved)]
    return names


def test_levels_that_agree_far_less_than_those_of_any_platform_are_refused_where_genes_are_many():
    """An unusual sample or platform may agree less than those that we have seen: that is said."""
    own = draw(14, 12, 1.0)
    with pytest.raises(GeneSpaceError, match=r"in another order than the training's \(correlation 0\.[23]"):
        at_training_levels(KERNEL, table(own, exchanged(0.6)))
    assert "only loosely" in at_training_levels(KERNEL, table(own, exchanged(0.5))).notes[-1]
    few = np.random.default_rng(13).choice(GENES, 250, replace=False)
    note = at_training_levels(KERNEL, table(own[:, few], exchanged(0.6)[few])).notes[-1]
    assert "only loosely" in note


@pytest.mark.parametrize("genes", [1_201, 3_603])
def test_one_sample_tells_that_only_with_more_genes(genes):
    """A sample without its lower genes agrees less, with the 1,201 that are left here."""
    times = genes // GENES
    symbols = tuple(f"{i}{name}" for i in range(times) for name in SYMBOLS)
    kernel = SampleKernel.fit(table(np.tile(draw(1, 60), times), symbols))
    own = table(np.tile(draw(14, 1, 1.0), times), [f"{i}{name}" for i in range(times) for name in exchanged(0.6)])
    if genes > 3_000:
        with pytest.raises(GeneSpaceError, match="in another order than the training's"):
            at_training_levels(kernel, own)
    else:
        assert "only loosely" in at_training_levels(kernel, own).notes[-1]


def test_a_file_sorted_by_level_has_narrow_blocks_that_tell_nothing():
    """800 of 1,200 genes are as in training; the last 400, all at one level, could not agree in whatever order."""
    draws = np.random.default_rng(15)
    trained = draws.normal(size=1_200)
    for spread, first in ((0.1, None), (1.0, 800)):
        own = np.concatenate([trained[:800], draws.normal(2, spread, 400)])
        found = misplaced(GeneLevels(GeneSpace(SYMBOLS[:1_200]), trained, np.ones(1_200), own[None]), np.arange(1_200))
        assert (found.first if found else None) == first


def test_a_stretch_in_the_right_order_at_another_level_is_no_stretch_of_other_genes():
    """As the most variable genes of one sample, which correlate by a half and lie above."""
    draws = np.random.default_rng(16)
    trained = draws.normal(size=1_200)
    own = np.concatenate([trained[:800], 0.5 * trained[800:] + draws.normal(2.2, 0.87, 400)])
    known = GeneLevels(GeneSpace(SYMBOLS[:1_200]), trained, np.ones(1_200), own[None])
    assert misplaced(known, np.arange(1_200)) is None


def test_single_cells_whose_genes_are_mostly_silent_are_not_held_to_the_levels_of_tissue():
    draws = np.random.default_rng(17)
    cells = draws.poisson(0.05 * np.exp2(draw(18, 6, 1.3) - 10)).astype(float)
    assert np.mean(cells == 0) > 0.6
    assert "loosely" in at_training_levels(KERNEL, table(np.log1p(cells))).notes[-1]


def test_few_genes_are_judged_by_no_stretch():
    few = KERNEL.levels(table(draw(10, 12)[:, :150], SYMBOLS[:150]))
    assert misplaced(few, np.arange(150)) is None
    assert fall_of_levels(few) is None
