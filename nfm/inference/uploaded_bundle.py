"""A model file that somebody uploads."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nfm.column_formats.list_text import join_items
from nfm.errors import BundleError, NFMError
from nfm.files.options import FileLimits
from nfm.inference.archive import BundleLimits
from nfm.inference.bundle import Bundle, load_bundle
from nfm.tabular.encoding import Encoder

# Lower than for a local file: all users share the app's memory.
LIMITS = BundleLimits(
    file_bytes=50 << 20,
    manifest_bytes=32 << 20,
    manifest_values=2_500_000,
    classes=10_000,
    columns=FileLimits.columns,
    weights_bytes=256 << 20,
)


def load_uploaded_bundle(content: bytes) -> Bundle:
    """Read an uploaded bundle and test it on a few rows.

    Args:
        content: Bytes of the file.

    Returns:
        The model, which predicts ordinary rows, extreme rows, and rows without any value.

    Raises:
        BundleError: If the file is damaged, too large, of another version, or not a bundle, or
            if its model's predictions are not numbers.
    """
    bundle = load_bundle(content, limits=LIMITS)
    try:
        with np.errstate(all="ignore"):
            bundle.outputs(bundle.encoder.transform(_probe_rows(bundle.encoder)))
    except NFMError:
        raise BundleError(
            "The bundle's weights are so large that its model's predictions are not numbers."
        ) from None
    return bundle


def _probe_rows(encoder: Encoder) -> pd.DataFrame:
    """Return four rows to test a model with: all missing, smallest, ordinary and largest values."""
    columns: dict[str, list] = {name: [None] * 4 for name in encoder.columns}
    for field in encoder.categorical:
        if field.part is None and field.levels:
            most = field.levels[int(np.argmax(field.counts))]
            columns[field.column] = [None, field.levels[0], most, field.levels[-1]]
    for numeric in encoder.numeric:
        if numeric.part is None:
            columns[numeric.column] = [None, numeric.minimum, numeric.median, numeric.maximum]
    for listed in encoder.lists:
        few, all_items = listed.items[:1], join_items(listed.items, listed.separator)
        columns[listed.column] = [None, *few, *([all_items] * (3 - len(few)))]
    for date in encoder.dates:
        columns[date.column] = [None, date.minimum, date.median, date.maximum]
    return pd.DataFrame(columns)
