"""The store's runs and trained models."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session, selectinload

from nfm.epoch import Epoch
from nfm.errors import JobError
from nfm.settings import Settings, make_settings
from nfm.store.json_column import readable
from nfm.store.records import ACTIVE, DecisionRule, Listing, Run, RunOutcome, Status
from nfm.store.repository import (
    Repository,
    clean_name,
    dataset_row,
    has_active_run,
    new_id,
    run_row,
    workspace_key,
)
from nfm.store.tables import BundleRow, EpochsRow, RunRow, listing

if TYPE_CHECKING:
    from nfm.inference.bundle import Bundle
    from nfm.tabular.schema import Schema
    from nfm.tabular.splitting import SplitOptions

NOTE_LENGTH = 500
# Reason of a run that another server, or the next start, has marked as interrupted.
SERVER_GONE = "The server ended before the run did."


class RunRepository(Repository):
    """Adds, reads, changes and deletes runs and their models."""

    def add_run(
        self,
        workspace: str,
        dataset_id: str,
        settings: Settings,
        *,
        name: str | None = None,
        schema: Schema | None = None,
        split: SplitOptions | None = None,
    ) -> Run:
        """Create a queued run; `Engine.submit` starts it.

        Args:
            workspace: Token of the workspace.
            dataset_id: Id of the data set to train on.
            settings: Settings of the model and its training.
            name: Name of the run; None for "Run" and its number.
            schema: Schema; None for that of the data set.
            split: Split; None for that of the data set.

        Returns:
            The record.

        Raises:
            JobError: If the workspace has no such data set, a limit on what is stored is
                reached, or the model would be too large; the message names the setting.
        """
        with self._write() as session:
            dataset = dataset_row(session, workspace, dataset_id)
            self._check_count(session, workspace, RunRow, self.limits.runs, "runs")
            schema = schema or readable(dataset.schema, "columns", dataset.name)
            self._check_storage(session, workspace, self.check_run_size(schema, settings))
            self._check_waiting(session, workspace)
            key = workspace_key(workspace)
            number = _next_number(session, workspace)
            row = RunRow(
                id=new_id(),
                workspace=key,
                number=number,
                dataset_id=dataset.id,
                name=clean_name(name) if name else f"Run {number}",
                settings=settings,
                schema=schema,
                split=split or dataset.split,
                status="queued",
                server=self.server,
                created=time.time(),
                has_model=False,
            )
            session.add(row)
            session.flush()
            return row.to_run(workspace)

    def add_model(self, workspace: str, name: str, bundle: Bundle, split: SplitOptions) -> Run:
        """Store a model that was trained elsewhere as a finished run.

        Args:
            workspace: Token of the workspace.
            name: Name of the run, such as the file's.
            bundle: The model.
            split: Split to store; a bundle doesn't hold the one that it was trained with.

        Returns:
            The run, with the status "opened" and without a data set.

        Raises:
            JobError: If a limit on what is stored is reached.
        """
        # Serialised again, so that nothing else from the uploaded file is stored.
        content = bundle.to_bytes()
        with self._write() as session:
            self._check_count(session, workspace, RunRow, self.limits.runs, "runs")
            self._check_storage(session, workspace, len(content))
            now = time.time()
            row = RunRow(
                id=new_id(),
                workspace=workspace_key(workspace),
                number=_next_number(session, workspace),
                dataset_id="",
                name=clean_name(name),
                settings=bundle.settings,
                schema=bundle.schema,
                split=split,
                status="opened",
                server=self.server,
                created=now,
                finished=now,
                has_model=True,
            )
            session.add(row)
            session.flush()
            session.add(BundleRow(run_id=row.id, size=len(content), data=content))
            if bundle.history:
                session.add(_epochs_row(row.id, bundle.history))
            return row.to_run(workspace)

    def _check_waiting(self, session: Session, workspace: str) -> None:
        key = workspace_key(workspace)
        mine = select(func.count()).where(RunRow.workspace == key, RunRow.status.in_(ACTIVE))
        if (session.scalar(mine) or 0) >= self.limits.waiting:
            raise JobError(
                f"{self.limits.waiting} of your runs already wait or train: "
                "wait until one has ended, or cancel one."
            )

    def run(self, workspace: str, run_id: str) -> Run:
        """Return one run with its epochs.

        Raises:
            JobError: If the workspace has no such run.
        """
        with self._read() as session:
            return run_row(session, workspace, run_id).to_run(workspace)

    def runs(self, workspace: str) -> tuple[Run, ...]:
        """Return all runs that can be read, with their epochs, the newest first."""
        return self.list_runs(workspace).items

    def list_runs(self, workspace: str) -> Listing[Run]:
        """Return all runs; those that cannot be read are listed separately."""
        statement = (
            select(RunRow)
            .where(RunRow.workspace == workspace_key(workspace), RunRow.deleted.is_(None))
            .order_by(RunRow.number.desc())
            .options(selectinload(RunRow.history))
        )
        with self._read() as session:
            return listing(session.scalars(statement), lambda row: row.to_run(workspace))

    def rename_run(self, workspace: str, run_id: str, name: str) -> None:
        """Set the name of a run.

        Raises:
            JobError: If the workspace has no such run.
        """
        with self._write() as session:
            run_row(session, workspace, run_id).name = clean_name(name)

    def set_run_note(self, workspace: str, run_id: str, note: str) -> None:
        """Set the note of a run.

        Raises:
            JobError: If the workspace has no such run.
        """
        with self._write() as session:
            run_row(session, workspace, run_id).note = note.strip()[:NOTE_LENGTH]

    def set_decision_rule(self, workspace: str, run_id: str, rule: DecisionRule) -> None:
        """Store the decision threshold and costs of a class for a run's model.

        Raises:
            JobError: If the workspace has no such run.
        """
        with self._write() as session:
            row = run_row(session, workspace, run_id)
            rules = readable(row.decision_rules, "decision rules", row.name) or ()
            others = (one for one in rules if one.class_code != rule.class_code)
            row.decision_rules = (*others, rule)

    def examine_on(self, workspace: str, run_id: str, dataset_id: str | None) -> None:
        """Set the data set to evaluate and explain a model on if its own is not in the workspace.

        Args:
            workspace: Token of the workspace.
            run_id: Id of the run.
            dataset_id: Id of a data set of the workspace; None for no table.

        Raises:
            JobError: If the workspace has no such run or data set.
        """
        with self._write() as session:
            row = run_row(session, workspace, run_id)
            if dataset_id is not None:
                dataset_row(session, workspace, dataset_id)
            row.examined_on = dataset_id

    def has_active_runs(self, workspace: str) -> bool:
        """Return whether a run of the workspace waits or trains."""
        with self._read() as session:
            return has_active_run(session, RunRow.workspace == workspace_key(workspace))

    def delete_run(self, workspace: str, run_id: str) -> None:
        """Delete a run and its model; `restore_run` can undo it for an hour.

        Raises:
            JobError: If the workspace has no such run, or it waits or trains.
        """
        with self._write() as session:
            row = run_row(session, workspace, run_id)
            if row.status in ACTIVE:
                raise JobError("This run still waits or trains: stop it first.")
            row.deleted = time.time()

    def restore_run(self, workspace: str, run_id: str) -> None:
        """Restore a run deleted by `delete_run`.

        Raises:
            JobError: If the workspace never had it, or it was deleted more than an hour ago.
        """
        with self._write() as session:
            run_row(session, workspace, run_id, deleted=True).deleted = None

    def bundle(self, workspace: str, run_id: str) -> bytes | None:
        """Return a run's trained model as bytes for `nfm.load_bundle`, None without a model.

        Raises:
            JobError: If the workspace has no such run.
        """
        with self._read() as session:
            row = run_row(session, workspace, run_id)
            return session.scalar(select(BundleRow.data).where(BundleRow.run_id == row.id))

    def continue_run(self, workspace: str, run_id: str, more: int) -> Run:
        """Queue a finished run with a model again, for more epochs.

        Args:
            workspace: Token of the workspace.
            run_id: Id of the run.
            more: Number of further epochs.

        Returns:
            The run, for `Engine.submit`; its settings have the new total number of epochs.

        Raises:
            JobError: If the workspace has no such run, the run has no model, its data set was
                deleted, too many runs wait, a limit on what is stored is reached, or the model
                would be too large.
            SettingsError: If it would have too many epochs.
        """
        with self._write() as session:
            row = run_row(session, workspace, run_id)
            if row.status in ACTIVE or not row.has_model:
                raise JobError("This run cannot continue: it has not ended, or it has no model.")
            dataset_row(session, workspace, row.dataset_id)
            self._check_waiting(session, workspace)
            before = row.to_run(workspace)
            settings = before.settings.model_dump() | {"epochs": len(before.epochs) + more}
            longer = make_settings(settings)
            size = self.check_run_size(before.schema, longer)
            stored = select(BundleRow.size).where(BundleRow.run_id == row.id)
            self._check_storage(session, workspace, max(0, size - (session.scalar(stored) or 0)))
            row.first_epochs = row.first_epochs or before.settings.epochs
            row.settings = longer
            row.status, row.reason, row.finished = "queued", None, None
            row.server = self.server
            return row.to_run(workspace)

    # Called by the engine

    def begin_run(self, workspace: str, run_id: str, started: float | None = None) -> None:
        """Mark a queued run of this server as running.

        Args:
            workspace: Token of the workspace.
            run_id: Id of the run.
            started: When it was started, in seconds since 1970; None for now.
        """
        with self._write() as session:
            row = run_row(session, workspace, run_id)
            if _trains_at(row, self.server):
                _mark_running(row, started)

    def record_epochs(self, workspace: str, run_id: str, epochs: Sequence[Epoch]) -> None:
        """Append epochs to those that are stored; a run that has ended stays as it is.

        Epochs from the first one on replace all that are stored: a run that was interrupted
        continues from its last model, which may be older than its last epoch.
        """
        if not epochs:
            return
        with self._write() as session:
            row = run_row(session, workspace, run_id)
            if _trains_at(row, self.server):
                _mark_running(row)
                if epochs[0].number == 1:
                    session.execute(delete(EpochsRow).where(EpochsRow.run_id == row.id))
                session.add(_epochs_row(row.id, epochs))

    def finish_run(
        self,
        workspace: str | None,
        run_id: str,
        outcome: RunOutcome,
        *,
        server: str | None = None,
        started: float | None = None,
        finished: float | None = None,
    ) -> bool:
        """Store the outcome of a run; a run that has already ended stays as it is.

        For its own server, a run has not ended if it was marked as interrupted because that server
        seemed to be gone. A run that was continued on another server is no longer its own.

        Args:
            workspace: Token of the workspace; None for a run of any workspace.
            run_id: Id of the run.
            outcome: How it ended; its epochs, unless they are None, replace the stored ones.
            server: Id of the server that trained it; None for a run of any server.
            started: When it was started, in seconds since 1970, for a run whose start could not be
                recorded; None if it was never started.
            finished: When it ended, in seconds since 1970; None for now.

        Returns:
            Whether the outcome was stored.

        Raises:
            JobError: If there is no such run, or it was deleted.
        """
        with self._write() as session:
            if workspace is None:
                row = _row_of_any_workspace(session, run_id)
            else:
                row = run_row(session, workspace, run_id)
            if not (row.status in ACTIVE if server is None else _trains_at(row, server)):
                return False
            if row.status == "queued" and started is not None:
                row.started = started
            row.status, row.reason = outcome.status, outcome.reason
            row.finished = finished or time.time()
            bundle = outcome.bundle
            # A continued run that failed keeps its previous model and metrics.
            if bundle is not None or not row.has_model:
                row.test_metrics = outcome.test_metrics
            row.has_model = row.has_model or bundle is not None
            if outcome.epochs is not None:
                session.execute(delete(EpochsRow).where(EpochsRow.run_id == row.id))
            if outcome.epochs:
                session.add(_epochs_row(row.id, outcome.epochs))
            if bundle is not None:
                row.models_made = (row.models_made or 0) + 1
                session.execute(delete(BundleRow).where(BundleRow.run_id == row.id))
                session.add(BundleRow(run_id=row.id, size=len(bundle), data=bundle))
            return True

    def status(self, run_id: str) -> Status | None:
        """Return the status of a run of any workspace, deleted or not; None if there is none."""
        with self._read() as session:
            return session.scalar(select(RunRow.status).where(RunRow.id == run_id))

    def find_run(self, run_id: str) -> Run:
        """Return a run of any workspace.

        Raises:
            JobError: If there is no such run.
        """
        with self._read() as session:
            return _row_of_any_workspace(session, run_id).to_run("")


def _next_number(session: Session, workspace: str) -> int:
    key = workspace_key(workspace)
    last = session.scalar(select(func.max(RunRow.number)).where(RunRow.workspace == key))
    return (last or 0) + 1


def _row_of_any_workspace(session: Session, run_id: str) -> RunRow:
    row = session.scalar(select(RunRow).where(RunRow.id == run_id, RunRow.deleted.is_(None)))
    if row is None:
        raise JobError("There is no such run: it was deleted.")
    return row


def _trains_at(row: RunRow, server: str) -> bool:
    """Return whether a server may record the progress and the outcome of a run.

    Another server may have marked the run as interrupted, because the database was away so long
    that the heartbeats of the run's own server were missing.
    """
    interrupted = row.status == "interrupted" and row.reason == SERVER_GONE
    return row.server == server and (row.status in ACTIVE or interrupted)


def _mark_running(row: RunRow, started: float | None = None) -> None:
    if row.status == "queued":
        row.started = started or time.time()
    row.status, row.reason, row.finished = "running", None, None


def _epochs_row(run_id: str, epochs: Sequence[Epoch]) -> EpochsRow:
    return EpochsRow(run_id=run_id, first=epochs[0].number, state=tuple(epochs))
