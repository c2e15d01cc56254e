"""Dropout whose random numbers can be passed in."""

from __future__ import annotations

from typing import Any

import keras


@keras.saving.register_keras_serializable(package="nfm")
class Dropout(keras.layers.Layer):
    """Drops a share of the units at random in training, and scales up the others.

    Unlike Keras's own layer, it accepts the uniform random numbers as an argument, so that a
    training loop can draw those of all layers at once.

    Args:
        rate: Float in [0, 1), share of the units to drop.
        seed: Int, seed of the numbers that the layer draws. None (default) for a random one.

    Example:
        >>> import keras
        >>> from nfm.model import Dropout
        >>> inputs = keras.ops.array([[1.0, 2.0, 3.0]])
        >>> noise = keras.ops.array([[0.1, 0.6, 0.9]])
        >>> Dropout(0.5)(inputs, training=True, noise=noise).numpy().tolist()
        [[0.0, 4.0, 6.0]]

    Reference:
        Srivastava et al. 2014, "Dropout: A Simple Way to Prevent Neural Networks from
        Overfitting".
    """

    def __init__(self, rate: float, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not 0 <= rate < 1:
            raise ValueError(f"The rate of Dropout must lie in [0, 1). Received: rate={rate}")
        self.rate = rate
        self.seed = seed
        if rate > 0:
            self.seed_generator = keras.random.SeedGenerator(seed)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Do nothing: the layer has no weights."""

    def call(self, inputs: Any, training: bool | None = None, noise: Any = None) -> Any:
        """Drop units if `training`, else return the input.

        Args:
            inputs: Float tensor of any shape.
            training: Whether the layer is called in training.
            noise: Uniform numbers in [0, 1), float, of the input's shape; None to draw them.

        Returns:
            A tensor of the input's shape.
        """
        if not training or self.rate == 0:
            return inputs
        if noise is None:
            noise = keras.random.uniform(keras.ops.shape(inputs), seed=self.seed_generator)
        kept = keras.ops.cast(noise >= self.rate, inputs.dtype)
        return inputs * (kept * (1 / (1 - self.rate)))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return the input's shape."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {**super().get_config(), "rate": self.rate, "seed": self.seed}
