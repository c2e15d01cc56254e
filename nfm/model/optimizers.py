"""The optimisers' update rules, as TensorFlow's fused kernels.

Each rule has two forms. A dense update changes every entry of a variable. A sparse update changes
only the rows of a table that occur in the batch, with their slots; other rows keep their weights
and slots ("lazy"). For SGD and Adagrad both forms give the same result. For Adam they differ a
little: the moments of the other rows don't decay, and a row's vector has a single second moment.
Keras's own optimisers compose a step of many small operations and update every row of a table.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf

from nfm.settings import Settings

ADAM_BETA_1 = 0.9
ADAM_BETA_2 = 0.999
ADAM_EPSILON = 1e-7
# As Adam's kernel computes it: float32 has no exact 0.001.
_ADAM_BETA_2_REST = np.float32(1.0) - np.float32(ADAM_BETA_2)
# As in the paper; from Keras's 0.1, a learning rate of 0.001 changes almost nothing.
ADAGRAD_INITIAL_ACCUMULATOR = 1e-8


@dataclass(frozen=True)
class OptimizerStep:
    """The numbers that all updates of one step share.

    Attributes:
        learning_rate: Learning rate, float scalar.
        beta_1_power: Adam's β₁ to the power of the step's number, float scalar; None for others.
        beta_2_power: Adam's β₂ to the power of the step's number, float scalar; None for others.
    """

    learning_rate: Any
    beta_1_power: Any = None
    beta_2_power: Any = None


DenseUpdate = Callable[[Any, OptimizerStep], None]
"""Updates a variable; takes the gradient, in the variable's shape, and the step."""

SparseUpdate = Callable[[Any, Any, Any, OptimizerStep], None]
"""Updates rows of a table; takes the unique indices of the rows, int32 (rows,), their current
weights, float (rows, width), the gradient in the same shape, and the step."""


class Optimizer:
    """An update rule; it gets the variables once and the gradients at every step.

    Attributes:
        slot_initial_values: Value of each slot of a weight before training.
        state: The slots of all variables.
    """

    slot_initial_values: tuple[float, ...] = ()

    def __init__(self) -> None:
        self.state: list[tf.Variable] = []

    def step(self, learning_rate: Any, number: Any) -> OptimizerStep:
        """Return the numbers of one step.

        Args:
            learning_rate: Learning rate, float scalar.
            number: Number of the step, float scalar, counted from 1.
        """
        return OptimizerStep(learning_rate)

    def apply(
        self,
        variable: tf.Variable,
        slots: Sequence[tf.Variable],
        gradient: Any,
        step: OptimizerStep,
    ) -> None:
        """Run the kernel on a variable and its slots.

        Args:
            variable: The weights.
            slots: Variables of the same shape, one per entry of `slot_initial_values`.
            gradient: Gradient of the loss, float, in the same shape.
            step: The numbers of the step.
        """
        raise NotImplementedError

    def dense_update(self, variable: tf.Variable) -> DenseUpdate:
        """Create the slots of a variable, and return a function that updates all of it."""
        slots = self._slots(variable)

        def update(gradient: Any, step: OptimizerStep) -> None:
            self.apply(variable, slots, gradient, step)

        return update

    def sparse_update(self, table: tf.Variable, dim: int, vectors: int = 1) -> SparseUpdate:
        """Create the slots of a table, and return a function that updates some of its rows.

        The rows are copied to variables of their own, on which the dense kernel runs:
        TensorFlow has no sparse kernel for Adam, and that for Adagrad uses one thread.

        Args:
            table: Float (rows, width).
            dim: Number of the first columns that are vectors.
            vectors: Number of vectors that they are, default 1.
        """
        tables = table, *self._slots(table)
        buffers = [_row_buffer(table) for _ in tables]

        def update(indices: Any, weights: Any, gradient: Any, step: OptimizerStep) -> None:
            buffers[0].assign(weights)
            for buffer, whole in zip(buffers[1:], tables[1:], strict=True):
                buffer.assign(gather_rows(whole, indices))
            self.apply(buffers[0], buffers[1:], gradient, step)
            for buffer, whole in zip(buffers, tables, strict=True):
                scatter_rows(whole, indices, buffer.read_value())

        return update

    def _slots(self, variable: tf.Variable) -> list[tf.Variable]:
        slots = [tf.Variable(tf.fill(variable.shape, start)) for start in self.slot_initial_values]
        self.state += slots
        return slots


class SGD(Optimizer):
    """w ← w − η g."""

    def apply(
        self,
        variable: tf.Variable,
        slots: Sequence[tf.Variable],
        gradient: Any,
        step: OptimizerStep,
    ) -> None:
        """Run the kernel on a variable and its slots."""
        tf.raw_ops.ResourceApplyGradientDescent(
            var=variable.handle, alpha=step.learning_rate, delta=gradient
        )


class Adagrad(Optimizer):
    """a ← a + g², w ← w − η g / √a, with a = 1e-8 before training.

    Reference:
        Duchi, Hazan and Singer 2011, "Adaptive Subgradient Methods for Online Learning and
        Stochastic Optimization".
    """

    slot_initial_values = (ADAGRAD_INITIAL_ACCUMULATOR,)

    def apply(
        self,
        variable: tf.Variable,
        slots: Sequence[tf.Variable],
        gradient: Any,
        step: OptimizerStep,
    ) -> None:
        """Run the kernel on a variable and its slots."""
        tf.raw_ops.ResourceApplyAdagrad(
            var=variable.handle, accum=slots[0].handle, lr=step.learning_rate, grad=gradient
        )


class Adam(Optimizer):
    """m ← β₁m + (1−β₁)g, v ← β₂v + (1−β₂)g², w ← w − η √(1−β₂ᵗ)/(1−β₁ᵗ) m / (√v + ε).

    Reference:
        Kingma and Ba 2015, "Adam: A Method for Stochastic Optimization", section 2.
    """

    slot_initial_values = (0.0, 0.0)

    def step(self, learning_rate: Any, number: Any) -> OptimizerStep:
        """Return the numbers of one step, with the powers of β₁ and β₂."""
        return OptimizerStep(
            learning_rate, tf.pow(ADAM_BETA_1, number), tf.pow(ADAM_BETA_2, number)
        )

    def apply(
        self,
        variable: tf.Variable,
        slots: Sequence[tf.Variable],
        gradient: Any,
        step: OptimizerStep,
    ) -> None:
        """Run the kernel on a variable and its slots."""
        _apply_adam(variable, slots, gradient, step, ADAM_BETA_2)

    def sparse_update(self, table: tf.Variable, dim: int, vectors: int = 1) -> SparseUpdate:
        """Create the moments of a table, and return a function that updates some of its rows.

        The second moment of a vector is one number, the mean over its entries. This takes almost
        a third less memory, and less of it is read and written at random. A linear weight, whose
        gradients have another scale, has its own.

        Args:
            table: Float (rows, width).
            dim: Number of the first columns that are vectors.
            vectors: Number of vectors that they are, default 1.

        Reference:
            FBGEMM, PyTorch's library of embedding tables, has the rule as
            `PARTIAL_ROWWISE_ADAM`.
        """
        mean, spread = _shared_by_vector(table.shape[1], dim, vectors)
        first_moment = tf.Variable(tf.zeros(table.shape))
        second_moment = tf.Variable(tf.zeros((table.shape[0], mean.shape[1])))
        self.state += [first_moment, second_moment]
        buffers = [_row_buffer(table) for _ in range(3)]

        def update(indices: Any, weights: Any, gradient: Any, step: OptimizerStep) -> None:
            second = gather_rows(second_moment, indices)
            squares = tf.matmul(tf.square(gradient), mean)
            second += _ADAM_BETA_2_REST * (squares - second)
            buffers[0].assign(weights)
            buffers[1].assign(gather_rows(first_moment, indices))
            buffers[2].assign(tf.matmul(second, spread))
            # With β₂ = 1 the kernel uses the second moment as it is.
            _apply_adam(buffers[0], buffers[1:], gradient, step, beta_2=1.0)
            scatter_rows(table, indices, buffers[0].read_value())
            scatter_rows(first_moment, indices, buffers[1].read_value())
            scatter_rows(second_moment, indices, second)

        return update


def make_optimizer(settings: Settings) -> Optimizer:
    """Return the update rule of the setting `optimizer`."""
    rules: dict[str, type[Optimizer]] = {"adam": Adam, "adagrad": Adagrad, "sgd": SGD}
    return rules[settings.optimizer]()


def _apply_adam(
    variable: tf.Variable,
    moments: Sequence[tf.Variable],
    gradient: Any,
    step: OptimizerStep,
    beta_2: float,
) -> None:
    """Run Adam's kernel on a variable and its two moments."""
    tf.raw_ops.ResourceApplyAdam(
        var=variable.handle,
        m=moments[0].handle,
        v=moments[1].handle,
        beta1_power=step.beta_1_power,
        beta2_power=step.beta_2_power,
        lr=step.learning_rate,
        beta1=ADAM_BETA_1,
        beta2=beta_2,
        epsilon=ADAM_EPSILON,
        grad=gradient,
    )


def _shared_by_vector(width: int, dim: int, vectors: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the matrices between a row's columns and its second moments.

    A row has one second moment for each of its vectors and one for each other column.

    Returns:
        Float32 (width, moments), which averages over the vector, and float32 (moments, width),
        which repeats the average.
    """
    of_vectors = np.arange(dim) * vectors // max(dim, 1)
    column = np.append(of_vectors, np.arange(width - dim) + (vectors if dim else 0))
    spread = (np.arange(column[-1] + 1)[:, None] == column).astype(np.float32)
    return (spread / spread.sum(axis=1, keepdims=True)).T, spread


def _row_buffer(table: tf.Variable) -> tf.Variable:
    """Return a new variable for any number of a table's rows."""
    return tf.Variable(tf.zeros((0, table.shape[1])), shape=(None, table.shape[1]))


def gather_rows(table: tf.Variable, indices: Any) -> Any:
    """Return rows of a table, float (*indices.shape, width)."""
    return tf.raw_ops.ResourceGather(resource=table.handle, indices=indices, dtype=table.dtype)


def scatter_rows(table: tf.Variable, indices: Any, rows: Any) -> None:
    """Write rows, float (rows, width), into a table at the indices, int32 (rows,)."""
    tf.raw_ops.ResourceScatterUpdate(resource=table.handle, indices=indices, updates=rows)
