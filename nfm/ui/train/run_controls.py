"""The buttons and sliders that lead a training while it runs."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from nfm.errors import NFMError
from nfm.jobs.runs import LiveRun
from nfm.jobs.worker.run_commands import NO_COMMANDS, RunCommands
from nfm.store.records import Dataset, Run
from nfm.ui import texts
from nfm.ui.escaping import literal
from nfm.ui.state import decision_rules, services, settings_values, workspace

SPEEDS = (0.5, 1.0, 2.0, 5.0, 10.0, math.inf)
_PROBLEM = "run_controls.problem"
_STARTED = "run_controls.started"
_SPEED = "run_controls.speed"
_RATE = "run_controls.rate"
_MORE = "run_controls.more"


def show_buttons(opened: Dataset, run: Run | None, live: LiveRun | None, *, ready: bool) -> None:
    """Draw Train, Pause or Resume, Step, and Stop.

    Args:
        opened: The table to train on.
        run: The one that is looked at.
        live: How it stands.
        ready: Whether target, features and settings allow a training.
    """
    if st.session_state.pop(_STARTED, False):
        # The page was drawn for the run before: once more, all of it.
        st.rerun()
    active = live is not None and live.active
    waits = live is not None and live.status == "queued"
    pausing = live is not None and live.pausing
    label = "Train"
    if live is not None and active:
        label = texts.activity(live)
    elif run is not None and run.status != "opened":
        label = "Train again"
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="run_buttons"):
        st.button(
            label,
            type="primary",
            icon=":material/play_arrow:",
            key="train",
            on_click=_start,
            args=(opened,),
            disabled=active or not ready,
            width=170,
        )
        st.button(
            "Resume" if pausing else "Pause",
            icon=":material/resume:" if pausing else ":material/pause:",
            key="pause",
            on_click=_command,
            args=(run, _resume if pausing else _pause),
            disabled=not active,
            width=120,
        )
        st.button(
            "Step",
            icon=":material/skip_next:",
            help="Train one epoch, then pause.",
            key="step",
            on_click=_command,
            args=(run, RunCommands.stepped),
            disabled=not active,
            width=100,
        )
        st.button(
            "Cancel" if waits else "Stop",
            icon=":material/stop:",
            key="stop",
            on_click=_stop,
            args=(run,),
            disabled=not active,
            width=110,
        )
    if problem := st.session_state.get(_PROBLEM):
        st.error(problem, icon=":material/error:")


def show_pace(run: Run | None, live: LiveRun | None) -> None:
    """Draw, side by side, how fast the training goes, and its learning rate or how it goes on.

    Args:
        run: The one that is looked at.
        live: How it stands.
    """
    active = run is not None and live is not None and live.active
    commands = live.commands if live is not None and active else None
    speed = _control(_SPEED, commands.epochs_per_second if commands else None, math.inf)
    st.select_slider(
        "Speed",
        SPEEDS,
        value=speed.start,
        format_func=texts.speed_name,
        help="Slow motion for an audience: a limit on epochs per second.",
        key=speed.key,
        on_change=_take_speed,
        args=(run,),
        persist_state="session",
        width=260,
    )
    if run is not None and commands is not None:
        in_force = commands.learning_rate or run.settings.learning_rate
        rate = _control(_RATE, in_force, in_force)
        st.number_input(
            "Learning rate now",
            min_value=0.0,
            max_value=10.0,
            value=rate.start,
            step=in_force / 2,
            format="%g",
            help="Size of the optimiser's steps from now on.",
            key=rate.key,
            on_change=_take_rate,
            args=(run,),
            width=150,
        )
    elif run is not None and run.has_model and run.dataset_id:
        st.number_input(
            "More epochs", min_value=1, max_value=10_000, value=10, key=_MORE, width=130
        )
        st.button(
            "Continue",
            icon=":material/forward:",
            help="Go on with this run from where it ended.",
            key="continue",
            on_click=_continue,
            args=(run,),
            width=130,
        )


@dataclass(frozen=True)
class _Control:
    """A widget for something that others may change too: a second tab, say.

    Attributes:
        key: Of the widget: another one each time that somebody else has changed it.
        start: What it showed at first.
    """

    key: str
    start: float


def _control(name: str, in_force: float | None, default: float) -> _Control:
    """Return the widget for a value, a new one if the value in force is not the one it shows."""
    generation, start = st.session_state.get(name, (0, default))
    shown = st.session_state.get(f"{name}.{generation}", start)
    if in_force is not None and shown != in_force:
        generation, start = generation + 1, in_force
    st.session_state[name] = (generation, start)
    return _Control(f"{name}.{generation}", start)


def _value(name: str) -> float:
    generation, start = st.session_state.get(name, (0, math.inf))
    return st.session_state.get(f"{name}.{generation}", start)


def _start(opened: Dataset) -> None:
    st.session_state.pop(_PROBLEM, None)
    commands = NO_COMMANDS.at_speed(_value(_SPEED))
    try:
        run = workspace.start_run(opened, settings_values.read(), commands)
    except NFMError as error:
        st.session_state[_PROBLEM] = literal(error)
    else:
        decision_rules.take_lesson(run.id)
        st.session_state[_STARTED] = True


def _continue(run: Run) -> None:
    st.session_state.pop(_PROBLEM, None)
    commands = NO_COMMANDS.at_speed(_value(_SPEED))
    try:
        workspace.continue_run(run, int(st.session_state[_MORE] or 1), commands)
    except NFMError as error:
        st.session_state[_PROBLEM] = literal(error)
    else:
        st.session_state[_STARTED] = True


def _pause(commands: RunCommands, _done: int) -> RunCommands:
    return commands.paused()


def _resume(commands: RunCommands, _done: int) -> RunCommands:
    return commands.resumed()


def _take_speed(run: Run | None) -> None:
    speed = _value(_SPEED)
    _command(run, lambda commands, _done: commands.at_speed(speed))


def _take_rate(run: Run | None) -> None:
    rate = _value(_RATE)
    if rate:
        _command(run, lambda commands, _done: commands.at_learning_rate(rate))


def _command(run: Run | None, change: Callable[[RunCommands, int], RunCommands]) -> None:
    if run is not None and run.active:
        _try(lambda: services.engine().command(run.id, change))


def _stop(run: Run | None) -> None:
    if run is not None:
        _try(lambda: services.engine().stop(run.id))


def _try(action: Callable[[], None]) -> None:
    try:
        action()
    except NFMError as error:
        st.session_state[_PROBLEM] = literal(error)
