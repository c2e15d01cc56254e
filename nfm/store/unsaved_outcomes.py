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
from typing import cast

from nfm.epoch import Epoch, Metrics
from nfm.store.records import Status

logger = logging.getLogger(__name__)

_FIRST_LINE = b"nfm outcome 1 "
_SUFFIX = ".outcome"
_UNFINISHED = ".unfinished"
_DAMAGED = ".damaged"
_UNFINISHED_SECONDS = 60.0


@dataclass(frozen=True)
class UnsavedOutcome:
    """How a run ended.

    Attributes:
        run_id: Id of the run.
        server: Id of the server that trained it.
        status: Status at the end.
        reason: One sentence for people that explains the status, if it needs one.
        epochs: All epochs, in order; None to keep those in the database.
        test_metrics: Metrics of the test rows, if there are any.
        bundle: The trained model, as `Bundle.to_bytes` returns it; None without a model.
        finished: When it ended, in seconds since 1970.
    """

    run_id: str
    server: str
    status: Status
    reason: str | None
    epochs: tuple[Epoch, ...] | None
    test_metrics: Metrics | None
    bundle: bytes | None
    finished: float

    def to_bytes(self) -> bytes:
        """Return a line with the SHA-256 of the rest, a line of JSON, then the bundle."""
        state = {
            "run_id": self.run_id,
            "server": self.server,
            "status": self.status,
            "reason": self.reason,
            "epochs": None if self.epochs is None else [one.to_dict() for one in self.epochs],
            "test_metrics": None if self.test_metrics is None else asdict(self.test_metrics),
            "has_bundle": self.bundle is not None,
            "finished": self.finished,
        }
        rest = json.dumps(state).encode() + b"\n" + (self.bundle or b"")
        return _FIRST_LINE + hashlib.sha256(rest).hexdigest().encode() + b"\n" + rest

    @classmethod
    def from_bytes(cls, content: bytes) -> UnsavedOutcome:
        """Read what `to_bytes` returned.

        Raises:
            ValueError: If it is damaged, or of another version.
        """
        first, _, rest = content.partition(b"\n")
        if first != _FIRST_LINE + hashlib.sha256(rest).hexdigest().encode():
            raise ValueError("its checksum is wrong")
        line, _, bundle = rest.partition(b"\n")
        try:
            state = json.loads(line)
            epochs, metrics = state["epochs"], state["test_metrics"]
            return cls(
                run_id=str(state["run_id"]),
                server=str(state["server"]),
                status=cast(Status, state["status"]),
                reason=state["reason"],
                epochs=None if epochs is None else tuple(Epoch.from_dict(one) for one in epochs),
                test_metrics=None if metrics is None else Metrics(**metrics),
                bundle=bundle if state["has_bundle"] else None,
                finished=float(state["finished"]),
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
            if file.suffix == _UNFINISHED and age(file) > _UNFINISHED_SECONDS:
                remove(file)
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


def age(path: Path) -> float:
    """Return the seconds since a file was written; 0 if it is gone."""
    try:
        return time.time() - path.stat().st_mtime
    except OSError:
        return 0.0


def remove(path: Path) -> None:
    """Delete a file; one that cannot be deleted stays."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        logger.warning("%s cannot be deleted: %s", path, error)
