"""Warnings about columns that leak the target or are memorised, with a button to ignore them."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from nfm.evaluation.memorised_columns import MemorisedColumn
from nfm.evaluation.perfect_score import PerfectScore
from nfm.store.records import Dataset
from nfm.text import counted, shorten
from nfm.ui.components.labels import listed_names
from nfm.ui.escaping import literal
from nfm.ui.navigation import go_to
from nfm.ui.state import model_rows, opened_lesson, workspace, workspace_runs
from nfm.ui.state.current_model import CurrentModel
from nfm.ui.state.widget_keys import new_generation

_SHOWN = 3


def show_suspects(dataset: Dataset, place: str) -> bool:
    """Warn of features that may leak the target; no model is needed for it.

    Args:
        dataset: The table.
        place: Name of the section that shows the warning, for the button's key.

    Returns:
        Whether there are such features.
    """
    names = [column.name for column in dataset.schema.features if column.warning]
    if not names:
        return False
    st.warning(
        f"Possible target leakage: {listed_names(names)} may be known only after the outcome. "
        f"If so, ignore {'it' if len(names) == 1 else 'them'}.",
        icon=":material/warning:",
    )
    if len(names) < len(dataset.schema.features):
        st.button(
            _button(names),
            key=f"ignore_suspects.{place}",
            icon=":material/visibility_off:",
            on_click=_ignore,
            args=(dataset, names),
        )
    return True


def show_perfect_score(model: CurrentModel) -> None:
    """Say why a result is close to perfect, and offer to ignore columns that leak the target.

    Args:
        model: The model; nothing is drawn if its result is not close to perfect.
    """
    found = model_rows.perfect_score(model)
    if found is None:
        return
    if found.cause == "together":
        st.info(explanation(found), icon=":material/info:")
        return
    dataset = workspace_runs.dataset_of(workspace_runs.find(model.run_id))
    names = [score.column for score in found.columns]
    left = _features_among(dataset, names)
    st.warning(
        explanation(found, [name for name in names if name not in left]), icon=":material/warning:"
    )
    if found.cause == "columns":
        _offer_to_ignore(dataset, left, key="ignore_leak")


def show_memorised(model: CurrentModel) -> None:
    """Name the high-cardinality columns that a model has memorised, and offer to ignore them.

    Args:
        model: The model; nothing is drawn if it has memorised none.
    """
    found = model_rows.memorised(model)
    if not found:
        return
    dataset = workspace_runs.dataset_of(workspace_runs.find(model.run_id))
    left = _features_among(dataset, [one.column for one in found])
    st.info(memorised_explanation(found, left), icon=":material/info:")
    _offer_to_ignore(dataset, left, key="ignore_memorised")


def memorised_explanation(found: Sequence[MemorisedColumn], left: Sequence[str]) -> str:
    """Say which columns a model has memorised, and what to try (Markdown).

    Args:
        found: The columns, at least one.
        left: Those of them that the next run does not ignore already.

    Returns:
        Two or three sentences.
    """
    first = found[0]
    others = listed_names([one.column for one in found[1:]])
    also = f" The same holds for {others}." if others else ""
    it = "it" if len(left) == 1 else "them"
    advice = f"Ignore {it} and train again" if left else "Train again without what is ignored now"
    return (
        f"**{literal(first.column[:40])} seems memorised.** Its {first.levels:,} levels lower the "
        f"loss on the training rows by {first.training_gain:.2g}, but not on the validation rows: "
        f"there, the loss would {_change(first)} with every level replaced by (other).{also} "
        f"{advice}, and compare the validation loss."
    )


def _change(found: MemorisedColumn) -> str:
    """Say how the validation loss would change without the levels of a column."""
    if found.validation_gain <= -found.standard_error:
        return f"be {-found.validation_gain:.2g} lower"
    return "be the same within its standard error"


def _features_among(dataset: Dataset, names: Sequence[str]) -> list[str]:
    features = {column.name for column in dataset.schema.features}
    return [name for name in names if name in features]


def _offer_to_ignore(dataset: Dataset, names: list[str], key: str) -> None:
    """Draw the button that ignores columns in the next run, if other features remain."""
    if names and len(names) < len(dataset.schema.features) and not opened_lesson.hidden():
        st.button(
            f"{_button(names)} in the next run",
            key=key,
            icon=":material/visibility_off:",
            on_click=_ignore_and_train,
            args=(dataset, names),
        )


def _ignore_and_train(dataset: Dataset, names: list[str]) -> None:
    workspace.open_dataset(dataset.id)
    _ignore(dataset, names)
    go_to("train")


def explanation(found: PerfectScore, ignored: Sequence[str] = ()) -> str:
    """Say why a result is close to perfect, and what to do about it (Markdown).

    Args:
        found: Why it is close to perfect.
        ignored: Columns that the next run ignores already.

    Returns:
        Two or three sentences.
    """
    best = found.columns[0] if found.columns else None
    start = "**Close to perfect: check for target leakage.**"
    if found.cause == "columns" and best is not None:
        names = [score.column for score in found.columns]
        one = len(names) == 1
        nearly = "" if best.score >= 0.9995 else "nearly "
        return (
            f"{start} {listed_names(names)} {'alone' if one else 'each alone'} {nearly}"
            f"{'determines' if one else 'determine'} {literal(found.target)}: without any other "
            f"column, {'it' if one else 'the best of them'} {_success(found, best.score)}. "
            f"{_advice(names, ignored)}"
        )
    if found.cause == "copies":
        return (
            f"{start} {found.known:,} of {counted(found.rows, f'{found.part} row')} are equal to a "
            "training row in every feature, so the model may have memorised them. If they are "
            "copies of the same case, set Copies of rows to Keep together (Data page, Split) and "
            "train again."
        )
    alone = ""
    if best is not None:
        alone = f" The best column, {literal(best.column)}, alone {_success(found, best.score)}."
    return (
        f"{start} No single column explains it, and the {found.part} rows are not copies of "
        f"training rows.{alone} Either the table is easy, or several columns together leak "
        f"{literal(found.target)}: check that all of them were known before the outcome."
    )


def _advice(names: Sequence[str], ignored: Sequence[str]) -> str:
    """Say what to do about columns that leak the target, some of which may be ignored already."""
    left = [name for name in names if name not in ignored]
    known = f"If {'it is' if len(left) == 1 else 'they are'} known only after the outcome, ignore"
    if len(left) == len(names):
        return f"{known} {'it' if len(left) == 1 else 'them'} and train again."
    if not left:
        return f"{'It is' if len(names) == 1 else 'They are'} ignored when you train again."
    out = [name for name in names if name in ignored]
    return (
        f"{listed_names(out)} {'is' if len(out) == 1 else 'are'} ignored when you train again, "
        f"{listed_names(left)} {'is' if len(left) == 1 else 'are'} not. {known} "
        f"{'it' if len(left) == 1 else 'them'} too."
    )


def _success(found: PerfectScore, score: float) -> str:
    if found.is_regression:
        return f"explains {100 * max(score, 0):.1f}% of the variance"
    return f"is right for {100 * score:.1f}% of the rows"


def _button(names: Sequence[str]) -> str:
    """Return a label that names the columns: a page may have several such buttons."""
    length = 40 if len(names) == 1 else 20
    shown = [literal(shorten(name, length)) for name in names[:_SHOWN]]
    if more := len(names) - len(shown):
        return f"Ignore {', '.join(shown)} and {more:,} more"
    return f"Ignore {' and '.join(filter(None, [', '.join(shown[:-1]), shown[-1]]))}"


def _ignore(dataset: Dataset, names: Sequence[str]) -> None:
    workspace.ignore_columns(dataset, names)
    new_generation("schema")
    new_generation("features")
