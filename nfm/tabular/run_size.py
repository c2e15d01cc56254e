"""How large the model of a run will be, estimated from its settings and schema."""

from __future__ import annotations

from dataclasses import dataclass

from nfm.files.options import FileLimits
from nfm.settings import Settings
from nfm.tabular.list_field import MOST_ITEMS
from nfm.tabular.schema import Schema

# The weights, their gradients, two moments of the optimiser, the averaged and the best weights.
_COPIES = 6
_NUMBER_BYTES = 4
_BATCH_NORM_NUMBERS = 4  # per unit
# In the manifest: the text of a level with its count, and an epoch, compressed.
_LEVEL_BYTES = 20
_EPOCH_BYTES = 100
# Levels of a date's month, weekday and hour, each with two codes for other and missing values.
_DATE_LEVELS = 12 + 7 + 24 + 3 * 2
# Of an item's field: no, yes and the code for other values.
_ITEM_LEVELS = 3
# Automatically, a level of a table with so many needs three rows.
_AUTOMATIC_LEVEL_ROWS = 3


@dataclass(frozen=True)
class RunSize:
    """Sizes of a run; the estimate is an upper bound of what its columns' levels allow.

    Attributes:
        level_numbers: Weights of the levels and the quantile bins.
        layer_numbers: Weights of the hidden layers and the output.
        manifest_bytes: Bytes of the rest of the model's file.
    """

    level_numbers: int
    layer_numbers: int
    manifest_bytes: int

    @property
    def weights_bytes(self) -> int:
        """Bytes of the model's weights."""
        return _NUMBER_BYTES * (self.level_numbers + self.layer_numbers)

    @property
    def model_bytes(self) -> int:
        """Bytes of the model's file."""
        return self.weights_bytes + self.manifest_bytes

    @property
    def memory_bytes(self) -> int:
        """Memory that the weights take in a worker during training."""
        return _COPIES * self.weights_bytes

    @property
    def setting(self) -> str:
        """The settings to change if the model is too large."""
        if self.layer_numbers > self.level_numbers:
            return "Hidden layers (fewer units or layers)"
        return "Embedding size (smaller) or Minimum level count (higher)"


def estimated_run_size(schema: Schema, settings: Settings) -> RunSize:
    """Estimate the sizes of a run before it starts.

    Args:
        schema: Kinds and level counts of the columns.
        settings: Settings of the model and its training.

    Returns:
        Sizes that the run will not exceed by much.
    """
    rows_per_level = settings.min_level_count or _AUTOMATIC_LEVEL_ROWS
    most_levels = max(1, FileLimits.rows // rows_per_level)
    levels = numbers = 0
    for column in schema.features:
        if column.kind in ("numeric", "date"):
            numbers += 1 + (settings.numeric_bins if settings.numeric == "piecewise" else 1)
            levels += _DATE_LEVELS if column.kind == "date" else 0
        elif column.kind == "list":
            levels += _ITEM_LEVELS * (2 + min(column.level_count, MOST_ITEMS))
        else:
            levels += 2 + min(column.level_count, most_levels)
    outputs = 1
    if schema.task == "multiclass" and schema.target is not None:
        outputs = max(2, schema.column(schema.target).level_count)
    size = settings.member_count * settings.embedding_dim
    width = size + (numbers if settings.numeric == "concat" else 0)
    layers = 1 + _BATCH_NORM_NUMBERS * size  # of the pooled pairs
    if settings.interaction == "nfm":
        for units in (settings.member_count * units for units in settings.hidden_units):
            layers += (width + 1 + _BATCH_NORM_NUMBERS) * units
            width = units
    layers += (width + 1) * outputs
    # An ensemble keeps the linear weights of each member, and their mean.
    linear_terms = 1 if settings.member_count == 1 else settings.member_count + 1
    return RunSize(
        level_numbers=(levels + numbers) * (size + linear_terms * outputs),
        layer_numbers=layers,
        manifest_bytes=_LEVEL_BYTES * levels + _EPOCH_BYTES * settings.epochs + (100 << 10),
    )
