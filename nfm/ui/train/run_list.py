"""All runs of the workspace: their table, their curves in one chart, and actions on a run."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import pandas as pd
import streamlit as st

from nfm.figures.learning_curve_data import CurveMeasure, measure_title, scores
from nfm.figures.run_comparison import RunCurve, describe_run_curves, run_color, run_curves
from nfm.settings import Task
from nfm.store.records import Run, Unreadable
from nfm.text import counted, shorten
from nfm.ui import present
from nfm.ui.components import problems
from nfm.ui.components.figure_view import show_chart
from nfm.ui.escaping import literal
from nfm.ui.state import services, settings_fields, workspace, workspace_runs
from nfm.ui.state.widget_keys import form_key, new_generation
from nfm.ui.train import run_differences

_SELECTED = "run_list.selected"
_DELETED = "run_list.deleted"
_SECTION = "run_list"
_DONE = "run_list.done"
_UNCHOSEN = 6
_CHOSEN = 12
_ROW_HEIGHT = 36
_ROWS = 8
# The list of runs is refreshed less often than the panel of the current run.
_POLLS = 4


def show(current: Run | None) -> None:
    """Draw the runs; nothing if there are none.

    Args:
        current: The current run, if there is one.
    """
    active = services.store().has_active_runs(services.workspace())
    seconds = None
    if active:
        phase = workspace_runs.phase_of(None if current is None else workspace_runs.live(current))
        # The current run may have ended while others train.
        seconds = workspace_runs.poll_seconds(services.engine().active_count)
        seconds = _POLLS * (workspace_runs.WAITING_SECONDS if phase == "waiting" else seconds)
    st.fragment(_show, run_every=seconds)(current, polling=active)


def _show(current: Run | None, *, polling: bool) -> None:
    """Draw the runs.

    Args:
        current: The current run, if there is one.
        polling: Whether a timer redraws this, because runs wait or train.
    """
    if st.session_state.pop(_DONE, False):
        # The change concerns the whole page.
        st.rerun()
    kept = services.store().list_runs(services.workspace())
    if polling and not any(run.active for run in kept.items):
        # Draw the whole page again, without a timer.
        st.rerun()
    runs = [_refreshed(run) for run in kept.items]
    if not runs and not kept.unreadable and not st.session_state.get(_DELETED):
        return
    st.header(f"{counted(len(runs), 'run')}", anchor=False)
    problems.show(_SECTION)
    _offer_undo()
    _show_unreadable(kept.unreadable)
    if not runs:
        return
    tables = workspace.dataset_names()
    compared = st.container()
    chosen = _choose(runs, tables, current)
    if len(chosen) == 1:
        _show_actions(chosen[0], current)
    if len(chosen) > 1:
        _show_differences(chosen, tables)
        # Above the table, so that it is visible while runs are selected.
        with compared:
            _show_curves(chosen[:_CHOSEN], tables)
    else:
        _show_curves(runs[:_UNCHOSEN], tables)


def _refreshed(run: Run) -> Run:
    """Return a run with its present status and epochs."""
    if not run.active:
        return run
    live = workspace_runs.live(run)
    return replace(run, status=live.status, epochs=live.epochs or run.epochs)


def _choose(runs: Sequence[Run], tables: dict[str, str], current: Run | None) -> list[Run]:
    """Draw the table of runs; return those that are selected."""
    kept = st.session_state.get(_SELECTED, [])
    rows = [row for row, run in enumerate(runs) if run.id in kept]
    # A new run moves the rows, so the table is renewed with the same runs selected.
    ids = hashlib.sha256("".join(run.id for run in runs).encode()).hexdigest()[:12]
    table = run_differences.run_table(runs, tables)
    for row, run in enumerate(runs):
        if run.active and workspace_runs.live(run).paused:
            table.loc[row, "Status"] = "Paused"
    is_current = [current is not None and run.id == current.id for run in runs]
    table.insert(2, "Current", ["✓" if one else "" for one in is_current])
    styled = table.style.apply(
        lambda _column: [f"color: {run_color(run.number)}" for run in runs], subset=["Colour"]
    )
    event = st.dataframe(
        styled,
        key=f"run_list.{ids}",
        on_select="rerun",
        selection_mode="multi-row",
        selection_default={"selection": {"rows": rows}},
        hide_index=True,
        row_height=present.pixels(_ROW_HEIGHT),
        height=present.pixels(_ROW_HEIGHT) * (min(len(runs), _ROWS) + 1) + 2,
        alt=_describe(table),
        column_config={
            "Colour": st.column_config.TextColumn("", width=30),
            "Run": st.column_config.TextColumn(width=110),
            "Current": st.column_config.TextColumn(
                width=64, help="The run whose model the other pages use."
            ),
            "Result": st.column_config.TextColumn(width=160),
            "Best epoch": st.column_config.TextColumn(width=90),
            "Status": st.column_config.TextColumn(width=110),
            "Differs in": st.column_config.TextColumn(width=260),
        },
    )
    chosen = [runs[row] for row in event["selection"]["rows"] if row < len(runs)]
    st.session_state[_SELECTED] = [run.id for run in chosen]
    if not chosen:
        st.caption("Select one run to rename, reuse or delete it, or several to compare them.")
    return chosen


def _describe(table: pd.DataFrame) -> str:
    rows = table[["Run", "Result", "Status"]].agg(" ".join, axis=1)
    return f"Runs: {'; '.join(rows)}"


def _show_actions(run: Run, current: Run | None) -> None:
    """Draw the actions on one run."""
    is_current = current is not None and run.id == current.id
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input("Name", run.name, key=form_key("run_list", f"{run.id}.name"))
        note = st.text_input(
            "Note",
            run.note,
            key=form_key("run_list", f"{run.id}.note"),
            placeholder="What was this run for?",
        )
    if name != run.name or note != run.note:
        with problems.catch(_SECTION):
            _describe_run(run, name, note)
        st.rerun()
    with st.container(horizontal=True):
        st.button(
            "Make current",
            icon=":material/check:",
            help="The charts above and the other pages will show this run.",
            key="run_list.current",
            on_click=_act,
            args=(lambda: workspace_runs.make_current(run),),
            disabled=is_current,
        )
        st.button(
            "Load settings",
            icon=":material/settings_backup_restore:",
            help="Restore the settings, columns and split of this run, to train with them again.",
            key="run_list.load",
            on_click=_act,
            args=(lambda: _load(run),),
            disabled=run.status == "opened",
        )
        st.button(
            "Delete",
            icon=":material/delete:",
            key="run_list.delete",
            on_click=_act,
            args=(lambda: _delete(run),),
            disabled=workspace_runs.live(run).active,
        )


def _show_differences(chosen: Sequence[Run], tables: dict[str, str]) -> None:
    """Draw the table of differences between several runs."""
    table = run_differences.differences(chosen, tables)
    if table.empty:
        st.markdown("These runs have the same settings, columns and split.")
        return
    table.index.name = "Setting"
    st.dataframe(
        table,
        height="content",
        alt=f"What differs: {', '.join(str(title) for title in table.index)}",
    )


def _show_curves(shown: Sequence[Run], tables: dict[str, str]) -> None:
    """Draw the curves of the runs that have the same task as the first, and the same loss."""
    task: Task = shown[0].schema.task or "binary"
    loss = shown[0].settings.regression_loss
    alike = [run for run in shown if run.schema.task == task and run.epochs]
    if not alike:
        return
    options: tuple[CurveMeasure, ...] = ("loss", *scores(task))
    measure = st.segmented_control(
        "Curves",
        options,
        default=options[0],
        required=True,
        format_func=lambda one: measure_title(one, task, regression_loss=loss),
        key=f"run_list.measure.{task}",
        label_visibility="collapsed",
    )
    comparable = alike
    if measure == "loss" and task == "regression":
        comparable = [run for run in alike if run.settings.regression_loss == loss]
    units = {run.schema.unit for run in comparable}
    unit = shorten(units.pop()) if len(units) == 1 else ""
    names = run_differences.legend_names(comparable, tables)
    curves = [
        RunCurve(name, run.number, run.epochs)
        for name, run in reversed(list(zip(names, comparable, strict=True)))
    ]
    show_chart(
        run_curves(curves, measure, measure_title(measure, task, unit, loss)),
        key="run_list.curves",
        height=340,
        alt=describe_run_curves(
            curves, measure, measure_title(measure, task, regression_loss=loss)
        ),
        reading="A line for each run, in the colour of its row in the table; the measure is "
        "that of the validation rows.",
    )
    if len(alike) < len(shown):
        st.caption("Runs with a different task or no finished epoch are not shown.")
    if len(comparable) < len(alike):
        st.caption(
            "Runs with another regression loss are not shown: different losses cannot be compared. "
            "R² and the mean absolute error can."
        )


def _offer_undo() -> None:
    deleted: list[tuple[str, str]] = st.session_state.get(_DELETED, [])
    if not deleted:
        return
    run_id, name = deleted[-1]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"{literal(name)} was deleted.", width="content")
        st.button(
            "Undo",
            icon=":material/undo:",
            key="run_list.undo",
            on_click=_act,
            args=(lambda: _restore(run_id),),
        )


def _show_unreadable(unreadable: Sequence[Unreadable]) -> None:
    """Say which runs this version cannot read, and offer to delete them."""
    for run in unreadable:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.warning(
                f"{literal(run.reason)} Open it with the version that wrote it, or delete it.",
                icon=":material/warning:",
                width="stretch",
            )
            st.button(
                f"Delete {literal(run.name)}",
                icon=":material/delete:",
                key=f"run_list.delete.{run.id}",
                on_click=_act,
                args=(partial(_delete, run),),
            )


def _describe_run(run: Run, name: str, note: str) -> None:
    store, mine = services.store(), services.workspace()
    if name != run.name:
        store.rename_run(mine, run.id, name)
    if note != run.note:
        store.set_run_note(mine, run.id, note)
    new_generation("run_list")


def _load(run: Run) -> None:
    settings_fields.fill_form(run.first_settings)
    workspace_runs.restore_table(run)
    new_generation("schema")


def _delete(run: Run | Unreadable) -> None:
    services.store().delete_run(services.workspace(), run.id)
    st.session_state.setdefault(_DELETED, []).append((run.id, run.name))
    st.session_state[_SELECTED] = []


def _restore(run_id: str) -> None:
    st.session_state[_DELETED].pop()
    services.store().restore_run(services.workspace(), run_id)


def _act(action: Callable[[], None]) -> None:
    """Carry out the action of a button, and request a redraw of the whole page."""
    with problems.catch(_SECTION):
        action()
    st.session_state[_DONE] = True
