"""Many rows: answers as columns, submissions, figures."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from nfm.errors import NFMError, SchemaError
from nfm.evaluation.error_interval import PredictionInterval
from nfm.evaluation.scored_table import score_table
from nfm.files.writing import csv_bytes
from nfm.inference.bundle import Bundle

MakeBundle = Callable[..., Bundle]
WORDS = np.array(["=1+1", "maybe", "yes"])


def test_answers_are_those_of_the_model_row_by_row(
    make_bundle: MakeBundle, frame: pd.DataFrame
) -> None:
    bundle = make_bundle()
    scored = score_table(bundle, frame)
    predictions = scored.predictions()
    assert list(predictions.columns) == ["predicted_label", "probability_0", "probability_1"]
    expected = bundle.predict_proba(frame)
    np.testing.assert_allclose(predictions[["probability_0", "probability_1"]], expected, atol=1e-6)
    np.testing.assert_array_equal(predictions["predicted_label"], bundle.predict(frame))
    assert list(scored.table().columns) == [*frame.columns, *predictions.columns]


def test_many_batches_give_what_one_gives(
    make_bundle: MakeBundle, frame: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = make_bundle()
    whole = score_table(bundle, frame)
    monkeypatch.setattr("nfm.evaluation.scored_table._BATCH_ROWS", 25)
    told: list[tuple[int, int]] = []
    cut = score_table(bundle, frame, lambda done, rows: told.append((done, rows)))
    assert told == [(25, 60), (50, 60), (60, 60)]
    np.testing.assert_allclose(cut.outputs, whole.outputs, rtol=1e-12)


def test_a_row_of_text_is_scored_alike_alone_and_beside_others(
    make_bundle: MakeBundle, frame: pd.DataFrame
) -> None:
    # "1,234" and "2,5" beside each other would be guessed as decimal commas.
    bundle = make_bundle()
    text = frame.iloc[:3].assign(fare=["1,234", "2,5", "3.5"])
    together = score_table(bundle, text)
    for row in range(3):
        alone = score_table(bundle, text.iloc[[row]])
        np.testing.assert_allclose(alone.outputs[0], together.outputs[row], rtol=1e-12)
    assert any("'2,5' in row 2" in note for note in together.notes)
    number = frame.iloc[:3].assign(fare=[1234, np.nan, 3.5])
    np.testing.assert_allclose(together.outputs, score_table(bundle, number).outputs, rtol=1e-12)


def test_decision_follows_the_threshold(make_bundle: MakeBundle, frame: pd.DataFrame) -> None:
    scored = score_table(make_bundle(), frame)
    middle = float(np.median(scored.probabilities[:, 1]))
    assert scored.decisions(0.0).tolist() == [1] * len(frame)
    np.testing.assert_array_equal(scored.decisions(middle), scored.probabilities[:, 1] >= middle)


def test_several_classes_have_a_probability_each(
    make_bundle: MakeBundle, frame: pd.DataFrame
) -> None:
    bundle = make_bundle("multiclass", WORDS[np.arange(len(frame)) % 3])
    predictions = score_table(bundle, frame).predictions()
    names = [f"probability_{word}" for word in WORDS]
    assert list(predictions.columns) == ["predicted_label", *names]
    np.testing.assert_allclose(predictions[names].sum(axis=1), 1, atol=1e-5)
    assert set(predictions["predicted_label"]) <= set(WORDS)


def test_number_comes_with_the_ends_of_its_interval(
    make_bundle: MakeBundle, frame: pd.DataFrame
) -> None:
    bundle = make_bundle("regression")
    predictions = score_table(bundle, frame).predictions(interval=PredictionInterval(0.8, 12.5, 40))
    assert list(predictions.columns) == ["predicted_label", "label_from", "label_to"]
    expected = bundle.predict(frame)
    np.testing.assert_allclose(predictions["predicted_label"], expected, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(predictions["label_to"] - predictions["label_from"], 25, atol=1e-3)


def test_file_that_has_columns_of_these_names_keeps_them(
    make_bundle: MakeBundle, frame: pd.DataFrame
) -> None:
    scored = score_table(make_bundle(), frame.assign(predicted_label="mine"))
    assert scored.table().columns.is_unique
    assert set(scored.table()["predicted_label"]) == {"mine"}
    assert "predicted_label (2)" in scored.predictions()


def test_file_with_target_is_measured_at_the_threshold(
    make_bundle: MakeBundle, frame: pd.DataFrame
) -> None:
    bundle = make_bundle()
    labels = np.arange(len(frame)) % 2
    scored = score_table(bundle, frame.assign(label=labels))
    for threshold in (0.3, 0.5, 0.6):
        measured = scored.measure(threshold)
        right = (bundle.predict_proba(frame)[:, 1] >= threshold) == labels
        assert measured.metrics.accuracy == pytest.approx(right.mean())
        assert (measured.rows, measured.left_out) == (len(frame), 0)
    expected = bundle.evaluate(frame, labels)
    assert replace(scored.measure().metrics) == expected


def test_rows_without_a_known_target_are_counted_and_not_measured(
    make_bundle: MakeBundle, frame: pd.DataFrame
) -> None:
    labels = np.arange(len(frame)) % 2
    values = [*labels[:-3].astype(str), None, "", "7"]
    bundle = make_bundle()
    measured = score_table(bundle, frame.assign(label=values)).measure()
    assert (measured.rows, measured.left_out) == (len(frame) - 3, 3)
    assert measured.metrics.auc == bundle.evaluate(frame[:-3], labels[:-3]).auc
    assert score_table(bundle, frame.assign(label="7")).measure() is None
    assert score_table(bundle, frame).measure() is None


def test_columns_may_be_missing_more_and_in_another_order(
    make_bundle: MakeBundle, frame: pd.DataFrame
) -> None:
    bundle = make_bundle()
    changed = frame[frame.columns[::-1]].drop(columns="fare").assign(more=1)
    scored = score_table(bundle, changed)
    filled = bundle.predict_proba(frame.assign(fare=np.nan))
    np.testing.assert_allclose(scored.probabilities, filled)
    told = " ".join(scored.notes)
    assert "'fare' is not in the file" in told
    assert "'more' is unknown to the model" in told
    assert "another order" in told


def test_file_that_fits_nothing_is_refused(make_bundle: MakeBundle, frame: pd.DataFrame) -> None:
    with pytest.raises(SchemaError, match="none of the columns"):
        score_table(make_bundle(), pd.DataFrame({"x": [1]}))
    with pytest.raises(SchemaError, match="no rows"):
        score_table(make_bundle(), frame.iloc[:0])


def test_weights_that_overflow_are_refused_in_a_sentence(
    make_bundle: MakeBundle, frame: pd.DataFrame
) -> None:
    bundle = make_bundle(hidden_units=(8,) * 6)
    huge = {name: np.full_like(array, 3e38) for name, array in bundle.weights.items()}
    with pytest.raises(NFMError, match="not a number"), np.errstate(all="ignore"):
        score_table(replace(bundle, weights=huge), frame)


def test_submission_is_identifier_and_decision(
    make_bundle: MakeBundle, frame: pd.DataFrame
) -> None:
    bundle = make_bundle()
    columns = [
        bundle.schema.columns[0].model_copy(
            update={"name": "PassengerId", "kind": "identifier", "role": "ignored"}
        ),
        *bundle.schema.columns,
    ]
    schema = bundle.schema.model_copy(update={"columns": tuple(columns)})
    bundle = replace(bundle, schema=schema)
    assert score_table(bundle, frame).submission() is None
    numbered = frame.assign(PassengerId=np.arange(len(frame)) + 892)
    scored = score_table(bundle, numbered)
    submission = scored.submission(0.4)
    assert list(submission.columns) == ["PassengerId", "label"]
    np.testing.assert_array_equal(submission["label"], scored.decisions(0.4))
    assert submission["PassengerId"].iloc[0] == 892
    assert score_table(bundle, numbered.assign(PassengerId=7)).submission() is None


@pytest.mark.parametrize(
    ("classes", "written"), [((0.0, 1.0), {"0", "1"}), ((0.5, 1.0), {"0.5", "1.0"})]
)
def test_submission_file_has_ids_and_classes_unchanged(
    make_bundle: MakeBundle, frame: pd.DataFrame, classes: tuple, written: set
) -> None:
    bundle = make_bundle("binary", np.where(np.arange(len(frame)) % 2, *classes))
    column = bundle.schema.columns[0].model_copy(
        update={"name": "id", "kind": "identifier", "role": "ignored"}
    )
    columns = (column, *bundle.schema.columns)
    bundle = replace(bundle, schema=bundle.schema.model_copy(update={"columns": columns}))
    ids = [f"{['-k3', '=Zm', '+bG', '@x', '00', 'é'][row % 6]}{row}" for row in range(len(frame))]
    scored = score_table(bundle, frame.assign(id=ids))
    file = csv_bytes(scored.submission(float(np.median(scored.probabilities[:, 1]))))
    back = pd.read_csv(io.BytesIO(file), dtype=str)
    assert back["id"].tolist() == ids
    assert set(back["label"]) == written
    assert "40 cells of 'id'" in scored.guard_note
    assert score_table(bundle, frame).guard_note is None
