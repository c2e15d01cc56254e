"""The last layer: the global bias and the output activation."""

from __future__ import annotations

from typing import Any

import keras

_ACTIVATIONS = {"binary": "sigmoid", "multiclass": "softmax", "regression": "linear"}


@keras.saving.register_keras_serializable(package="nfm")
class PredictionLayer(keras.layers.Layer):
    """Adds the global bias, and converts the sum to probabilities, or for regression a number.

    Keras's cross-entropies use the logits before its sigmoid and softmax, so a model that ends in
    this layer trains without the loss of precision of a saturated output.

    Args:
        task: String, "binary" (default; sigmoid of one output), "multiclass" (softmax over the
            classes) or "regression" (identity).
        use_bias: Bool, whether to add a bias per output, which is initially zero. Defaults to
            True.

    Example:
        >>> import keras
        >>> from nfm.model import PredictionLayer
        >>> PredictionLayer("multiclass")(keras.ops.zeros((1, 2))).numpy().tolist()
        [[0.5, 0.5]]
    """

    def __init__(self, task: str = "binary", use_bias: bool = True, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if task not in _ACTIVATIONS:
            raise ValueError(
                f"The task must be one of {', '.join(_ACTIVATIONS)}. Received: task={task!r}"
            )
        self.task = task
        self.use_bias = use_bias
        self.activation = keras.activations.get(_ACTIVATIONS[task])

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create the bias, (outputs,).

        Raises:
            ValueError: If the number of outputs does not fit the task.
        """
        outputs = input_shape[-1]
        fits = outputs is not None and (outputs > 1 if self.task == "multiclass" else outputs == 1)
        if len(input_shape) != 2 or not fits:
            expected = "two or more" if self.task == "multiclass" else "1"
            raise ValueError(
                f"PredictionLayer expects (batch, outputs) with {expected} outputs for the task "
                f"{self.task!r}. Received: input_shape={tuple(input_shape)}"
            )
        if self.use_bias:
            self.bias = self.add_weight(name="global_bias", shape=(outputs,), initializer="zeros")

    def call(self, inputs: Any) -> Any:
        """Return the predictions.

        Args:
            inputs: Float (batch, outputs), the sum of all parts of the model.

        Returns:
            Float (batch, outputs): probabilities, or the number for regression.
        """
        return self.activation(self.logits(inputs))

    def logits(self, inputs: Any) -> Any:
        """Return the input plus the bias, float (batch, outputs), for a loss from logits."""
        return inputs + self.bias if self.use_bias else inputs

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return the input's shape."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {**super().get_config(), "task": self.task, "use_bias": self.use_bias}
