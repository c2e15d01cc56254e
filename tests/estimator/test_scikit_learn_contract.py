"""scikit-learn's own contract for estimators."""

from __future__ import annotations

from typing import Any

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from nfm import NFMClassifier, NFMRegressor

pytestmark = pytest.mark.slow

# Drawing batches at random makes a row of weight two differ from a row given twice;
# scikit-learn grants its own SGDClassifier the same two.
_EXPECTED = {
    "check_sample_weight_equivalence_on_dense_data": "rows are drawn in batches at random",
    "check_sample_weight_equivalence_on_sparse_data": "rows are drawn in batches at random",
}


def _expected_failures(estimator: Any) -> dict[str, str]:
    return _EXPECTED


@parametrize_with_checks(
    [NFMClassifier(), NFMRegressor()], expected_failed_checks=_expected_failures
)
def test_scikit_learn_contract(estimator: Any, check: Any) -> None:
    check(estimator)
