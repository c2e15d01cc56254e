"""`nfm.interactions`: planted pairs are the strongest, and targets tell them from noise."""

from __future__ import annotations

import pandas as pd
import pytest

import nfm
from nfm.errors import NFMError
from tests.analysis.conftest import QUICK, rows_and_target


@pytest.fixture(scope="module")
def xor() -> tuple[nfm.NFMClassifier, pd.DataFrame, pd.Series]:
    """A model of two switches and a lamp, and rows that it was not trained on."""
    X, y = rows_and_target("xor")
    return nfm.NFMClassifier(epochs=10, **QUICK).fit(X[:1500], y[:1500]), X[1500:], y[1500:]


def test_the_pair_of_switches_is_first_and_helps(xor):
    model, X, y = xor
    result = nfm.interactions(model, X, y)
    first, second = result.frame.iloc[0], result.frame.iloc[1]
    assert {first["first"], first["second"]} == {"switch 1", "switch 2"}
    assert first["strength"] > 5 * second["strength"]
    assert first["low"] > 0
    assert len(result.frame) == 3
    legend = {trace.name for trace in result.plot().data}
    assert "Helps on unseen rows" in legend


def test_the_importance_is_the_increase_of_the_loss(xor):
    model, X, y = xor
    result = nfm.interactions(model, X, y)
    loss = nfm.evaluate(model, X, y).frame.loc["log_loss", "value"]
    assert result.importances[0].loss == pytest.approx(loss, abs=1e-6)
    # Without its only effect, the model guesses.
    assert loss + result.frame.loc[0, "importance"] > 0.6


def test_strengths_need_no_targets(xor):
    model, X, _ = xor
    result = nfm.interactions(model.bundle_, X)
    assert list(result.frame.columns) == ["first", "second", "strength"]
    assert result.frame["strength"].is_monotonic_decreasing
    assert len(result.plot(count=2).data[0].x) == 2
    assert "log odds" in result._repr_html_()


def test_pairs_of_three_classes_are_ranked_for_every_class(of_three_classes):
    X, y = rows_and_target("penguins")
    result = nfm.interactions(of_three_classes, X[1::2], y[1::2])
    pairs = len(X.columns) * (len(X.columns) - 1) // 2
    assert result.frame["class"].value_counts().to_dict() == dict.fromkeys(
        of_three_classes.classes_, pairs
    )
    measured = result.frame.dropna(subset="importance")
    assert len(measured.drop_duplicates(["first", "second"])) == 20
    strongest, gentoo = result.plot(), result.plot(label="Gentoo")
    assert strongest.data[0].x[0] == pytest.approx(result.frame["strength"].max())
    of_gentoo = result.frame[result.frame["class"] == "Gentoo"]["strength"]
    assert gentoo.data[0].x[0] == pytest.approx(of_gentoo.max())


def test_rows_without_a_known_target_are_left_out(of_three_classes):
    X, y = rows_and_target("penguins")
    y = y.astype(object)
    y.iloc[0] = "Emperor"
    assert nfm.interactions(of_three_classes, X, y).importances[0].rows == len(X) - 1


@pytest.mark.parametrize(
    ("y", "message"),
    [([1], "500 rows and y has 1"), (["off"] * 500, "no target that the model knows")],
)
def test_targets_that_do_not_fit_get_a_sentence(xor, y, message):
    with pytest.raises(NFMError, match=message):
        nfm.interactions(xor[0], xor[1], y)


def test_a_model_of_one_column_has_no_pairs(xor):
    rows = xor[1][["wall"]]
    model = nfm.NFMClassifier(epochs=1, hidden_units=()).fit(rows, xor[2])
    with pytest.raises(NFMError, match="single column"):
        nfm.interactions(model, rows)
