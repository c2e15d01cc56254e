"""Keep the formats of a frame's columns, and the options of its file, in the frame's `attrs`."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
from pydantic import TypeAdapter

from nfm.column_formats.column_format import ColumnFormat
from nfm.files.options import ReadingOptions

_KEY = "nfm.formats"
_OPTIONS = "nfm.options"
_LEGACY = "legacy"
_FORMATS = TypeAdapter(dict[str, ColumnFormat])


def remember_formats(frame: pd.DataFrame, formats: Mapping[str, ColumnFormat] | None) -> None:
    """Record how the columns of a frame were read.

    Args:
        frame: Gets an entry in `attrs`. It is text, because pandas copies and stores it.
        formats: Formats by column; None if the frame was read by the legacy rules, without
            formats.
    """
    text = _LEGACY if formats is None else _FORMATS.dump_json(dict(formats)).decode()
    frame.attrs[_KEY] = text


def frame_formats(frame: pd.DataFrame | pd.Series) -> dict[str, ColumnFormat]:
    """Return the formats by which the columns of a frame were read; {} if they are not known.

    A column of a frame knows them too.
    """
    text = frame.attrs.get(_KEY)
    return {} if not isinstance(text, str) or text == _LEGACY else _FORMATS.validate_json(text)


def is_legacy(frame: pd.DataFrame) -> bool:
    """Return whether a frame was read by the legacy rules, without formats."""
    return frame.attrs.get(_KEY) == _LEGACY


def remember_options(frame: pd.DataFrame, options: ReadingOptions) -> None:
    """Record the options with which the file of a frame was read, except the columns' formats."""
    bare = options.model_copy(update={"formats": None})
    frame.attrs[_OPTIONS] = bare.model_dump_json(exclude_defaults=True)


def frame_options(frame: pd.DataFrame) -> ReadingOptions | None:
    """Return the options with which the file of a frame was read; None if there was no file."""
    text = frame.attrs.get(_OPTIONS)
    return ReadingOptions.model_validate_json(text) if isinstance(text, str) else None
