"""`search`: trials on the same rows, without the test rows, and what its result shows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import nfm
from nfm.analysis import settings_search
from nfm.errors import NFMError, SchemaError
from nfm.settings_search.confirmation import Confirmation
from nfm.settings_search.study import SearchTrial
from nfm.training.train_table import SplitTable

QUICK = nfm.Settings(hidden_units=(8,), embedding_dim=4, epochs=3, patience=2)


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    """A target that depends on a number, and a column of noise."""
    generator = np.random.default_rng(0)
    number = generator.normal(size=200)
    return pd.DataFrame(
        {
            "number": number,
            "colour": generator.choice(["red", "green", "blue"], 200),
            "won": np.where(number + generator.normal(size=200) / 2 > 0, "yes", "no"),
        }
    )


@pytest.fixture(scope="module")
def found(table) -> settings_search.SearchResult:
    return nfm.search(table, target="won", settings=QUICK, trials=5)


def test_the_first_trial_has_the_given_settings_and_the_best_the_lowest_loss(found):
    assert len(found.trials) == 5
    assert found.trials[0].settings == QUICK
    losses = [trial.loss for trial in found.trials if trial.eligible]
    assert found.best.loss == min(losses)
    assert found.best_settings.epochs == 3


def test_equal_seeds_give_equal_trials(table, found):
    again = nfm.search(table, target="won", settings=QUICK, trials=2, confirm=False)
    assert [one.settings for one in again.trials] == [one.settings for one in found.trials[:2]]
    assert [one.loss for one in again.trials] == [one.loss for one in found.trials[:2]]
    other = nfm.search(table, target="won", settings=QUICK, trials=2, confirm=False, seed=1)
    assert other.trials[1].settings != found.trials[1].settings


def test_train_table_repeats_the_best_trial(table, found):
    trained = nfm.train_table(table, found.schema, found.best_settings, found.split)
    assert trained.figures["validation loss"] == pytest.approx(found.best.loss)


def test_the_values_of_test_rows_make_no_difference(table, found):
    schema = nfm.infer_schema(table, "won")
    split = SplitTable.of(table, schema, found.split).split
    changed = table.copy()
    changed.loc[split.test, "number"] = 1e6
    # Equal targets, so that the rows are split in the same way.
    again = nfm.search(changed, schema=schema, settings=QUICK, trials=2, confirm=False)
    assert [one.loss for one in again.trials] == [one.loss for one in found.trials[:2]]


def test_no_trial_scores_the_test_rows(table, monkeypatch):
    def refuse(*_: object) -> None:
        raise AssertionError("The test rows were scored.")

    monkeypatch.setattr(SplitTable, "test", refuse)
    nfm.search(table, target="won", settings=QUICK, trials=2)


def test_the_rows_are_split_once(table, monkeypatch):
    calls = []
    split = SplitTable.of.__func__

    def counted(cls, *arguments):
        calls.append(arguments)
        return split(cls, *arguments)

    monkeypatch.setattr(SplitTable, "of", classmethod(counted))
    nfm.search(table, target="won", settings=QUICK, trials=2, confirm=False)
    assert len(calls) == 1


def test_a_table_lists_the_trials_and_what_they_changed(found):
    frame = found.frame
    assert list(frame.index) == [1, 2, 3, 4, 5]
    assert frame.index.name == "trial"
    assert list(frame.columns[:4]) == [
        "state",
        "validation_loss",
        "validation_accuracy",
        "validation_auc",
    ]
    assert frame.loc[1, "embedding_dim"] == 4
    assert "epochs" in frame
    assert "activation" not in frame
    assert frame.loc[found.best.number, "validation_loss"] == found.best.loss


def test_a_result_says_that_the_best_score_is_optimistic(found):
    assert "optimistic, because it was chosen as the best of 5" in repr(found)
    assert "test rows were not used" in found.warning
    assert "<table" in found._repr_html_()


def test_the_figure_has_a_mark_for_each_trial_and_a_line_that_never_rises(found):
    figure = found.plot()
    marks = [number for trace in figure.data if trace.mode == "markers" for number in trace.x]
    assert sorted(marks) == [trial.number for trial in found.trials if trial.loss is not None]
    lowest = [value for value in figure.data[0].y if value is not None]
    assert lowest == sorted(lowest, reverse=True)
    assert lowest[-1] == found.best.loss


def test_further_seeds_compare_the_first_with_the_best_settings(table):
    too_slow = QUICK.model_copy(update={"learning_rate": 1e-6})
    result = nfm.search(table, target="won", settings=too_slow, trials=3)
    assert result.best.number > 1
    assert isinstance(result.confirmation, Confirmation)
    assert result.confirmation.start_losses[0] == result.trials[0].loss
    assert len(result.confirmation.best_losses) == 2
    assert "With other seeds" in result.summary


def test_rows_and_target_can_be_given_separately(table, found):
    rows = table.drop(columns="won")
    again = nfm.search(rows, table["won"], settings=QUICK, trials=1)
    assert again.schema.target == "won"
    assert again.best.loss == pytest.approx(found.trials[0].loss)
    unnamed = nfm.search(rows, table["won"].to_list(), settings=QUICK, trials=1)
    assert unnamed.schema.target == "target"


def test_the_best_settings_are_arguments_of_an_estimator(table, found):
    model = nfm.NFMClassifier(**found.best_settings.model_dump())
    model.fit(table[["number", "colour"]], table["won"])
    assert len(model.history_) <= 3


def test_a_callback_sees_every_trial_and_can_end_the_search(table):
    seen: list[SearchTrial] = []

    def stop_after_two(trial: SearchTrial) -> bool:
        seen.append(trial)
        return len(seen) == 2

    result = nfm.search(
        table, target="won", settings=QUICK, trials=50, callback=stop_after_two, confirm=False
    )
    assert tuple(seen) == result.trials
    assert len(seen) == 2


def test_a_time_limit_stops_the_trial_in_training(table, monkeypatch):
    clock = iter(range(10**6))
    monkeypatch.setattr(settings_search.time, "monotonic", lambda: float(next(clock)))
    long = QUICK.model_copy(update={"epochs": 10_000, "early_stopping": False})
    result = nfm.search(table, target="won", settings=long, time_limit=20.0, confirm=False)
    (trial,) = result.trials
    assert trial.state == "stopped"
    assert 0 < trial.epochs < 100


def test_a_diverging_trial_is_not_the_best(table, monkeypatch):
    monkeypatch.setattr(settings_search, "_try", _diverging_first(settings_search._try))
    result = nfm.search(table, target="won", settings=QUICK, trials=2, confirm=False)
    assert [trial.state for trial in result.trials] == ["diverged", "completed"]
    assert result.best.number == 2
    assert np.isnan(result.frame.loc[1, "validation_loss"])


def _diverging_first(train):
    """Let the first trial diverge, and train the others."""

    def train_or_diverge(study, *arguments):
        if not study.trials:
            study.ask()
            return study.tell("diverged", "The loss is not a number.")
        return train(study, *arguments)

    return train_or_diverge


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "No target is given"),
        ({"target": "won", "trials": 0}, "trials is 0: choose 1 or more"),
        ({"target": "won", "time_limit": 0}, "time_limit is 0"),
        ({"target": "won", "seed": -1}, "seed of the search is -1"),
        ({"target": "won", "split": nfm.SplitOptions(validation_fraction=0)}, "no validation rows"),
        ({"target": "lost"}, "lost"),
    ],
)
def test_wrong_arguments_are_named(table, options, message):
    with pytest.raises(NFMError, match=message):
        nfm.search(table, settings=QUICK, **options)


def test_a_target_that_is_given_twice_is_named(table):
    with pytest.raises(SchemaError, match="X has a column 'won', as y is called"):
        nfm.search(table, table["won"])
    with pytest.raises(SchemaError, match="as y, or by target or schema, not both"):
        nfm.search(table, table["won"], target="won")
    with pytest.raises(SchemaError, match="X has 200 rows, y has 3"):
        nfm.search(table[["number"]], [1, 0, 1])


def test_a_search_in_which_everything_diverges_says_why(table, monkeypatch):
    def diverge(study, *_: object):
        study.ask()
        return study.tell("diverged", "The loss is not a number.")

    monkeypatch.setattr(settings_search, "_try", diverge)
    with pytest.raises(NFMError, match="The loss is not a number"):
        nfm.search(table, target="won", settings=QUICK, trials=2)
