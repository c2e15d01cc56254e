"""Header cells become column names: none empty, none twice."""

from __future__ import annotations

from collections.abc import Sequence

from nfm.tabular.names import unique_name
from nfm.tabular.unpacking import counted

_LENGTH = 200


def unique_names(header: Sequence[str] | None, width: int) -> tuple[list[str], list[str]]:
    """Make column names of header cells; a column without a name is called by its position.

    Args:
        header: The cells; None if the file has no header line.
        width: Number of columns, at least as many as the cells.

    Returns:
        The names, and a note if some occurred twice.
    """
    if header is None:
        return [f"column {position}" for position in range(1, width + 1)], []
    cells = [" ".join(cell.split())[:_LENGTH] for cell in header]
    cells += [""] * (width - len(cells))
    taken = set(cells) - {""}
    names: list[str] = []
    seen: set[str] = set()
    twice = 0
    for position, cell in enumerate(cells, 1):
        name = cell or unique_name(f"column {position}", taken)
        if name in seen:
            twice += 1
            name = unique_name(name, taken)
        seen.add(name)
        taken.add(name)
        names.append(name)
    return names, [f"Numbered {counted(twice, 'column name')} that occurred before."] * bool(twice)
