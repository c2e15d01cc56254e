"""The lesson whose link was opened: its contents are put into the forms once per session."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlencode

import streamlit as st

from nfm.compatibility import FORMER_VALUES
from nfm.errors import NFMError
from nfm.export.run_files import changed_by_hand
from nfm.lesson_links.lesson import MARK, VERSION, Lesson, read_lesson
from nfm.lesson_links.lesson_table import lesson_table, same_roles
from nfm.settings import Settings
from nfm.store.records import Dataset, DecisionRule, Run
from nfm.tabular.samples import load_sample
from nfm.tabular.schema import Schema
from nfm.tabular.splitting import SplitOptions, divides_alike
from nfm.ui.escaping import literal
from nfm.ui.state import services, settings_fields, workspace, workspace_runs

# Parameters that the pages write into the address themselves.
_OF_PAGES = frozenset({"step", "card"})
_ADDRESS = "lessons.address"
_PROBLEMS = "lessons.problems"
_HIDDEN = "lessons.hidden"
_LESSON = "lessons.lesson"
_DATASET = "lessons.dataset"
_SHOWN_PROBLEMS = 3
_DONE = ("completed", "early_stopped")


def open_from_address() -> None:
    """Open the lesson in the address, unless this session has opened it; draw its problems.

    The lesson's table and run become the current ones. All tables and runs of the workspace are
    kept.
    """
    given = {
        name: st.query_params.get_all(name) for name in st.query_params if name not in _OF_PAGES
    }
    if MARK not in given:
        _keep_hidden()
        return
    address = urlencode(sorted(given.items()), doseq=True)
    if st.session_state.get(_ADDRESS) != address:
        st.session_state[_ADDRESS] = address
        lesson, problems = read_lesson(given)
        try:
            problems += _open(lesson)
        except NFMError as error:
            problems += (str(error),)
        st.session_state[_PROBLEMS] = problems
    if problems := st.session_state.get(_PROBLEMS, ()):
        shown = [literal(problem) for problem in problems[:_SHOWN_PROBLEMS]]
        if more := len(problems) - len(shown):
            shown.append(f"And {more} more problems.")
        st.warning("\n\n".join(shown), icon=":material/link_off:")


def hidden() -> bool:
    """Say whether the controls of data and settings are hidden, for a class or a talk."""
    return bool(st.session_state.get(_HIDDEN, False))


def show_controls() -> None:
    """Show the hidden controls again."""
    st.session_state[_HIDDEN] = False
    st.query_params.from_dict(_of_this_page())


def threshold() -> float:
    """Return the initial decision threshold: the lesson's, or else 0.5."""
    lesson = _lesson()
    return 0.5 if lesson is None or lesson.threshold is None else lesson.threshold


def row(run_id: str) -> Lesson | None:
    """Return the lesson if its row should be put into a model's form: once per model.

    Returns:
        The lesson; None if it has no row, is about another model, or was returned before.
    """
    lesson = _lesson()
    asked = f"lessons.asked.{run_id}"
    if lesson is None or lesson.row is None or st.session_state.get(asked):
        return None
    run = workspace_runs.current()
    if run is None or run.id != run_id or run.dataset_id != st.session_state.get(_DATASET):
        return None
    st.session_state[asked] = True
    return lesson


def waits_for_a_model() -> bool:
    """Return whether the lesson's table is open and there is no current run yet."""
    if st.session_state.get(_DATASET) is None:
        return False
    return workspace.dataset().id == st.session_state[_DATASET] and workspace_runs.current() is None


def _lesson() -> Lesson | None:
    return st.session_state.get(_LESSON)


def _keep_hidden() -> None:
    """Note in the page's address that the controls are hidden, so that a reload keeps it."""
    if hidden():
        st.query_params.from_dict({**_of_this_page(), MARK: VERSION, "hide": "true"})


def _of_this_page() -> Mapping[str, str]:
    return {name: value for name, value in st.query_params.items() if name in _OF_PAGES}


def _open(lesson: Lesson) -> tuple[str, ...]:
    """Put a lesson into the workspace and the forms; return its problems with the table."""
    if lesson.hide:
        st.session_state[_HIDDEN] = True
    if lesson == Lesson(hide=lesson.hide):
        return ()
    st.session_state[_LESSON] = lesson
    problems: tuple[str, ...] = ()
    if lesson.data is not None or lesson.settings is not None:
        settings_fields.fill_form(lesson.settings or Settings())
    if lesson.data is not None:
        schema, split, problems = lesson_table(lesson, load_sample(lesson.data))
        dataset = workspace.open_sample(lesson.data)
        schema = schema.with_dictionary(dataset.schema.dictionary)
        st.session_state[_DATASET] = dataset.id
        if dataset.schema != schema:
            workspace.update_schema(dataset, schema)
        # An older link lacks some options: the table keeps its own if the rows are split alike.
        own = {name: getattr(dataset.split, name) for name in FORMER_VALUES["SplitOptions"]}
        kept = split.model_copy(update=own)
        split = kept if _divides_alike(dataset, schema, kept, split) else split
        if dataset.split != split:
            workspace.update_split(dataset, split)
        found = _find_run(dataset, schema, split, lesson.settings or Settings())
        workspace_runs.make_current(found)
        if found is not None and lesson.threshold is not None:
            rule = replace(found.decision_rule() or DecisionRule(), threshold=lesson.threshold)
            services.store().set_decision_rule(services.workspace(), found.id, rule)
        st.toast(
            f"Lesson opened: {literal(dataset.name)}. "
            + ("Its model is already trained." if found else "Your own runs are kept."),
            icon=":material/school:",
        )
    return problems


def _find_run(
    dataset: Dataset, schema: Schema, split: SplitOptions, settings: Settings
) -> Run | None:
    """Return the newest run with the lesson's settings: the same seed gives the same model."""
    wanted = settings.model_copy(update={"validation_fraction": split.validation_fraction})
    for run in services.store().runs(services.workspace()):
        if (
            run.dataset_id == dataset.id
            and run.settings == wanted
            and _divides_alike(dataset, schema, run.split, split)
            and same_roles(run.schema, schema)
            and not changed_by_hand(run)
            and (run.active or (run.has_model and run.status in _DONE))
        ):
            return run
    return None


def _divides_alike(
    dataset: Dataset, schema: Schema, first: SplitOptions, second: SplitOptions
) -> bool:
    """Say whether two splits give the same parts of these rows."""
    if first.model_copy(update=FORMER_VALUES["SplitOptions"]) != second.model_copy(
        update=FORMER_VALUES["SplitOptions"]
    ):
        return False
    frame = workspace.frame(dataset)
    values = None if schema.target is None else frame[schema.target]
    return divides_alike(frame, values, schema.task, first, second)
