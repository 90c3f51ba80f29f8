"""A default model of a planted world: two hundred lines, of which the last ten are new."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pytest

from drugripple.data.auxiliary_study import AuxiliaryStudy
from drugripple.data.measure import Measure
from drugripple.data.pair_kind import KINDS
from drugripple.data.planted import PlantedWorld, planted_world
from drugripple.data.response import ResponseTable
from drugripple.data.tables import ExpressionTable
from drugripple.predict.default import DefaultModel
from drugripple.predictors.calibrated import OutOfFold, calibrate
from drugripple.predictors.multi_trait_gp.predictor import MultiTraitGP
from drugripple.predictors.multi_trait_gp.settings import MultiTraitSettings, Structure

TRAINED, LINES = 190, 200
SETTINGS = MultiTraitSettings(structure=Structure.FINGERPRINT, max_steps=4, tolerance=1e-11)
FURTHER = (5, 11, 17)
"""Compounds that only the other study measured."""


class Asked(NamedTuple):
    """A model, what it learnt from, and samples that it does not know."""

    world: PlantedWorld
    table: ResponseTable
    model: DefaultModel
    new: ExpressionTable


def default_of(world: PlantedWorld, *, wider: bool) -> Asked:
    """The model of the first lines, a tenth of the pairs missing; intervals are made up."""
    table = world.responses
    generator = np.random.default_rng(5)
    inside = (table.sample_row < TRAINED) & ~np.isin(table.compound_row, FURTHER)
    rows = np.flatnonzero(inside & (generator.random(len(table)) < 0.9))
    own = table.take(rows)
    own = replace(own, pairs=own.pairs.compact())
    studies = ()
    if wider:
        further = np.flatnonzero((table.sample_row < TRAINED) & np.isin(table.compound_row, FURTHER))
        names = tuple(table.expression.samples[row] for row in table.sample_row[further].tolist())
        column = np.searchsorted(FURTHER, table.compound_row[further])
        compounds = table.compounds.take(np.array(FURTHER))
        studies = (AuxiliaryStudy("other", compounds, names, column, table.values[further], measure=Measure.LN_IC50),)
    gp = MultiTraitGP(SETTINGS, auxiliary=studies, name="default")
    gp.fit(own, own.take(np.arange(0)), seed=0)
    row = np.tile(np.arange(len(own)), len(KINDS))
    kind = np.repeat(np.arange(len(KINDS)), len(own))
    guess = own.values[row] + generator.normal(scale=0.5, size=row.size)
    unseen = OutOfFold(row, np.zeros(row.size, dtype=np.int64), kind, guess, np.full(row.size, 0.5))
    model = DefaultModel(calibrate(gp, own, unseen, {}))
    return Asked(world, own, model, table.expression.take(np.arange(TRAINED, len(table.expression))))


@pytest.fixture(scope="session")
def world():
    return planted_world(0, lines=LINES)


@pytest.fixture(scope="session")
def asked(world):
    return default_of(world, wider=False)


@pytest.fixture(scope="session")
def asked_wider(world):
    return default_of(world, wider=True)


@pytest.fixture(scope="session")
def asked_shuffled():
    return default_of(planted_world(0, lines=LINES, shuffled=True), wider=False)


@pytest.fixture(scope="session")
def why(asked_wider):
    return asked_wider.model.explain(asked_wider.new, "vorinostat", sample=asked_wider.new.samples[1])
