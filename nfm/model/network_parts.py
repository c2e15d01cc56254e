"""The parts of a network and their sizes, without building it and without TensorFlow."""

from __future__ import annotations

import math
from dataclasses import dataclass

from nfm.inference.shapes import weight_shapes
from nfm.settings import Settings
from nfm.tabular.encoded_table import EncodedShape


@dataclass(frozen=True)
class ParameterPart:
    """One row of the table of parameters.

    Attributes:
        name: Name for people; it may contain a column's name.
        shape: Shape as text, such as "148 × 64".
        count: Number of parameters.
        weight: Name in `export_weights` of the weight that it belongs to.
        trainable: False for the moments of a batch norm.
    """

    name: str
    shape: str
    count: int
    weight: str
    trainable: bool = True


@dataclass(frozen=True)
class NetworkParts:
    """The parts that a network has, given layout and settings.

    Attributes:
        embedded_fields: Number of fields with a vector, numeric ones included.
        has_embedding: Whether categorical fields have vectors.
        has_numeric_embedding: Whether numeric fields have vectors.
        has_linear: Whether levels have linear weights of their own.
        has_numeric_linear: Whether ramps have linear weights of their own.
        has_dense_linear: Whether raw values have linear weights.
        has_shared_bias: Whether the linear term has the article's own bias.
        has_interaction: Whether the network pools field vectors.
        has_constant_field: Whether a field of ones is pooled with them.
        has_values_beside_pool: Whether numeric values enter the hidden layers without pooling.
        head_width: Number of inputs of the first layer after the pooling.
    """

    embedded_fields: int
    has_embedding: bool
    has_numeric_embedding: bool
    has_linear: bool
    has_numeric_linear: bool
    has_dense_linear: bool
    has_shared_bias: bool
    has_interaction: bool
    has_constant_field: bool
    has_values_beside_pool: bool
    head_width: int


def network_parts(layout: EncodedShape, settings: Settings) -> NetworkParts:
    """Return the parts of a network.

    Args:
        layout: Sizes of the encoded table.
        settings: Settings of the model.
    """
    categories, numbers = len(layout.categorical) > 0, len(layout.numeric) > 0
    concat = settings.numeric == "concat"
    own = settings.linear_term == "own"
    vectors = settings.interaction != "linear" or not own
    has_embedding = categories and vectors
    has_numeric_embedding = numbers and vectors and not concat
    interacts = settings.interaction != "linear" and (has_embedding or has_numeric_embedding)
    beside = numbers and concat and settings.interaction == "nfm"
    return NetworkParts(
        embedded_fields=len(layout.categorical) * has_embedding
        + len(layout.numeric) * has_numeric_embedding,
        has_embedding=has_embedding,
        has_numeric_embedding=has_numeric_embedding,
        has_linear=categories and own,
        has_numeric_linear=numbers and own and not concat,
        has_dense_linear=numbers and concat,
        has_shared_bias=not own,
        has_interaction=interacts,
        has_constant_field=interacts and settings.interaction == "nfm" and settings.constant_field,
        has_values_beside_pool=beside,
        head_width=settings.embedding_dim * interacts + len(layout.numeric) * beside,
    )


def parameter_table(
    layout: EncodedShape, settings: Settings, output_count: int
) -> tuple[ParameterPart, ...]:
    """Return the table of a network's parameters.

    Embedding tables are listed field by field, although each is a single weight.

    Args:
        layout: Sizes of the encoded table.
        settings: Settings of the model.
        output_count: Number of outputs C: 1 for binary and regression, else that of the classes.

    Returns:
        The rows, whose counts add up to Keras's count for the same network.
    """
    parts: list[ParameterPart] = []
    for weight, shape in weight_shapes(layout, settings, output_count).items():
        if weight == "embedding":
            fields = zip(layout.categorical, layout.level_counts, strict=True)
        elif weight == "numeric_embedding":
            fields = zip(layout.numeric, layout.ramp_counts, strict=True)
        else:
            parts.append(_part(_title(weight), shape, weight))
            continue
        parts.extend(_part(f"Embedding of {name}", (n, shape[1]), weight) for name, n in fields)
    return tuple(parts)


_TITLES = {
    "linear": "Linear weights of the levels",
    "numeric_linear": "Linear weights of the numeric columns",
    "dense_linear": "Linear weights of the numeric columns",
    "linear_bias": "Bias of the linear term",
    "output_kernel": "Output weights",
    "bias": "Global bias",
}
_PIECES = {
    "kernel": "weights",
    "bias": "bias",
    "gamma": "batch norm, scale",
    "beta": "batch norm, shift",
    "mean": "batch norm, running mean",
    "variance": "batch norm, running variance",
}


def _title(weight: str) -> str:
    if weight in _TITLES:
        return _TITLES[weight]
    owner, piece = weight.rsplit("_", 1)
    place = "Pooled pairs" if owner == "bi" else f"Hidden layer {int(owner.split('_')[1]) + 1}"
    return f"{place}, {_PIECES[piece]}"


def _part(name: str, shape: tuple[int, ...], weight: str) -> ParameterPart:
    return ParameterPart(
        name=name,
        shape=" × ".join(str(size) for size in shape),
        count=math.prod(shape),
        weight=weight,
        trainable=not weight.endswith(("_mean", "_variance")),
    )
