"""Builds a Keras model from keyword arguments, with the article's defaults."""

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
    """Build a Keras model, by default the article's.

    Args:
        layout: Sizes of the encoded table.
        task: "binary", "multiclass" or "regression".
        class_count: Number of classes, only for "multiclass".
        embedding_dim: Length k of the embeddings.
        hidden_units: Number of units of each hidden layer, from first to last; may be empty.
        interaction: "linear", "fm" or "nfm".
        numeric: How numeric columns enter: "concat", "value" or "piecewise".
        constant_field: Whether to pool a field of ones too.
        linear_term: "own" weights, or weights "shared" with the embeddings.
        activation: Activation of the hidden layers: "relu", "tanh", "sigmoid" or "gelu".
        dropout: Share of hidden units to drop in training, in [0, 1).
        bi_dropout: Share of the pooled factors to drop in training, in [0, 1).
        hidden_batch_norm: Whether to normalise the hidden layers over the batch.
        bi_batch_norm: Whether to normalise the pooled factors over the batch.
        l2_embedding: L2 penalty on the embeddings.
        l2_linear: L2 penalty on the linear weights.
        l2_hidden: L2 penalty on the kernels of the hidden layers.
        init_std: Standard deviation of the initial embeddings.
        seed: Seed of all random numbers.

    Returns:
        A model from {"codes": int32 (batch, F), "values": float32 (batch, D)} to probabilities,
        float32 (batch, classes) or (batch, 1), or for regression to a number, (batch, 1).

    Raises:
        SchemaError: If the layout has no field.
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
