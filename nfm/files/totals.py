"""Rows of a table that have totals of other rows, as spreadsheets and reports write them."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from nfm.column_formats.read_column import Cells
from nfm.column_formats.text_cells import TrimmedText
from nfm.text import quote

# What a row says that is the sum of others.
_SUMS = frozenset(
    (
        *("total", "totals", "grand total", "subtotal", "sub-total", "sub total", "sum"),
        *("summe", "gesamt", "gesamtsumme", "insgesamt", "zwischensumme", "gesamtergebnis"),
        *("total général", "sous-total", "suma", "total general", "subtotales", "suma total"),
        *("totale", "somma", "subtotale", "totale generale", "total geral", "soma"),
        *("totaal", "subtotaal", "eindtotaal", "summa", "i alt", "delsumma", "totalt"),
        *("итого", "всего", "общий итог", "промежуточный итог"),
        *("合計", "小計", "総計", "总计", "合计", "小计", "합계", "소계", "총합계"),
    )
)
# The last row may also be their mean.
_TOTALS = _SUMS | {"average", "mean", "mittelwert", "durchschnitt", "moyenne", "média"}
# How spreadsheets name the sum of a group: "Total North", "North Total".
_SUM_OF_GROUP = re.compile(
    r"(?:total|totale|totaal|summe|gesamt|итого)[ :]+(.+)|(.+) (?:total|ergebnis|totaal|итог)",
    re.DOTALL,  # else many blanks before a line break would take the square of their number
)
# Excludes the columns of large files quickly.
_MAY_BE_A_SUM = "(?i)" + "|".join([*sorted(map(re.escape, _SUMS)), "ergebnis", "итог"])
_MOST_TOTALS = 0.1


class RowsOfTotals:
    """Rows that say that they have totals of others, found column by column.

    That is a last row with such a word in any column, and rows whose first filled cell is one.
    """

    def __init__(self) -> None:
        self._last: list[str] = []
        self._found: dict[int, str] = {}
        self._blank: np.ndarray | None = None

    def look(self, name: str, cells: Cells) -> None:
        """Look at the next column; once each row has a filled cell, this takes no time.

        Args:
            name: The column's name.
            cells: Its cells, (rows,).
        """
        self._last += _last_row_note(name, cells)
        if self._blank is not None and not self._blank.any():
            return
        if isinstance(cells, TrimmedText):
            cells = cells.cells
        blank = np.ones(len(cells), bool) if self._blank is None else self._blank
        if isinstance(cells, pa.ChunkedArray):
            if not pc.any(pc.match_substring_regex(cells, _MAY_BE_A_SUM)).as_py():
                self._blank = blank & pc.is_null(cells).to_numpy()
                return
            cells = cells.to_pandas()
        if isinstance(cells.dtype, np.dtype) and cells.dtype != object:
            self._blank = blank & cells.isna().to_numpy()
            return
        codes, levels = pd.factorize(cells)
        texts = [
            each.strip(" \t:.").casefold() if isinstance(each, str) else "\0" for each in levels
        ]
        groups = set(texts)
        totals = {
            code: level
            for code, (text, level) in enumerate(zip(texts, levels, strict=True))
            if text in _SUMS
            or (
                (found := _SUM_OF_GROUP.fullmatch(text)) is not None
                and (found[1] or found[2]).strip() in groups
            )
        }
        for row in np.flatnonzero(np.isin(codes, list(totals)) & blank):
            self._found[int(row)] = totals[codes[row]]
        empty = [code for code, text in enumerate(texts) if not text]
        self._blank = blank & np.isin(codes, [-1, *empty])

    def notes(self) -> list[str]:
        """Return the notes on the last row, and on the others if they are few."""
        rows = 0 if self._blank is None else len(self._blank)
        found = {row: text for row, text in sorted(self._found.items()) if row < rows - 1}
        if not found or len(found) > _MOST_TOTALS * rows:
            return self._last
        shown = ", ".join(
            f"{quote(text)} in row {row + 1:,}" for row, text in list(found.items())[:3]
        )
        more = f" and {len(found) - 3:,} more" if len(found) > 3 else ""
        are = "row seems" if len(found) == 1 else "rows seem"
        return [
            *self._last,
            f"{len(found):,} {are} to have totals of other rows ({shown}{more}). Rows of totals "
            "are read like the others: remove them from the file.",
        ]


def _last_row_note(name: str, cells: Cells) -> list[str]:
    """Return a note if the last cell of a column says that its row has totals."""
    if isinstance(cells, TrimmedText):
        cells = cells.cells
    if not len(cells):
        return []
    is_arrow = isinstance(cells, pa.ChunkedArray)
    last = cells[-1].as_py() if is_arrow else cells.iloc[-1]
    if not isinstance(last, str) or last.strip(" :.").casefold() not in _TOTALS:
        return []
    same = cells.to_pandas() if is_arrow else cells.astype(object)
    if int((same == last).sum()) > 1:
        return []
    return [
        f"The last row seems to have totals ({quote(last)} in column {name!r}), but it is read as "
        "a row like the others: remove it from the file."
    ]
