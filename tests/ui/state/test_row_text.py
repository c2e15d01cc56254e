"""A row's values are written into a link and read back."""

from __future__ import annotations

import pytest

from nfm.errors import SchemaError
from nfm.ui.state.form_fields import FormField
from nfm.ui.state.row_text import read_cell, with_edits, write_cell

SEX = FormField("Sex", "levels", levels=("(other)", "female", "male"), codes=(1, 2, 0))
AGE = FormField("Age", "number")
COUNT = FormField("Count", "number", whole=True)
DAY = FormField("Day", "text")


@pytest.mark.parametrize(
    ("field", "value", "text"),
    [
        (SEX, 2, "male"),
        (SEX, 0, "(other)"),
        (AGE, 0.1, "0.1"),
        (AGE, 60.0, "60"),
        (AGE, None, "(missing)"),
        (COUNT, 3, "3"),
        (COUNT, 3.5, "3.5"),
        (AGE, 1e17, "1e+17"),
        (AGE, -0.6, "-0.6"),
        (DAY, "2024-05-03", "2024-05-03"),
        (DAY, "", "(missing)"),
    ],
)
def test_values_come_back(field: FormField, value, text: str):
    assert write_cell(field, value) == text
    assert read_cell(field, text) == value


@pytest.mark.parametrize(
    ("field", "text"),
    [(SEX, "Male"), (AGE, "old"), (AGE, "nan"), (AGE, "inf"), (AGE, "1e999")],
)
def test_what_a_field_cannot_hold_is_refused_by_name(field: FormField, text: str):
    with pytest.raises(SchemaError, match=field.name):
        read_cell(field, text)


def test_edits_that_fit_are_made_and_the_others_named():
    edits = {"Age": "60", "Sex": "<b>", "Deck": "A"}
    edited, problems = with_edits((SEX, AGE), {"Sex": 1, "Age": 20.0}, edits)
    assert edited == {"Sex": 1, "Age": 60}
    assert [problem.split(" was")[0] for problem in problems] == [
        "In the link, edit.Sex",
        "In the link, edit.Deck",
    ]
