"""What reading must know of a kind of file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from nfm.files.options import FileLimits, ReadingOptions
from nfm.files.raw_table import RawTable
from nfm.files.unpacking import Data


@dataclass(frozen=True)
class FileFormat:
    """A kind of file that holds a table.

    Attributes:
        key: Its name in code.
        name: Its name for people.
        suffixes: How names of such files end, with the point; shown to people, and never used
            to judge a file.
        options: Names of the `ReadingOptions` that shape how it is read.
        recognises: Whether some bytes, unpacked, are such a file.
        read: Cuts the bytes into raw cells; raises ReadingError where they are damaged, hold
            no table or pass a limit.
    """

    key: str
    name: str
    suffixes: tuple[str, ...]
    options: tuple[str, ...]
    recognises: Callable[[Data], bool]
    read: Callable[[Data, ReadingOptions, FileLimits], RawTable]
