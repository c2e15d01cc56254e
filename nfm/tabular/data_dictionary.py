"""Display names of columns, levels and classes, where a table's own names are terse."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from nfm.tabular.schema import Schema


@dataclass(frozen=True)
class DataDictionary:
    """Display names for a table; columns, levels and classes without one keep their own names.

    Attributes:
        columns: Display names by column.
        levels: Display names by level, by column.
        classes: Display names by class of the target.
        answer: Display name of the positive class's probability; None to use the target's name.
        row: What a row is called.
        unit: Unit of the predicted number, such as "€"; "" if there is none.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    levels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    classes: Mapping[str, str] = field(default_factory=dict)
    answer: str | None = None
    row: str = "row"
    unit: str = ""

    def column(self, name: str) -> str:
        """Return a column's display name."""
        return self.columns.get(name, name)

    def level(self, column: str, text: str) -> str:
        """Return the display name of a level, given as canonical text."""
        return self.levels.get(column, {}).get(text, text)

    def label(self, name: str) -> str:
        """Return the display name of a class of the target."""
        return self.classes.get(name, name)


PLAIN = DataDictionary()

TITANIC = DataDictionary(
    columns={
        "Pclass": "Class",
        "Age": "Age in years",
        "SibSp": "Siblings and spouses",
        "Parch": "Parents and children",
        "Fare": "Fare in £ of 1912",
        "Embarked": "Embarked at",
    },
    levels={
        "Pclass": {"1": "1st class", "2": "2nd class", "3": "3rd class"},
        "Embarked": {"C": "Cherbourg", "Q": "Queenstown", "S": "Southampton"},
    },
    classes={"0": "died", "1": "survived"},
    answer="Probability of survival",
    row="passenger",
)


def wording_of(schema: Schema) -> DataDictionary:
    """Return the display names for a table: `TITANIC` for the Titanic data, else `PLAIN`.

    Args:
        schema: The table's schema. The Titanic data is recognised by the column names.
    """
    known = {"PassengerId", "Name", "Ticket", *TITANIC.columns}
    if schema.target == "Survived" and schema.task == "binary" and known <= set(schema.names):
        if schema.positive == "0":
            return replace(TITANIC, answer="Probability of death")
        return TITANIC
    return replace(PLAIN, unit=schema.unit) if schema.task == "regression" else PLAIN
