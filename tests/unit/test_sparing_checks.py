"""Shapes are checked where it matters: in the first calls of every test."""

import numpy as np
import pytest
from jaxtyping import TypeCheckError
from tests import sparing_checks

from drugripple.predictors.distances import squared_distances

ONE, OTHER = np.zeros((2, 3)), np.zeros((2, 4))


@pytest.mark.parametrize("again", [0, 1])
def test_a_wrong_shape_is_an_error_of_the_checks_in_the_first_calls_of_each_test(again):
    for _ in range(sparing_checks.CALLS - 1):
        squared_distances(ONE, ONE)
    with pytest.raises(TypeCheckError):
        squared_distances(ONE, OTHER)
    with pytest.raises(ValueError, match="matmul"):
        squared_distances(ONE, OTHER)
