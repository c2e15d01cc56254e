"""Sentences about rows unlike the training rows."""

from __future__ import annotations

import numpy as np

from nfm.explanation.column_scale import usual_distances
from nfm.explanation.out_of_distribution import out_of_distribution_notes
from nfm.tabular.wording import Wording
from tests.inference.explaining import make_reference_data


def _kinds(reference, **changes: object) -> list[str]:
    row = reference.frame.iloc[[0]].assign(**changes)
    return [caution.kind for caution in out_of_distribution_notes(reference, reference.read(row))]


def test_most_training_rows_need_no_caution_of_distance() -> None:
    reference = make_reference_data()
    found = [
        caution.kind
        for number in range(40)
        for caution in out_of_distribution_notes(
            reference, reference.read(reference.frame.iloc[[number]])
        )
    ]
    assert "far" not in found
    assert "outside" not in found
    assert "unseen" not in found


def test_a_row_far_from_all_is_said_to_be() -> None:
    reference = make_reference_data()
    row = reference.frame.iloc[[0]].assign(fare=1e6, port="never seen")
    found = out_of_distribution_notes(reference, reference.read(row))
    assert found[0].kind == "far"
    assert "99 in 100" in found[0].text
    kinds = {caution.kind: caution for caution in found}
    assert kinds["unseen"].columns == ("port",)
    assert "(other)" in kinds["unseen"].text
    assert "above the largest value in training" in kinds["outside"].text


def test_a_value_that_was_never_missing() -> None:
    reference = make_reference_data()
    row = reference.frame.iloc[[0]].assign(cabin=None)
    texts = [caution.text for caution in out_of_distribution_notes(reference, reference.read(row))]
    assert any("cabin was never missing in training" in text for text in texts)


def test_what_may_be_missing_needs_no_caution() -> None:
    assert "unseen" not in _kinds(make_reference_data(), fare=np.nan)


def test_a_rare_level_is_counted() -> None:
    reference = make_reference_data(rows=60)
    counts = reference.frame["port"].value_counts()
    rare = str(counts.index[-1])
    row = reference.frame.iloc[[0]].assign(port=rare)
    texts = [caution.text for caution in out_of_distribution_notes(reference, reference.read(row))]
    assert f"Only {counts.iloc[-1]} training rows have port = {rare}." in texts


def test_usual_values_that_never_come_together() -> None:
    reference = make_reference_data()
    frame = reference.frame.copy()
    frame.loc[frame["cabin"] == "1", "port"] = "C"
    again = type(reference).build(reference.bundle, frame)
    row = frame.iloc[[0]].assign(cabin="1", port="S")
    found = [
        each for each in out_of_distribution_notes(again, again.read(row)) if each.kind == "pair"
    ]
    assert [set(each.columns) for each in found] == [{"port", "cabin"}]
    assert "No training row has port = S together with cabin = 1" in found[0].text


def test_sentences_use_words_for_people() -> None:
    reference = make_reference_data()
    wording = Wording(
        columns={name: name.upper() for name in reference.columns},
        levels={"port": {"S": "South"}},
    )
    frame = reference.frame.copy()
    frame.loc[frame["cabin"] == "1", "port"] = "C"
    again = type(reference).build(reference.bundle, frame)
    row = again.read(frame.iloc[[0]].assign(cabin="1", port="S", fare=1e6))
    found = {caution.kind: caution for caution in out_of_distribution_notes(again, row, wording)}
    assert "PORT = South together with CABIN = 1" in found["pair"].text
    assert "FARE = 1000000 is above" in found["outside"].text
    assert found["outside"].columns == ("fare",)


def test_usual_distances_are_those_to_the_nearest_other_row() -> None:
    reference = make_reference_data(rows=40)
    apart = np.array(
        [
            reference.distances(reference.read(reference.frame.iloc[[number]])).sum(axis=1)
            for number in range(40)
        ]
    )
    np.fill_diagonal(apart, np.inf)
    np.testing.assert_allclose(
        usual_distances(reference.scales, reference.ranks), np.sort(apart.min(axis=1))
    )


def test_a_single_training_row_gives_no_distances() -> None:
    reference = make_reference_data()
    alone = type(reference).build(reference.bundle, reference.frame.iloc[:1])
    assert len(alone.usual_distances) == 0
    out_of_distribution_notes(alone, alone.read(reference.frame.iloc[[5]]))
