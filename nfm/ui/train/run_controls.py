"""The controls that start, pause, slow down and stop a run."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from nfm.jobs.runs import LiveRun
from nfm.jobs.worker.run_commands import NO_COMMANDS, RunCommands
from nfm.store.records import Dataset, Run
from nfm.ui import present, texts
from nfm.ui.components import problems
from nfm.ui.state import decision_rules, services, settings_fields, workspace_runs

SPEEDS = (0.5, 1.0, 2.0, 5.0, 10.0, math.inf)
_SECTION = "run_controls"
_STARTED = "run_controls.started"
_SPEED = "run_controls.speed"
_RATE = "run_controls.rate"
_MORE = "run_controls.more"


def show_buttons(dataset: Dataset, run: Run | None, live: LiveRun | None, *, ready: bool) -> None:
    """Draw Train, Pause or Resume, Step, and Stop or Cancel.

    Args:
        dataset: The table to train on.
        run: The current run, if there is one.
        live: State of the run; None if there is no run.
        ready: Whether target, features and settings are complete and valid.
    """
    if st.session_state.pop(_STARTED, False):
        # The whole page was drawn for the previous run: draw it again.
        st.rerun()
    active = live is not None and live.active
    waits = live is not None and live.status == "queued"
    pausing = live is not None and live.pausing
    label = "Train"
    if live is not None and active:
        label = texts.run_state(live)
    elif run is not None and run.status != "opened":
        label = "Train again"
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="run_buttons"):
        st.button(
            label,
            type="primary",
            icon=":material/play_arrow:",
            key="train",
            on_click=_start,
            args=(dataset,),
            disabled=active or not ready,
            shortcut=present.shortcut("train"),
            width=present.pixels(170),
        )
        st.button(
            "Resume" if pausing else "Pause",
            icon=":material/resume:" if pausing else ":material/pause:",
            key="pause",
            on_click=_command,
            args=(
                run,
                lambda commands, _done: commands.resumed() if pausing else commands.paused(),
            ),
            disabled=not active,
            shortcut=present.shortcut("pause"),
            width=present.pixels(120),
        )
        st.button(
            "Step",
            icon=":material/skip_next:",
            help="Train one epoch, then pause.",
            key="step",
            on_click=_command,
            args=(run, RunCommands.stepped),
            disabled=not active,
            shortcut=present.shortcut("step"),
            width=present.pixels(100),
        )
        st.button(
            "Cancel" if waits else "Stop",
            icon=":material/stop:",
            key="stop",
            on_click=_stop,
            args=(run,),
            disabled=not active,
            shortcut=present.shortcut("stop"),
            width=present.pixels(110),
        )
    problems.show(_SECTION, stays=True)


def show_pace(run: Run | None, live: LiveRun | None) -> None:
    """Draw the speed and, beside it, the learning rate of an active run or Continue of another.

    Args:
        run: The current run, if there is one.
        live: State of the run; None if there is no run.
    """
    active = run is not None and live is not None and live.active
    commands = live.commands if live is not None and active else None
    speed = _control(_SPEED, commands.epochs_per_second if commands else None, math.inf)
    st.select_slider(
        "Speed",
        SPEEDS,
        value=speed.start,
        format_func=texts.speed_name,
        help="Limit the epochs per second, for example to show training to an audience.",
        key=speed.key,
        on_change=_take_speed,
        args=(run,),
        persist_state="session",
        width=present.pixels(260),
    )
    if run is not None and commands is not None:
        in_force = commands.learning_rate or run.settings.learning_rate
        rate = _control(_RATE, in_force, in_force)
        st.number_input(
            "Current learning rate",
            min_value=0.0,
            max_value=10.0,
            value=rate.start,
            step=in_force / 2,
            format="%g",
            help="Size of the optimiser's steps. A change applies to all further steps.",
            key=rate.key,
            on_change=_take_rate,
            args=(run,),
            width=present.pixels(150),
        )
    elif run is not None and run.has_model and run.dataset_id:
        st.number_input(
            "More epochs",
            min_value=1,
            max_value=10_000,
            value=10,
            key=_MORE,
            width=present.pixels(130),
        )
        st.button(
            "Continue",
            icon=":material/forward:",
            help="Train this run for more epochs, starting from where it ended.",
            key="continue",
            on_click=_continue,
            args=(run,),
            width=present.pixels(130),
        )


@dataclass(frozen=True)
class _Control:
    """A widget for a value that may be changed elsewhere too, in a second tab for instance.

    Attributes:
        key: Key of the widget: a new one each time the value was changed elsewhere.
        start: The value it showed at first.
    """

    key: str
    start: float


def _control(name: str, in_force: float | None, default: float) -> _Control:
    """Return the widget of a value: a new one if `in_force` is not the value that it shows."""
    generation, start = st.session_state.get(name, (0, default))
    shown = st.session_state.get(f"{name}.{generation}", start)
    if in_force is not None and shown != in_force:
        generation, start = generation + 1, in_force
    st.session_state[name] = (generation, start)
    return _Control(f"{name}.{generation}", start)


def _value(name: str) -> float:
    generation, start = st.session_state.get(name, (0, math.inf))
    return st.session_state.get(f"{name}.{generation}", start)


def _start(dataset: Dataset) -> None:
    problems.forget(_SECTION)
    commands = NO_COMMANDS.at_speed(_value(_SPEED))
    with problems.catch(_SECTION):
        run = workspace_runs.start(dataset, settings_fields.read_form(), commands)
        decision_rules.take_lesson(run.id)
        st.session_state[_STARTED] = True


def _continue(run: Run) -> None:
    problems.forget(_SECTION)
    commands = NO_COMMANDS.at_speed(_value(_SPEED))
    with problems.catch(_SECTION):
        workspace_runs.continue_training(run, int(st.session_state[_MORE] or 1), commands)
        st.session_state[_STARTED] = True


def _take_speed(run: Run | None) -> None:
    speed = _value(_SPEED)
    _command(run, lambda commands, _done: commands.at_speed(speed))


def _take_rate(run: Run | None) -> None:
    rate = _value(_RATE)
    if rate:
        _command(run, lambda commands, _done: commands.at_learning_rate(rate))


def _command(run: Run | None, change: Callable[[RunCommands, int], RunCommands]) -> None:
    if run is not None and run.active:
        with problems.catch(_SECTION):
            services.engine().command(run.id, change)


def _stop(run: Run | None) -> None:
    if run is not None:
        with problems.catch(_SECTION):
            services.engine().stop(run.id)
