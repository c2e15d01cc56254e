"""The section "Find better settings": starts a search, and shows its trials while it runs."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from nfm.figures.number_format import fixed
from nfm.jobs.search_progress import SearchProgress
from nfm.jobs.settings_searches import CONFIRMING_RUNS
from nfm.settings import Task, setting_info
from nfm.settings_search.conclusion import conclusion, optimism_warning
from nfm.settings_search.study import SearchTrial, TrialState
from nfm.store.records import Dataset
from nfm.text import counted
from nfm.ui import present, texts
from nfm.ui.components import problems
from nfm.ui.escaping import literal
from nfm.ui.state import services, settings_fields, workspace_runs
from nfm.ui.train.run_differences import setting_text

_SECTION = "search_panel"
_MINUTES = "search_panel.minutes"
_TRIALS = "search_panel.trials"
# Whether the page must be drawn again, because a button has changed more than this section.
_CHANGED = "search_panel.changed"
_BOX = "search_panel"
_SEEN = "search_panel.seen"
_ROW_HEIGHT = 36
_ROWS = 10
_POLLS = 2  # it is refreshed half as often as the curves of a run

STATE_NAMES: dict[TrialState, str] = {
    "training": "Training",
    "completed": "Completed",
    "pruned": "Pruned",
    "diverged": "Diverged",
    "failed": "Failed",
    "stopped": "Stopped",
}


def show(dataset: Dataset, task: Task, *, ready: bool) -> None:
    """Draw the section, closed at first unless a search is active or has led to the shown run.

    Args:
        dataset: The table to search settings for.
        task: Task of the table.
        ready: Whether target, features and settings are complete and valid.
    """
    progress = services.searches().progress(services.workspace())
    active = progress is not None and progress.active
    run = workspace_runs.current()
    # A search may end while another page is open, and its run is the one that is shown then.
    if active or (progress is not None and run is not None and progress.run_id == run.id):
        st.session_state[_SEEN] = True  # it stays open when the search ends
    box = st.expander(
        "Find better settings",
        icon=":material/manage_search:",
        expanded=bool(st.session_state.get(_SEEN)),
        key=_BOX,
        on_change="rerun",
    )
    if not box.open:
        return
    seconds = None
    if active:
        seconds = _POLLS * workspace_runs.poll_seconds(services.engine().active_count)
    with box:
        st.fragment(_panel, run_every=seconds)(dataset, task, active=active, ready=ready)


def _panel(dataset: Dataset, task: Task, *, active: bool, ready: bool) -> None:
    """Draw the controls, and the last search.

    Args:
        dataset: The table to search settings for.
        task: Task of the table.
        active: Whether a search was active when the page was drawn.
        ready: Whether target, features and settings are complete and valid.
    """
    progress = services.searches().progress(services.workspace())
    now_active = progress is not None and progress.active
    if st.session_state.pop(_CHANGED, False) or now_active != active:
        # Draw the whole page again: with a timer or without, and with the best run.
        st.rerun()
    st.markdown(
        "Trains variants of the settings in the form, one after the other, and compares their loss "
        "on the validation rows. Test rows are not used. The best variant becomes a run."
    )
    _show_controls(dataset, ready=ready, active=active)
    problems.show(_SECTION, stays=True)
    if progress is None:
        return
    if progress.dataset.id != dataset.id:
        st.caption(f"Search on {literal(progress.dataset.name)}:")
    if active:
        share, text = progress_text(progress)
        st.progress(share, text)
    if progress.trials:
        _show_trials(progress, progress.dataset.schema.task or task)
    if not active:
        _show_result(progress)


def _show_controls(dataset: Dataset, *, ready: bool, active: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        st.segmented_control(
            "Time limit",
            (1, 5, 15),
            default=5,
            required=True,
            format_func=lambda minutes: f"{minutes} min",
            help="No further variant begins after this time, and the one in training is stopped. "
            "Then the first and the best settings are trained with two other seeds, to see whether "
            "their difference is more than chance.",
            key=_MINUTES,
            disabled=active,
            persist_state="session",
        )
        st.number_input(
            "Trials",
            min_value=2,
            max_value=100,
            value=20,
            step=1,
            help="Maximum number of trials. The first uses the settings in the form.",
            key=_TRIALS,
            disabled=active,
            persist_state="session",
            width=present.pixels(130),
        )
        st.button(
            "Start search",
            icon=":material/manage_search:",
            key="search_panel.start",
            on_click=_start,
            args=(dataset,),
            disabled=active or not ready,
        )
        st.button(
            "Stop search",
            icon=":material/stop:",
            help="Keeps the best variant so far.",
            key="search_panel.stop",
            on_click=_stop,
            disabled=not active,
        )


def progress_text(progress: SearchProgress) -> tuple[float, str]:
    """Return how far an active search is.

    Returns:
        A share from 0 to 1, and a text without Markdown.
    """
    if progress.stopping:
        return 1.0, "Stopping …"
    waits = " (waiting for other runs)" if progress.waits else ""
    if progress.state == "confirming":
        share = progress.confirmed / CONFIRMING_RUNS
        number = min(progress.confirmed + 1, CONFIRMING_RUNS)
        return share, f"Training with other seeds: {number} of {CONFIRMING_RUNS}{waits}"
    ended = sum(trial.state != "training" for trial in progress.trials)
    number = max(1, len(progress.trials))
    text = f"Trial {number} of {progress.wanted}{waits}"
    if progress.seconds_left is not None:
        text += f" · at most {texts.duration(progress.seconds_left)} left"
    return min(1.0, ended / progress.wanted), text


def trial_table(progress: SearchProgress, task: Task) -> pd.DataFrame:
    """Return the table of trials, one row per trial; texts are not escaped."""
    best = progress.best
    score = "R²" if task == "regression" else "Accuracy"
    return pd.DataFrame(
        {
            "Trial": [trial.number for trial in progress.trials],
            "Best": ["✓" if trial == best else "" for trial in progress.trials],
            "Loss": [
                "" if trial.loss is None else fixed(trial.loss, 4) for trial in progress.trials
            ],
            score: [_score(trial) for trial in progress.trials],
            "Epochs": [trial.epochs for trial in progress.trials],
            "State": [_state(trial, waits=progress.waits) for trial in progress.trials],
            "Changed settings": [changed_text(trial) for trial in progress.trials],
        }
    )


def changed_text(trial: SearchTrial) -> str:
    """Return the settings of a trial that differ from the first: "Learning rate 0.003"."""
    if trial.number == 1:
        return "None: the settings in the form"
    return " · ".join(
        f"{setting_info(name).title} {setting_text(value)}" for name, value in trial.changed.items()
    )


def _score(trial: SearchTrial) -> str:
    if trial.metrics is None:
        return ""
    if trial.metrics.accuracy is not None:
        return f"{100 * trial.metrics.accuracy:.1f}%"
    return "" if trial.metrics.r2 is None else fixed(trial.metrics.r2, 3)


def _state(trial: SearchTrial, *, waits: bool) -> str:
    if trial.state == "training" and waits:
        return "Waiting"
    name = STATE_NAMES[trial.state]
    return f"{name}: {trial.reason}" if trial.state == "failed" and trial.reason else name


def _show_trials(progress: SearchProgress, task: Task) -> None:
    table = trial_table(progress, task)
    best = progress.best
    described = (
        "" if best is None else f"; best: trial {best.number}, loss {fixed(best.loss or 0, 4)}"
    )
    st.dataframe(
        table,
        key="search_panel.table",
        hide_index=True,
        row_height=present.pixels(_ROW_HEIGHT),
        height=present.pixels(_ROW_HEIGHT) * (min(len(table), _ROWS) + 1) + 2,
        alt=f"{counted(len(table), 'trial')}{described}",
        column_config={
            "Trial": st.column_config.NumberColumn(width=50),
            "Best": st.column_config.TextColumn(width=50),
            "Loss": st.column_config.TextColumn(
                width=70, help="Validation loss of the best epoch: lower is better."
            ),
            table.columns[3]: st.column_config.TextColumn(
                width=80, help="On the validation rows, after the same epoch."
            ),
            "Epochs": st.column_config.NumberColumn(width=65),
            "State": st.column_config.TextColumn(
                width=90,
                help="Pruned: ended early, because its loss was above the median of the trials "
                "before at the same epoch.",
            ),
            "Changed settings": st.column_config.TextColumn(width=520),
        },
    )


def _show_result(progress: SearchProgress) -> None:
    """Draw what the search has shown, and what became of the best trial."""
    if progress.reason:
        st.error(literal(progress.reason), icon=":material/error:")
    if progress.best is None:
        return
    st.info(
        f"{conclusion(progress.trials, progress.confirmation)}\n\n"
        f"{optimism_warning(progress.trials)}",
        icon=":material/lightbulb:",
    )
    if progress.run_id is not None:
        name = f"Best of {counted(len(progress.trials), 'trial')}"
        st.markdown(
            f"The best settings are trained as **{name}**, whose result on the test rows is shown "
            "like that of every run."
        )
    st.button(
        "Load best settings",
        icon=":material/settings_backup_restore:",
        help="Put the settings of the best trial into the form.",
        key="search_panel.load",
        on_click=_load,
        args=(progress.best,),
    )


def _start(dataset: Dataset) -> None:
    problems.forget(_SECTION)
    with problems.catch(_SECTION):
        settings = workspace_runs.settings_for(dataset, settings_fields.read_form())
        services.searches().start(
            dataset,
            settings,
            trials=int(st.session_state[_TRIALS] or 2),
            seconds=60.0 * (st.session_state[_MINUTES] or 1),
            seed=settings.random_state,
        )
        st.session_state[_CHANGED] = True


def _stop() -> None:
    services.searches().stop(services.workspace())


def _load(best: SearchTrial) -> None:
    settings_fields.fill_form(best.settings)
    st.session_state[_CHANGED] = True
