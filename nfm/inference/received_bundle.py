"""A bundle that comes from somewhere else: looked at more closely before the app keeps it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nfm.errors import BundleError, NFMError
from nfm.inference.archive import BundleLimits
from nfm.inference.bundle import Bundle, load_bundle
from nfm.tabular.encoding import Encoder

# Smaller than a person's own file may be: the app's memory is everybody's.
LIMITS = BundleLimits(file_bytes=50 << 20, manifest_bytes=32 << 20, weights_bytes=256 << 20)
_COLUMNS = 2_000


def receive_bundle(content: bytes) -> Bundle:
    """Read a bundle that somebody uploads, and ask it a few questions.

    Args:
        content: The bytes of the file.

    Returns:
        The model: it answers ordinary rows, extreme ones, and rows without a value.

    Raises:
        BundleError: In one sentence, if the file is damaged, too large, of another version,
            not a bundle, or its model gives no usable answers.
    """
    bundle = load_bundle(content, limits=LIMITS)
    columns = len(bundle.encoder.columns)
    if columns > _COLUMNS:
        raise BundleError(
            f"The bundle's model needs {columns:,} columns, more than the {_COLUMNS:,} allowed."
        )
    try:
        with np.errstate(all="ignore"):
            bundle.outputs(bundle.encoder.transform(_probes(bundle.encoder)))
    except NFMError:
        raise BundleError(
            "The bundle's weights are so large that its model's answers are not numbers."
        ) from None
    return bundle


def _probes(encoder: Encoder) -> pd.DataFrame:
    """Return rows to try a model with: all is missing, smallest, ordinary, largest."""
    columns: dict[str, list] = {name: [None] * 4 for name in encoder.columns}
    for level in encoder.categorical:
        if level.part is None and level.levels:
            most = level.levels[int(np.argmax(level.counts))]
            columns[level.column] = [None, level.levels[0], most, level.levels[-1]]
    for number in encoder.numeric:
        if number.part is None:
            columns[number.column] = [None, number.minimum, number.median, number.maximum]
    for date in encoder.dates:
        columns[date.column] = [None, date.minimum, date.median, date.maximum]
    return pd.DataFrame(columns)
