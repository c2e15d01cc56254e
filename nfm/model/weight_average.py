"""An average of the weights over the last steps of training."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any

import tensorflow as tf

_ETA = 3.0


class WeightAverage:
    """Averages variables over about the last fifth of all steps.

    At its n-th update the average moves towards the weights by the share (η + 1) / (n + η), which
    is 1 at the first: polynomial-decay averaging with η = 3.

    Args:
        variables: Variables to average.
        interval: Number of steps from one update of the average to the next, default 1. An update
            reads the variables as a whole.

    Reference:
        Shamir and Zhang 2013, "Stochastic Gradient Descent for Non-smooth Optimization",
        section 4.
    """

    def __init__(self, variables: Sequence[tf.Variable], interval: int = 1) -> None:
        self._interval = interval
        self._pairs = [(variable, tf.Variable(variable.read_value())) for variable in variables]

    @property
    def variables(self) -> list[tf.Variable]:
        """The averages."""
        return [average for _, average in self._pairs]

    def reset(self) -> None:
        """Set the average to the current weights."""
        for variable, average in self._pairs:
            average.assign(variable.read_value())

    def update(self, number: Any) -> None:
        """Update the average with the weights after a step, if it is the interval's first.

        Args:
            number: Number of the step, int32 scalar, counted from 1.
        """
        if self._interval == 1:
            self._update(tf.cast(number, tf.float32))
            return
        interval, place = (number - 1) // self._interval, (number - 1) % self._interval
        tf.cond(
            tf.equal(place, 0),
            lambda: self._update(tf.cast(interval + 1, tf.float32)),
            lambda: None,
        )

    def _update(self, number: Any) -> None:
        """Move the average, for the n-th time, towards the weights."""
        share = (_ETA + 1.0) / (number + _ETA)
        for variable, average in self._pairs:
            average.assign_add(share * (variable - average), read_value=False)

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Set the variables to the average for the block."""
        self._swap()
        try:
            yield
        finally:
            self._swap()

    @cached_property
    def _swap(self) -> Any:
        """The graph of `_swapped`; calls of `tf.function` would warn of a trace per training."""
        return tf.function(self._swapped, autograph=False).get_concrete_function()

    def _swapped(self) -> None:
        for variable, average in self._pairs:
            weights, mean = tf.identity(variable.read_value()), tf.identity(average.read_value())
            with tf.control_dependencies([weights, mean]):
                variable.assign(mean, read_value=False)
                average.assign(weights, read_value=False)
