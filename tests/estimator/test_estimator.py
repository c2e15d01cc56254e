from __future__ import annotations

import pickle
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.datasets import make_regression
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from nfm import PRESETS, DataDictionary, NFMClassifier, NFMRegressor, explain, load_bundle
from nfm.errors import NFMError, SettingsError
from nfm.tabular.samples import load_sample

FEATURES = ["Pclass", "Sex", "Age", "SibSp", "Parch", "Fare", "Cabin", "Embarked"]
QUICK = {"epochs": 3, "hidden_units": (8,), "embedding_dim": 4, "random_state": 0}


@pytest.fixture(scope="module")
def titanic() -> pd.DataFrame:
    return load_sample("titanic")


@pytest.fixture(scope="module")
def fitted(titanic: pd.DataFrame) -> NFMClassifier:
    return NFMClassifier(random_state=3).fit(titanic[FEATURES], titanic["Survived"])


def test_titanic_is_learned_far_beyond_the_article(
    titanic: pd.DataFrame, fitted: NFMClassifier
) -> None:
    best = fitted.history_.set_index("epoch").loc[fitted.best_epoch_]
    assert best["validation_accuracy"] > 0.74
    assert best["validation_auc"] > 0.8


def test_probabilities_are_those_of_the_classes_in_order(
    titanic: pd.DataFrame, fitted: NFMClassifier
) -> None:
    probabilities = fitted.predict_proba(titanic[FEATURES])
    assert probabilities.shape == (891, 2)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1.0)
    np.testing.assert_array_equal(
        fitted.predict(titanic[FEATURES]), fitted.classes_[probabilities.argmax(axis=1)]
    )


def test_equal_seeds_give_equal_numbers_and_others_do_not(titanic: pd.DataFrame) -> None:
    X, y = titanic[FEATURES], titanic["Survived"]
    first = NFMClassifier(**QUICK).fit(X, y)
    again = NFMClassifier(**QUICK).fit(X, y)
    other = NFMClassifier(**{**QUICK, "random_state": 1}).fit(X, y)
    timing = ["seconds", "rows_per_second"]
    pd.testing.assert_frame_equal(
        first.history_.drop(columns=timing), again.history_.drop(columns=timing)
    )
    np.testing.assert_array_equal(first.predict_proba(X), again.predict_proba(X))
    assert not np.array_equal(first.predict_proba(X), other.predict_proba(X))


def test_unseen_cabin_is_scored_as_other(titanic: pd.DataFrame, fitted: NFMClassifier) -> None:
    rows = titanic[FEATURES].head(2).assign(Cabin=["Z999", "never seen"])
    probabilities = fitted.predict_proba(rows)
    assert np.isfinite(probabilities).all()


def test_every_feature_can_move_the_prediction(
    titanic: pd.DataFrame, fitted: NFMClassifier
) -> None:
    X = titanic[FEATURES]
    before = fitted.predict_proba(X)[:, 1]
    for name in FEATURES:
        shuffled = X.assign(**{name: X[name].sample(frac=1, random_state=0).to_numpy()})
        assert np.abs(fitted.predict_proba(shuffled)[:, 1] - before).max() > 1e-4, name


def test_saved_model_answers_alike_without_tensorflow(
    titanic: pd.DataFrame, fitted: NFMClassifier, tmp_path
) -> None:
    fitted.save(tmp_path / "titanic.nfm")
    titanic[FEATURES].to_csv(tmp_path / "rows.csv", index=False)
    code = (
        "import sys, nfm\n"
        "model = nfm.load_bundle(sys.argv[1])\n"
        "print(*model.predict_proba(nfm.read_table(sys.argv[2]))[:, 1])\n"
        "assert not {'tensorflow', 'keras', 'sklearn'} & set(sys.modules)\n"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code, tmp_path / "titanic.nfm", tmp_path / "rows.csv"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    np.testing.assert_allclose(
        np.array(answer.stdout.split(), dtype=float),
        fitted.predict_proba(titanic[FEATURES])[:, 1],
        rtol=1e-12,
    )
    assert load_bundle(tmp_path / "titanic.nfm").best_epoch == fitted.best_epoch_


def test_keras_model_gives_the_same_probabilities(
    titanic: pd.DataFrame, fitted: NFMClassifier
) -> None:
    X = titanic[FEATURES]
    keras_model = fitted.to_keras()
    np.testing.assert_allclose(
        keras_model.predict(fitted.encode(X), verbose=0).ravel(),
        fitted.predict_proba(X)[:, 1],
        atol=1e-5,
    )


@pytest.mark.slow
def test_keras_file_is_loaded_in_a_new_process(
    titanic: pd.DataFrame, fitted: NFMClassifier, tmp_path
) -> None:
    X = titanic[FEATURES].head(5)
    fitted.to_keras().save(tmp_path / "titanic.keras")
    np.savez(tmp_path / "inputs.npz", **fitted.encode(X))
    code = (
        "import sys, numpy, nfm, keras\n"
        "inputs = dict(numpy.load(sys.argv[2]))\n"
        "print(*keras.models.load_model(sys.argv[1]).predict(inputs, verbose=0).ravel())\n"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code, tmp_path / "titanic.keras", tmp_path / "inputs.npz"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    np.testing.assert_allclose(
        np.array(answer.stdout.split()[-5:], dtype=float), fitted.predict_proba(X)[:, 1], atol=1e-5
    )


def test_article_preset_has_the_articles_parameter_count(titanic: pd.DataFrame) -> None:
    model = NFMClassifier(**PRESETS["article"]).fit(titanic[FEATURES], titanic["Survived"])
    assert model.to_keras().count_params() == 35_782
    assert len(model.history_) == 5


def test_pickled_copy_predicts_the_same(titanic: pd.DataFrame, fitted: NFMClassifier) -> None:
    copy = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(
        copy.predict_proba(titanic[FEATURES]), fitted.predict_proba(titanic[FEATURES])
    )


def test_three_classes_of_text_come_back_as_text() -> None:
    penguins = load_sample("penguins").dropna()
    y = penguins.pop("species")
    model = NFMClassifier(epochs=20, random_state=0).fit(penguins, y)
    assert list(model.classes_) == sorted(y.unique())
    assert model.predict_proba(penguins).shape == (len(y), 3)
    assert model.score(penguins, y) > 0.9


def test_regression_is_given_back_in_its_own_units() -> None:
    X, y = make_regression(400, 4, noise=1.0, random_state=0)
    y = 1e6 + 1000 * y
    model = NFMRegressor(random_state=0).fit(X, y)
    assert model.score(X, y) > 0.9
    assert abs(model.predict(X).mean() - y.mean()) < 0.1 * y.std()


def test_evaluation_rows_choose_the_best_epoch_and_are_not_learned(titanic: pd.DataFrame) -> None:
    train, other = titanic.iloc[:700], titanic.iloc[700:]
    model = NFMClassifier(**QUICK).fit(
        train[FEATURES], train["Survived"], eval_set=[(other[FEATURES], other["Survived"])]
    )
    loss = model.history_["validation_loss"]
    assert model.best_epoch_ == model.history_["epoch"][loss.idxmin()]
    proba = model.predict_proba(other[FEATURES])[:, 1]
    y = other["Survived"]
    log_loss = -np.mean(np.log(np.where(y == 1, proba, 1 - proba)))
    assert log_loss == pytest.approx(loss.min(), abs=1e-5)


def test_callback_sees_every_epoch_and_can_end_the_training(titanic: pd.DataFrame) -> None:
    seen = []
    model = NFMClassifier(**{**QUICK, "epochs": 9}).fit(
        titanic[FEATURES],
        titanic["Survived"],
        callback=lambda epoch: seen.append(epoch.number) or epoch.number == 4,
    )
    assert seen == [1, 2, 3, 4]
    assert model.n_epochs_ == 4


def test_verbose_shows_a_progress_bar(titanic: pd.DataFrame, capsys) -> None:
    NFMClassifier(**QUICK, verbose=1).fit(titanic[FEATURES], titanic["Survived"])
    assert "3/3" in capsys.readouterr().err


def test_rows_without_weight_do_not_count(titanic: pd.DataFrame) -> None:
    X, y = titanic[FEATURES], titanic["Survived"]
    weight = np.where(titanic["Sex"] == "female", 1.0, 0.0)
    model = NFMClassifier(epochs=20, random_state=0).fit(X, y, sample_weight=weight)
    men = titanic["Sex"] == "male"
    assert model.predict_proba(X[men])[:, 1].mean() > y[men].mean() + 0.1


def test_balanced_classes_raise_the_rare_classes_probability(titanic: pd.DataFrame) -> None:
    rare = pd.concat(
        [titanic[titanic["Survived"] == 0], titanic[titanic["Survived"] == 1].head(60)]
    )
    X, y = rare[FEATURES], rare["Survived"]
    plain = NFMClassifier(epochs=8, random_state=0).fit(X, y)
    balanced = NFMClassifier(epochs=8, random_state=0, class_weight="balanced").fit(X, y)
    assert balanced.predict_proba(X)[:, 1].mean() > plain.predict_proba(X)[:, 1].mean() + 0.1


@pytest.mark.slow
def test_it_works_in_pipeline_cross_validation_and_grid_search() -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(120, 3))
    y = (X[:, 0] * X[:, 1] > 0).astype(int)
    pipeline = make_pipeline(StandardScaler(), NFMClassifier(**QUICK))
    assert cross_val_score(pipeline, X, y, cv=2).shape == (2,)
    search = GridSearchCV(NFMClassifier(**QUICK), {"embedding_dim": [2, 4]}, cv=2).fit(X, y)
    assert search.best_params_["embedding_dim"] in (2, 4)


def test_clone_keeps_the_parameters() -> None:
    model = NFMClassifier(embedding_dim=5, class_weight={0: 1.0, 1: 2.0})
    assert clone(model).get_params() == model.get_params()


@pytest.mark.parametrize(
    "names",
    [
        ["a b", "c/d", 'e"f', "[g]"],
        ["中文", "😀", "naïve", " "],
        ["a", "a", "a", "a.1"],
        ["<script>alert(1)</script>", "=cmd()", "**x**", "$x$"],
    ],
)
def test_odd_and_duplicate_column_names_are_fine(names: list[str]) -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(60, 4)), columns=names)
    y = rng.integers(0, 2, 60)
    model = NFMClassifier(**QUICK).fit(frame, y)
    assert model.predict_proba(frame).shape == (60, 2)
    assert model.to_keras().count_params() > 0


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame({"only": ["a", "b", "c"] * 20}),
        pd.DataFrame({"only": np.arange(60.0)}),
        pd.DataFrame({"gone": [np.nan] * 60, "here": ["a", "b"] * 30}),
        pd.DataFrame({"same": [1] * 60, "yes": [True, False] * 30}),
        pd.DataFrame({"when": pd.date_range("2020-01-01", periods=60), "x": np.arange(60.0)}),
        pd.DataFrame(np.random.default_rng(0).normal(size=(60, 300))),
    ],
    ids=["one categorical", "one number", "wholly missing", "constant", "dates", "300 columns"],
)
@pytest.mark.parametrize("interaction", ["nfm", "fm", "linear"])
def test_any_shape_of_table_is_learned(frame: pd.DataFrame, interaction: str) -> None:
    y = np.arange(len(frame)) % 2
    model = NFMClassifier(**QUICK, interaction=interaction).fit(frame, y)
    assert np.isfinite(model.predict_proba(frame)).all()


def test_categorical_overrides_the_schema() -> None:
    frame = pd.DataFrame({"code": np.arange(80) % 40, "x": np.linspace(0, 1, 80)})
    y = frame["code"] % 2
    model = NFMClassifier(**QUICK, categorical=["code"]).fit(frame, y)
    assert model.bundle_.encoder.layout.categorical == ("code",)
    with pytest.raises(SettingsError, match="nothing"):
        NFMClassifier(**QUICK, categorical=["nothing"]).fit(frame, y)


@pytest.mark.parametrize(
    ("arguments", "y", "message"),
    [
        ({}, [0] * 20, "one class"),
        ({"epochs": 0}, [0, 1] * 10, "epochs"),
        ({"optimizer": "adamax"}, [0, 1] * 10, "optimizer"),
        ({"class_weight": {7: 1.0}}, [0, 1] * 10, "7"),
    ],
)
def test_bad_input_is_refused_in_a_sentence(arguments: dict, y: list, message: str) -> None:
    X = np.arange(20.0).reshape(-1, 1)
    with pytest.raises(NFMError, match=message):
        NFMClassifier(**arguments).fit(X, y)


def test_a_class_with_one_row_is_learned_with_a_warning() -> None:
    X = np.arange(20.0).reshape(-1, 1)
    with pytest.warns(UserWarning, match="'a'"):
        model = NFMClassifier(**QUICK).fit(X, ["a"] + ["b", "c"] * 9 + ["b"])
    assert list(model.classes_) == ["a", "b", "c"]


@pytest.mark.parametrize("y", [np.ones(20), np.r_[np.nan, np.ones(19)], np.r_[np.inf, np.ones(19)]])
def test_constant_or_infinite_target_of_a_regression_is_refused(y: np.ndarray) -> None:
    with pytest.raises(ValueError, match=r"every row|NaN|infinity"):
        NFMRegressor(**QUICK).fit(np.arange(20.0).reshape(-1, 1), y)


def test_copies_of_training_rows_do_not_choose_the_best_epoch() -> None:
    random = np.random.default_rng(0)
    once = pd.DataFrame(random.normal(size=(100, 4)), columns=list("abcd"))
    X = pd.concat([once] * 10, ignore_index=True)
    y = np.tile(random.integers(0, 2, 100), 10)  # nothing to learn but the rows themselves
    fitted = NFMClassifier(epochs=40, random_state=0).fit(X, y)
    assert fitted.history_["validation_accuracy"].max() < 0.85


def test_names_travel_in_the_model_and_show_in_figures(titanic):
    names = DataDictionary.read(
        b"column,level,name,probability\nSex,female,woman,\nSurvived,1,lived,Chance to live\n"
    )
    model = NFMClassifier(**QUICK, dictionary=names).fit(titanic[FEATURES], titanic["Survived"])
    assert model.bundle_.wording.level("Sex", "female") == "woman"
    plot = explain(model, titanic[FEATURES][1:2], reference=titanic[FEATURES][:50]).plot()
    assert "Sex = woman" in plot.to_json()
    assert clone(model).dictionary == names
    with pytest.raises(SettingsError, match="must be a DataDictionary"):
        NFMClassifier(**QUICK, dictionary={"Sex": "x"}).fit(titanic[FEATURES], titanic["Survived"])
