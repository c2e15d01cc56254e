"""Columns whose values are models or dataclasses; the database holds them as JSON text."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias, TypeVar

from pydantic import ConfigDict, TypeAdapter
from sqlalchemy import Dialect, Text, TypeDecorator

from nfm.compatibility import read_stored
from nfm.errors import CompatibilityError, JobError

Value = TypeVar("Value")

# A loss that has diverged is infinite or not a number, not null.
_to_json = TypeAdapter(Any, config=ConfigDict(ser_json_inf_nan="constants")).dump_json


@dataclass(frozen=True)
class UnreadableText:
    """Text in a JSON column that this version cannot read.

    A row has it in place of the value, because an exception would end the query, and so hide the
    rows that can be read. It is stored again as it was.

    Attributes:
        text: The text.
        problem: Why it cannot be read; continues a sentence, as in `CompatibilityError`.
    """

    text: str
    problem: str


Stored: TypeAlias = Value | UnreadableText


class JSONColumn(TypeDecorator[Any]):
    """A text column with a value of one type, which older versions may have written.

    Args:
        kind: Type of the values: a pydantic model, or a dataclass, or a tuple of them.
    """

    impl = Text
    cache_ok = True

    def __init__(self, kind: Any) -> None:
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Return the text of a value."""
        if isinstance(value, UnreadableText):
            return value.text
        return None if value is None else _to_json(value).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """Return the value of a text."""
        if value is None:
            return None
        return (_read_long if len(value) > _LONG_TEXT else _read_short)(self.kind, value)


def readable(value: Stored[Value], part: str, name: str) -> Value:
    """Return a value from a JSON column.

    Args:
        value: As the row has it.
        part: What it is, in the plural, such as "settings".
        name: Name of the data set or run that has it.

    Raises:
        JobError: If this version cannot read it.
    """
    if isinstance(value, UnreadableText):
        raise JobError(f"The {part} of {name!r} are {value.problem}.")
    return value


def _read(kind: Any, text: str) -> Any:
    try:
        return read_stored(kind, text)
    except CompatibilityError as error:
        return UnreadableText(text, str(error))


# A page reads the same runs again and again, and most runs of a table have equal columns.
# The value of a long text, such as 1,000 epochs, takes a megabyte: fewer of these are cached.
_read_short = lru_cache(maxsize=2048)(_read)
_read_long = lru_cache(maxsize=256)(_read)
_LONG_TEXT = 4_000
