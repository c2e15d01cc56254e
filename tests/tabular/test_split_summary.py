"""The counts of a split."""

from __future__ import annotations

import pandas as pd

from nfm.tabular.infer_schema import infer_schema
from nfm.tabular.samples import load_sample
from nfm.tabular.split_summary import CopyCount, split_summary
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


def test_copies_are_counted_and_said_to_stay_together():
    once = FRAME.head(100).assign(weight=range(0, 300, 3))
    frame = pd.concat([once] * 10, ignore_index=True)
    schema = infer_schema(frame, "kind")
    found = split_summary(frame, schema, SplitOptions())
    assert found.copies == CopyCount(1000, 100, beyond_chance=True, together=True)
    apart = split_summary(frame, schema, SplitOptions(keep_copies_together=False))
    assert apart.copies == CopyCount(1000, 100, beyond_chance=True, together=False)
    assert split_summary(FRAME, infer_schema(FRAME, "kind"), SplitOptions()).copies is None


def test_repeats_of_the_samples_are_counted_and_divided():
    frame = load_sample("parity")
    found = split_summary(frame, infer_schema(frame, "lamp"), SplitOptions())
    assert found.copies == CopyCount(2000, 24, beyond_chance=False, together=False)
    assert (found.train, found.validation, found.test) == (1280, 320, 400)
