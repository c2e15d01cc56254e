"""The runs of a workspace, and the current one: the same after a refresh and in all tabs."""

from __future__ import annotations

from typing import Literal

import pandas as pd

from nfm.errors import JobError
from nfm.inference.uploaded_bundle import load_uploaded_bundle
from nfm.jobs.runs import LiveRun
from nfm.jobs.worker.run_commands import NO_COMMANDS, RunCommands
from nfm.settings import Settings
from nfm.store.records import Dataset, Run
from nfm.tabular.splitting import SplitOptions
from nfm.ui.state import services, workspace

POLL_SECONDS = 0.3
WAITING_SECONDS = 1.0
UNSTORED_SECONDS = 2.0

# What a run does, as far as it decides how often its live state is looked at.
Phase = Literal["ended", "unstored", "waiting", "training"]


def current() -> Run | None:
    """Return the current run: the one that was started or made current last; None without one."""
    store, mine = services.store(), services.workspace()
    run_id = store.get_preference(mine, "run")
    if run_id is None:
        return None
    try:
        return store.run(mine, run_id)
    except JobError:
        return None


def find(run_id: str) -> Run:
    """Return one of the workspace's runs.

    Raises:
        JobError: If the workspace has no such run.
    """
    return services.store().run(services.workspace(), run_id)


def make_current(run: Run | None) -> None:
    """Make one of the workspace's runs the current one.

    Args:
        run: The run; None for no current run.
    """
    services.store().set_preference(services.workspace(), "run", None if run is None else run.id)


def start(dataset: Dataset, settings: Settings, commands: RunCommands = NO_COMMANDS) -> Run:
    """Queue a run on a table and make it the current one.

    Args:
        dataset: The table.
        settings: Settings of the model and its training.
        commands: Initial commands, such as a speed limit.

    Raises:
        NFMError: If it cannot be stored or queued.
    """
    store, mine = services.store(), services.workspace()
    added = store.add_run(mine, dataset.id, settings_for(dataset, settings))
    # First of all: a run that is stored but not submitted would wait for ever.
    services.engine().submit(added, commands)
    store.set_preference(mine, "run", added.id)
    return added


def settings_for(dataset: Dataset, settings: Settings) -> Settings:
    """Return settings with the validation share that is set on the Data page.

    Args:
        dataset: The table.
        settings: Settings of the form, which does not have this share.
    """
    return settings.model_copy(update={"validation_fraction": dataset.split.validation_fraction})


def open_model(name: str, content: bytes) -> None:
    """Read a model from an uploaded bundle, store it and make it the current one.

    Args:
        name: Name of the file, without folders.
        content: Its bytes.

    Raises:
        NFMError: If the file isn't a usable bundle, or cannot be stored.
    """
    bundle = load_uploaded_bundle(content)
    store, mine = services.store(), services.workspace()
    added = store.add_model(mine, name[: workspace.FILE_NAME_LENGTH], bundle, SplitOptions())
    store.set_preference(mine, "run", added.id)


def continue_training(run: Run, more: int, commands: RunCommands = NO_COMMANDS) -> None:
    """Queue a run that has ended for more epochs.

    Args:
        run: The run.
        more: Number of additional epochs.
        commands: Initial commands, such as a speed limit.

    Raises:
        NFMError: If it cannot be continued or queued.
    """
    continued = services.store().continue_run(services.workspace(), run.id, more)
    services.engine().submit(continued, commands)


def restore_table(run: Run) -> None:
    """Open the table of a run, with the roles and the split that the run used.

    Raises:
        JobError: If the table was deleted.
    """
    kept = dataset_of(run)
    workspace.open_dataset(kept.id)
    workspace.update_schema(kept, run.schema)
    workspace.update_split(kept, run.split)


def dataset_of(run: Run) -> Dataset:
    """Return the table that a run was trained on.

    Raises:
        JobError: If it was deleted.
    """
    return services.store().dataset(services.workspace(), run.dataset_id)


def frame_of(run: Run) -> pd.DataFrame:
    """Return the rows of the table that a run was trained on.

    Raises:
        JobError: If the table was deleted.
    """
    return workspace.frame(dataset_of(run))


def live(run: Run) -> LiveRun:
    """Return the present state of a run."""
    if run.active:
        return services.engine().live(run.id)
    return LiveRun.of(run)


def phase_of(live: LiveRun | None) -> Phase:
    """Return what a run does now; a run that starts at once counts as one that trains.

    Args:
        live: State of the run; None if there is no run.
    """
    if live is not None and live.active:
        waits = not services.engine().ready or (live.queue_position or 1) > 1
        return "waiting" if live.status == "queued" and waits else "training"
    return "ended" if live is None or live.stored else "unstored"


def refresh_seconds(phase: Phase) -> float | None:
    """Return the time between two refreshes of a run's live state; None for no refresh.

    A run that waits has nothing to show, and the refreshes would take the time that the workers
    need to get ready: browser, app and workers may share two cores.
    """
    if phase == "training":
        return poll_seconds(services.engine().active_count)
    return {"ended": None, "unstored": UNSTORED_SECONDS, "waiting": WAITING_SECONDS}[phase]


def poll_seconds(active_runs: int) -> float:
    """Return the time between two refreshes of a run's live state, longer if many are active.

    At the shortest time, each page uses a tenth of a core; a class of thirty must leave the
    server time for clicks.

    Args:
        active_runs: Number of runs of all visitors that wait or train.

    Returns:
        Seconds, at least `POLL_SECONDS`.
    """
    return POLL_SECONDS * max(1.0, active_runs / 2)
