"""The state of a search for better settings: what pages see of it, and what the store keeps."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Literal

from pydantic import TypeAdapter

from nfm.compatibility import read_stored
from nfm.errors import CompatibilityError, JobError, NFMError, StoreError
from nfm.settings_search.confirmation import Confirmation
from nfm.settings_search.search_space import changed_settings
from nfm.settings_search.study import SearchTrial, best_trial
from nfm.store.records import Dataset
from nfm.store.store import Store
from nfm.text import counted

SearchState = Literal["searching", "confirming", "finished", "failed"]

_PREFERENCE = "search"  # holds the last search of a workspace


@dataclass(frozen=True)
class SearchProgress:
    """The present state of a search, for pages.

    Attributes:
        dataset: The table, with the schema and the split of the search.
        state: "searching" while trials are trained, "confirming" while further seeds are.
        trials: All trials so far; the last one may be in training.
        wanted: Maximum number of trials.
        seconds_left: Time until no further trial begins; None before the first one trains.
        waits: Whether the trial or the training for the confirmation waits in the queue.
        confirmed: Number of trainings with further seeds that have ended.
        confirmation: Result of the further seeds; None if they were not trained.
        run_id: Id of the run that trains the best settings; None if there is none (yet).
        reason: One sentence for people: why the search has failed, or there is no such run.
        stopping: Whether somebody has stopped it.
    """

    dataset: Dataset
    state: SearchState
    trials: tuple[SearchTrial, ...]
    wanted: int
    seconds_left: float | None = None
    waits: bool = False
    confirmed: int = 0
    confirmation: Confirmation | None = None
    run_id: str | None = None
    reason: str | None = None
    stopping: bool = False

    @property
    def active(self) -> bool:
        """Whether the search still runs: trials, or the confirmation of the best one."""
        return self.state in ("searching", "confirming")

    @property
    def best(self) -> SearchTrial | None:
        """The best trial so far."""
        return best_trial(self.trials)


@dataclass(frozen=True)
class StoredSearch:
    """What the store has of a search; the attributes are those of `SearchProgress`."""

    dataset_id: str
    state: SearchState
    trials: tuple[SearchTrial, ...]
    wanted: int
    confirmation: Confirmation | None
    run_id: str | None
    reason: str | None


_stored_search = TypeAdapter(StoredSearch)


def save_search(store: Store, progress: SearchProgress) -> None:
    """Store the trials that have ended, for the time after a restart.

    The search goes on without the database, and when the server that ends has closed it.
    """
    stored = StoredSearch(
        dataset_id=progress.dataset.id,
        state=progress.state,
        trials=tuple(trial for trial in progress.trials if trial.state != "training"),
        wanted=progress.wanted,
        confirmation=progress.confirmation,
        run_id=progress.run_id,
        reason=progress.reason,
    )
    with suppress(NFMError, StoreError):
        value = _stored_search.dump_python(stored, mode="json")
        store.set_preference(progress.dataset.workspace, _PREFERENCE, value)


def load_search(store: Store, workspace: str) -> SearchProgress | None:
    """Return the last search of a workspace, as the store has it; None if there is none.

    One that had not ended has failed, because its server ended. A search of a deleted table, or
    that a newer version has stored, is left out.
    """
    value = store.get_preference(workspace, _PREFERENCE)
    if value is None:
        return None
    try:
        stored = read_stored(StoredSearch, value)
        dataset = store.dataset(workspace, stored.dataset_id)
    except (CompatibilityError, JobError):
        return None
    trials = tuple(
        replace(trial, changed=changed_settings(trial.settings, stored.trials[0].settings))
        for trial in stored.trials
    )
    state, reason = stored.state, stored.reason
    if state in ("searching", "confirming"):
        state = "failed"
        reason = f"The server ended during the search, after {counted(len(trials), 'trial')}."
    return SearchProgress(
        dataset,
        state,
        trials,
        stored.wanted,
        confirmation=stored.confirmation,
        run_id=stored.run_id,
        reason=reason,
    )
