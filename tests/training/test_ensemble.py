"""An ensemble is one model for everything that comes after its training."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import nfm
from nfm.inference.bundle import load_bundle
from nfm.training.train_table import train_table
from nfm.training.trainer import keras_model

SETTINGS = nfm.Settings(members=3, epochs=5, embedding_dim=4, hidden_units=(8,))


def passengers(rows: int = 240) -> pd.DataFrame:
    generator = np.random.default_rng(0)
    age, cabin = generator.uniform(1, 80, rows), generator.choice(list("ABCD"), rows)
    survived = np.where((age < 30) ^ (cabin == "A") ^ (generator.random(rows) < 0.1), "yes", "no")
    return pd.DataFrame({"age": age.round(1), "cabin": cabin, "survived": survived})


@pytest.fixture(scope="module")
def bundle() -> nfm.Bundle:
    table = passengers()
    return train_table(table, nfm.infer_schema(table, "survived"), SETTINGS).bundle


def test_file_and_keras_model_answer_like_the_ensemble(bundle: nfm.Bundle) -> None:
    rows = passengers()
    expected = bundle.predict(rows)
    assert bundle.settings.members == 3
    stored = load_bundle(bundle.to_bytes())
    pd.testing.assert_frame_equal(pd.DataFrame(stored.predict(rows)), pd.DataFrame(expected))
    encoded = bundle.encoder.transform(rows)
    model = keras_model(bundle)
    predictions = model.predict({"codes": encoded.codes, "values": encoded.values}, verbose=0)
    assert predictions[:, 0] == pytest.approx(bundle.predict_proba(rows)[:, 1], abs=1e-5)


def test_metrics_of_the_best_epoch_are_those_of_the_model(bundle: nfm.Bundle) -> None:
    best = bundle.history[(bundle.best_epoch or 0) - 1]
    assert best.best
    assert not any(epoch.best for epoch in bundle.history[bundle.best_epoch :])


def test_contributions_add_up_to_the_answer(bundle: nfm.Bundle) -> None:
    rows = passengers()
    explained = nfm.explain(bundle, rows.head(3), reference=rows)
    assert np.isfinite(explained.frame.select_dtypes("number")).all().all()


def test_estimator_has_members_and_grid_search_can_vary_them() -> None:
    rows = passengers(120)
    features, target = rows[["age", "cabin"]], rows["survived"]
    one = nfm.NFMClassifier(epochs=2).fit(features, target)
    two = nfm.NFMClassifier(epochs=2, members=2).fit(features, target)
    assert two.get_params()["members"] == 2
    assert not np.allclose(one.predict_proba(features), two.predict_proba(features))
    assert one.set_params(members=2).fit(features, target).predict_proba(features) == pytest.approx(
        two.predict_proba(features)
    )


@pytest.mark.parametrize("members", [0, 9])
def test_number_of_members_has_limits(members: int) -> None:
    with pytest.raises(nfm.errors.SettingsError, match="members is"):
        nfm.NFMClassifier(members=members).fit(passengers()[["age"]], passengers()["survived"])
