"""`nfm.explain`: the contributions add up to the answer, and each part can be drawn."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import nfm
from nfm.analysis.row_explanations import AVERAGE
from nfm.errors import NFMError
from tests.analysis.conftest import rows_and_target

X, Y = rows_and_target("titanic")
ROWS = X[600:603]


def test_contributions_add_up_to_the_probability(classifier):
    frame = nfm.explain(classifier, ROWS, reference=X[:600]).frame
    sums = frame.groupby("row")["contribution"].sum()
    np.testing.assert_allclose(sums, classifier.predict_proba(ROWS)[:, 1], atol=1e-9)
    assert sums.index.tolist() == [600, 601, 602]  # the index of the given table
    assert set(frame["class"]) == {1}
    lines = frame[frame["row"] == 601]
    assert lines["column"].tolist() == [AVERAGE, *X.columns]
    assert lines.set_index("column")["value"]["Sex"] == X.loc[601, "Sex"]


def test_contributions_add_up_to_the_probability_of_each_class(of_three_classes):
    rows, _ = rows_and_target("penguins")
    result = nfm.explain(of_three_classes, rows[:2], reference=rows[::2])
    sums = result.frame.pivot_table(
        index="row", columns="class", values="contribution", aggfunc="sum"
    )
    np.testing.assert_allclose(
        sums[of_three_classes.classes_], of_three_classes.predict_proba(rows[:2]), atol=1e-9
    )


def test_contributions_add_up_to_the_number(regressor):
    rows, _ = rows_and_target("cars")
    frame = nfm.explain(regressor, rows[:2], reference=rows[::2]).frame
    sums = frame.groupby("row")["contribution"].sum()
    np.testing.assert_allclose(sums, regressor.predict(rows[:2]), atol=1e-9)
    assert list(frame.columns) == ["row", "column", "value", "contribution"]


def test_many_columns_have_standard_errors():
    random = np.random.default_rng(0)
    rows = pd.DataFrame(random.normal(size=(80, 14)))
    model = nfm.NFMRegressor(epochs=1, hidden_units=()).fit(rows, rows[0])
    result = nfm.explain(model, rows[:1], reference=rows)
    assert (result.frame["standard_error"][1:] >= 0).all()
    assert result.frame["contribution"].sum() == pytest.approx(model.predict(rows[:1])[0])


def test_arrays_of_an_estimator_are_explained_by_position():
    rows = X[["Pclass", "SibSp"]].to_numpy()
    model = nfm.NFMClassifier(epochs=1, hidden_units=()).fit(rows, Y)
    frame = nfm.explain(model, rows[:2], reference=rows).frame
    assert frame["row"].unique().tolist() == [0, 1]


def test_no_reference_rows_get_a_sentence_that_says_how_to_pass_them(classifier):
    with pytest.raises(NFMError, match=r"a model holds none.*reference=X_train"):
        nfm.explain(classifier, ROWS)
    with pytest.raises(NFMError, match="There are no training rows"):
        nfm.explain(classifier.bundle_, ROWS, reference=X[:0])


def test_nothing_to_explain_gets_a_sentence(classifier):
    with pytest.raises(NFMError, match="nothing to explain"):
        nfm.explain(classifier.bundle_, ROWS[:0], reference=X)
    with pytest.raises(NFMError, match="Pclass"):
        nfm.explain(classifier.bundle_, ROWS[["Sex"]], reference=X)
    with pytest.raises(NFMError, match="single column or row"):
        nfm.explain(classifier, X.iloc[0], reference=X)


def test_the_plot_goes_from_the_average_to_the_answer(classifier):
    result = nfm.explain(classifier, ROWS, reference=X[:600])
    figure = result.plot(row=1)
    texts = [annotation.text for annotation in figure.layout.annotations]
    prediction = 100 * classifier.predict_proba(ROWS)[1, 1]
    assert texts[-1] == f"<b>{prediction:.1f}%</b>"
    bars = [trace for trace in figure.data if trace.type == "bar"]
    drawn = sum(sum(bar.x) for bar in bars if bar.name in ("Raises", "Lowers"))
    average = 100 * result.explanations[1].average[0]
    assert average + drawn == pytest.approx(prediction)


def test_the_plot_of_three_classes_is_of_the_most_probable_one_or_of_the_one_asked_for(
    of_three_classes,
):
    rows, _ = rows_and_target("penguins")
    result = nfm.explain(of_three_classes, rows[:1], reference=rows[::2])
    predicted = of_three_classes.predict(rows[:1])[0]
    assert predicted in result.plot().layout.xaxis.title.text
    assert "Gentoo" in result.plot(label="Gentoo").layout.xaxis.title.text
    with pytest.raises(NFMError, match="Emperor"):
        result.plot(label="Emperor")


def test_a_row_or_label_that_does_not_exist_gets_a_sentence(classifier):
    result = nfm.explain(classifier, ROWS, reference=X)
    with pytest.raises(NFMError, match="row is 3, but only 3 rows"):
        result.plot(row=3)
    with pytest.raises(NFMError, match="single output"):
        result.plot(label=1)


def test_a_notebook_shows_text_of_cells_as_text():
    rows = pd.DataFrame({"<b>tag</b>": ["<i>", "&amp;"] * 30, "other": range(60)})
    model = nfm.NFMClassifier(epochs=1, hidden_units=()).fit(rows, ["no", "yes"] * 30)
    result = nfm.explain(model, rows[:2], reference=rows)
    shown = result._repr_html_()
    assert "<b>" not in shown
    assert "<i>" not in shown
    assert "&amp;amp;" in shown
    assert shown.startswith("<p>2 rows explained.")
    assert "<b>tag" not in str(result.plot().layout.yaxis.ticktext)
