"""A person's edits of roles and kinds."""

from __future__ import annotations

import pandas as pd
import pytest

from nfm.errors import SchemaError
from nfm.tabular.infer_schema import infer_schema
from nfm.ui.data.schema_table import apply_edits, schema_frame


@pytest.fixture
def frame():
    return pd.DataFrame(
        {
            "number": range(40),
            "code": [1, 2, 3, 4] * 10,
            "colour": ["red", "blue"] * 20,
            "answer": ["yes", "no", "no", "yes"] * 10,
        }
    )


@pytest.fixture
def schema(frame):
    return infer_schema(frame, "answer")


def test_table_has_a_row_for_each_column(schema):
    table = schema_frame(schema)
    assert list(table["Column"]) == ["number", "code", "colour", "answer"]
    assert table["Role"].iloc[3] == "target"
    assert table["Values"].iloc[1] == 4


def test_role_is_changed(schema, frame):
    changed = apply_edits(schema, frame, {2: {"Role": "ignored"}})
    assert changed.column("colour").role == "ignored"


def test_kind_is_changed(schema, frame):
    kind = "numeric" if schema.column("code").kind == "categorical" else "categorical"
    assert apply_edits(schema, frame, {1: {"Kind": kind}}).column("code").kind == kind


def test_kind_and_role_of_one_column_are_changed_together(schema, frame):
    changed = apply_edits(schema, frame, {0: {"Kind": "categorical", "Role": "feature"}})
    assert (changed.column("number").kind, changed.column("number").role) == (
        "categorical",
        "feature",
    )


def test_new_target_takes_the_place_of_the_old_one(schema, frame):
    changed = apply_edits(schema, frame, {2: {"Role": "target"}})
    assert changed.target == "colour"
    assert changed.column("answer").role == "feature"


def test_target_is_not_given_up_without_another(schema, frame):
    with pytest.raises(SchemaError, match="another column the target"):
        apply_edits(schema, frame, {3: {"Role": "feature"}})


@pytest.mark.parametrize("cells", [{"Kind": "nonsense"}, {"Role": None}])
def test_cells_outside_the_lists_are_refused(schema, frame, cells):
    with pytest.raises(SchemaError, match="cannot be"):
        apply_edits(schema, frame, {1: cells})


def test_same_edit_twice_changes_nothing_more(schema, frame):
    once = apply_edits(schema, frame, {2: {"Role": "ignored"}})
    assert apply_edits(once, frame, {2: {"Role": "ignored"}}) == once
