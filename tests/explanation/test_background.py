"""What explanations know of the training rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nfm.errors import SchemaError
from nfm.explanation.background import SAMPLE_ROWS, Background
from nfm.explanation.choices import NUMBERS
from tests.inference.explaining import COMBINATIONS, HOSTILE, ask, journeys, make_background


@pytest.mark.parametrize("changes", COMBINATIONS, ids=str)
def test_answers_are_the_models(changes: dict) -> None:
    background = make_background(**changes)
    expected = ask(background, background.frame)
    np.testing.assert_allclose(background.answers, expected, rtol=1e-9)
    sums = background.parts_of_frame(background.frame).sum(axis=1)
    np.testing.assert_allclose(background.answers_of_sums(sums), expected, rtol=1e-9)


def test_the_sample_stands_for_all_rows() -> None:
    background = make_background()
    assert len(set(background.sample)) == SAMPLE_ROWS
    assert background.average[0] == pytest.approx(background.answers.mean(), abs=0.02)
    assert "64 of 120 training rows" in background.description


def test_a_small_table_is_its_own_sample() -> None:
    background = make_background(rows=30)
    assert sorted(background.sample) == list(range(30))
    assert background.description == "All 30 training rows are the background."


def test_of_a_large_table_rows_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nfm.explanation.background.REFERENCE_ROWS", 50)
    background = make_background()
    whole = journeys()[list(background.columns)]
    assert (len(background.frame), background.training_rows) == (50, 120)
    pd.testing.assert_frame_equal(
        background.frame, whole.iloc[background.positions].reset_index(drop=True)
    )


def test_without_rows_there_is_a_sentence() -> None:
    background = make_background()
    with pytest.raises(SchemaError, match="no training rows"):
        Background.build(background.bundle, background.frame.iloc[:0])


def test_more_than_one_row_is_refused() -> None:
    background = make_background()
    with pytest.raises(ValueError, match="one row"):
        background.read(background.frame.iloc[:2])


def test_values_are_written_as_people_read_them() -> None:
    background = make_background()
    row = background.frame.iloc[[0]].assign(port="C", fare=7.25, start="2020-03-01")
    texts = dict(zip(background.columns, background.read(row).texts, strict=True))
    assert (texts["port"], texts["fare"], texts["start"]) == ("C", "7.25", "2020-03-01")


def test_choices_are_values_of_training_rows() -> None:
    background = make_background()
    choices = {each.column: each for each in background.choices}
    assert choices["port"].texts == ("C", "Q", "S", "(missing)")
    assert choices["port"].counts.sum() == 120
    assert choices[HOSTILE].texts == ("0.5", "1.5", "2.5", "3.5")
    fare = choices["fare"]
    assert len(fare) <= NUMBERS + 1
    assert fare.texts[-1] == "(missing)"
    assert not fare.complete
    assert set(fare.coordinates[:-1]) <= set(background.frame["fare"])
    assert fare.coordinates[0] == background.frame["fare"].min()
    assert fare.coordinates[-2] == background.frame["fare"].max()
    assert choices["start"].kind == "date"
    assert set(choices["start"].texts) <= set(background.frame["start"])


def test_of_many_levels_the_most_frequent_are_choices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nfm.explanation.choices.LEVELS", 2)
    background = make_background()
    counts = background.frame["port"].value_counts()
    choices = background.choices[0]
    assert set(choices.texts) - {"(missing)"} <= set(counts.index[:2])
    assert (len(choices), choices.complete) == (2, False)


def test_bins_divide_the_rows() -> None:
    background = make_background()
    for place, bins in enumerate(background.bins):
        assert len(bins.texts) == len(bins.rows) == len(bins.parts)
        assert bins.groups.max() == len(bins) - 1
        own = [bins.group_of(value) for value in background.coordinates[:, place]]
        assert own == bins.groups.tolist()
        assert bins.groups[bins.rows].tolist() == list(range(len(bins)))


def test_numbers_differ_by_rank_and_range_levels_by_one() -> None:
    background = make_background()
    row = background.read(background.frame.iloc[[0]])
    apart = background.distances(row)
    assert (apart[0] == 0).all()
    levels = apart[:, background.columns.index("port")]
    assert set(levels) == {0.0, 1.0}
    numbers = apart[:, background.columns.index("fare")]
    assert (numbers <= 1).all()
    far = background.frame.iloc[[0]].assign(fare=1e9)
    assert background.distances(background.read(far)).max() > 100


def test_one_missing_value_is_as_far_as_another_level() -> None:
    background = make_background()
    place = background.columns.index("fare")
    absent = background.read(background.frame.iloc[[0]].assign(fare=np.nan))
    apart = background.distances(absent)[:, place]
    missing = background.frame["fare"].isna().to_numpy()
    assert (apart[missing] == 0).all()
    assert (apart[~missing] == 1).all()
