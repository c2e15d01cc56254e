"""What explanations know of the training rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nfm.errors import SchemaError
from nfm.explanation.column_values import CANDIDATE_NUMBERS
from nfm.explanation.reference_data import SAMPLE_ROWS, ReferenceData
from tests.inference.explaining import COMBINATIONS, HOSTILE, ask, journeys, make_reference_data


@pytest.mark.parametrize("changes", COMBINATIONS, ids=str)
def test_answers_are_the_models(changes: dict) -> None:
    reference = make_reference_data(**changes)
    expected = ask(reference, reference.frame)
    np.testing.assert_allclose(reference.predictions, expected, rtol=1e-9)
    sums = reference.parts_of_table(reference.table).sum(axis=1)
    np.testing.assert_allclose(reference.predictions_of_sums(sums), expected, rtol=1e-9)


def test_the_sample_stands_for_all_rows() -> None:
    reference = make_reference_data()
    assert len(set(reference.sample)) == SAMPLE_ROWS
    assert reference.average[0] == pytest.approx(reference.predictions.mean(), abs=0.02)
    assert "64 of 120 training rows" in reference.description


def test_a_small_table_is_its_own_sample() -> None:
    reference = make_reference_data(rows=30)
    assert sorted(reference.sample) == list(range(30))
    assert reference.description == "All 30 training rows serve as reference data."


def test_of_a_large_table_rows_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nfm.explanation.reference_data.REFERENCE_ROWS", 50)
    reference = make_reference_data()
    whole = journeys()[list(reference.columns)]
    assert (len(reference.frame), reference.training_rows) == (50, 120)
    pd.testing.assert_frame_equal(
        reference.frame, whole.iloc[reference.positions].reset_index(drop=True)
    )


def test_without_rows_there_is_a_sentence() -> None:
    reference = make_reference_data()
    with pytest.raises(SchemaError, match="no training rows"):
        ReferenceData.build(reference.bundle, reference.frame.iloc[:0])


def test_more_than_one_row_is_refused() -> None:
    reference = make_reference_data()
    with pytest.raises(ValueError, match="one row"):
        reference.read(reference.frame.iloc[:2])


def test_values_are_written_as_people_read_them() -> None:
    reference = make_reference_data()
    row = reference.frame.iloc[[0]].assign(port="C", fare=7.25, start="2020-03-01")
    texts = dict(zip(reference.columns, reference.read(row).texts, strict=True))
    assert (texts["port"], texts["fare"], texts["start"]) == ("C", "7.25", "2020-03-01")


def test_choices_are_values_of_training_rows() -> None:
    reference = make_reference_data()
    choices = {each.column: each for each in reference.candidates}
    assert choices["port"].texts == ("C", "Q", "S", "(missing)")
    assert choices["port"].counts.sum() == 120
    assert choices[HOSTILE].texts == ("0.5", "1.5", "2.5", "3.5")
    fare = choices["fare"]
    assert len(fare) <= CANDIDATE_NUMBERS + 1
    assert fare.texts[-1] == "(missing)"
    assert not fare.complete
    assert set(fare.coordinates[:-1]) <= set(reference.frame["fare"])
    assert fare.coordinates[0] == reference.frame["fare"].min()
    assert fare.coordinates[-2] == reference.frame["fare"].max()
    assert choices["start"].kind == "date"
    assert set(choices["start"].texts) <= set(reference.frame["start"])


def test_of_many_levels_the_most_frequent_are_choices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nfm.explanation.column_values.CANDIDATE_LEVELS", 2)
    reference = make_reference_data()
    counts = reference.frame["port"].value_counts()
    choices = reference.candidates[0]
    assert set(choices.texts) - {"(missing)"} <= set(counts.index[:2])
    assert (len(choices), choices.complete) == (2, False)


def test_bins_divide_the_rows() -> None:
    reference = make_reference_data()
    for place, bins in enumerate(reference.bins):
        assert len(bins.texts) == len(bins.rows) == len(bins.parts)
        assert bins.groups.max() == len(bins) - 1
        own = bins.groups_of(reference.coordinates[:, place])
        assert own.tolist() == bins.groups.tolist()
        assert bins.groups[bins.rows].tolist() == list(range(len(bins)))


def test_numbers_differ_by_rank_and_range_levels_by_one() -> None:
    reference = make_reference_data()
    row = reference.read(reference.frame.iloc[[0]])
    apart = reference.distances(row)
    assert (apart[0] == 0).all()
    levels = apart[:, reference.columns.index("port")]
    assert set(levels) == {0.0, 1.0}
    numbers = apart[:, reference.columns.index("fare")]
    assert (numbers <= 1).all()
    far = reference.frame.iloc[[0]].assign(fare=1e9)
    assert reference.distances(reference.read(far)).max() > 100


def test_one_missing_value_is_as_far_as_another_level() -> None:
    reference = make_reference_data()
    place = reference.columns.index("fare")
    absent = reference.read(reference.frame.iloc[[0]].assign(fare=np.nan))
    apart = reference.distances(absent)[:, place]
    missing = reference.frame["fare"].isna().to_numpy()
    assert (apart[missing] == 0).all()
    assert (apart[~missing] == 1).all()
