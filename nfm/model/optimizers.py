"""The rules that turn gradients into steps, as TensorFlow's fused kernels.

Each rule comes in two forms. `whole` updates every entry of a variable. `rows` updates
only the rows of a table that a batch has touched, together with their slots; rows that are
not touched keep their weights and slots ("lazy"), which is the same for SGD and Adagrad,
whose untouched rows would stay where they are, and differs a little for Adam, whose
moments would decay, and whose second moment is one number for a row's vector there. Keras's
own optimisers compose a step of many small operations and update every row of a table,
touched or not.
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
# As Adam's kernel subtracts it: a float32 is too coarse for exactly 0.001.
_ADAM_BETA_2_REST = np.float32(1.0) - np.float32(ADAM_BETA_2)
# The paper's; Keras's start of 0.1 with its rate of 0.001 hardly moves.
ADAGRAD_START = 1e-8


@dataclass(frozen=True)
class OptimizerStep:
    """What all updates of one step share.

    Attributes:
        learning_rate: Float scalar.
        beta_1_power: Adam's first beta to the power of the step's number, float scalar.
        beta_2_power: Its second beta, likewise.
    """

    learning_rate: Any
    beta_1_power: Any = None
    beta_2_power: Any = None


WholeUpdate = Callable[[Any, OptimizerStep], None]
"""Takes the gradient, in the variable's shape."""

RowsUpdate = Callable[[Any, Any, Any, OptimizerStep], None]
"""Takes the touched rows' indices (touched,), each once, their weights as gathered
(touched, width), and the gradient of these, in the same shape."""


class Optimizer:
    """A rule; the variables are handed to it once, the gradients at every step.

    Attributes:
        slot_starts: Value of each of a weight's slots before training.
    """

    slot_starts: tuple[float, ...] = ()

    def step(self, learning_rate: Any, number: Any) -> OptimizerStep:
        """Prepare one step.

        Args:
            learning_rate: Float scalar.
            number: Float scalar, counts from 1.
        """
        return OptimizerStep(learning_rate)

    def apply(
        self,
        variable: tf.Variable,
        slots: Sequence[tf.Variable],
        gradient: Any,
        step: OptimizerStep,
    ) -> None:
        """Run the kernel on all of a variable and its slots."""
        raise NotImplementedError

    def whole(self, variable: tf.Variable) -> WholeUpdate:
        """Make the slots of a variable and return what updates all of it."""
        slots = self._slots(variable)

        def update(gradient: Any, step: OptimizerStep) -> None:
            self.apply(variable, slots, gradient, step)

        return update

    def rows(self, table: tf.Variable, dim: int) -> RowsUpdate:
        """Make the slots of a table (rows, width) and return what updates some rows.

        The touched rows are laid into variables of their own, where the kernel for whole
        variables can work on them: TensorFlow has none for some rows of Adam's, and its
        kernel for some rows of Adagrad's runs on one thread.

        Args:
            table: Float (rows, width).
            dim: How many of the columns, from the first, are one vector.
        """
        kept = table, *self._slots(table)
        touched = [_some_rows(table) for _ in kept]

        def update(indices: Any, weights: Any, gradient: Any, step: OptimizerStep) -> None:
            touched[0].assign(weights)
            for part, whole in zip(touched[1:], kept[1:], strict=True):
                part.assign(gather_rows(whole, indices))
            self.apply(touched[0], touched[1:], gradient, step)
            for part, whole in zip(touched, kept, strict=True):
                scatter_rows(whole, indices, part.read_value())

        return update

    def _slots(self, variable: tf.Variable) -> list[tf.Variable]:
        return [tf.Variable(tf.fill(variable.shape, start)) for start in self.slot_starts]


class SGD(Optimizer):
    """w ← w − η g."""

    def apply(
        self,
        variable: tf.Variable,
        slots: Sequence[tf.Variable],
        gradient: Any,
        step: OptimizerStep,
    ) -> None:
        """Run the kernel."""
        tf.raw_ops.ResourceApplyGradientDescent(
            var=variable.handle, alpha=step.learning_rate, delta=gradient
        )


class Adagrad(Optimizer):
    """a ← a + g², w ← w − η g / √a, with a = 1e-8 before training.

    Reference:
        Duchi, Hazan and Singer 2011, "Adaptive Subgradient Methods for Online Learning and
        Stochastic Optimization".
    """

    slot_starts = (ADAGRAD_START,)

    def apply(
        self,
        variable: tf.Variable,
        slots: Sequence[tf.Variable],
        gradient: Any,
        step: OptimizerStep,
    ) -> None:
        """Run the kernel."""
        tf.raw_ops.ResourceApplyAdagrad(
            var=variable.handle, accum=slots[0].handle, lr=step.learning_rate, grad=gradient
        )


class Adam(Optimizer):
    """m ← β₁m + (1−β₁)g, v ← β₂v + (1−β₂)g², w ← w − η √(1−β₂ᵗ)/(1−β₁ᵗ) m / (√v + ε).

    Reference:
        Kingma and Ba 2015, "Adam: A Method for Stochastic Optimization", section 2.
    """

    slot_starts = (0.0, 0.0)

    def step(self, learning_rate: Any, number: Any) -> OptimizerStep:
        """Prepare one step."""
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
        """Run the kernel."""
        _apply_adam(variable, slots, gradient, step, ADAM_BETA_2)

    def rows(self, table: tf.Variable, dim: int) -> RowsUpdate:
        """Make the moments of a table (rows, width) and return what updates some rows.

        The second moment of a vector is one number, the mean over its entries: almost a
        third less memory, and less of it read and written at random. A linear weight, whose
        gradients are of another size, has its own.

        Args:
            table: Float (rows, width).
            dim: How many of the columns, from the first, are one vector.

        Reference:
            FBGEMM, PyTorch's library of embedding tables, has the rule as
            `PARTIAL_ROWWISE_ADAM`.
        """
        mean, spread = _shared_by_vector(table.shape[1], dim)
        first_moment = tf.Variable(tf.zeros(table.shape))
        second_moment = tf.Variable(tf.zeros((table.shape[0], mean.shape[1])))
        touched = [_some_rows(table) for _ in range(3)]

        def update(indices: Any, weights: Any, gradient: Any, step: OptimizerStep) -> None:
            second = gather_rows(second_moment, indices)
            squares = tf.matmul(tf.square(gradient), mean)
            second += _ADAM_BETA_2_REST * (squares - second)
            touched[0].assign(weights)
            touched[1].assign(gather_rows(first_moment, indices))
            touched[2].assign(tf.matmul(second, spread))
            # With a beta of 1 the kernel takes the second moment as it is.
            _apply_adam(touched[0], touched[1:], gradient, step, beta_2=1.0)
            scatter_rows(table, indices, touched[0].read_value())
            scatter_rows(first_moment, indices, touched[1].read_value())
            scatter_rows(second_moment, indices, second)

        return update


def make_optimizer(settings: Settings) -> Optimizer:
    """Return the rule that the settings name."""
    rules: dict[str, type[Optimizer]] = {"adam": Adam, "adagrad": Adagrad, "sgd": SGD}
    return rules[settings.optimizer]()


def _apply_adam(
    variable: tf.Variable,
    moments: Sequence[tf.Variable],
    gradient: Any,
    step: OptimizerStep,
    beta_2: float,
) -> None:
    """Run Adam's kernel."""
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


def _shared_by_vector(width: int, dim: int) -> tuple[np.ndarray, np.ndarray]:
    """Return what takes columns (width,) to one for the vector and one for each other, and back.

    Returns:
        Float32 (width, columns), which takes the mean over the vector, and (columns, width),
        which repeats it.
    """
    column = np.maximum(np.arange(width) - max(dim - 1, 0), 0)
    spread = (np.arange(column[-1] + 1)[:, None] == column).astype(np.float32)
    return (spread / spread.sum(axis=1, keepdims=True)).T, spread


def _some_rows(table: tf.Variable) -> tf.Variable:
    """Make a variable for any number of a table's rows."""
    return tf.Variable(tf.zeros((0, table.shape[1])), shape=(None, table.shape[1]))


def gather_rows(table: tf.Variable, indices: Any) -> Any:
    """Return the rows of a table, float (*indices.shape, width)."""
    return tf.raw_ops.ResourceGather(resource=table.handle, indices=indices, dtype=table.dtype)


def scatter_rows(table: tf.Variable, indices: Any, rows: Any) -> None:
    """Write rows (touched, width) into a table."""
    tf.raw_ops.ResourceScatterUpdate(resource=table.handle, indices=indices, updates=rows)
