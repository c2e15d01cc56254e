"""How the cells of one column are read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, SerializerFunctionWrapHandler, model_serializer

from nfm.column_formats.missing_words import MISSING_WORDS

CellType = Literal["text", "number", "boolean", "date"]
DateOrder = Literal["dmy", "mdy", "ymd"]


class ColumnFormat(BaseModel):
    """How the cells of one column are read, each by itself and whatever stands beside it.

    Numbers may always be written with a sign before them (+, -, the typographic minus), with
    a minus after them or in the parentheses of accounting. Dates may always be written year
    first (2024-03-05, 20240305) or with the month's name; `date_order` is about the others.

    Attributes:
        type: What the cells become.
        decimal: Decimal mark of the numbers; the other mark may separate thousands.
        thousands: What separates thousands in the training table; "" if nothing does.
        unit: What stands before or after the numbers, such as "%", "$" or "kg".
        duration: Whether the numbers are durations (1:05:00), read as seconds.
        date_order: Order of day, month and year in dates such as 3/5/24; None: the training
            table has no such dates, and they are not read.
        date_shapes: How such dates are written in the training table, with a 0 for each
            number and its zeros for the year: "0/0/0000", "0.0.00". () if that is not known.
        time_zone: Of the times, a name or an offset; "several" for times of several zones. What is
            kept is the time on its clock.
        missing: Cells that count as missing; None: the usual ones.
        kept: Words that usually mean a missing value and are a value in this column.
        spellings: Texts that are recognised whatever their case.
        certain: Whether the training table leaves no other way to read it.

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
    decimal: Literal[".", ","] = "."
    thousands: str = ""
    unit: str = ""
    duration: bool = False
    date_order: DateOrder | None = None
    date_shapes: tuple[str, ...] = ()
    time_zone: str = ""
    missing: tuple[str, ...] | None = None
    kept: tuple[str, ...] = ()
    spellings: tuple[str, ...] = ()
    certain: bool = True

    @model_serializer(mode="wrap")
    def _without_defaults(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Write what differs from the defaults: tables may have thousands of columns."""
        usual = type(self).model_fields
        return {
            name: value
            for name, value in handler(self).items()
            if getattr(self, name) != usual[name].default
        }

    @property
    def missing_words(self) -> frozenset[str]:
        """The cells that count as missing, blank ones always."""
        words = MISSING_WORDS if self.missing is None else self.missing
        return frozenset({"", *words}) - frozenset(self.kept)

    def with_type(self, type: CellType) -> ColumnFormat:
        """Return the same styles for another type of value."""
        return self if type == self.type else self.model_copy(update={"type": type})

    def with_decimal(self, decimal: Literal[".", ","]) -> ColumnFormat:
        """Return the same format for numbers that are written with a decimal mark, for sure."""
        thousands = "" if self.thousands == decimal else self.thousands
        return self.model_copy(update={"decimal": decimal, "thousands": thousands, "certain": True})

    def keep(self, word: str) -> ColumnFormat:
        """Read a word that counts as missing as a value."""
        return self.model_copy(update={"kept": tuple(sorted({*self.kept, word}))})

    def drop(self, word: str) -> ColumnFormat:
        """Count a word as missing."""
        words = MISSING_WORDS if self.missing is None else self.missing
        return self.model_copy(
            update={
                "missing": self.missing if word in words else (*words, word),
                "kept": tuple(each for each in self.kept if each != word),
            }
        )

    def describe(self) -> str:
        """Say in a few words how cells are read, such as "number, 1.234,5 €"."""
        if self.type == "number":
            if self.duration:
                return "a duration (h:mm:ss)"
            group = self.thousands or ""
            example = f"1{group}234{self.decimal}5"
            if self.unit:
                before = self.unit in _BEFORE_THE_NUMBER
                example = f"{self.unit}{example}" if before else f"{example} {self.unit}"
            return f"a number such as {example}"
        if self.type == "date":
            zone = f", clock of {self.time_zone}" if self.time_zone else ""
            return f"a date ({DATE_ORDERS[self.date_order]}{zone})"
        return {"text": "text", "boolean": "true or false"}[self.type]

    def describe_shapes(self) -> str:
        """Say how the dates that need an order are written, such as "d/m/yyyy, d.m.yy"."""
        if self.date_order is None:
            return ""
        shown = []
        for shape in self.date_shapes:
            year = "y" * len(shape[4:])
            first, second, last = (year if each == "y" else each for each in self.date_order)
            shown.append(f"{first}{shape[1]}{second}{shape[3]}{last}")
        return ", ".join(shown)


# What people call the orders.
DATE_ORDERS: Mapping[DateOrder | None, str] = {
    "dmy": "day/month/year",
    "mdy": "month/day/year",
    "ymd": "yy/mm/dd",
    None: "year-month-day",
}
_BEFORE_THE_NUMBER = frozenset({"$", "£", "¥", "₹", "US$", "R$"})
