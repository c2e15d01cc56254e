"""The network: the layers that the settings choose, for a table of given sizes."""

from __future__ import annotations

from functools import cached_property
from typing import Any, get_args

import keras

from nfm.errors import SchemaError, SettingsError
from nfm.model.layers import (
    DNN,
    BiInteractionPooling,
    Dropout,
    FieldEmbedding,
    Linear,
    MissingToZero,
    NumericEmbedding,
    NumericRamps,
    PredictionLayer,
)
from nfm.model.layers.dnn import BATCH_NORM_MOMENTUM
from nfm.model.layers.initializers import derived_seed, output_initializer
from nfm.network_architecture import NetworkArchitecture
from nfm.settings import Settings, Task
from nfm.tabular.encoded_table import EncodedShape


class Network:
    """The built layers of one model; `build_network` creates it.

    It computes z = b + Σ_f l_f + hᵀ MLP(dropout(BN(f_BI)) [, values]).

    The caller can look up the vectors and linear terms of the categorical fields, to compute
    gradients with respect to the rows in a batch instead of whole tables:

        vectors = tf.gather(network.embedding.table, codes + offsets)         (batch, F, k)
        terms = tf.gather(network.linear_weights.table, codes + offsets)      (batch, F, C)
        logits = network.logits(vectors, terms, values, training=True)        (batch, C)

    Attributes:
        layout: Sizes of the encoded table.
        settings: Settings of the model.
        task: "binary", "multiclass" or "regression".
        output_count: Number of outputs C: 1 for binary and regression, else that of the classes.
        architecture: The parts of the network and the shapes of its weights.
        embedding: `FieldEmbedding` of the categorical fields' vectors, or None.
        linear_weights: `FieldEmbedding` of the levels' own linear weights, or None.
        noise_width: Number of uniform numbers that dropout needs for one row.
        variables: Every weight by its name in `export_weights`, moments included.
        l2: L2 penalty of every weight that has one, by the same names: l2·Σw² for a weight w.
    """

    def __init__(
        self, layout: EncodedShape, settings: Settings, task: Task, output_count: int
    ) -> None:
        _check(layout, settings, task, output_count)
        self.layout = layout
        self.settings = settings
        self.task = task
        self.output_count = output_count
        self.architecture = NetworkArchitecture(layout, settings, output_count)
        self._make_tables()
        self._make_linear()
        self._make_pooling()
        self._make_head()
        self.variables = _named_variables(self)
        self.l2 = {
            name: getattr(settings, weight.l2)
            for name, weight in self.architecture.weights.items()
            if weight.l2 and getattr(settings, weight.l2)
        }

    def __call__(self, codes: Any, values: Any, training: bool = False) -> Any:
        """Return the logits (batch, C) of codes, int (batch, F), and values, float (batch, D)."""
        return self.prediction.logits(self._total(*self._look_up(codes), values, training))

    def logits(
        self,
        embeddings: Any | None,
        linear_terms: Any | None,
        values: Any | None,
        training: bool = False,
        noise: Any | None = None,
    ) -> Any:
        """Compute the logits from the looked-up vectors and linear terms.

        Args:
            embeddings: Vectors of the categorical fields, float (batch, F, k); None if
                `embedding` is None.
            linear_terms: Linear weights of the levels, float (batch, F, C); None if
                `linear_weights` is None.
            values: Float (batch, D), NaN where missing; None or (batch, 0) without numeric
                fields.
            training: Whether to apply dropout, and to normalise with the moments of the batch.
            noise: Uniform numbers in [0, 1) for dropout, float (batch, noise_width); None to
                let the layers draw them, which is slower.

        Returns:
            Float (batch, C), before sigmoid or softmax.
        """
        total = self._total(embeddings, linear_terms, values, training, noise)
        return self.prediction.logits(total)

    @cached_property
    def model(self) -> keras.Model:
        """The network as a Keras model, which shares its weights.

        It maps {"codes": int32 (batch, F), "values": float32 (batch, D)}, without an input that
        has no columns, to probabilities (batch, C), or for regression to the standardised
        target (batch, 1).
        """
        inputs = {}
        if self.layout.categorical:
            inputs["codes"] = keras.Input(
                (len(self.layout.categorical),), None, "int32", name="codes"
            )
        if self.layout.numeric:
            inputs["values"] = keras.Input(
                (len(self.layout.numeric),), None, "float32", name="values"
            )
        looked_up = self._look_up(inputs.get("codes"))
        total = self._total(*looked_up, inputs.get("values"), training=None)
        return keras.Model(inputs, self.prediction(total), name="nfm")

    def _make_tables(self) -> None:
        layout, settings, parts = self.layout, self.settings, self.architecture
        self.embedding: Any = None
        self.linear_weights: Any = None
        self.ramps: Any = None
        self.numeric_embedding: Any = None
        self.numeric_linear: Any = None
        vectors: dict[str, Any] = {"init_std": settings.init_std, "l2": settings.l2_embedding}
        weights: dict[str, Any] = {"init_std": 0.0, "l2": settings.l2_linear}
        codes_shape = (None, len(layout.categorical))
        if parts.has_embedding:
            self.embedding = FieldEmbedding(
                layout.level_counts,
                parts.vector_size,
                seed=self._seed("embedding"),
                name="embedding",
                **vectors,
            )
            self.embedding.build(codes_shape)
        if parts.has_linear:
            self.linear_weights = FieldEmbedding(
                layout.level_counts, self.output_count, name="linear_weights", **weights
            )
            self.linear_weights.build(codes_shape)
        if parts.has_ramps:
            self.ramps = NumericRamps(
                layout.bin_counts, layout.has_missing, clip=parts.has_bins, name="numeric_ramps"
            )
            self.ramps.build((None, len(layout.numeric)))
            features_shape = (len(layout.numeric), None, self.ramps.width)
        if parts.has_numeric_embedding:
            self.numeric_embedding = NumericEmbedding(
                layout.ramp_counts,
                parts.vector_size,
                seed=self._seed("numeric embedding"),
                name="numeric_embedding",
                **vectors,
            )
            self.numeric_embedding.build(features_shape)
        if parts.has_numeric_linear:
            self.numeric_linear = NumericEmbedding(
                layout.ramp_counts,
                self.output_count,
                sum_fields=True,
                name="numeric_linear",
                **weights,
            )
            self.numeric_linear.build(features_shape)

    def _make_linear(self) -> None:
        parts = self.architecture
        self.linear: Any = None
        if parts.has_shared_linear:
            sparse_shape: tuple[int | None, ...] = (None, parts.embedded_fields * parts.vector_size)
        else:
            sparse_shape = (None, len(self.layout.categorical), self.output_count)
        has_sparse = parts.has_linear or (parts.has_shared_linear and parts.embedded_fields > 0)
        if not has_sparse and not parts.has_dense_linear:
            return
        dense_shape = (None, len(self.layout.numeric))
        mode = 2 if has_sparse and parts.has_dense_linear else int(parts.has_dense_linear)
        self.linear = Linear(
            mode,
            l2=self.settings.l2_linear,
            use_bias=parts.has_shared_linear,
            units=self.output_count,
            name="linear",
        )
        shapes = (sparse_shape, dense_shape)
        self.linear.build(shapes if mode == 2 else shapes[mode])

    def _make_pooling(self) -> None:
        settings, parts = self.settings, self.architecture
        self.missing_to_zero: Any = None
        self.pooling: Any = None
        self.bi_batch_norm: Any = None
        self.bi_dropout: Any = None
        self.noise_width = 0
        if parts.has_dense_linear:
            self.missing_to_zero = MissingToZero(name="missing_to_zero")
        if not parts.pooled_size:
            return
        axes = (1,) * parts.has_embedding + (0,) * parts.has_numeric_embedding
        self.pooling = BiInteractionPooling(
            keepdims=False,
            axes=axes,
            constant_field=parts.has_constant_field,
            name="bi_interaction",
        )
        if settings.bi_batch_norm:
            self.bi_batch_norm = keras.layers.BatchNormalization(
                momentum=BATCH_NORM_MOMENTUM, name="bi_batch_norm"
            )
            self.bi_batch_norm.build((None, parts.pooled_size))
        if settings.bi_dropout:
            seed = self._seed("bi dropout")
            self.bi_dropout = Dropout(settings.bi_dropout, seed, name="bi_dropout")
            self.noise_width += parts.pooled_size

    def _make_head(self) -> None:
        settings, parts = self.settings, self.architecture
        self.hidden: Any = None
        self.output: Any = None
        self.sum_of_factors: Any = None
        width = parts.head_inputs
        if parts.hidden_units:
            self.hidden = DNN(
                parts.hidden_units,
                settings.activation,
                l2=settings.l2_hidden,
                dropout=settings.dropout,
                use_batch_norm=settings.hidden_batch_norm,
                seed=self._seed("hidden"),
                name="hidden",
            )
            self.hidden.build((None, width))
            self.noise_width += sum(parts.hidden_units) if settings.dropout else 0
            width = parts.hidden_units[-1]
        if parts.has_output_layer:
            self.output = keras.layers.Dense(
                self.output_count,
                use_bias=False,
                kernel_initializer=output_initializer(self.task, self._seed("output")),
                name="output",
            )
            self.output.build((None, width))
        elif parts.pooled_size:
            self.sum_of_factors = Linear(mode=0, use_bias=False, name="sum_of_factors")
            self.sum_of_factors.build((None, width))
        self.prediction = PredictionLayer(self.task, name="prediction")
        self.prediction.build((None, self.output_count))

    def _look_up(self, codes: Any) -> tuple[Any, Any]:
        """Return the vectors and the linear terms of the codes, None for those without a table."""
        return (
            None if self.embedding is None else self.embedding(codes),
            None if self.linear_weights is None else self.linear_weights(codes),
        )

    def _total(
        self,
        embeddings: Any,
        linear_terms: Any,
        values: Any,
        training: bool | None,
        noise: Any = None,
    ) -> Any:
        """Return the logits without the global bias, (batch, C) or (batch, 1)."""
        summands = []
        vectors = [] if embeddings is None else [embeddings]
        dense = None if self.missing_to_zero is None else self.missing_to_zero(values)
        if self.ramps is not None:
            features = self.ramps(values)
            if self.numeric_embedding is not None:
                vectors.append(self.numeric_embedding(features))
            if self.numeric_linear is not None:
                summands.append(self.numeric_linear(features))
        if self.linear is not None:
            sparse = (
                self._all_factors(vectors) if self.architecture.has_shared_linear else linear_terms
            )
            inputs = [part for part in (sparse, dense) if part is not None]
            summands.append(self.linear(inputs if len(inputs) > 1 else inputs[0]))
        if self.architecture.head_inputs:
            pooled = None if self.pooling is None else self.pooling(vectors)
            summands.append(self.head(pooled, dense, training, noise))
        total = summands[0]
        for summand in summands[1:]:
            total = total + summand
        return total

    def _all_factors(self, vectors: list[Any]) -> Any:
        """Concatenate the vectors of all fields, (batch, fields · k)."""
        if self.numeric_embedding is not None:
            vectors = [*vectors[:-1], keras.ops.transpose(vectors[-1], (1, 0, 2))]
        width = self.architecture.vector_size
        sizes = [vector.shape[1] * width for vector in vectors]
        flat = [keras.ops.reshape(v, (-1, size)) for v, size in zip(vectors, sizes, strict=True)]
        return _join(flat, axis=-1)

    def head(self, pooled: Any, dense: Any, training: bool | None, noise: Any = None) -> Any:
        """Compute the layers after the pooling, without linear terms and bias.

        Args:
            pooled: Result of the bi-interaction pooling, float (batch, k); None without pairs.
            dense: Values without NaN, float (batch, D); None unless `numeric` is "concat".
            training: Whether to apply dropout, and to normalise with the moments of the batch.
            noise: Uniform numbers in [0, 1) for dropout, float (batch, noise_width), or None.

        Returns:
            Float (batch, C), or (batch, 1) for the sum of the factors.
        """
        parts = []
        first_hidden = 0
        if pooled is not None:
            if self.bi_batch_norm is not None:
                pooled = self.bi_batch_norm(pooled, training=training)
            if self.bi_dropout is not None:
                first_hidden = self.architecture.pooled_size
                bi_noise = None if noise is None else noise[:, :first_hidden]
                pooled = self.bi_dropout(pooled, training=training, noise=bi_noise)
            parts.append(pooled)
        if self.architecture.has_values_beside_pooling:
            parts.append(dense)
        outputs = _join(parts, axis=-1)
        if self.hidden is not None:
            hidden_noise = None if noise is None else noise[:, first_hidden:]
            outputs = self.hidden(outputs, training=training, noise=hidden_noise)
        return (self.output or self.sum_of_factors)(outputs)

    def _seed(self, part: str) -> int:
        return derived_seed(self.settings.random_state, part)


def build_network(
    layout: EncodedShape, settings: Settings, task: Task, output_count: int
) -> Network:
    """Build the network of the settings, with its initial weights.

    Args:
        layout: Sizes of the encoded table.
        settings: Settings of the model; equal `random_state` gives equal weights.
        task: "binary", "multiclass" or "regression".
        output_count: Number of outputs C: 1 for binary and regression, else that of the classes.

    Returns:
        The network.

    Raises:
        SchemaError: If the layout has no field.
        SettingsError: If layout, settings, task and number of outputs contradict each other.

    Example:
        >>> from nfm import Settings
        >>> from nfm.model import build_network
        >>> from nfm.tabular.encoded_table import EncodedShape
        >>> shape = EncodedShape(("Sex",), (3,), ("Age",), (4,), (True,))
        >>> network = build_network(shape, Settings(embedding_dim=8), "binary", 1)
        >>> network.model.output_shape
        (None, 1)
    """
    return Network(layout, settings, task, output_count)


def _check(layout: EncodedShape, settings: Settings, task: Task, output_count: int) -> None:
    if task not in get_args(Task):
        raise SettingsError(f"task is {task!r}: it must be one of {', '.join(get_args(Task))}.")
    if (output_count < 2) if task == "multiclass" else (output_count != 1):
        expected = "two outputs or more" if task == "multiclass" else "one output"
        raise SettingsError(f"The task {task} needs {expected}, not {output_count}.")
    if not layout.fields:
        raise SchemaError("No column is a feature: choose at least one.")
    if settings.numeric != "piecewise" and any(bins != 1 for bins in layout.bin_counts):
        raise SettingsError(
            f"numeric is {settings.numeric!r}, but the table was encoded in quantile bins: "
            "encode it with the same settings."
        )


def _join(parts: list[Any], axis: int) -> Any:
    """Concatenate tensors; return None if there are none."""
    if len(parts) < 2:
        return parts[0] if parts else None
    return keras.ops.concatenate(parts, axis=axis)


def _named_variables(network: Network) -> dict[str, Any]:
    """Return every variable by its name in `export_weights`, moments of batch norms included."""
    variables: dict[str, Any] = {}
    for name, layer in (
        ("embedding", network.embedding),
        ("numeric_embedding", network.numeric_embedding),
        ("linear", network.linear_weights),
        ("numeric_linear", network.numeric_linear),
    ):
        if layer is not None:
            variables[name] = layer.table
    if network.linear is not None:
        if network.linear.kernel is not None:
            variables["dense_linear"] = network.linear.kernel
        if network.linear.bias is not None:
            variables["linear_bias"] = network.linear.bias
    if network.bi_batch_norm is not None:
        variables |= _batch_norm_variables("bi", network.bi_batch_norm)
    if network.hidden is not None:
        layers = zip(network.hidden.kernels, network.hidden.biases, strict=True)
        for i, (kernel, bias) in enumerate(layers):
            variables |= {f"hidden_{i}_kernel": kernel, f"hidden_{i}_bias": bias}
            if network.hidden.use_batch_norm:
                variables |= _batch_norm_variables(f"hidden_{i}", network.hidden.batch_norms[i])
    if network.output is not None:
        variables["output_kernel"] = network.output.kernel
    variables["bias"] = network.prediction.bias
    return variables


def _batch_norm_variables(owner: str, batch_norm: Any) -> dict[str, Any]:
    return {
        f"{owner}_gamma": batch_norm.gamma,
        f"{owner}_beta": batch_norm.beta,
        f"{owner}_mean": batch_norm.moving_mean,
        f"{owner}_variance": batch_norm.moving_variance,
    }
