"""Read JSON that older versions stored in bundles and databases, with the meaning it had then.

The JSON is of pydantic models and dataclasses. Every version writes all fields that it knows, so
a field that is absent was unknown to the version that wrote the file. That version worked as if
the field had the value in `FORMER_VALUES`, which may differ from today's default.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final, TypeVar, get_args, get_origin, get_type_hints

from pydantic import BaseModel, TypeAdapter, ValidationError

from nfm.errors import CompatibilityError
from nfm.version import __version__

Model = TypeVar("Model")

# Raised with every field that is added to the manifest or to a model in it, so that an older
# program refuses the file because of its version; tests/test_compatibility.py checks both.
BUNDLE_VERSION: Final = 5
# Raised with every field or column that is added to the database.
DATABASE_VERSION: Final = 8

# By model and field: the value with which versions worked that did not have the field. Add each
# new field of a stored model here, or tests/test_compatibility.py fails.
FORMER_VALUES: Mapping[str, Mapping[str, Any]] = {
    # Before commit 2f47224, the hidden layers got pairs only, and weights were the last step's.
    "Settings": {
        "constant_field": False,
        "weight_averaging": False,
        "rare_level_dropout": 0.0,
        "regression_loss": "squared_error",
        "members": 1,
    },
    # Before commit 9322149, a table beyond a limit was refused. Before columns had formats, the
    # meaning of a cell was inferred from the rows that were given; a header was one row, quotes
    # were doubled, and an index that pandas had saved was a column.
    "ReadingOptions": {
        "sample_rows": False,
        "rules": "legacy",
        "formats": None,
        "escape": "",
        "header_rows": 1,
        "leave_out_index": False,
    },
    "Column": {"format": None},
    # Copies of rows were split like any other rows.
    "SplitOptions": {"keep_copies_together": False},
    "Schema": {"file_options": None, "unit": "", "positive": "", "dictionary": None},
    "Encoder": {"formats": (), "lists": ()},
    "Epoch": {"member_losses": ()},
    # A format's JSON contains only what differs from these.
    "ColumnFormat": {
        "type": "text",
        "decimal": ".",
        "thousands": "",
        "unit": "",
        "duration": False,
        "clock": "",
        "date_order": None,
        "date_shapes": (),
        "first_year": None,
        "time_zone": "",
        "missing": None,
        "kept": (),
        "spellings": (),
        "certain": True,
    },
}


# Pydantic's parser is faster than the standard library's and has no recursion limit.
parse_json: Callable[[str | bytes], Any] = TypeAdapter(Any).validate_json


def read_stored(kind: type[Model], content: str | bytes | dict[str, Any]) -> Model:
    """Read a model that this version or an older one has stored.

    Args:
        kind: A pydantic model, a dataclass, or a tuple of them.
        content: JSON, or the parsed object.

    Returns:
        The model. A field that did not exist in the version that stored it has the value with
        which that version worked.

    Raises:
        CompatibilityError: The content is not JSON, lacks a field that every version writes, or
            has a field or value that this version does not know or allow.
    """
    try:
        state = content if isinstance(content, dict) else parse_json(content)
    except ValueError:
        raise CompatibilityError("not valid: it is not JSON") from None
    if nested := _nested(kind):
        state = _completed(state, *nested, place="")
    try:
        return _adapters(kind).validate_python(state)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        place = ".".join(str(part) for part in first["loc"][:4])[:80]
        if first["type"] in ("extra_forbidden", "unexpected_keyword_argument"):
            problem = (
                f"this version of NFM Lab ({__version__}) does not know it; "
                "a newer version may have written it"
            )
        else:
            message = first["msg"].removeprefix("Value error, ")[:200]
            problem = f"{message[:1].lower()}{message[1:]}"
        where = f" at {place}" if place else ""
        raise CompatibilityError(f"not valid{where}: {problem}") from None


# One per type, because making one takes some milliseconds.
_adapters: Callable[[Any], TypeAdapter] = cache(TypeAdapter)


def _completed(state: Any, model: type, is_map: bool, place: str) -> Any:
    """Return the parsed JSON of one or several models, with former values for absent fields."""
    if isinstance(state, list):
        return [
            _completed(one, model, is_map, f"{place}{number}.") for number, one in enumerate(state)
        ]
    if not isinstance(state, dict):
        return state  # None, or something that validation refuses
    if is_map:
        return {
            name: _completed(one, model, is_map=False, place=f"{place}{name}.")
            for name, one in state.items()
        }
    completed = dict(state)
    former = FORMER_VALUES.get(model.__name__, {})
    for name, nested in stored_fields(model).items():
        if name not in state:
            if name not in former:
                raise CompatibilityError(
                    f"not valid at {(place + name)[:80]}: "
                    "it is missing, although every version of NFM Lab writes it"
                )
            completed[name] = former[name]
        elif nested is not None:
            completed[name] = _completed(state[name], *nested, place=f"{place}{name}.")
    return completed


@cache
def stored_fields(model: type) -> Mapping[str, tuple[type, bool] | None]:
    """Return the fields of a model by their names in JSON.

    Args:
        model: A pydantic model or a dataclass.

    Returns:
        For each field, the model of its values or of their members, and whether the members are
        in a mapping; None for a field of plain values.
    """
    if issubclass(model, BaseModel):
        fields = model.model_fields
        return {one.alias or name: _nested(one.annotation) for name, one in fields.items()}
    hints = get_type_hints(model)
    return {
        one.name: _nested(hints[one.name])
        for one in dataclasses.fields(model)  # type: ignore[arg-type]
    }


def _nested(annotation: Any) -> tuple[type, bool] | None:
    """Return the model in a type annotation, and whether it is the value type of a mapping."""
    if isinstance(annotation, type) and (
        issubclass(annotation, BaseModel) or dataclasses.is_dataclass(annotation)
    ):
        return annotation, False
    within = [found for part in get_args(annotation) if (found := _nested(part))]
    if not within:
        return None
    if len(within) > 1:
        raise TypeError(f"{annotation} has more than one model: which of them lacks a field?")
    model, is_map = within[0]
    return model, is_map or get_origin(annotation) is dict
