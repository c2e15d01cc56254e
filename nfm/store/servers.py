"""Which server processes still live, so that the runs of the others can be ended."""

from __future__ import annotations

import os
import platform
import time

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from nfm.store.records import ACTIVE
from nfm.store.tables import RunRow, ServerRow

_SILENT_SECONDS = 60.0
_CLOCK_SECONDS = 5.0
_GONE = "The server ended before the run did."


def register(session: Session, server: str) -> None:
    """Note that this process carries out runs."""
    import psutil

    session.add(
        ServerRow(
            id=server,
            host=platform.node(),
            pid=os.getpid(),
            born=psutil.Process().create_time(),
            seen=time.time(),
        )
    )


def heartbeat(session: Session, server: str) -> None:
    """Note that this process still lives, even if another one took it for gone."""
    row = session.get(ServerRow, server)
    if row is None:
        register(session, server)
    else:
        row.seen = time.time()


def leave(session: Session, server: str) -> None:
    """Forget this process."""
    session.execute(delete(ServerRow).where(ServerRow.id == server))


def interrupt_abandoned(session: Session, server: str) -> None:
    """End the runs of servers that are gone.

    A server of this machine is gone if its process is; one of another machine if it has
    not been seen for a minute.
    """
    living = {server}
    for row in session.scalars(select(ServerRow)):
        if row.id == server or _lives(row):
            living.add(row.id)
        else:
            session.delete(row)
    session.execute(
        update(RunRow)
        .where(RunRow.status.in_(ACTIVE), RunRow.server.not_in(living))
        .values(status="interrupted", reason=_GONE, finished=time.time())
    )


def _lives(row: ServerRow) -> bool:
    if row.host != platform.node():
        return time.time() - row.seen < _SILENT_SECONDS
    import psutil

    try:
        born = psutil.Process(row.pid).create_time()
    except psutil.NoSuchProcess:
        return False
    return abs(born - row.born) < _CLOCK_SECONDS
