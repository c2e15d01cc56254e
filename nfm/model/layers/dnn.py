"""The hidden layers of the network."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras

from nfm.model.layers.dropout import Dropout
from nfm.model.layers.initializers import derived_seed, l2_regularizer

# Keras's own momentum of 0.99 lags far behind on tables of a few hundred rows.
BATCH_NORM_MOMENTUM = 0.9


@keras.saving.register_keras_serializable(package="nfm")
class DNN(keras.layers.Layer):
    """A stack of dense layers: product, batch normalization, activation, dropout.

    Kernels are initialised with Glorot's uniform distribution (with the article's zeros, ReLU
    would never learn), biases with zeros. Without hidden layers it returns its input.

    Args:
        hidden_units: Sequence of ints, number of units of each layer, from first to last.
        activation: String, name of a Keras activation. Defaults to "relu".
        l2: Float, L2 penalty on the kernels. Defaults to 0.
        dropout: Float in [0, 1), share of the units to drop in training. Defaults to 0.
        use_batch_norm: Bool, whether to normalise over the batch before the activation.
            Defaults to False.
        seed: Int, seed of the random numbers of kernels and dropout, which differ from layer to
            layer. None (default) for a random one.

    Example:
        >>> import keras
        >>> from nfm.model import DNN
        >>> hidden = DNN([8, 4], dropout=0.2, seed=1)
        >>> tuple(hidden(keras.ops.ones((2, 3))).shape)
        (2, 4)
    """

    def __init__(
        self,
        hidden_units: Sequence[int],
        activation: str = "relu",
        l2: float = 0.0,
        dropout: float = 0.0,
        use_batch_norm: bool = False,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if any(units < 1 for units in hidden_units):
            raise ValueError(
                "Every hidden layer of DNN needs one unit or more. "
                f"Received: hidden_units={list(hidden_units)}"
            )
        self.hidden_units = tuple(int(units) for units in hidden_units)
        self.activation = activation
        self.l2 = l2
        self.dropout = dropout
        self.use_batch_norm = use_batch_norm
        self.seed = seed
        self._activate = keras.activations.get(activation)
        count = len(self.hidden_units)
        self.dropouts = [Dropout(dropout, self._seed(f"dropout {i}")) for i in range(count)]
        self.batch_norms = [
            keras.layers.BatchNormalization(momentum=BATCH_NORM_MOMENTUM)
            for _ in range(count if use_batch_norm else 0)
        ]

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create a kernel (inputs, units) and a bias (units,) for each layer.

        Raises:
            ValueError: If the input is not (batch, features).
        """
        if len(input_shape) != 2:
            raise ValueError(
                "DNN expects an input of shape (batch, features). "
                f"Received: input_shape={tuple(input_shape)}"
            )
        self.kernels = []
        self.biases = []
        before = input_shape[-1]
        for i, units in enumerate(self.hidden_units):
            self.kernels.append(
                self.add_weight(
                    name=f"kernel_{i}",
                    shape=(before, units),
                    initializer=keras.initializers.GlorotUniform(seed=self._seed(f"kernel {i}")),
                    regularizer=l2_regularizer(self.l2),
                )
            )
            self.biases.append(
                self.add_weight(name=f"bias_{i}", shape=(units,), initializer="zeros")
            )
            if self.use_batch_norm:
                self.batch_norms[i].build((None, units))
            before = units

    def call(self, inputs: Any, training: bool | None = None, noise: Any = None) -> Any:
        """Apply all layers.

        Args:
            inputs: Float (batch, features).
            training: Whether to drop units, and to normalise with the moments of the batch.
            noise: Uniform numbers in [0, 1) for dropout, float (batch, sum of hidden_units);
                None to draw them.

        Returns:
            Float (batch, units of the last layer).
        """
        outputs = inputs
        first = 0
        for i, units in enumerate(self.hidden_units):
            outputs = keras.ops.matmul(outputs, self.kernels[i]) + self.biases[i]
            if self.use_batch_norm:
                outputs = self.batch_norms[i](outputs, training=training)
            outputs = self._activate(outputs)
            own_noise = None if noise is None else noise[:, first : first + units]
            outputs = self.dropouts[i](outputs, training=training, noise=own_noise)
            first += units
        return outputs

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return (batch, units of the last layer)."""
        return (*input_shape[:-1], (input_shape[-1], *self.hidden_units)[-1])

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {
            **super().get_config(),
            "hidden_units": list(self.hidden_units),
            "activation": self.activation,
            "l2": self.l2,
            "dropout": self.dropout,
            "use_batch_norm": self.use_batch_norm,
            "seed": self.seed,
        }

    def _seed(self, part: str) -> int | None:
        return None if self.seed is None else derived_seed(self.seed, part)
