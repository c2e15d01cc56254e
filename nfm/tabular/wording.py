"""Display names of columns, levels and classes, where a table's own names are terse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from nfm.tabular.data_dictionary import ColumnEntry, DataDictionary
from nfm.tabular.samples import SAMPLES, sample_columns, sample_dictionary
from nfm.tabular.schema import Schema


@dataclass(frozen=True)
class Wording:
    """A data dictionary for a table with a target.

    Columns, levels and classes without a display name keep their own names.

    Attributes:
        columns: Display names by column, with the unit if there is one.
        levels: Display names by level, by column.
        classes: Display names by class of the target.
        probabilities: Display names of the probability of a class, by class.
        row: What a row is called.
        unit: Unit of the predicted number, such as "€"; "" if there is none.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    levels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    classes: Mapping[str, str] = field(default_factory=dict)
    probabilities: Mapping[str, str] = field(default_factory=dict)
    row: str = "row"
    unit: str = ""

    def column(self, name: str) -> str:
        """Return a column's display name."""
        return self.columns.get(name, name)

    def level(self, column: str, text: str) -> str:
        """Return the display name of a level, given as canonical text."""
        return _shown(self.levels.get(column, {}), text)

    def label(self, name: str) -> str:
        """Return the display name of a class of the target."""
        return _shown(self.classes, name)

    def labels(self, names: Sequence[str]) -> tuple[str, ...]:
        """Return the display names of all classes of the target, in their order."""
        return tuple(map(self.label, names))


def _shown(names: Mapping[str, str], text: str) -> str:
    """Return a level's display name; a dictionary may write true as the table does: True, TRUE."""
    if text in ("true", "false"):
        text = next((each for each in (text, text.title(), text.upper()) if each in names), text)
    return names.get(text, text)


PLAIN = Wording()


def dictionary_of(schema: Schema) -> DataDictionary:
    """Return the data dictionary for a table.

    Args:
        schema: The table's schema. Without a data dictionary of its own, a table that has the
            columns, the target and the task of a sample gets the sample's.
    """
    if schema.dictionary is not None:
        return schema.dictionary
    for key, sample in SAMPLES.items():
        if (
            sample.dictionary is not None
            and (schema.target, schema.task) == (sample.target, sample.task)
            and sample_columns(key) <= set(schema.names)
        ):
            return sample_dictionary(key)
    return DataDictionary()


def wording_of(schema: Schema, target: str | None = None) -> Wording:
    """Return the display names for a table.

    Args:
        schema: The table's schema, with its data dictionary.
        target: Name of the target, which is not a column of an estimator's schema; None for the
            schema's.
    """
    dictionary = dictionary_of(schema)
    entries = dictionary.columns
    named = schema.model_copy(update={"dictionary": dictionary})
    columns = {}
    for name in schema.names:
        shown, unit = (entries[name].name if name in entries else "") or name, named.unit_of(name)
        if unit or shown != name:
            columns[name] = f"{shown} ({unit})" if unit else shown
    classes = entries.get(target or schema.target or "", ColumnEntry())
    return Wording(
        columns=columns,
        levels={name: entry.levels for name, entry in entries.items()},
        classes=classes.levels,
        probabilities=classes.probabilities,
        row=dictionary.row or "row",
        unit=schema.unit if schema.task == "regression" else "",
    )
