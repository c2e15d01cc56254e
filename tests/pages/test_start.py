"""The start page answers before it asks, and trains without touching what a visitor has open."""

from __future__ import annotations

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from nfm import load_bundle
from nfm.tabular.samples import load_sample
from nfm.ui.start.stored_training import FILE, PASSENGER, stored_training

from .conftest import WORKSPACE, Lab


def answer(app: AppTest) -> str:
    (metric,) = (one for one in app.metric if PASSENGER in one.label)
    return metric.value


def finish(lab: Lab, app: AppTest) -> AppTest:
    """End the visitor's training, and draw the page again."""
    lab.engine.finish("completed", epochs=3)
    app.run()
    assert not app.exception
    return app


def test_a_stored_prediction_is_there_at_once_and_follows_the_controls(lab: Lab, texts):
    app = lab.open("start")
    bundle, row = load_bundle(FILE), load_sample("titanic").iloc[[0]]
    assert answer(app) == f"{100 * bundle.predict_proba(row)[0, 1]:.0f}%"
    assert "stored model" in texts(app)
    app.segmented_control(key="start_class").set_value("1")
    app.segmented_control(key="start_sex").set_value("female")
    app.slider(key="start_age").set_value(30).run()
    edited = row.assign(Pclass=1, Sex="female", Age=30.0)
    assert answer(app) == f"{100 * bundle.predict_proba(edited)[0, 1]:.0f}%"
    assert float(answer(app).removesuffix("%")) > 50
    assert lab.store.datasets(WORKSPACE) == ()
    assert lab.store.runs(WORKSPACE) == ()


def test_the_stored_training_is_one_of_the_sample_with_todays_defaults():
    stored = stored_training()
    assert stored.bundle.target.class_names == ("0", "1")
    assert len(stored.bundle.history) > 5
    assert stored.bundle.encoder.columns == (
        *("Pclass", "Sex", "Age", "SibSp", "Parch", "Fare", "Cabin", "Embarked"),
    ) or set(stored.bundle.encoder.columns) >= {"Pclass", "Sex", "Age"}
    assert stored.passenger["Name"].iloc[0] == "Braund, Mr. Owen Harris"


def test_a_newcomers_training_predicts_the_same_passenger_and_is_the_current_run(lab: Lab, texts):
    app = lab.open("start")
    before = answer(app)
    app.button(key="start_train").click().run()
    assert not app.exception
    (run,) = lab.store.runs(WORKSPACE)
    assert app.button(key="start_train").label == "Training …"
    assert answer(app) == before
    finish(lab, app)
    assert "Predicted by your model." in texts(app)
    own = load_bundle(lab.store.bundle(WORKSPACE, run.id))
    row = load_sample("titanic").iloc[[0]]
    assert answer(app) == f"{100 * own.predict_proba(row)[0, 1]:.0f}%"
    assert lab.store.get_preference(WORKSPACE, "run") == run.id
    again = lab.open("start")
    assert "Predicted by your model." in texts(again)
    app.button(key="start_explore").click().run()
    assert not app.exception
    assert "Predict" in [title.value for title in app.title]


def test_what_a_returning_visitor_has_open_stays_open(lab: Lab, texts):
    table = lab.add(b"x,y\n" + b"1,0\n2,1\n" * 30, "mine.csv", "y")
    kept = lab.trained(table)
    app = lab.open("start")
    app.button(key="start_train").click().run()
    finish(lab, app)
    assert "Predicted by your model." in texts(app)
    assert lab.store.get_preference(WORKSPACE, "dataset") == table.id
    assert lab.store.get_preference(WORKSPACE, "run") == kept.id
    app.button(key="start_explore").click().run()
    assert lab.store.get_preference(WORKSPACE, "run") != kept.id


def test_the_training_is_the_samples_own_whatever_was_changed_on_data(lab: Lab):
    lab.open("data")
    (sample,) = lab.store.datasets(WORKSPACE)
    changed = sample.schema.with_target("Age", load_sample("titanic"))
    lab.store.update_dataset(WORKSPACE, sample.id, schema=changed)
    app = lab.open("start")
    app.button(key="start_train").click().run()
    (run,) = lab.store.runs(WORKSPACE)
    assert run.schema.target == "Survived"
    assert lab.store.dataset(WORKSPACE, sample.id).schema.target == "Age"


def test_a_training_that_cannot_be_queued_is_explained_and_the_answer_stays(lab: Lab, monkeypatch):
    app = lab.open("start")
    before = answer(app)
    monkeypatch.setattr(lab.store, "limits", lab.store.limits.__class__(runs=0))
    app.button(key="start_train").click().run()
    assert not app.exception
    assert "runs" in app.error[0].value
    assert answer(app) == before


@pytest.mark.parametrize("key", ["start_data", "start_learn"])
def test_the_links_lead_on(lab: Lab, key: str):
    app = lab.open("start")
    app.button(key=key).click().run()
    assert not app.exception
    assert [title.value for title in app.title] == ["Data" if key == "start_data" else "Learn"]


def test_a_lesson_link_at_the_bare_address_opens_data(lab: Lab):
    app = lab.open("start")
    assert isinstance(stored_training().passenger, pd.DataFrame)
    fresh = AppTest.from_file(app._script_path, default_timeout=90)
    fresh.session_state["services.workspace"] = WORKSPACE
    fresh.query_params["lesson"] = "1"
    fresh.query_params["data"] = "xor"
    fresh.run()
    assert not fresh.exception
    assert [title.value for title in fresh.title] == ["Data"]
    opened = lab.store.get_preference(WORKSPACE, "dataset")
    assert lab.store.dataset(WORKSPACE, opened).name == "XOR"
