"""Predictors that are saved by their parameters and one dataclass: what a folder cannot make is refused."""

from typing import NamedTuple

import pytest

from drugripple.data.measure import Measure
from drugripple.errors import CheckpointError
from drugripple.predictors import Ridge, load, write_saved
from drugripple.predictors.naive import GlobalMean, Mean, NearestDrug
from drugripple.predictors.saved_whole import SavedWhole


def test_parameters_come_back_with_their_types(world, tmp_path):
    ridge = Ridge(penalties=(3.0, 7.0))
    ridge.fit(world, world, seed=0)
    ridge.save(tmp_path / "ridge")
    assert Ridge.load(tmp_path / "ridge").penalties == (3.0, 7.0)


def test_settings_that_the_class_does_not_take_are_refused(world, tmp_path):
    fitted = NearestDrug()
    fitted.fit(world, world, seed=0)
    for settings in ({"neighbours": "many"}, {"neighbors": 3}):
        write_saved(tmp_path / "saved", NearestDrug, "n", fitted.measure, settings, fitted.learnt)
        with pytest.raises(CheckpointError, match="the settings of NearestDrug are not ones that it takes"):
            load(tmp_path / "saved")


class Scaled(NamedTuple):
    """What another version learnt: the mean, and a factor that this one does not know."""

    value: float
    scale: float


def test_what_another_version_learnt_is_refused_and_the_difference_named(tmp_path):
    write_saved(tmp_path / "saved", GlobalMean, "mean", Measure.LN_IC50, {}, Scaled(1.0, 2.0))
    with pytest.raises(CheckpointError, match=r"written by another version: it differs in scale.*train it again"):
        load(tmp_path / "saved")


def test_what_they_share_is_no_predictor_itself(tmp_path):
    write_saved(tmp_path / "saved", SavedWhole, "none", Measure.LN_IC50, {}, Mean(1.0))
    with pytest.raises(CheckpointError, match="which this version has not"):
        load(tmp_path / "saved")
