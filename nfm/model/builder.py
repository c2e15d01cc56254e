"""The article's builder: a Keras model from keyword arguments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import keras

from nfm.errors import SettingsError
from nfm.model.network import build_network
from nfm.settings import Task, make_settings
from nfm.tabular.encoded_table import EncodedShape


def nfm(
    layout: EncodedShape,
    *,
    task: Task = "binary",
    class_count: int | None = None,
    embedding_dim: int = 64,
    hidden_units: Sequence[int] = (128, 128),
    interaction: Literal["linear", "fm", "nfm"] = "nfm",
    numeric: Literal["concat", "value", "piecewise"] = "concat",
    constant_field: bool = False,
    linear_term: Literal["own", "shared"] = "shared",
    activation: Literal["relu", "tanh", "sigmoid", "gelu"] = "relu",
    dropout: float = 0.2,
    bi_dropout: float = 0.2,
    hidden_batch_norm: bool = False,
    bi_batch_norm: bool = False,
    l2_embedding: float = 1e-5,
    l2_linear: float = 1e-5,
    l2_hidden: float = 0.0,
    init_std: float = 1e-4,
    seed: int = 1024,
) -> keras.Model:
    """Build a Keras model; its defaults are the article's.

    Args:
        layout: Sizes of the encoded table.
        task: "binary", "multiclass" or "regression".
        class_count: Number of classes, for "multiclass" only.
        embedding_dim: Length k of the fields' vectors.
        hidden_units: Units of each hidden layer, first to last; may be empty.
        interaction: "linear", "fm" or "nfm".
        numeric: How numeric columns enter.
        constant_field: Whether a field of ones is pooled too.
        linear_term: "own" weights, or "shared" with the embeddings.
        activation: Of the hidden layers.
        dropout: Share of hidden units that are dropped while training.
        bi_dropout: Share of the pooled factors that are dropped while training.
        hidden_batch_norm: Whether hidden layers are normalised over the batch.
        bi_batch_norm: Whether the pooled pairs are normalised over the batch.
        l2_embedding: Penalty on the squared size of the embeddings.
        l2_linear: Penalty on the squared size of the linear weights.
        l2_hidden: Penalty on the squared size of the hidden kernels.
        init_std: Standard deviation of the embeddings before training.
        seed: Of all random numbers.

    Returns:
        A model from {"codes": int32 (batch, F), "values": float32 (batch, D)} to
        probabilities (batch, classes or 1), or for regression to a number (batch, 1).

    Raises:
        SchemaError: If there is no field at all.
        SettingsError: If an argument is out of its range or contradicts another one.

    Example:
        >>> from nfm.model import nfm
        >>> from nfm.tabular.encoded_table import EncodedShape
        >>> shape = EncodedShape(
        ...     categorical=("Sex", "Cabin"),
        ...     level_counts=(3, 10),
        ...     numeric=("Age",),
        ...     bin_counts=(1,),
        ...     has_missing=(False,),
        ... )
        >>> nfm(shape, embedding_dim=8).output_shape
        (None, 1)
    """
    settings = make_settings(
        {
            "embedding_dim": embedding_dim,
            "hidden_units": tuple(hidden_units),
            "interaction": interaction,
            "numeric": numeric,
            "constant_field": constant_field,
            "linear_term": linear_term,
            "activation": activation,
            "dropout": dropout,
            "bi_dropout": bi_dropout,
            "hidden_batch_norm": hidden_batch_norm,
            "bi_batch_norm": bi_batch_norm,
            "l2_embedding": l2_embedding,
            "l2_linear": l2_linear,
            "l2_hidden": l2_hidden,
            "init_std": init_std,
            "random_state": seed,
        }
    )
    if (class_count is not None) != (task == "multiclass"):
        raise SettingsError("Give class_count for the task multiclass, and only for it.")
    return build_network(layout, settings, task, class_count or 1).model
