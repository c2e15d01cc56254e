"""`nfm.evaluate` measures as scikit-learn does, for every kind of model and of rows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from sklearn import metrics
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline

import nfm
from nfm.errors import NFMError
from nfm.figures.confusion_matrix import confusion_matrix
from tests.analysis.conftest import rows_and_target

X, Y = rows_and_target("titanic")
X, Y = X[600:], Y[600:]


def test_metrics_of_two_classes_equal_scikit_learn_s(classifier):
    result = nfm.evaluate(classifier, X, Y)
    found, probabilities = result.frame["value"], classifier.predict_proba(X)
    assert found["accuracy"] == pytest.approx(metrics.accuracy_score(Y, classifier.predict(X)))
    assert found["auc"] == pytest.approx(metrics.roc_auc_score(Y, probabilities[:, 1]))
    assert found["log_loss"] == pytest.approx(metrics.log_loss(Y, probabilities))
    assert found["brier"] == pytest.approx(metrics.brier_score_loss(Y, probabilities[:, 1]))
    assert len(result.predictions) == len(X)


def test_metrics_of_three_classes_equal_scikit_learn_s(of_three_classes):
    rows, species = rows_and_target("penguins")
    rows, species = rows[1::2], species[1::2]
    found = nfm.evaluate(of_three_classes, rows, species).frame["value"]
    probabilities = of_three_classes.predict_proba(rows)
    expected = metrics.roc_auc_score(species, probabilities, multi_class="ovr")
    assert found["auc"] == pytest.approx(expected)
    assert found["log_loss"] == pytest.approx(metrics.log_loss(species, probabilities))


def test_metrics_of_numbers_equal_scikit_learn_s(regressor):
    rows, miles = rows_and_target("cars")
    rows, miles = rows[1::2], miles[1::2]
    result, predicted = nfm.evaluate(regressor, rows, miles), regressor.predict(rows)
    found = result.frame["value"]
    assert found["mae"] == pytest.approx(metrics.mean_absolute_error(miles, predicted))
    assert found["rmse"] == pytest.approx(metrics.root_mean_squared_error(miles, predicted))
    assert found["r2"] == pytest.approx(metrics.r2_score(miles, predicted))
    assert len(result.plot().data[0].x) == len(rows)


def test_every_metric_lies_in_its_interval_and_beside_its_baseline(classifier):
    frame = nfm.evaluate(classifier, X, Y).frame
    assert (frame["low"] < frame["value"]).all()
    assert (frame["value"] < frame["high"]).all()
    assert frame.loc["auc", "baseline"] == 0.5
    assert frame.loc["accuracy", "baseline"] == pytest.approx((Y == 0).mean())


def test_an_estimator_its_bundle_and_the_saved_file_give_the_same(classifier, tmp_path: Path):
    classifier.save(tmp_path / "titanic.nfm")
    expected = nfm.evaluate(classifier, X, Y).frame
    other = classifier.bundle_, tmp_path / "titanic.nfm", str(tmp_path / "titanic.nfm")
    for model in other:
        assert nfm.evaluate(model, X, Y).frame.equals(expected)
    assert nfm.evaluate(classifier.bundle_, pl.from_pandas(X), Y.to_list()).frame.equals(expected)
    with pytest.warns(UserWarning, match="valid feature names"):
        found = nfm.evaluate(classifier, X.to_numpy(), Y).frame
    np.testing.assert_allclose(found["value"], expected["value"])


def test_the_target_may_be_a_column_of_the_table(titanic):
    frame = titanic[["Sex", "Pclass", "Survived"]]
    trained = nfm.train_table(
        frame, nfm.infer_schema(frame, "Survived"), nfm.Settings(epochs=1, hidden_units=())
    )
    expected = nfm.evaluate(trained.bundle, frame, frame["Survived"]).frame
    assert nfm.evaluate(trained.bundle, frame).frame.equals(expected)
    with pytest.raises(NFMError, match=r"no column 'Survived'.*pass the targets as y"):
        nfm.evaluate(trained.bundle, frame[["Sex", "Pclass"]])


def test_rows_without_a_known_target_are_left_out_and_counted(of_three_classes):
    rows, species = rows_and_target("penguins")
    species = species.astype(object)
    species.iloc[0], species.iloc[1] = "Emperor", None
    result = nfm.evaluate(of_three_classes, rows, species)
    assert len(result.predictions) == len(rows) - 2
    assert "2 rows without a target that the model knows left out" in result.summary
    expected = nfm.evaluate(of_three_classes, rows[2:], species[2:]).frame
    assert result.frame.equals(expected)


def test_a_feature_of_the_target_s_name_is_not_the_target():
    rows = X[["Sex", "Age"]].rename(columns={"Age": "target"})
    model = nfm.NFMClassifier(epochs=1, hidden_units=()).fit(rows, Y)
    found = nfm.evaluate(model, rows, Y).frame["value"]
    assert found["accuracy"] == pytest.approx(model.score(rows, Y))


def test_the_plot_is_the_app_s_confusion_matrix(classifier):
    figure = nfm.evaluate(classifier, X, Y).plot()
    counts = metrics.confusion_matrix(Y, classifier.predict(X))
    assert figure == confusion_matrix(counts, ["0", "1"])


def test_a_notebook_shows_the_sentence_and_the_table(classifier):
    result = nfm.evaluate(classifier, X, Y)
    shown = result._repr_html_()
    assert shown.startswith("<p>Evaluated on 291 rows.")
    assert "<th>log_loss</th>" in shown
    assert repr(result).startswith("Evaluated on 291 rows.")


@pytest.mark.parametrize(
    ("model", "error", "message"),
    [
        (nfm.NFMClassifier(), NotFittedError, "not fitted"),
        (make_pipeline(nfm.NFMClassifier()), NFMError, "Received: a Pipeline.*the last step"),
        (None, NFMError, "Received: a NoneType"),
    ],
)
def test_what_is_not_a_model_gets_a_sentence(model, error, message):
    with pytest.raises(error, match=message):
        nfm.evaluate(model, X, Y)


def test_too_few_targets_and_unknown_ones_get_a_sentence(classifier):
    with pytest.raises(NFMError, match="291 rows, and there are 290 targets"):
        nfm.evaluate(classifier, X, Y[1:])
    with pytest.raises(NFMError, match="the table has 'sunk', the model knows"):
        nfm.evaluate(classifier, X, ["sunk"] * len(X))
