"""`NFMRegressor`, the estimator for a numeric target."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import RegressorMixin

from nfm.estimator.base import NFMEstimator, target_column
from nfm.settings import Task
from nfm.tabular.target_values import target_numbers


class NFMRegressor(RegressorMixin, NFMEstimator):
    """Neural Factorization Machine for a numeric target.

    The target is standardised for training; predictions are in its own units. The arguments are
    those of `NFMClassifier`; `class_weight` must be None.

    With `regression_loss="huber"`, errors above half a standard deviation of the target count in
    proportion and not by their square, so that outliers matter less. Predictions are then between
    the mean and the median of the target, and the losses in `history_` are Huber's.

    Attributes:
        history_: DataFrame, one row per epoch.
        best_epoch_: Number of the epoch with the lowest validation loss, or None.
        n_epochs_: Number of epochs trained.
        bundle_: The model as a `Bundle`, which `save` writes.
        n_features_in_: Number of columns seen in `fit`.
        feature_names_in_: Their names, if all are text.

    Examples:
        >>> import numpy as np
        >>> from nfm import NFMRegressor
        >>> X = np.random.default_rng(0).normal(size=(300, 2))
        >>> model = NFMRegressor(random_state=1).fit(X, X[:, 0] - X[:, 1])
        >>> bool(model.score(X, X[:, 0] - X[:, 1]) > 0.8)
        True
    """

    def predict(self, X: Any) -> np.ndarray:
        """Return the expected target of every row.

        Args:
            X: Rows with the columns seen in `fit`.

        Returns:
            float64 (rows,), in the target's own units.
        """
        rows = self.to_frame(X)
        return self.bundle_.predict(rows)

    def _task(self) -> Task:
        return "regression"

    def _check_target(self, y: Any, name: str) -> np.ndarray:
        return target_numbers(target_column(y), name)
