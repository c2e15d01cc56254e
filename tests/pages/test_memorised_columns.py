"""Train names a column of many levels that the model has memorised."""

from __future__ import annotations

from nfm.errors import NFMError
from nfm.evaluation.memorised_columns import MemorisedColumn
from nfm.ui.state import model_rows

WORKSPACE = "w" * 43


def trained(lab):
    lab.open("data")
    return lab.trained(lab.store.dataset(WORKSPACE, lab.store.get_preference(WORKSPACE, "dataset")))


def test_the_column_is_named_and_ignored_at_a_click(lab, texts, monkeypatch) -> None:
    run = trained(lab)
    found = (MemorisedColumn("Embarked", 40, 0.04, -0.01, 0.004),)
    monkeypatch.setattr(model_rows, "memorised", lambda model: found)
    app = lab.open("train")
    assert "**Embarked seems memorised.** Its 40 levels lower the loss" in texts(app)
    app.button(key="ignore_memorised").click().run()
    assert not app.exception
    assert lab.store.dataset(WORKSPACE, run.dataset_id).schema.column("Embarked").role == "ignored"
    assert "Train again without what is ignored now" in texts(app)
    assert "ignore_memorised" not in {button.key for button in app.button}


def test_the_titanic_is_not_called_memorised(lab, texts) -> None:
    trained(lab)
    assert "memorised" not in texts(lab.open("train"))


def test_rows_that_cannot_be_scored_do_not_end_the_page(lab, texts, monkeypatch) -> None:
    def overflow(*_arguments):
        raise NFMError("The weights overflow on row 3.")

    trained(lab)
    monkeypatch.setattr(model_rows, "memorised_columns", overflow)
    app = lab.open("train")
    assert not app.exception
    assert "Result on" in texts(app)
