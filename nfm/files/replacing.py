"""Replace a file whole or not at all."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


@contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """Open a file for writing, which gets its name only when everything is on the disk.

    After a full disk, an error or Ctrl-C, a file of that name is as it was before.

    Args:
        path: The file. Of a symbolic link, the file that it leads to is replaced. A device or a
            pipe is written directly.

    Raises:
        OSError: If the file cannot be written; `filename` is the path that was given.
    """
    target = path.resolve()
    if target.exists() and not target.is_file():
        with path.open("wb") as stream:
            yield stream
        return
    unfinished = target.with_name(f".{secrets.token_hex(8)}.unfinished")
    try:
        with unfinished.open("xb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        if target.exists():
            shutil.copymode(target, unfinished)
        unfinished.replace(target)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error
    finally:
        unfinished.unlink(missing_ok=True)
