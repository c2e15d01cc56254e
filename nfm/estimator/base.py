"""Base class of the classifier and the regressor."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from os import PathLike
from typing import IO, TYPE_CHECKING, Any, Literal, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state
from sklearn.utils.validation import (
    _check_sample_weight,
    check_array,
    check_is_fitted,
    column_or_1d,
    validate_data,
)

from nfm.column_formats.infer_format import infer_format
from nfm.column_formats.text_cells import is_text
from nfm.epoch import Epoch, history_frame
from nfm.errors import SchemaError, SettingsError, warn
from nfm.files.names import with_text_names
from nfm.settings import Settings, Task, make_settings
from nfm.tabular.data_dictionary import DataDictionary
from nfm.tabular.encoding import Encoder
from nfm.tabular.frames import as_column, as_frame, is_table
from nfm.tabular.infer_schema import infer_schema
from nfm.tabular.schema import Schema
from nfm.tabular.splitting import SplitOptions, split_rows
from nfm.text import quoted
from nfm.training.trainer import Trainer, keras_model

if TYPE_CHECKING:
    import keras

_DEFAULT = Settings()
# A column of fewer different numbers may be one of levels.
_FEWEST_NUMBERS = 20
Callback = Callable[[Epoch], bool | None]


class NFMEstimator(BaseEstimator):
    """Base class of `NFMClassifier` and `NFMRegressor`; see their documentation."""

    def __init__(
        self,
        *,
        interaction: str = _DEFAULT.interaction,
        numeric: str = _DEFAULT.numeric,
        numeric_bins: int = _DEFAULT.numeric_bins,
        numeric_scaling: str = _DEFAULT.numeric_scaling,
        constant_field: bool = _DEFAULT.constant_field,
        linear_term: str = _DEFAULT.linear_term,
        embedding_dim: int = _DEFAULT.embedding_dim,
        hidden_units: Sequence[int] = _DEFAULT.hidden_units,
        members: int = _DEFAULT.members,
        activation: str = _DEFAULT.activation,
        init_std: float = _DEFAULT.init_std,
        optimizer: str = _DEFAULT.optimizer,
        learning_rate: float = _DEFAULT.learning_rate,
        weight_averaging: bool = _DEFAULT.weight_averaging,
        batch_size: int | None = _DEFAULT.batch_size,
        epochs: int = _DEFAULT.epochs,
        early_stopping: bool = _DEFAULT.early_stopping,
        patience: int = _DEFAULT.patience,
        dropout: float = _DEFAULT.dropout,
        bi_dropout: float = _DEFAULT.bi_dropout,
        rare_level_dropout: float = _DEFAULT.rare_level_dropout,
        hidden_batch_norm: bool = _DEFAULT.hidden_batch_norm,
        bi_batch_norm: bool = _DEFAULT.bi_batch_norm,
        l2_embedding: float = _DEFAULT.l2_embedding,
        l2_linear: float = _DEFAULT.l2_linear,
        l2_hidden: float = _DEFAULT.l2_hidden,
        class_weight: Mapping[Any, float] | Literal["balanced"] | None = _DEFAULT.class_weight,
        regression_loss: str = _DEFAULT.regression_loss,
        validation_fraction: float = _DEFAULT.validation_fraction,
        min_level_count: int | None = _DEFAULT.min_level_count,
        vocabulary: str = _DEFAULT.vocabulary,
        random_state: int | np.random.RandomState | None = _DEFAULT.random_state,
        categorical: Sequence[str | int] | None = None,
        dictionary: DataDictionary | None = None,
        verbose: int = 0,
    ) -> None:
        self.interaction = interaction
        self.numeric = numeric
        self.numeric_bins = numeric_bins
        self.numeric_scaling = numeric_scaling
        self.constant_field = constant_field
        self.linear_term = linear_term
        self.embedding_dim = embedding_dim
        self.hidden_units = hidden_units
        self.members = members
        self.activation = activation
        self.init_std = init_std
        self.optimizer = optimizer
        self.learning_rate = learning_rate
        self.weight_averaging = weight_averaging
        self.batch_size = batch_size
        self.epochs = epochs
        self.early_stopping = early_stopping
        self.patience = patience
        self.dropout = dropout
        self.bi_dropout = bi_dropout
        self.rare_level_dropout = rare_level_dropout
        self.hidden_batch_norm = hidden_batch_norm
        self.bi_batch_norm = bi_batch_norm
        self.l2_embedding = l2_embedding
        self.l2_linear = l2_linear
        self.l2_hidden = l2_hidden
        self.class_weight = class_weight
        self.regression_loss = regression_loss
        self.validation_fraction = validation_fraction
        self.min_level_count = min_level_count
        self.vocabulary = vocabulary
        self.random_state = random_state
        self.categorical = categorical
        self.dictionary = dictionary
        self.verbose = verbose

    def fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        eval_set: tuple[Any, Any] | list[tuple[Any, Any]] | None = None,
        callback: Callback | None = None,
    ) -> Self:
        """Train on a table.

        Args:
            X: DataFrame of pandas, polars, pyarrow and so on, or array (rows, columns). Text and
                `category` columns are categorical; for integer columns `infer_schema` decides,
                unless `categorical` names them. Values may be missing.
            y: Target of each row, (rows,), without missing or blank values.
            sample_weight: Weight of each row, float (rows,), ≥ 0; None for equal weights.
            eval_set: Validation rows as `(X, y)`, or a list with one such pair; `y` of `fit` must
                have their classes too. None to set aside the share `validation_fraction`.
            callback: Called with every `Epoch`; True ends the training.

        Returns:
            The fitted estimator.

        Raises:
            NFMError: If a setting, a column or the target cannot be used.
        """
        settings = self._settings()
        frame, given = _features(X)
        validate_data(self, given, skip_check_array=True)
        self._had_names = is_table(X)
        y = self._check_target(y, "y")
        if len(frame) != len(y):
            raise SchemaError(
                f"X has {len(frame)} rows and y has {len(y)}: give one target for every row."
            )
        if sample_weight is not None:
            sample_weight = _check_sample_weight(
                sample_weight, frame, dtype=np.float64, ensure_non_negative=True
            )
        self._set_classes(y, sample_weight)
        schema = self._schema(frame)
        weight = self._row_weight(y, sample_weight)
        validation, validation_weight = None, None
        if eval_set is not None:
            validation = self._check_eval_set(eval_set, frame.columns, y)
            validation_weight = self._row_weight(validation[1], None)
        elif settings.validation_fraction > 0:
            split = split_rows(
                frame,
                y,
                self._task(),
                SplitOptions(
                    test_fraction=0.0,
                    validation_fraction=settings.validation_fraction,
                    random_state=settings.random_state,
                ),
            )
            train, held_out = self._with_all_classes(split.train, split.validation, y)
            if len(held_out):
                validation = (frame.iloc[held_out], y[held_out])
                if weight is not None:
                    validation_weight = weight[held_out]
                frame, y = frame.iloc[train], y[train]
                weight = None if weight is None else weight[train]
        trainer = Trainer(
            frame,
            y,
            schema,
            settings,
            validation=validation,
            sample_weight=weight,
            validation_weight=validation_weight,
            smallest_class=1,  # scikit-learn's contract: learn from any rows
        )
        self._warn_of_columns(trainer.encoder, frame, schema)
        self._train(trainer, callback, settings.epochs)
        self.bundle_ = trainer.bundle()
        self.history_ = history_frame(trainer.loop.history)
        self.best_epoch_ = self.bundle_.best_epoch
        self.n_epochs_ = len(trainer.loop.history)
        trainer.loop.release()
        return self

    def save(self, file: str | PathLike[str] | IO[bytes]) -> None:
        """Save the fitted model as a bundle, which `nfm.load_bundle` reads without TensorFlow.

        Args:
            file: Path, or a binary file open for writing.
        """
        check_is_fitted(self)
        self.bundle_.save(file)

    def to_keras(self) -> keras.Model:
        """Return the fitted network as a `keras.Model` of registered layers.

        Its inputs are those that `encode` returns. Its output is float32: the probability of the
        positive class (rows, 1) or of each class (rows, classes), or for a regression the
        standardised target (rows, 1).
        """
        check_is_fitted(self)
        return keras_model(self.bundle_)

    def encode(self, X: Any) -> dict[str, np.ndarray]:
        """Encode rows as the inputs of the Keras model.

        Args:
            X: Rows with the columns seen in `fit`.

        Returns:
            `codes`, int32 (rows, F), and `values`, float32 (rows, D).
        """
        rows = self.to_frame(X)
        table = self.bundle_.encoder.transform(rows)
        return {"codes": table.codes, "values": table.values}

    def to_frame(self, X: Any) -> pd.DataFrame:
        """Return rows as a table with the columns seen in `fit`, in their order.

        Args:
            X: Rows with the columns seen in `fit`: by name, or by position if X has no names.

        Returns:
            The table, with text as column names and the index 0, 1, 2 ...
        """
        check_is_fitted(self)
        return self._in_order(X, pd.Index(self.bundle_.encoder.columns))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.categorical = True
        tags.input_tags.string = True
        return tags

    def _task(self) -> Task:
        raise NotImplementedError

    def _check_target(self, y: Any, name: str) -> np.ndarray:
        raise NotImplementedError

    def _set_classes(self, y: np.ndarray, sample_weight: np.ndarray | None) -> None:
        """Set the fitted attributes that depend on the target's values."""

    def _with_all_classes(
        self, train: np.ndarray, held_out: np.ndarray, y: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Move validation rows so that the training rows have every class."""
        return train, held_out

    def _match_target(self, values: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Return the targets of other rows in the type of the training targets."""
        return values

    def _row_weight(self, y: np.ndarray, sample_weight: np.ndarray | None) -> np.ndarray | None:
        return sample_weight

    def _settings(self) -> Settings:
        values = {name: getattr(self, name) for name in Settings.model_fields}
        if not isinstance(self.random_state, int | np.integer):
            values["random_state"] = int(
                check_random_state(self.random_state).randint(np.iinfo(np.int32).max)
            )
        if isinstance(self.class_weight, Mapping):
            values["class_weight"] = None
        return make_settings(values)

    def _named_categorical(self, frame: pd.DataFrame) -> list[str]:
        """Return the names of the columns that the argument `categorical` gives."""
        names = []
        for given in self.categorical or ():
            if isinstance(given, str | tuple) and str(given) in frame.columns:
                names.append(str(given))
            elif isinstance(given, int | np.integer) and 0 <= given < frame.shape[1]:
                names.append(frame.columns[given])
            else:
                raise SettingsError(
                    f"categorical names {given!r}, which is not a column of X: "
                    "give names or positions of its columns."
                )
        return names

    def _schema(self, frame: pd.DataFrame) -> Schema:
        schema = infer_schema(frame, keep_all=True)
        for name in self._named_categorical(frame):
            schema = schema.with_column(name, kind="categorical", role="feature")
        if not isinstance(self.dictionary, DataDictionary | None):
            raise SettingsError(
                "dictionary must be a DataDictionary, as DataDictionary.read returns it. Received: "
                f"a {type(self.dictionary).__name__}."
            )
        schema = schema.with_dictionary(self.dictionary)
        return schema.model_copy(update={"task": self._task()})

    def _check_eval_set(
        self, eval_set: Any, columns: pd.Index, y: np.ndarray
    ) -> tuple[pd.DataFrame, np.ndarray]:
        """Return validation rows, with the columns of training, and their targets."""
        pair = eval_set[0] if isinstance(eval_set, list) and len(eval_set) == 1 else eval_set
        if not isinstance(pair, tuple | list) or len(pair) != 2 or isinstance(pair[0], tuple):
            size = f" of length {len(eval_set)}" if isinstance(eval_set, tuple | list) else ""
            raise SettingsError(
                "eval_set must be one pair (X, y) of validation rows and their targets, or a list "
                f"with one such pair. Received: a {type(eval_set).__name__}{size}."
            )
        try:
            frame = self._in_order(pair[0], columns)
            values = self._match_target(self._check_target(pair[1], "y of eval_set"), y)
        except ValueError as error:
            raise SettingsError(f"eval_set cannot be used: {error}") from error
        if len(frame) != len(values):
            raise SettingsError(
                f"X of eval_set has {len(frame)} rows and y of eval_set has {len(values)}: give "
                "one target for every row."
            )
        return frame, values

    def _warn_of_columns(self, encoder: Encoder, frame: pd.DataFrame, schema: Schema) -> None:
        """Warn of columns of which the model knows nothing, or only the numbers of training."""
        for name in encoder.without_levels:
            warn(
                f"Nearly every row of the column {name!r} has a value of its own, so they all "
                "become (other), and the column tells the model nothing. If its texts are "
                "numbers, give them as numbers; else leave it out, or set min_level_count=1."
            )
        known = {*encoder.without_levels, *self._named_categorical(frame)}
        for name in _numbers_as_text(frame, schema):
            if name not in known:
                warn(
                    f"The column {name!r} has numbers as text. Each is a level of its own, so a "
                    "number that is not among the training rows becomes (other): give them as "
                    "numbers, or read the file with nfm.read_table."
                )

    def _in_order(self, X: Any, columns: pd.Index) -> pd.DataFrame:
        """Return rows with the columns of `fit`: by name, or by position if X has no names."""
        frame, given = _features(X)
        found = set(frame.columns) == set(columns)
        if found:
            frame = frame[columns]
        validate_data(
            self,
            frame if found and hasattr(self, "feature_names_in_") else given,
            reset=False,
            skip_check_array=True,
        )
        # Names that are numbers or tuples: scikit-learn takes them for no names.
        odd_names = self._had_names and is_table(X) and not hasattr(self, "feature_names_in_")
        if odd_names and not found:
            raise SchemaError(
                f"X has the columns {quoted(list(frame.columns))}, and the model learned from "
                f"{quoted(list(columns))}: give these."
            )
        return frame.set_axis(columns, axis=1)

    def _train(self, trainer: Trainer, callback: Callback | None, epochs: int) -> None:
        from tqdm.auto import tqdm

        answers: list[bool | None] = []
        with tqdm(total=epochs, unit="epoch", disable=not self.verbose) as progress:
            for epoch in trainer.loop.epochs(lambda: any(answers)):
                progress.update()
                figures = {"loss": f"{epoch.train.loss:.4f}"}
                if epoch.validation is not None:
                    figures["validation_loss"] = f"{epoch.validation.loss:.4f}"
                progress.set_postfix(figures)
                if callback is not None:
                    answers.append(callback(epoch))


def target_column(y: Any) -> pd.Series:
    """Return the target as a Series, whatever library it comes from.

    Args:
        y: (rows,), or a table of one column, with a warning as in scikit-learn.

    Raises:
        ValueError: If it is None, or has several columns.
    """
    if y is None:
        raise ValueError("This estimator requires y to be passed, but the target y is None.")
    if is_table(y):
        if len(getattr(y, "shape", (0,))) < 2:
            return as_column(y)
        frame = as_frame(y, "y")
        column_or_1d(np.empty(frame.shape), warn=True)
        return frame.iloc[:, 0].reset_index(drop=True)
    if isinstance(y, pd.api.extensions.ExtensionArray | pd.Index):
        return as_column(y)  # NumPy would convert 64-bit whole numbers with a missing value
    array = column_or_1d(y, warn=True)
    # NumPy would convert a list of numbers and texts to texts.
    return as_column(y if isinstance(y, list) and np.ndim(y) == 1 else array)


def _numbers_as_text(frame: pd.DataFrame, schema: Schema) -> list[str]:
    """Return the columns of text that are different numbers in most rows."""
    return [
        column.name
        for column in schema.features
        if column.kind == "categorical"
        and column.level_count > max(_FEWEST_NUMBERS, len(frame) / 2)
        and is_text(frame[column.name])
        and not isinstance(frame[column.name].dtype, pd.CategoricalDtype)
        and infer_format(frame[column.name]).type == "number"
    ]


def _features(X: Any) -> tuple[pd.DataFrame, pd.DataFrame | np.ndarray]:
    """Return a table whose names are text, and the data that scikit-learn takes the names from."""
    if not is_table(X):
        array = check_array(X, dtype=None, ensure_all_finite=False)
        return with_text_names(pd.DataFrame(array)).infer_objects(), array
    if isinstance(X, pd.DataFrame) and not X.columns.is_unique:
        X = with_text_names(X)  # scikit-learn refuses columns of the same name
    frame = as_frame(X, "X")
    if len(frame) == 0:
        raise SchemaError("X has 0 sample(s): give at least one row.")
    return frame.reset_index(drop=True), X if isinstance(X, pd.DataFrame) else frame
