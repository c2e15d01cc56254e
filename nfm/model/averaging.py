"""An average of the weights, which is steadier than the weights themselves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import tensorflow as tf

_ETA = 3.0


class WeightAverage:
    """Averages variables over about the last fifth of all steps.

    After step n the average moves towards the weights by (η + 1) / (n + η), all the way at
    the first: polynomial decay averaging with η = 3 (Shamir and Zhang 2013, "Stochastic
    Gradient Descent for Non-smooth Optimization", section 4).

    Args:
        variables: What is averaged; small enough to be read whole at every step.
    """

    def __init__(self, variables: Sequence[tf.Variable]) -> None:
        self._pairs = [(variable, tf.Variable(variable.read_value())) for variable in variables]
        self._exchange = tf.function(self._exchanged, autograph=False)

    def begin_anew(self) -> None:
        """Let the average be the weights as they are now."""
        for variable, average in self._pairs:
            average.assign(variable.read_value())

    def update(self, number: Any) -> None:
        """Take the weights after a step into the average.

        Args:
            number: Float scalar, of the step; counts from 1.
        """
        share = (_ETA + 1.0) / (number + _ETA)
        for variable, average in self._pairs:
            average.assign_add(share * (variable - average), read_value=False)

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """Let the variables be the average for the block."""
        self._exchange()
        try:
            yield
        finally:
            self._exchange()

    def _exchanged(self) -> None:
        for variable, average in self._pairs:
            weights, mean = tf.identity(variable.read_value()), tf.identity(average.read_value())
            with tf.control_dependencies([weights, mean]):
                variable.assign(mean, read_value=False)
                average.assign(weights, read_value=False)
