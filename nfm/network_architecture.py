"""The architecture of a network: which parts it has, and the name and shape of every weight.

Which parts there are is decided here alone, from the settings and the sizes of the encoded table.
The Keras network, the training graph, the NumPy scorer, the forward trace, the picture of the
network, the table of its parameters and the check of a bundle's weights all read it. A new setting
starts in `nfm/settings.py`. TensorFlow is not needed.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from nfm.settings import Settings
from nfm.tabular.encoded_table import EncodedShape


@dataclass(frozen=True)
class WeightSpec:
    """One weight array of a network.

    Attributes:
        shape: Shape of the array.
        title: Name for people, such as "Hidden layer 1, bias".
        l2: The setting that penalises its squares; "" if none does.
        trainable: False for the moments of a batch norm.
        rows_of_fields: For an embedding table, the name and number of rows of each field.
        is_mean: Whether an ensemble has the mean of its members' weights; it has the others of all
            members side by side.
    """

    shape: tuple[int, ...]
    title: str
    l2: str = ""
    trainable: bool = True
    rows_of_fields: tuple[tuple[str, int], ...] = ()
    is_mean: bool = False


@dataclass(frozen=True)
class NetworkArchitecture:
    """The parts of a network and the shapes of its weights.

    Attributes:
        layout: Sizes of the encoded table.
        settings: Settings of the model; those of its training have no effect.
        output_count: Number of outputs C: 1 for binary and regression, else that of the classes.

    Example:
        >>> from nfm.settings import Settings
        >>> from nfm.tabular.encoded_table import EncodedShape
        >>> shape = EncodedShape(("Sex",), (3,), ("Age",), (4,), (True,))
        >>> network = NetworkArchitecture(shape, Settings(embedding_dim=8), 1)
        >>> network.weights["embedding"].shape, network.weights["numeric_embedding"].shape
        ((3, 8), (5, 8))
    """

    layout: EncodedShape
    settings: Settings
    output_count: int

    @cached_property
    def members(self) -> int:
        """Number of networks whose outputs are averaged.

        They stand side by side in one network: their vectors are concatenated, and between their
        hidden layers all weights are zero.
        """
        return self.settings.member_count

    @cached_property
    def one_member(self) -> NetworkArchitecture:
        """The parts of one of the networks."""
        return replace(self, settings=self.settings.model_copy(update={"members": 1}))

    @cached_property
    def vector_size(self) -> int:
        """Length of a field's vector, all members together."""
        return self.members * self.settings.embedding_dim

    @cached_property
    def has_embedding(self) -> bool:
        """Whether categorical fields have vectors."""
        return bool(self.layout.categorical) and self._has_vectors

    @cached_property
    def has_numeric_embedding(self) -> bool:
        """Whether numeric fields have vectors."""
        return self.has_ramps and self._has_vectors

    @cached_property
    def has_linear(self) -> bool:
        """Whether levels have linear weights of their own."""
        return bool(self.layout.categorical) and self.settings.linear_term == "own"

    @cached_property
    def has_numeric_linear(self) -> bool:
        """Whether ramps have linear weights of their own."""
        return self.has_ramps and self.settings.linear_term == "own"

    @cached_property
    def has_dense_linear(self) -> bool:
        """Whether raw numbers have linear weights."""
        return bool(self.layout.numeric) and not self.has_ramps

    @cached_property
    def has_shared_linear(self) -> bool:
        """Whether the linear term is the sum of the vectors' entries, with a bias (the article)."""
        return self.settings.linear_term == "shared"

    @cached_property
    def has_ramps(self) -> bool:
        """Whether numbers enter as features with weights each, instead of as raw numbers."""
        return bool(self.layout.numeric) and self.settings.numeric != "concat"

    @cached_property
    def has_bins(self) -> bool:
        """Whether numbers are placed among quantile bins, and clipped to the outer edges."""
        return self.settings.numeric == "piecewise"

    @cached_property
    def embedded_fields(self) -> int:
        """Number of fields with vectors, numeric ones included."""
        fields = len(self.layout.categorical) if self.has_embedding else 0
        return fields + (len(self.layout.numeric) if self.has_numeric_embedding else 0)

    @cached_property
    def pooled_size(self) -> int:
        """Length k of the pooled vector; 0 without bi-interaction pooling."""
        pools = self.settings.interaction != "linear" and self.embedded_fields
        return self.vector_size if pools else 0

    @cached_property
    def has_constant_field(self) -> bool:
        """Whether a field of ones is pooled with the others."""
        pools = self.pooled_size > 0 and not self.is_linear_in_pairs
        return pools and self.settings.constant_field

    @cached_property
    def has_values_beside_pooling(self) -> bool:
        """Whether raw numbers are concatenated with the pooled vector."""
        return self.has_dense_linear and not self.is_linear_in_pairs

    @cached_property
    def is_linear_in_pairs(self) -> bool:
        """Whether the logits are a weighted sum of the pooled pairs, without hidden layers."""
        return self.settings.interaction != "nfm"

    @cached_property
    def head_inputs(self) -> int:
        """Number of inputs of the first layer after the pooling; 0 without such a layer."""
        return self.pooled_size + len(self.layout.numeric) * self.has_values_beside_pooling

    @cached_property
    def hidden_units(self) -> tuple[int, ...]:
        """Units of each hidden layer, all members together."""
        if self.is_linear_in_pairs:
            return ()
        return tuple(self.members * units for units in self.settings.hidden_units)

    @cached_property
    def has_output_layer(self) -> bool:
        """Whether the last layer has weights; else the pooled vector's entries are added up."""
        return not self.is_linear_in_pairs or (self.pooled_size > 0 and self.output_count > 1)

    @cached_property
    def weights(self) -> dict[str, WeightSpec]:
        """Every weight by its name in `export_weights`, in the order of the network."""
        return dict(self._list_weights())

    @cached_property
    def weight_shapes(self) -> dict[str, tuple[int, ...]]:
        """The shape of every weight by its name."""
        return {name: weight.shape for name, weight in self.weights.items()}

    @cached_property
    def member_weight_shapes(self) -> dict[str, tuple[int, ...]]:
        """By name, the shape of those weights of each member of which `weights` has the mean.

        The ensemble's prediction does not need them, but that of a member does. Empty for a
        single network.
        """
        if self.members == 1:
            return {}
        return {
            f"member_{name}": (self.members, *weight.shape)
            for name, weight in self.weights.items()
            if weight.is_mean
        }

    def _list_weights(self) -> Iterator[tuple[str, WeightSpec]]:
        layout, size, outputs = self.layout, self.vector_size, self.output_count
        levels = tuple(zip(layout.categorical, layout.level_counts, strict=True))
        ramps = tuple(zip(layout.numeric, layout.ramp_counts, strict=True))
        for name, fields, has_part in (
            ("embedding", levels, self.has_embedding),
            ("numeric_embedding", ramps, self.has_numeric_embedding),
        ):
            if has_part:
                shape = (sum(rows for _, rows in fields), size)
                yield name, WeightSpec(shape, "Embedding", "l2_embedding", rows_of_fields=fields)
        numbers = "Linear weights of the numeric columns"
        for name, title, rows, has_part in (
            ("linear", "Linear weights of the levels", sum(layout.level_counts), self.has_linear),
            ("numeric_linear", numbers, sum(layout.ramp_counts), self.has_numeric_linear),
            ("dense_linear", numbers, len(layout.numeric), self.has_dense_linear),
        ):
            if has_part:
                yield name, WeightSpec((rows, outputs), title, "l2_linear", is_mean=True)
        if self.has_shared_linear:
            yield "linear_bias", WeightSpec((1,), "Bias of the linear term")
        if self.pooled_size and self.settings.bi_batch_norm:
            yield from _batch_norm("bi", "Pooled pairs", size)
        width = self.head_inputs
        for index, units in enumerate(self.hidden_units):
            name, title = f"hidden_{index}", f"Hidden layer {index + 1}"
            yield f"{name}_kernel", WeightSpec((width, units), f"{title}, weights", "l2_hidden")
            yield f"{name}_bias", WeightSpec((units,), f"{title}, bias")
            if self.settings.hidden_batch_norm:
                yield from _batch_norm(name, title, units)
            width = units
        if self.has_output_layer:
            yield "output_kernel", WeightSpec((width, outputs), "Output weights")
        yield "bias", WeightSpec((outputs,), "Global bias", is_mean=True)

    @cached_property
    def _has_vectors(self) -> bool:
        return self.settings.interaction != "linear" or self.has_shared_linear


def _batch_norm(name: str, title: str, width: int) -> Iterator[tuple[str, WeightSpec]]:
    yield f"{name}_gamma", WeightSpec((width,), f"{title}, batch norm, scale")
    yield f"{name}_beta", WeightSpec((width,), f"{title}, batch norm, shift")
    for moment in ("mean", "variance"):
        text = f"{title}, batch norm, running {moment}"
        yield f"{name}_{moment}", WeightSpec((width,), text, trainable=False)


@dataclass(frozen=True)
class ParameterRow:
    """One row of the table of parameters.

    Attributes:
        name: Name for people; it may contain a column's name.
        shape: Shape as text, such as "148 × 64".
        count: Number of parameters.
    """

    name: str
    shape: str
    count: int


def parameter_table(architecture: NetworkArchitecture) -> tuple[ParameterRow, ...]:
    """Return the table of a network's parameters.

    Embedding tables are listed field by field, although each is a single weight.

    Args:
        architecture: The network.

    Returns:
        The rows, whose counts add up to Keras's count for the same network.
    """
    rows: list[ParameterRow] = []
    for weight in architecture.weights.values():
        parts = [(weight.title, weight.shape)]
        if weight.rows_of_fields:
            size = weight.shape[1]
            parts = [(f"Embedding of {field}", (n, size)) for field, n in weight.rows_of_fields]
        for title, shape in parts:
            text = " × ".join(str(size) for size in shape)
            rows.append(ParameterRow(title, text, math.prod(shape)))
    return tuple(rows)
