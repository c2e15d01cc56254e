"""The section "Find better settings" of the Train page."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nfm.epoch import Metrics
from nfm.errors import JobError
from nfm.jobs.search_progress import SearchProgress
from nfm.settings import Settings
from nfm.settings_search.confirmation import Confirmation
from nfm.settings_search.study import SearchTrial
from nfm.ui.train.search_panel import changed_text, progress_text, trial_table

from .conftest import WORKSPACE

START = SearchTrial(
    1, Settings(), {}, "completed", 0.46, Metrics(0.46, accuracy=0.79), epochs=20, seconds=2.0
)
BETTER = replace(
    START,
    number=2,
    settings=Settings(interaction="fm", hidden_units=()),
    changed={"interaction": "fm", "hidden_units": ()},
    loss=0.44,
    metrics=Metrics(0.44, accuracy=0.815),
)
PRUNED = replace(START, number=3, changed={"learning_rate": 0.0003}, state="pruned", loss=0.6)
IN_TRAINING = SearchTrial(4, Settings(dropout=0.1), {"dropout": 0.1})


def open_section(lab):
    app = lab.open("train")
    app.session_state["search_panel"] = True
    app.run()
    assert not app.exception
    return app


@pytest.fixture
def progress(lab) -> SearchProgress:
    """A search on the sample, in its fourth trial."""
    lab.open("data")
    dataset = lab.store.dataset(WORKSPACE, lab.store.get_preference(WORKSPACE, "dataset"))
    trials = (START, BETTER, PRUNED, IN_TRAINING)
    found = SearchProgress(dataset, "searching", trials, 20, seconds_left=200.0)
    lab.searches.states[WORKSPACE] = found
    return found


def table_of(app):
    return next(frame.value for frame in app.dataframe if "Changed settings" in frame.value)


def test_the_section_is_closed_at_first(lab):
    app = lab.open("train")
    assert "Find better settings" in [box.label for box in app.expander]
    assert all(button.key != "search_panel.start" for button in app.button)


def test_a_search_starts_with_the_settings_of_the_form_and_its_limits(lab, texts):
    app = open_section(lab)
    assert "Test rows are not used." in texts(app)
    app.number_input(key="settings.0.epochs").set_value(7)
    app.number_input(key="settings.0.random_state").set_value(5)
    app.number_input(key="search_panel.trials").set_value(3)
    app.button(key="search_panel.start").click().run()
    assert not app.exception
    ((dataset, settings, trials, seconds, seed),) = lab.searches.started
    assert dataset.name == "Titanic"
    share = dataset.split.validation_fraction
    assert settings == Settings(epochs=7, random_state=5, validation_fraction=share)
    assert (trials, seconds, seed) == (3, 300.0, 5)
    assert app.button(key="search_panel.start").disabled
    assert not app.button(key="search_panel.stop").disabled


def test_why_a_search_cannot_start_is_said_beside_its_button(lab, texts, monkeypatch):
    def refuse(*_: object, **__: object) -> None:
        raise JobError("There are no validation rows to compare settings on.")

    app = open_section(lab)
    monkeypatch.setattr(lab.searches, "start", refuse)
    app.button(key="search_panel.start").click().run()
    assert "There are no validation rows" in texts(app)
    assert not app.button(key="search_panel.start").disabled


def test_an_active_search_is_open_and_lists_its_trials_on_every_visit(lab, progress, texts):
    app = lab.open("train")
    assert "Trial 4 of 20 · at most 3 min left" in texts(app)
    table = table_of(app)
    assert table["State"].to_list() == ["Completed", "Completed", "Pruned", "Training"]
    assert table["Best"].to_list() == ["", "✓", "", ""]
    assert table["Accuracy"].to_list() == ["79.0%", "81.5%", "79.0%", ""]
    lab.go(app, "data")
    lab.go(app, "train")
    assert len(table_of(app)) == 4


def test_stop_ends_the_search_of_this_workspace(lab, progress):
    app = lab.open("train")
    app.button(key="search_panel.stop").click().run()
    assert lab.searches.stopped == [WORKSPACE]


def test_a_finished_search_says_what_it_has_shown_and_how_far_to_trust_it(lab, progress, texts):
    app = lab.open("train")
    lab.searches.states[WORKSPACE] = replace(
        progress,
        state="finished",
        trials=(START, BETTER, PRUNED),
        run_id="r" * 32,
        confirmation=Confirmation((0.46, 0.461, 0.459), (0.44, 0.445)),
    )
    app.run()
    text = texts(app)
    assert "Trial 2 has the lowest validation loss, 0.4400" in text
    assert "larger than the noise between seeds" in text
    assert "optimistic, because it was chosen as the best of 3" in text
    assert "test rows were not used" in text
    assert "**Best of 3 trials**" in text
    assert not app.button(key="search_panel.start").disabled


def test_a_search_that_ended_on_another_page_is_open_with_its_run(lab, progress, texts):
    run = lab.trained(progress.dataset)
    ended = replace(progress, state="finished", trials=(START, BETTER), run_id=run.id)
    lab.searches.states[WORKSPACE] = ended
    assert "test rows were not used" in texts(lab.open("train"))


def test_the_best_settings_can_be_loaded_into_the_form(lab, progress):
    app = lab.open("train")
    done = replace(progress, state="finished", trials=(START, BETTER), run_id="r" * 32)
    lab.searches.states[WORKSPACE] = done
    app.run()
    app.button(key="search_panel.load").click().run()
    assert lab.find(app, "Interaction").value == "fm"


def test_a_failed_search_says_why_and_shows_no_run(lab, progress, texts):
    app = lab.open("train")
    lab.searches.states[WORKSPACE] = replace(
        progress, state="failed", trials=(), reason="There is not enough *memory*."
    )
    app.run()
    assert r"There is not enough \*memory\*." in texts(app)
    assert all(button.key != "search_panel.load" for button in app.button)


def test_another_workspace_sees_nothing_of_a_search(lab, progress):
    other = lab.open("data")
    other.session_state["services.workspace"] = "x" * 43
    lab.go(other, "train")
    assert not any("Changed settings" in frame.value for frame in other.dataframe)


def test_changed_settings_have_their_titles():
    assert changed_text(START) == "None: the settings in the form"
    assert changed_text(BETTER) == "Interaction FM · Hidden layers None"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"waits": True, "seconds_left": None}, (0.15, "Trial 4 of 20 (waiting for other runs)")),
        ({"state": "confirming", "confirmed": 2}, (0.5, "Training with other seeds: 3 of 4")),
        ({"stopping": True}, (1.0, "Stopping …")),
        ({"trials": (), "seconds_left": None}, (0.0, "Trial 1 of 20")),
    ],
)
def test_progress_says_what_happens_now(progress, changes, said):
    assert progress_text(replace(progress, **changes)) == said


def test_a_trial_in_the_queue_waits_and_a_failed_one_says_why(progress):
    failed = replace(PRUNED, state="failed", reason="It is too large.")
    table = trial_table(replace(progress, trials=(failed, IN_TRAINING), waits=True), "binary")
    assert table["State"].to_list() == ["Failed: It is too large.", "Waiting"]


def test_numbers_are_compared_by_r2(progress):
    trial = replace(START, metrics=Metrics(0.2, mae=3.0, r2=0.8123))
    table = trial_table(replace(progress, trials=(trial,)), "regression")
    assert table["R²"].to_list() == ["0.812"]
