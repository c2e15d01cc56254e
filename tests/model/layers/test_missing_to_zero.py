"""MissingToZero."""

from __future__ import annotations

import numpy as np

from nfm.model import MissingToZero
from tests.model.checking import check_layer


def test_only_missing_numbers_become_zero() -> None:
    check_layer(MissingToZero, [[1.5, np.nan], [np.nan, -2]], [[1.5, 0], [0, -2]])
