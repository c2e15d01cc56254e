"""Read evenly spaced rows of a table that is too large to be read whole."""

from __future__ import annotations

import io
from itertools import islice

from nfm.errors import ReadingError
from nfm.files.options import FileLimits
from nfm.files.unpacking import Data


def sampling_step(rows: int, width: int, limits: FileLimits) -> int:
    """Return the smallest n for which every n-th row is within the limits on rows and cells.

    Args:
        rows: Rows of the whole table.
        width: Columns of the table.
        limits: The largest table that is read.

    Returns:
        The step; 1 if all rows can be read.
    """
    most = max(1, min(limits.rows, limits.cells // max(width, 1)))
    return max(1, -(-rows // most))


def sampling_note(step: int, rows: int) -> tuple[str, ...]:
    """Say which rows were read.

    Args:
        step: The step between two rows that were read.
        rows: Rows of the whole table.

    Returns:
        One sentence; () if all rows were read.
    """
    if step == 1:
        return ()
    return (f"Read a sample: one row in {step:,} of {rows:,}, evenly spaced.",)


def sample_lines(
    text: Data, start: int, width: int, limits: FileLimits
) -> tuple[Data, tuple[str, ...]]:
    """Keep evenly spaced lines of a text that has too many.

    Args:
        text: A delimited text.
        start: Byte where the first row begins; everything before it is kept.
        width: Columns of the table.
        limits: The largest table that is read.

    Returns:
        The text or a shorter one, and a note if it was shortened.

    Raises:
        ReadingError: Cells span several lines, so that a line is not a row.
    """
    if text.find(b"\n", start) < 0:  # lines of an old Macintosh
        text = text.replace(b"\r", b"\n")
    rows = text.count(b"\n", start) + (not text.endswith(b"\n"))
    step = sampling_step(rows, width, limits)
    if step == 1:
        return text, ()
    lines = io.BytesIO(text)
    lines.seek(start)
    kept = list(islice(lines, 0, None, step))
    if any(line.count(b'"') % 2 for line in kept):
        raise ReadingError(
            "The table has too many rows, and cells of several lines prevent reading a sample of "
            "them: save a sample of the rows as a file of its own."
        )
    return b"".join((text[:start], *kept)), sampling_note(step, rows)
