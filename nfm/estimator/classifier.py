"""`NFMClassifier`, the estimator for two or more classes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted

from nfm.errors import ReadingWarning, SchemaError, SettingsError, warn
from nfm.estimator.base import NFMEstimator, target_column
from nfm.settings import Task
from nfm.tabular.target import Target
from nfm.tabular.target_values import class_labels
from nfm.text import quoted


class NFMClassifier(ClassifierMixin, NFMEstimator):
    """Neural Factorization Machine for two or more classes.

    Categorical columns have an embedding per level, numeric ones per bin. The bi-interaction
    pooling combines all pairs of fields, and a network on top of it adds its logit to that of the
    linear term (He and Chua, 2017, "Neural Factorization Machines for Sparse Predictive
    Analytics", equations 2 to 4).

    Args:
        interaction: "nfm", or its parts: "fm" (no network), "linear" (no pairs).
        numeric: "piecewise", "value" or "concat": how numeric columns enter.
        numeric_bins: Maximum number of quantile bins of a numeric column, for "piecewise".
        numeric_scaling: "standard" or "none", for "value" and "concat".
        constant_field: Pool a field of ones too, so that the network gets each field by itself
            as well.
        linear_term: "own" weights, or the sum of the "shared" embeddings.
        embedding_dim: Length k of the embeddings.
        hidden_units: Units of each hidden layer.
        members: Number of networks whose outputs are averaged.
        activation: "relu", "tanh", "sigmoid" or "gelu".
        init_std: Standard deviation of the embeddings before training.
        optimizer: "adam", "adagrad" or "sgd".
        learning_rate: Size of the optimiser's steps.
        weight_averaging: Validate and keep an average of the weights over about the last fifth
            of all steps.
        batch_size: Rows in one step; None for a size that grows with the table.
        epochs: Maximum number of passes over the training rows.
        early_stopping: End when the validation loss no longer falls; keep the best epoch.
        patience: Epochs without a better validation loss before training ends.
        dropout: Share of hidden units dropped in each step.
        bi_dropout: Share of the pooled factors dropped in each step.
        rare_level_dropout: A level with n training rows is replaced by "(other)" with probability
            sk / (sk + n) in each step. s is this number; k is large where the levels of a column
            differ little. 0 for never.
        hidden_batch_norm: Normalise hidden layers over the batch.
        bi_batch_norm: Normalise the pooled factors over the batch.
        l2_embedding: Penalty on the embeddings.
        l2_linear: Penalty on the linear weights.
        l2_hidden: Penalty on the hidden kernels.
        class_weight: None, "balanced", or a mapping from class to weight, which also applies to
            the validation loss.
        regression_loss: Has no effect on classes; see `NFMRegressor`.
        validation_fraction: Share of the rows set aside to choose the best epoch.
        min_level_count: Levels with fewer training rows are treated as "(other)"; None for 3 from
            500 training rows on, else 1.
        vocabulary: Rows whose levels the model knows: "training", or "all" (validation rows too,
            as in the article).
        random_state: Seed; equal seeds give equal results. None for another one each time.
        categorical: Names or positions of columns that are categorical, whatever their values.
        dictionary: Display names of columns, levels and classes for figures and the app.
        verbose: 1 shows a progress bar.

    Attributes:
        classes_: The classes, sorted; equal to `bundle_.classes`.
        history_: DataFrame, one row per epoch.
        best_epoch_: Number of the epoch with the lowest validation loss, or None.
        n_epochs_: Number of epochs trained.
        bundle_: The model as a `Bundle`, which `save` writes.
        n_features_in_: Number of columns seen in `fit`.
        feature_names_in_: Their names, if all are text.

    Examples:
        >>> from nfm import NFMClassifier
        >>> from nfm.tabular.samples import load_sample
        >>> frame = load_sample("titanic")
        >>> X, y = frame[["Pclass", "Sex", "Age", "Fare"]], frame["Survived"]
        >>> model = NFMClassifier(random_state=1).fit(X, y)
        >>> bool(model.score(X, y) > 0.75)
        True
    """

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return the probability of every class.

        Args:
            X: Rows with the columns seen in `fit`.

        Returns:
            float64 (rows, classes), in the order of `classes_`.
        """
        rows = self.to_frame(X)
        return self.bundle_.predict_proba(rows)

    def predict(self, X: Any) -> np.ndarray:
        """Return the most probable class of every row.

        Args:
            X: Rows with the columns seen in `fit`.

        Returns:
            (rows,), values of `classes_`.
        """
        check_is_fitted(self)
        return self.classes_[self.predict_proba(X).argmax(axis=1)]

    def _task(self) -> Task:
        return "binary" if len(self.classes_) == 2 else "multiclass"

    def _check_target(self, y: Any, name: str) -> np.ndarray:
        labels = class_labels(target_column(y), name)
        check_classification_targets(labels)
        return labels

    def _match_target(self, values: np.ndarray, y: np.ndarray) -> np.ndarray:
        target = Target.fit(y, self._task(), "y", smallest_class=1)
        unknown = np.flatnonzero(~target.known(values))
        if len(unknown):
            raise SchemaError(
                f"{len(unknown):,} of its rows have classes that y does not have, such as "
                f"{values[unknown[:1]].tolist()[0]!r} in row {unknown[0] + 1:,}. Leave these rows "
                "out, or move rows of each class to X and y."
            )
        return self.classes_[target.encode(values)]

    def _with_all_classes(
        self, train: np.ndarray, held_out: np.ndarray, y: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        lost = ~np.isin(y[held_out], y[train])
        return np.sort(np.append(train, held_out[lost])), held_out[~lost]

    def _set_classes(self, y: np.ndarray, sample_weight: np.ndarray | None) -> None:
        self.classes_ = np.unique(y)
        seen = self.classes_ if sample_weight is None else np.unique(y[sample_weight > 0])
        if len(seen) < 2:
            only = seen.tolist()[0] if len(seen) else "none"
            raise SchemaError(
                f"The target has one class, {only!r}, in the rows that count: a classifier needs "
                "at least two classes."
            )
        _warn_of_blanks(self.classes_.tolist())
        _warn_of_case(self.classes_.tolist())
        classes, counts = np.unique(y, return_counts=True)
        if counts.min() == 1:
            rare = classes.tolist()[counts.argmin()]
            warn(
                f"Only one row of the target has the class {rare!r}: it is learned from, but the "
                "validation rows have none."
            )

    def _row_weight(self, y: np.ndarray, sample_weight: np.ndarray | None) -> np.ndarray | None:
        if not isinstance(self.class_weight, Mapping):
            return sample_weight
        unknown = [name for name in self.class_weight if name not in self.classes_]
        if unknown:
            raise SettingsError(
                f"class_weight names {unknown[0]!r}, which is not a class of the target."
            )
        of_class = np.array([self.class_weight.get(name, 1.0) for name in self.classes_.tolist()])
        weight = of_class[np.searchsorted(self.classes_, y)]
        return weight if sample_weight is None else weight * sample_weight


def _warn_of_blanks(classes: list[Any]) -> None:
    """Warn of labels with spaces around them: files are read without them, arrays with them."""
    padded = [name for name in classes if isinstance(name, str) and name != name.strip()]
    if not padded:
        return
    bare = [name.strip() for name in classes if isinstance(name, str)]
    alike = [name for name in padded if bare.count(name.strip()) > 1]
    what = (
        f"differ from other classes only in the blanks around them: {quoted(alike)}. They are "
        "learned as classes of their own"
        if alike
        else f"have blanks around them: {quoted(padded)}. They stay as they are"
    )
    warn(
        f"Classes of the target {what}, while the labels of a file are read without such blanks. "
        "If they mean the same, remove the blanks, with `.str.strip()` say.",
        ReadingWarning,
    )


def _warn_of_case(classes: list[Any]) -> None:
    """Warn of labels that differ only in case, as reading a file does."""
    folded = [name.casefold() if isinstance(name, str) else name for name in classes]
    alike = [name for name, fold in zip(classes, folded, strict=True) if folded.count(fold) > 1]
    if alike:
        warn(
            f"Classes of the target differ only in case: {quoted(alike)}. They are learned as "
            "classes of their own. If they mean the same, write them alike, with `.str.lower()` "
            "say.",
            ReadingWarning,
        )
