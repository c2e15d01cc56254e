"""Files of outcomes that the database has refused, until it accepts them."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from nfm.compatibility import read_stored
from nfm.store.records import RunOutcome

logger = logging.getLogger(__name__)

_FIRST_LINE = b"nfm outcome 1 "
_SUFFIX = ".outcome"
_UNFINISHED = ".unfinished"
_DAMAGED = ".damaged"
_UNFINISHED_SECONDS = 60.0


@dataclass(frozen=True)
class UnsavedOutcome:
    """An outcome that the database does not have.

    Attributes:
        run_id: Id of the run.
        server: Id of the server that trained it.
        outcome: How it ended; its epochs are None to keep those in the database.
        finished: When it ended, in seconds since 1970.
        started: When it was started, in seconds since 1970; None if it was not.
    """

    run_id: str
    server: str
    outcome: RunOutcome
    finished: float
    started: float | None = None

    def to_bytes(self) -> bytes:
        """Return a line with the SHA-256 of the rest, a line of JSON, then the bundle."""
        state = asdict(self.outcome)
        bundle = state.pop("bundle")
        state |= {
            "run_id": self.run_id,
            "server": self.server,
            "has_bundle": bundle is not None,
            "finished": self.finished,
            "started": self.started,
        }
        rest = json.dumps(state).encode() + b"\n" + (bundle or b"")
        return _FIRST_LINE + hashlib.sha256(rest).hexdigest().encode() + b"\n" + rest

    @classmethod
    def from_bytes(cls, content: bytes) -> UnsavedOutcome:
        """Read what `to_bytes` returned.

        Raises:
            ValueError: If it is damaged, or of another version: the message says what is wrong.
        """
        first, _, rest = content.partition(b"\n")
        if first != _FIRST_LINE + hashlib.sha256(rest).hexdigest().encode():
            raise ValueError("its checksum is wrong")
        line, _, bundle = rest.partition(b"\n")
        try:
            state = json.loads(line)
            state["bundle"] = bundle if state.pop("has_bundle") else None
            return cls(
                run_id=str(state.pop("run_id")),
                server=str(state.pop("server")),
                finished=float(state.pop("finished")),
                started=None if (started := state.pop("started", None)) is None else float(started),
                outcome=read_stored(RunOutcome, state),
            )
        except (KeyError, TypeError) as error:
            raise ValueError(f"it has other fields ({error})") from error


class UnsavedOutcomeFiles:
    """A folder with one file per outcome.

    Several servers may share the folder, and not all of them need to share the database.

    Args:
        folder: The folder; it is created for the first file.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, outcome: UnsavedOutcome) -> Path:
        """Return the path of an outcome's file, whether it exists or not."""
        return self._folder / f"{outcome.run_id}-{outcome.server}{_SUFFIX}"

    def write(self, outcome: UnsavedOutcome) -> bool:
        """Write an outcome's file whole or not at all.

        Returns:
            Whether there is a file now; False if the disk is full, for instance.
        """
        path = self.path(outcome)
        unfinished = path.with_suffix(_UNFINISHED)
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            unfinished.unlink(missing_ok=True)
            # Only the owner may read it: it can hold a model of somebody's data.
            descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(outcome.to_bytes())
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(path)
        except OSError as error:
            logger.warning("The outcome of run %s stays in memory: %s", outcome.run_id, error)
            with suppress(OSError):
                unfinished.unlink(missing_ok=True)
            return False
        return True

    def paths(self) -> list[Path]:
        """Return the paths of all outcomes, and delete what a killed process left half written."""
        try:
            files = sorted(self._folder.iterdir())
        except OSError:  # there was never an outcome to keep
            return []
        for file in files:
            if file.suffix == _UNFINISHED and file_age(file) > _UNFINISHED_SECONDS:
                remove_file(file)
        return [file for file in files if file.suffix == _SUFFIX]

    def read(self, path: Path) -> UnsavedOutcome | None:
        """Read a file; a damaged one is renamed, so that the next start does not read it again.

        Returns:
            The outcome; None if the file is gone, cannot be read, or is damaged.
        """
        try:
            return UnsavedOutcome.from_bytes(path.read_bytes())
        except FileNotFoundError:  # another server has stored it
            return None
        except (OSError, ValueError) as error:
            aside = path.with_name(path.name + _DAMAGED)
            logger.warning("%s cannot be read (%s). It is kept as %s.", path, error, aside.name)
            with suppress(OSError):
                path.replace(aside)
            return None


def file_age(path: Path) -> float:
    """Return the seconds since a file was written; 0 if it is gone."""
    try:
        return time.time() - path.stat().st_mtime
    except OSError:
        return 0.0


def remove_file(path: Path) -> None:
    """Delete a file; one that cannot be deleted stays."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        logger.warning("%s cannot be deleted: %s", path, error)
