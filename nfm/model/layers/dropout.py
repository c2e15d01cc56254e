"""Dropout whose random numbers can be drawn outside, many steps at once."""

from __future__ import annotations

from typing import Any

import keras


@keras.saving.register_keras_serializable(package="nfm")
class Dropout(keras.layers.Layer):
    """Silences a share of the units at random while training, and scales up the rest.

    It differs from Keras's own in one thing: a training loop may hand it the uniform
    numbers, so that one draw serves all the layers and steps of an epoch.

    Args:
        rate: Share of the units that are dropped, in [0, 1).
        seed: Of the numbers that it draws itself.

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
        """Silence units if `training`, else return the input.

        Args:
            inputs: Float, of any shape.
            training: Whether the network is being trained.
            noise: Uniform numbers in [0, 1) of the input's shape; drawn here if None.

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
