"""Values of a form as texts in a link, and back."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from nfm.errors import SchemaError
from nfm.tabular.categorical_field import MISSING_LEVEL
from nfm.ui.state.form_fields import FormField


def write_cell(field: FormField, value: Any) -> str:
    """Return the value of a field as text.

    Args:
        field: The field.
        value: Its value: a code, a number or text. A code becomes its level in the table.
    """
    if field.widget == "levels":
        return field.levels[value]
    if value is None or value == "":
        return MISSING_LEVEL
    whole = isinstance(value, float) and value.is_integer() and abs(value) < 2**53
    return str(int(value) if whole else value)


def read_cell(field: FormField, text: str) -> Any:
    """Return the value of a field from its text.

    Args:
        field: The field.
        text: What `write_cell` returned, or any text from outside.

    Raises:
        SchemaError: If the text isn't a value of the field.
    """
    if field.widget == "levels":
        if text not in field.levels:
            raise SchemaError(f"{field.name} has no level {text[:60]!r}")
        return field.levels.index(text)
    if text in ("", MISSING_LEVEL):
        return None if field.widget == "number" else ""
    if field.widget in ("text", "list"):
        return text
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise SchemaError(f"{field.name} needs a number, not {text[:60]!r}")
    return number


def with_edits(
    fields: Sequence[FormField], original: Mapping[str, Any], edits: Mapping[str, str]
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Apply the edits in a link to a row.

    Args:
        fields: Fields of the form.
        original: Values of the row, by column.
        edits: Column to new value, as text from outside.

    Returns:
        The edited row, and one sentence per edit that was ignored.
    """
    known = {field.name: field for field in fields}
    edited, problems = dict(original), []
    for name, text in edits.items():
        try:
            if name not in known:
                raise SchemaError(f"the model has no column {name[:60]!r}")
            edited[name] = read_cell(known[name], text)
        except SchemaError as error:
            problems.append(f"In the link, edit.{name[:60]} was ignored: {error}.")
    return edited, tuple(problems)
