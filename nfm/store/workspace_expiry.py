"""When each workspace was last visited, and the end of those that are visited no more."""

from __future__ import annotations

from sqlalchemy import delete, func, select, union_all
from sqlalchemy.orm import Session

from nfm.store.records import ACTIVE
from nfm.store.tables import (
    BundleRow,
    ContentRow,
    DatasetRow,
    EpochsRow,
    PreferenceRow,
    RunRow,
    VisitRow,
)


def touch(session: Session, workspace: str, now: float) -> None:
    """Note a visit.

    Args:
        session: A writing one.
        workspace: The workspace's key.
        now: Seconds since 1970, UTC.
    """
    session.merge(VisitRow(workspace=workspace, seen=now))


def delete_abandoned(session: Session, before: float) -> int:
    """Delete the data sets, runs and memories of workspaces not visited since.

    A workspace whose visits were never noted counts as visited when it last made something.
    One with a run that waits or trains stays.

    Args:
        session: A writing one.
        before: Seconds since 1970, UTC.

    Returns:
        How many workspaces were deleted.
    """
    signs = union_all(
        select(VisitRow.workspace, VisitRow.seen.label("seen")),
        select(DatasetRow.workspace, DatasetRow.created),
        select(RunRow.workspace, RunRow.created),
    ).subquery()
    active = select(RunRow.workspace).where(RunRow.status.in_(ACTIVE))
    abandoned = session.scalars(
        select(signs.c.workspace)
        .where(signs.c.workspace.not_in(active))
        .group_by(signs.c.workspace)
        .having(func.max(signs.c.seen) < before)
    ).all()
    for workspace in abandoned:
        _forget(session, workspace)
    if abandoned:
        used = select(DatasetRow.content_hash)
        session.execute(delete(ContentRow).where(ContentRow.hash.not_in(used)))
    return len(abandoned)


def _forget(session: Session, workspace: str) -> None:
    runs = select(RunRow.id).where(RunRow.workspace == workspace)
    session.execute(delete(EpochsRow).where(EpochsRow.run_id.in_(runs)))
    session.execute(delete(BundleRow).where(BundleRow.run_id.in_(runs)))
    for table in (RunRow, DatasetRow, PreferenceRow, VisitRow):
        session.execute(delete(table).where(table.workspace == workspace))
