"""A lesson as the parameters of a URL: written, read, and checked as untrusted input.

    /predict?lesson=1&data=titanic&preset=recommended&epochs=20&random_state=7&row=1&edit.Sex=female

`lesson` is the version and marks a link as a lesson. A setting has its own name, and is left out
if it equals the preset's. `split.` precedes an option of the split, `kind.` a column whose kind was
set, `edit.` a column of the edited row.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any
from urllib.parse import quote, urlencode

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

from nfm.compatibility import FORMER_VALUES
from nfm.settings import PRESETS, Settings, Task
from nfm.tabular.kinds import Kind
from nfm.tabular.samples import SAMPLES
from nfm.tabular.splitting import SplitOptions

MARK = "lesson"
VERSION = "1"
MOST_CHARACTERS = 8_000
MOST_PARAMETERS = 200
# The share of the validation rows belongs to the split.
SETTINGS = tuple(name for name in Settings.model_fields if name != "validation_fraction")

_NONE = "none"
_SHOWN = 60


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("it holds characters that cannot be printed")
    return text


Name = Annotated[str, StringConstraints(min_length=1, max_length=100), AfterValidator(_printable)]
Cell = Annotated[str, StringConstraints(max_length=200), AfterValidator(_printable)]


class Lesson(BaseModel):
    """The settings of a lesson; fields that are None or empty are left unchanged.

    Attributes:
        data: Key of a sample. Links never contain other tables, nor their columns.
        settings: Settings of the model and its training.
        target: Column to predict, if it isn't the sample's default.
        task: Task, if it isn't the default of the target.
        positive: Positive class of two, whose probability is shown, if it isn't the default.
        features: Columns to learn from, if not all possible ones.
        kinds: Kind by column, for columns whose kind was set.
        split: How to split the rows.
        row: Number of the row to predict, counted from 1.
        edits: Text of the edited cells by column.
        threshold: Lowest probability at which the positive class is predicted.
        hide: Whether to hide the controls for data and settings.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    data: str | None = None
    settings: Settings | None = None
    target: Name | None = None
    task: Task | None = None
    positive: Annotated[Cell, Field(min_length=1)] | None = None
    features: Annotated[tuple[Name, ...], Field(min_length=1, max_length=100)] | None = None
    kinds: Annotated[dict[Name, Kind], Field(max_length=100)] = {}
    split: SplitOptions = SplitOptions()
    row: Annotated[int, Field(ge=1, le=10_000_000)] | None = None
    edits: Annotated[dict[Name, Cell], Field(max_length=100)] = {}
    threshold: Annotated[float, Field(ge=0, le=1)] | None = None
    hide: bool = False

    @model_validator(mode="after")
    def _check(self) -> Lesson:
        if self.data is not None and self.data not in SAMPLES:
            raise ValueError(f"choose one of {', '.join(SAMPLES)}")
        of_a_table = (
            self.target,
            self.task,
            self.positive,
            self.features,
            self.row,
            *self.kinds,
            *self.edits,
        )
        if self.data is None and (any(of_a_table) or self.split != SplitOptions()):
            raise ValueError("it belongs to a sample, and the link names none as data")
        return self


def write_lesson(lesson: Lesson) -> str:
    """Return a lesson as the query string of a URL.

    Args:
        lesson: The lesson. Its settings are written as the nearest preset and the differences.

    Returns:
        Percent-encoded parameters, from which `read_lesson` returns the same lesson.
    """
    return urlencode([(MARK, VERSION), *_parameters(lesson)], quote_via=quote)


def read_lesson(parameters: Mapping[str, Sequence[str]]) -> tuple[Lesson, tuple[str, ...]]:
    """Read a lesson from URL parameters.

    Args:
        parameters: All values by name, decoded; untrusted.

    Returns:
        The lesson, and a sentence for each parameter that could not be used; its field keeps
        the default.
    """
    size = sum(len(name) + sum(map(len, values)) for name, values in parameters.items())
    if size > MOST_CHARACTERS or len(parameters) > MOST_PARAMETERS:
        return Lesson(), (
            f"The link is too long for a lesson (more than {MOST_CHARACTERS:,} characters or "
            f"{MOST_PARAMETERS} fields). Nothing of it was used.",
        )
    if list(parameters.get(MARK, ())) != [VERSION]:
        return Lesson(), (
            f"The link's {MARK} is {_shown(parameters.get(MARK, ()))}, and this app knows version "
            f"{VERSION} only. Nothing of the link was used.",
        )
    fields: dict[str, Any] = {}
    problems = []
    # The preset before the settings that differ from it, the sample before what belongs to it.
    first = [name for name in ("data", "preset") if name in parameters]
    for name in [*first, *(name for name in parameters if name not in (*first, MARK))]:
        values = parameters[name]
        try:
            if len(values) != 1:
                raise ValueError("it is given more than once")
            candidate = _with(fields, name, values[0])
            Lesson.model_validate(candidate)
        except ValidationError as error:
            message = error.errors(include_url=False)[0]["msg"].removeprefix("Value error, ")
            problems.append(_problem(name, values, f"{message[0].lower()}{message[1:]}"))
        except ValueError as error:
            problems.append(_problem(name, values, str(error)))
        else:
            fields = candidate
    if "data" in fields:
        fields["split"] = {**FORMER_VALUES["SplitOptions"], **fields.get("split", {})}
    return Lesson.model_validate(fields), tuple(problems)


def _with(fields: Mapping[str, Any], name: str, text: str) -> dict[str, Any]:
    """Return the fields of a lesson with one more parameter."""
    group, _, part = name.partition(".")
    if name == "preset":
        if text not in PRESETS:
            raise ValueError(f"choose one of {', '.join(PRESETS)}")
        values = {key: value for key, value in PRESETS[text].items() if key in SETTINGS}
        return {**fields, "settings": values}
    if name in SETTINGS:
        return {**fields, "settings": {**fields.get("settings", {}), name: _value(name, text)}}
    if group == "split" and part in SplitOptions.model_fields:
        return {**fields, "split": {**fields.get("split", {}), part: text}}
    if group in ("kind", "edit") and part:
        return {**fields, f"{group}s": {**fields.get(f"{group}s", {}), part: text}}
    if name == "features":
        return {**fields, "features": tuple(text.split(","))}
    if name in ("data", "target", "task", "positive", "row", "threshold", "hide"):
        return {**fields, name: text}
    raise ValueError("there is no such field in a lesson")


def _value(name: str, text: str) -> Any:
    """Return the value of a setting's text, for pydantic to validate."""
    if name == "hidden_units":
        return () if text == _NONE else tuple(text.split(","))
    return None if text == _NONE and Settings.model_fields[name].default is None else text


def _text(value: Any) -> str:
    """Return a setting's value as text; the inverse of `_value`."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return ",".join(map(str, value)) or _NONE
    return _NONE if value is None else str(value)


def _parameters(lesson: Lesson) -> Iterator[tuple[str, str]]:
    if lesson.data is not None:
        yield "data", lesson.data
    if lesson.settings is not None:
        preset, differing = nearest_preset(lesson.settings)
        yield "preset", preset
        yield from ((name, _text(value)) for name, value in differing.items())
    for name in ("target", "task", "positive"):
        if (value := getattr(lesson, name)) is not None:
            yield name, value
    if lesson.features is not None:
        yield "features", ",".join(lesson.features)
    yield from ((f"kind.{name}", kind) for name, kind in lesson.kinds.items())
    # A link without an option may be older than the option.
    usual = SplitOptions(**FORMER_VALUES["SplitOptions"])
    for name in SplitOptions.model_fields if lesson.data is not None else ():
        if (value := getattr(lesson.split, name)) != getattr(usual, name):
            yield f"split.{name}", _text(value)
    if lesson.row is not None:
        yield "row", str(lesson.row)
    yield from ((f"edit.{name}", text) for name, text in lesson.edits.items())
    if lesson.threshold is not None:
        yield "threshold", str(lesson.threshold)
    if lesson.hide:
        yield "hide", "true"


def nearest_preset(settings: Settings) -> tuple[str, dict[str, Any]]:
    """Return the preset that differs least from the settings, and the settings that differ."""

    def differing(preset: str) -> dict[str, Any]:
        wanted = Settings.model_validate(PRESETS[preset])
        return {
            name: getattr(settings, name)
            for name in SETTINGS
            if getattr(settings, name) != getattr(wanted, name)
        }

    preset = min(PRESETS, key=lambda name: len(differing(name)))
    return preset, differing(preset)


def _problem(name: str, values: Sequence[str], reason: str) -> str:
    return f"In the link, {_shown([name])} is {_shown(values)}: {reason}. It was left out."


def _shown(texts: Sequence[str]) -> str:
    """Return untrusted texts quoted and shortened."""
    quoted = ", ".join(map(repr, texts[:3])) or "not given"
    return quoted if len(quoted) <= _SHOWN else quoted[: _SHOWN - 1] + "…"
