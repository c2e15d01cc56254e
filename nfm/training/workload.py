"""How much memory and time a training will need, estimated before its first step."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

from nfm.environment import environment
from nfm.errors import JobError
from nfm.model.training_aids import automatic_batch_size
from nfm.network_architecture import NetworkArchitecture
from nfm.text import megabytes

MOST_STEP_BYTES = 1_500_000_000
"""Memory that one training step may take in a worker, which several runs share."""

_NUMBER_BYTES = 4
# Values of a row that a step keeps at once: the layer's result, its gradient, and copies of both.
_COPIES = 4
# A multiply-add forwards takes two more backwards, each of two operations.
_OPERATIONS = 6
_OPERATIONS_PER_SECOND = 2e10  # two cores, measured with layers of 1,024 units
_OPERATIONS_PER_WEIGHT = 10  # of the optimiser and the weights' average, at every step
_SECONDS_PER_STEP = 1e-3  # whatever the sizes
_SECONDS_PER_HOUR = 3600


@dataclass(frozen=True)
class Workload:
    """What a training will need.

    Attributes:
        step_bytes: Memory of the values and gradients of one step's rows.
        hours: Duration if all epochs of the settings are trained, on two cores.
        mostly_steps: Whether most of that time is spent on the number of steps, which only the
            batch size changes, and not on the arithmetic of the rows.
    """

    step_bytes: int
    hours: float
    mostly_steps: bool


def estimated_workload(architecture: NetworkArchitecture, rows: int) -> Workload:
    """Estimate what a training will need.

    Args:
        architecture: The network.
        rows: Number of training rows.

    Returns:
        Estimates for two cores, which are right within a factor of about five.
    """
    members = architecture.members
    if members > 1:
        one = estimated_workload(architecture.one_member, rows)
        hours = one.hours * (1 + members) / 2  # they share the look-ups
        return replace(one, step_bytes=members * one.step_bytes, hours=hours)
    settings, layout = architecture.settings, architecture.layout
    batch_size = min(settings.batch_size or automatic_batch_size(rows), rows)
    packed_width = settings.embedding_dim + architecture.output_count
    ramps = len(layout.numeric) * max(layout.ramp_counts, default=0) * architecture.has_ramps
    layers = [architecture.head_inputs, *architecture.hidden_units, architecture.output_count]
    values_per_row = ramps + _COPIES * (len(layout.fields) * packed_width + sum(layers))
    layer_weights = sum(inputs * outputs for inputs, outputs in pairwise(layers))
    products_per_row = ramps * packed_width + layer_weights
    steps = settings.epochs * -(-rows // batch_size)
    update_seconds = layer_weights * _OPERATIONS_PER_WEIGHT / _OPERATIONS_PER_SECOND
    steps_seconds = steps * (_SECONDS_PER_STEP + update_seconds)
    rows_seconds = settings.epochs * rows * products_per_row * _OPERATIONS / _OPERATIONS_PER_SECOND
    return Workload(
        step_bytes=_NUMBER_BYTES * batch_size * values_per_row,
        hours=(steps_seconds + rows_seconds) / _SECONDS_PER_HOUR,
        mostly_steps=steps_seconds > rows_seconds,
    )


def check_workload(architecture: NetworkArchitecture, rows: int) -> None:
    """Check that a training's estimated memory and duration are allowed for a run of the app.

    Args:
        architecture: The network.
        rows: Number of training rows.

    Raises:
        JobError: If they are not; the message names the setting to change.
    """
    workload = estimated_workload(architecture, rows)
    if workload.step_bytes > MOST_STEP_BYTES:
        raise JobError(
            f"A training step would take about {megabytes(workload.step_bytes)} of memory, more "
            f"than the {megabytes(MOST_STEP_BYTES)} allowed: choose a smaller Batch size, or leave "
            "out columns."
        )
    hours = environment().run_hours
    if workload.hours > hours:
        change = "a larger Batch size" if workload.mostly_steps else "a smaller network"
        raise JobError(
            f"Training this model could take about {round(workload.hours, 1):,g} hours, more than "
            f"the {hours:,g} allowed: choose fewer Epochs or {change}, or use the Python package, "
            "which has no limit."
        )
