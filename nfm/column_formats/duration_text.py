"""Parse texts as durations: 1:30:00, 2 days 03:00, PT1H30M, 1h 30m, 2 hours and 5 minutes."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from nfm.column_formats.column_format import Clock

# Seconds may be absent only after days: 1:30 alone could be minutes and seconds.
_DURATION = (
    r"^(?P<sign>-?)(?:(?P<days>[0-9]+) days?(?P<ahead>,|(?= \+))? \+?|(?=[0-9]+:[0-9]+:))"
    r"(?P<hours>[0-9]+):(?P<minutes>[0-5][0-9])(?::(?P<seconds>[0-5][0-9](?:[.,][0-9]+)?))?$"
)
# A duration or a time of day with seconds; and one that could be hours and minutes, or minutes and
# seconds.
CLOCK = r"^-?(\d+ days?,? \+?)?\d+:[0-5]\d:[0-5]\d([.,]\d+)?$"
SHORT_CLOCK = r"^-?\d+:[0-5]\d([.,]\d+)?$"
# Both; and a time of two numbers that cannot be a time of day, with or without a fraction.
ANY_CLOCK = r"^-?\d+:[0-5]\d(:[0-5]\d)?([.,]\d+)?$"
FRACTION_OF_SECONDS = r"^-?\d+:[0-5]\d[.,]\d+$"
MINUTES = r"^-?(24:(0[1-9]|[1-5]\d)|(2[5-9]|[3-9]\d|\d{3,}):\d\d)([.,]\d+)?$"
_SHORT_PARTS = r"^(?P<sign>-?)(?P<minutes>[0-9]+):(?P<seconds>[0-5][0-9](?:[.,][0-9]+)?)$"
_DAYS = r"[dD](?:ays?)?"
_HOURS = r"(?:[hH](?:(?:ou)?rs?)?|Std)\.?"
_MINUTES = r"[mM](?:in(?:ute)?s?)?\.?"
_SECONDS = r"[sS](?:ec(?:s|onds?)?)?\.?"
_THEN = r"(?:,? and |,? ?)"
# PT1H30M and P1DT2H; a P6M without a T has months.
_ISO = (
    r"^(?P<sign>-?)P(?:(?P<days>[0-9]+)D)?(?:T(?:(?P<hours>[0-9]+)H)?(?:(?P<minutes>[0-9]+)M)?"
    r"(?:(?P<seconds>[0-9]+(?:[.,][0-9]+)?)S)?)?$"
)
# 1h 30m, 2 hr 25 min, 1 hour and 5 minutes; and 1h05.
_SPELLED = (
    rf"^(?P<sign>-?)(?:(?P<days>[0-9]+) ?{_DAYS}{_THEN})?"
    rf"(?:(?P<hours>[0-9]+) ?{_HOURS}{_THEN})?"
    rf"(?:(?P<minutes>[0-9]+) ?{_MINUTES}{_THEN})?"
    rf"(?:(?P<seconds>[0-9]+(?:[.,][0-9]+)?) ?{_SECONDS})?$"
)
_HOURS_AND_MINUTES = r"^(?P<sign>-?)(?P<hours>[0-9]+) ?h ?(?P<minutes>[0-5][0-9])$"
# Any of them; and those with several parts or a P, which no length or weight has.
SPELLED = re.sub(r"\?P<\w+>", "?:", f"{_ISO}|{_SPELLED}|{_HOURS_AND_MINUTES}")
SPELLED_PARTS = (
    rf"^-?(?:P.*[DHMS]|[0-9]+ ?(?:{_DAYS}{_THEN}[0-9]+ ?(?:[hH]|Std)"
    rf"|{_HOURS}{_THEN}[0-9]+ ?[mM]|{_MINUTES}{_THEN}[0-9]+(?:[.,][0-9]+)? ?[sS]).*"
    r"|[0-9]+ ?h ?[0-5][0-9])$"
)
_SECONDS_OF = {"days": 86_400, "hours": 3_600, "minutes": 60, "seconds": 1}


def seconds_texts(bare: pa.ChunkedArray, clock: Clock) -> pa.ChunkedArray:
    """Rewrite durations as numbers of seconds.

    Args:
        bare: Trimmed text, null where missing.
        clock: What a duration of two numbers, such as 3:45, counts: "m:ss" or "h:mm"; "" if there
            is none.

    Returns:
        As many texts; null where a cell is missing or not a duration.
    """
    texts = pd.Series(pc.replace_substring(bare, "−", "-").to_pandas(), dtype=object)
    patterns = [_DURATION, _ISO, _SPELLED, _HOURS_AND_MINUTES, *([_SHORT_PARTS] if clock else [])]
    total = pd.Series(np.nan, index=texts.index)
    for pattern in patterns:
        parts = texts.str.extract(pattern)
        names = [name for name in _SECONDS_OF if name in parts]
        columns = [
            parts[name].str.replace(",", ".").astype(np.float64) * _SECONDS_OF[name]
            for name in names
        ]
        found = pd.concat(columns, axis=1, keys=names)
        sign = parts["sign"].map({"-": -1.0, "": 1.0})
        value = sign * found.sum(axis=1)
        if "ahead" in parts:  # -1 day, 23:00:00 is an hour before, as Python writes it
            forward = sign * found["days"] + found.drop(columns="days").sum(axis=1)
            value = value.where(parts["ahead"].isna(), forward)
        if pattern is _SHORT_PARTS and clock == "h:mm":
            whole = ~texts.str.contains("[.,]", na=False)
            value = (60 * value).where(whole)
        total = total.fillna(value.where(found.notna().any(axis=1)))
    return pa.chunked_array(
        [[None if not np.isfinite(value) else repr(float(value)) for value in total]], pa.string()
    )
