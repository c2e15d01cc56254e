"""The counts of a split."""

from __future__ import annotations

import pandas as pd

from nfm.tabular.schema import infer_schema
from nfm.tabular.split_summary import split_summary
from nfm.tabular.splitting import SplitOptions

FRAME = pd.DataFrame(
    {
        "size": [float(place) for place in range(101)],
        "kind": ["a", "b", "b", "b"] * 25 + ["lonely"],
    }
)


def test_every_row_of_every_class_is_counted_once():
    found = split_summary(FRAME, infer_schema(FRAME, "kind"), SplitOptions())
    assert found.train + found.validation + found.test == 101
    assert [each.name for each in found.classes] == ["b", "a", "lonely"]
    totals = [each.train + each.validation + each.test for each in found.classes]
    assert totals == [75, 25, 1]
    assert found.classes[1].test == 5
    assert found.single == ("lonely",)


def test_rows_without_a_target_are_left_out():
    frame = FRAME.assign(kind=FRAME["kind"].where(FRAME["size"] > 9))
    found = split_summary(frame, infer_schema(frame, "kind"), SplitOptions())
    assert found.left_out == 10
    assert found.train + found.validation + found.test == 91


def test_a_number_has_no_classes():
    found = split_summary(FRAME, infer_schema(FRAME, "size"), SplitOptions())
    assert found.classes == found.single == ()


def test_held_out_rows_of_classes_that_no_training_row_has_are_counted():
    options = SplitOptions(time_column="size")
    frame = FRAME.assign(kind=FRAME["kind"].where(FRAME["size"] < 90, "late"))
    found = split_summary(frame, infer_schema(frame, "kind"), options)
    assert (found.untrained, found.left_out) == (11, 0)
    assert split_summary(frame, infer_schema(frame, "kind"), SplitOptions()).untrained == 0
