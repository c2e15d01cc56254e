"""The class whose probability is shown: guessed by its word, chosen on Data, said everywhere."""

from __future__ import annotations

import numpy as np
import pytest

from nfm import Settings, infer_schema, train_table
from nfm.errors import SchemaError
from nfm.files.reading import read_table_file
from tests.pages.conftest import WORKSPACE

ROWS = 120
ANSWERS = "size,bought\n" + "".join(
    f"{row % 12},{'ja' if (row % 12) + row % 3 > 6 else 'nein'}\n" for row in range(ROWS)
)


@pytest.fixture
def answers(lab):
    return lab.add(ANSWERS.encode(), "answers.csv", "bought")


def stored(lab):
    return lab.store.dataset(WORKSPACE, lab.store.get_preference(WORKSPACE, "dataset")).schema


def test_the_affirmative_class_is_offered_and_another_can_be_chosen(lab, answers):
    app = lab.open("data")
    field = lab.find(app, "Positive class")
    assert (field.options, field.value) == (["ja", "nein"], "ja")
    field.set_value("nein").run()
    assert not app.exception
    assert stored(lab).positive == ""  # the last in sort order
    assert lab.find(lab.open("data"), "Positive class").value == "nein"


def test_a_number_has_no_positive_class(lab):
    prices = b"size,price\n" + b"".join(b"%d,%d.5\n" % (row, 2 * row) for row in range(50))
    lab.add(prices, "prices.csv", "price")
    assert "Positive class" not in [field.label for field in lab.open("data").selectbox]


def test_predict_shows_the_probability_of_the_positive_class(lab, answers):
    lab.trained(answers)
    app = lab.open("predict")
    assert not app.exception
    assert "Probability of bought = ja" in [metric.label for metric in app.metric]


def test_each_choice_gives_the_probability_of_its_class():
    frame = read_table_file(ANSWERS.encode(), "answers.csv").frame
    schema = infer_schema(frame, "bought")
    ja = train_table(frame, schema, Settings(epochs=3))
    nein = train_table(frame, schema.with_positive("nein", frame), Settings(epochs=3))
    assert ja.bundle.target.classes == ("nein", "ja")
    assert nein.bundle.target.classes == ("ja", "nein")
    truth = (frame["bought"] == "ja").to_numpy()
    for trained, sign in ((ja, 1), (nein, -1)):
        scores = sign * trained.bundle.predict_proba(frame)[:, 1]
        assert np.mean(scores[truth]) > np.mean(scores[~truth])
        assert np.mean(trained.bundle.predict(frame) == frame["bought"]) > 0.6


def test_a_positive_class_that_does_not_occur_is_refused():
    frame = read_table_file(ANSWERS.encode(), "answers.csv").frame
    schema = infer_schema(frame, "bought").model_copy(update={"positive": "yes"})
    with pytest.raises(SchemaError, match="The target 'bought' has no class 'yes'"):
        train_table(frame, schema, Settings(epochs=1))
