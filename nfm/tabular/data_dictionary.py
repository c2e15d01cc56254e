"""How columns and levels are called before people, where a table's own names are terse."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from nfm.tabular.schema import Schema


@dataclass(frozen=True)
class DataDictionary:
    """Words for what a table abbreviates; whatever has none is called as it is in the table.

    Attributes:
        columns: Column to its name for people.
        levels: Column to level to its name for people.
        classes: Class of the target to its name for people.
        answer: What the positive class's probability is called; None: by the target's name.
        row: What a row is.
        unit: Of a number that is predicted, for instance "€"; empty where none was given.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    levels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    classes: Mapping[str, str] = field(default_factory=dict)
    answer: str | None = None
    row: str = "row"
    unit: str = ""

    def column(self, name: str) -> str:
        """Name a column."""
        return self.columns.get(name, name)

    def level(self, column: str, text: str) -> str:
        """Name a value of a column, given as text."""
        return self.levels.get(column, {}).get(text, text)

    def label(self, name: str) -> str:
        """Name a class of the target."""
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
    """Return the words for a table: those of the Titanic if it has its passengers.

    Args:
        schema: Of the table; it is recognised by the names of its columns.
    """
    known = {"PassengerId", "Name", "Ticket", *TITANIC.columns}
    if schema.target == "Survived" and schema.task == "binary" and known <= set(schema.names):
        if schema.positive == "0":
            return replace(TITANIC, answer="Probability of death")
        return TITANIC
    return replace(PLAIN, unit=schema.unit) if schema.task == "regression" else PLAIN
