import numpy as np

from drugripple.data.synthetic import synthetic_world
from drugripple.evaluation.schemes import Scheme
from drugripple.evaluation.splits import make_folds
from runs.drvae import cut


def test_a_cut_fold_has_every_row_of_the_kept_compounds_in_the_part_where_it_was():
    world = synthetic_world(0, genes=24, lines=12, compounds=12).response
    folds = {Scheme.MIXED: make_folds(world.sample_row, world.compound_row, Scheme.MIXED, folds=3)}
    kept = world.compound_row % 3 == 0
    for before, after in zip(folds[Scheme.MIXED], cut(folds, kept)[Scheme.MIXED], strict=True):
        for part in ("train", "valid", "test"):
            rows, of_all = getattr(after, part), getattr(before, part)
            assert kept[rows].all()
            assert set(rows) == set(of_all) & set(np.flatnonzero(kept))
