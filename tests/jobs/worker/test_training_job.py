"""The real training in a real worker."""

from __future__ import annotations

from dataclasses import asdict, replace

import pandas as pd
import pytest

from nfm.epoch import Epoch, Metrics
from nfm.errors import JobError
from nfm.files import reading
from nfm.files.reading import read_table_file
from nfm.inference.bundle import load_bundle
from nfm.jobs.worker.training_job import JobTrainer, TrainingJob
from nfm.settings import Settings
from nfm.tabular.infer_schema import infer_schema
from nfm.tabular.samples import SAMPLES, sample_bytes
from nfm.tabular.splitting import SplitOptions, split_rows
from nfm.tabular.target import Target
from nfm.teaching.lamp_sample import lamp_probabilities
from nfm.teaching.truth_table import parity

pytestmark = pytest.mark.slow


def test_the_curves_are_those_of_the_same_training_elsewhere(desk, submit, titanic):
    from nfm.training.trainer import Trainer

    run = submit(epochs=4, random_state=3)
    ended = desk.end(run)

    values = titanic["Survived"]
    split = split_rows(titanic, values, "binary", SplitOptions())
    train, validation, test = (
        (titanic.iloc[rows], values.iloc[rows])
        for rows in (split.train, split.validation, split.test)
    )
    trainer = Trainer(*train, run.schema, run.settings, validation=validation)
    expected = list(trainer.loop.epochs())
    assert ended.status == "completed"
    assert [figures(one) for one in ended.epochs] == [
        pytest.approx(figures(one), rel=1e-4) for one in expected
    ]
    bundle = load_bundle(desk.store.bundle(run.workspace, run.id))
    assert bundle.history == ended.epochs
    assert ended.test_metrics == bundle.evaluate(*test)
    assert bundle.predict_proba(test[0]) == pytest.approx(
        trainer.bundle().predict_proba(test[0]), abs=1e-4
    )


def figures(epoch: Epoch) -> dict[str, float]:
    """All that an epoch measured but time."""
    parts = {"train": epoch.train, "validation": epoch.validation}
    return {"number": epoch.number, "best": epoch.best} | {
        f"{part}.{name}": value
        for part, metrics in parts.items()
        for name, value in asdict(metrics).items()
        if value is not None
    }


def test_runs_that_train_at_the_same_time_do_not_touch_each_other(desk, submit):
    alone = desk.end(submit("ann", epochs=6, random_state=5))

    together = [submit(who, epochs=6, random_state=5) for who in ("ann", "bob")]

    for run in together:
        ended = desk.end(run)
        assert [without_time(one) for one in ended.epochs] == [
            without_time(one) for one in alone.epochs
        ]
        assert ended.test_metrics == alone.test_metrics


def without_time(epoch: Epoch) -> Epoch:
    return replace(epoch, seconds=0.0, rows_per_second=0.0)


def test_a_long_training_is_stopped_and_its_model_answers(desk, submit, titanic):
    run = submit(epochs=10_000, early_stopping=False)
    desk.until(run, lambda live: len(live.epochs) >= 2)

    desk.engine.stop(run.id)

    ended = desk.end(run)
    assert ended.status == "stopped"
    assert 2 <= len(ended.epochs) < 10_000
    bundle = load_bundle(desk.store.bundle(run.workspace, run.id))
    assert bundle.predict_proba(titanic).shape == (891, 2)
    assert isinstance(ended.test_metrics, Metrics)


def test_a_training_that_explodes_says_which_setting_to_change(desk, submit):
    explosive = {
        "numeric": "concat",
        "numeric_scaling": "none",
        "hidden_units": (64, 64),
        "hidden_batch_norm": False,
    }
    ended = desk.end(submit(optimizer="sgd", learning_rate=10.0, **explosive))
    assert ended.status == "diverged"
    assert "learning" in ended.reason


def test_a_training_that_cannot_begin_says_why(desk, submit):
    ended = desk.end(submit(features=[]))
    assert ended.status == "failed"
    assert "No column is a feature" in ended.reason
    assert "bug" not in ended.reason


def test_rows_without_a_target_are_not_learned_from(desk, submit, titanic):
    unknown = titanic.astype({"Survived": "Int64"})
    unknown.loc[unknown.index[:100], "Survived"] = None
    ended = desk.end(submit(content=unknown.to_csv(index=False).encode(), epochs=2))
    assert ended.status == "completed"
    bundle = load_bundle(desk.store.bundle("somebody", ended.id))
    assert bundle.target.classes == (0, 1)
    test = round(791 * 0.2)
    assert sum(bundle.target.counts) == 791 - test - round((791 - test) * 0.2)


def test_a_short_training_need_not_wait_for_a_long_one(desk, submit):
    long = submit("ann", epochs=10_000, early_stopping=False)
    desk.until(long, lambda live: live.epochs)

    short = submit("bob", epochs=3)

    assert desk.end(short).status == "completed"
    at_that_moment = desk.engine.live(long.id)
    assert at_that_moment.status == "running"
    desk.until(long, lambda live: len(live.epochs) > len(at_that_moment.epochs))
    desk.engine.stop(long.id)
    assert desk.end(long).status == "stopped"


def late_job(**changes) -> TrainingJob:
    """A run in order of time, of a table whose last class only late rows have."""
    frame = pd.DataFrame({"day": pd.date_range("2024-01-01", periods=100).strftime("%Y-%m-%d")})
    frame["sign"] = ["+", "-"] * 50
    frame["y"] = ["yes", "no"] * 35 + ["late"] * 12 + ["yes", "no"] * 9
    content = frame.to_csv(index=False).encode()
    table = read_table_file(content, "late.csv")
    return TrainingJob(
        run_id="late",
        attempt="late",
        topic="",
        name="late.csv",
        content=content,
        options=table.options,
        schema=infer_schema(table.frame, "y"),
        split=SplitOptions(time_column="day"),
        settings=Settings(epochs=2, embedding_dim=2, hidden_units=()),
        **changes,
    )


def test_a_class_that_no_training_row_has_does_not_end_a_run():
    trainer = JobTrainer(late_job())
    trainer.read()
    trainer.prepare()
    assert len(list(trainer.epochs(lambda: False))) == 2
    assert load_bundle(trainer.bundle()).classes.tolist() == ["no", "yes"]
    assert trainer.test().accuracy is not None


def test_a_run_goes_on_with_the_classes_that_it_began_with():
    # Models of version 0.1.0 had the classes of validation rows too.
    trainer = JobTrainer(late_job())
    trainer.read()
    whole = trainer._table.frame
    earlier = Target.fit(whole["y"], "multiclass", "y")
    first = trainer._table.trainer(trainer._job.settings, earlier)
    list(first.loop.epochs(count=1))
    bundle = first.bundle()
    assert bundle.classes.tolist() == ["late", "no", "yes"]
    continued = JobTrainer(late_job(bundle=bundle.to_bytes(), history=bundle.history))
    continued.read()
    continued.prepare()
    list(continued.epochs(lambda: False, 1))
    assert load_bundle(continued.bundle()).target == earlier


def test_the_table_of_the_run_before_is_not_read_again(monkeypatch):
    def train(name: str) -> tuple[JobTrainer, bytes]:
        trainer = JobTrainer(replace(late_job(), name=name))
        trainer.read()
        trainer.prepare()
        list(trainer.epochs(lambda: False))
        trainer.test()
        return trainer, load_bundle(trainer.bundle()).weights["embedding"].tobytes()

    first, weights = train("again.csv")
    before = first._table.frame.copy()
    monkeypatch.setattr(reading, "read_table_file", None)  # reading would fail
    second, again = train("again.csv")
    assert again == weights
    pd.testing.assert_frame_equal(second._table.frame, before)
    with pytest.raises(TypeError):
        train("another.csv")


def lamp_trainer(key: str, **settings) -> JobTrainer:
    sample = SAMPLES[key]
    content = sample_bytes(key)
    table = read_table_file(content, f"{key}.csv")
    trainer = JobTrainer(
        TrainingJob(
            run_id=key,
            attempt=key,
            topic="",
            name=f"{key}.csv",
            content=content,
            options=table.options,
            schema=infer_schema(table.frame, sample.target, sample.task),
            split=SplitOptions(),
            settings=Settings(**settings),
        )
    )
    trainer.read()
    trainer.prepare()
    return trainer


def test_truth_table_fills_in_from_epoch_to_epoch():
    trainer = lamp_trainer("parity", epochs=14)
    seen = [trainer.lamp_probabilities() for _epoch in trainer.epochs(lambda: False)]
    assert len(set(seen)) > 3
    first, last = (min(abs(answer - 0.5) for answer in answers) for answers in (seen[0], seen[-1]))
    assert first < 0.1 < last
    assert tuple(answer > 0.5 for answer in seen[-1]) == parity(3)
    assert seen[-1] == lamp_probabilities(load_bundle(trainer.bundle()))


def test_other_tables_have_no_truth_table():
    trainer = JobTrainer(late_job())
    assert trainer.lamp_probabilities() is None


def test_truth_table_of_a_run_reaches_the_page(desk, submit):
    run = submit(content=sample_bytes("parity"), target="lamp", epochs=3)
    desk.end(run)
    assert len(desk.engine.live(run.id).lamp) == 8


def test_a_training_that_would_take_too_long_is_refused_before_its_first_epoch(monkeypatch):
    monkeypatch.setenv("NFM_RUN_HOURS", "0.0000001")
    trainer = JobTrainer(late_job())
    trainer.read()
    with pytest.raises(JobError, match="choose fewer Epochs"):
        trainer.prepare()
