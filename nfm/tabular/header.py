"""Header cells become column names: none empty, none twice."""

from __future__ import annotations

from collections.abc import Sequence

from nfm.tabular.names import unique_name
from nfm.tabular.unpacking import counted

_LENGTH = 200


def unique_names(header: Sequence[str] | None, width: int) -> tuple[list[str], list[str]]:
    """Make column names of header cells.

    Args:
        header: The cells; None if the file has no header line.
        width: Number of columns, at least as many as the cells.

    Returns:
        The names, and notes on those that were changed.
    """
    if header is None:
        return [f"column {position}" for position in range(1, width + 1)], []
    cells = [" ".join(cell.split())[:_LENGTH] for cell in header]
    cells += [""] * (width - len(cells))
    taken = set(cells) - {""}
    names: list[str] = []
    seen: set[str] = set()
    empty = twice = 0
    for position, cell in enumerate(cells, 1):
        name = cell
        if not name:
            empty += 1
            name = unique_name(f"column {position}", taken)
        elif name in seen:
            twice += 1
            name = unique_name(name, taken)
        seen.add(name)
        taken.add(name)
        names.append(name)
    notes = []
    if empty:
        notes.append(f"Called {counted(empty, 'column')} without a name by position.")
    if twice:
        notes.append(f"Numbered {counted(twice, 'column name')} that occurred before.")
    return names, notes
