"""The format of a column: how its cells are read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, SerializerFunctionWrapHandler, model_serializer

from nfm.column_formats.missing_words import MISSING_WORDS

CellType = Literal["text", "number", "boolean", "date"]
DateOrder = Literal["dmy", "mdy", "ymd"]
DecimalMark = Literal[".", ","]
Clock = Literal["", "h:mm", "m:ss"]


class ColumnFormat(BaseModel):
    """The format of a column, by which each of its cells is read independently of the others.

    Numbers may always have a sign before them (+, -, the typographic minus), a minus after them,
    or be in parentheses, as in accounting. Dates may always be written year first (2024-03-05,
    20240305) or with the month's name; `date_order` concerns all others.

    Attributes:
        type: What the cells are read as.
        decimal: Decimal mark of the numbers; the other mark may separate thousands.
        thousands: Thousands separator of the training table; "" for none.
        unit: Unit before or after the numbers, such as "%", "$" or "kg"; "" for none.
        duration: Whether the numbers are durations (1:05:00), which are read as seconds.
        clock: What two numbers are among durations and times of day, such as 1:30: hours and
            minutes, or minutes and seconds; "" if they are not read.
        date_order: Order of day, month and year in dates such as 3/5/24; None if the training
            table has no such dates, which are then not read as dates.
        date_shapes: How such dates are written in the training table, with a 0 for day and month
            and as many zeros as the year has digits: "0/0/0000", "0.0.00". () if not known.
        first_year: First of the 100 years that years of two digits mean, where that is not
            evident; None for 1969.
        time_zone: Time zone of the times, a name or an offset; "several" if there are several.
            Times are read as local times.
        missing: Cells that count as missing; None for `MISSING_WORDS`.
        kept: Words that usually mean a missing value but are values in this column.
        spellings: Values whose case is ignored: other spellings are read as these.
        certain: Whether the training table leaves no doubt about how to read the column.

    Example:
        >>> import pandas as pd
        >>> from nfm import ColumnFormat
        >>> from nfm.column_formats.read_column import read_column
        >>> price = ColumnFormat(type="number", decimal=",", thousands=".", unit="€")
        >>> read_column(pd.Series(["1.234,50 €", "?"]), price).values.tolist()
        [1234.5, nan]
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    type: CellType = "text"
    decimal: DecimalMark = "."
    thousands: str = ""
    unit: str = ""
    duration: bool = False
    clock: Clock = ""
    date_order: DateOrder | None = None
    date_shapes: tuple[str, ...] = ()
    first_year: int | None = None
    time_zone: str = ""
    missing: tuple[str, ...] | None = None
    kept: tuple[str, ...] = ()
    spellings: tuple[str, ...] = ()
    certain: bool = True

    @model_serializer(mode="wrap")
    def _without_defaults(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Write only what differs from the defaults, as tables may have thousands of columns."""
        usual = type(self).model_fields
        return {
            name: value
            for name, value in handler(self).items()
            if getattr(self, name) != usual[name].default
        }

    @property
    def missing_words(self) -> frozenset[str]:
        """The cells that count as missing; blank cells always do."""
        words = MISSING_WORDS if self.missing is None else self.missing
        return frozenset({"", *words}) - frozenset(self.kept)

    def with_type(self, type: CellType) -> ColumnFormat:
        """Return the same format for another type of value."""
        return self if type == self.type else self.model_copy(update={"type": type})

    def with_decimal(self, decimal: DecimalMark) -> ColumnFormat:
        """Return the same format of numbers with a decimal mark that is certain."""
        if self.type != "number":
            return self
        thousands = "" if self.thousands == decimal else self.thousands
        return self.model_copy(update={"decimal": decimal, "thousands": thousands, "certain": True})

    def keep(self, word: str) -> ColumnFormat:
        """Return a format in which a word is a value, although it usually means a missing one."""
        return self.model_copy(update={"kept": tuple(sorted({*self.kept, word}))})

    def drop(self, word: str) -> ColumnFormat:
        """Return a format in which a word counts as missing."""
        words = MISSING_WORDS if self.missing is None else self.missing
        return self.model_copy(
            update={
                "missing": self.missing if word in words else (*words, word),
                "kept": tuple(each for each in self.kept if each != word),
            }
        )

    def describe(self) -> str:
        """Describe the format in a few words, such as "a number such as 1.234,5 €"."""
        if self.type == "number":
            if self.duration:
                return f"a duration ({self.clock or 'h:mm:ss'})"
            group = self.thousands or ""
            example = f"1{group}234{self.decimal}5"
            if self.unit:
                before = self.unit in _BEFORE_THE_NUMBER
                example = f"{self.unit}{example}" if before else f"{example} {self.unit}"
            return f"a number such as {example}"
        if self.type == "date":
            zone = f", time zone {self.time_zone}" if self.time_zone else ""
            zone = ", several time zones" if self.time_zone == "several" else zone
            years = (
                f", years {self.first_year} to {self.first_year + 99}" if self.first_year else ""
            )
            return f"a date ({DATE_ORDERS[self.date_order]}{years}{zone})"
        return {"text": "text", "boolean": "true or false"}[self.type]

    def describe_shapes(self) -> str:
        """Describe how the dates that need an order are written, such as "d/m/yyyy, d.m.yy"."""
        if self.date_order is None:
            return ""
        shown = []
        for shape in self.date_shapes:
            year = "y" * len(shape[4:])
            first, second, last = (year if each == "y" else each for each in self.date_order)
            shown.append(f"{first}{shape[1]}{second}{shape[3]}{last}")
        return ", ".join(shown)


# The orders as they are shown.
DATE_ORDERS: Mapping[DateOrder | None, str] = {
    "dmy": "day/month/year",
    "mdy": "month/day/year",
    "ymd": "yy/mm/dd",
    None: "year-month-day",
}
_BEFORE_THE_NUMBER = frozenset({"$", "£", "¥", "₹", "US$", "R$"})
