"""The one family of errors whose message is ready to be shown to a person, and warnings."""

from __future__ import annotations

import sys
import warnings

_MOST_CHARACTERS = 300
_LAST_CHARACTERS = 120


class NFMError(ValueError):
    """An error that a person can act on.

    The message is one or two plain sentences: it names the column, the row or
    the setting that is wrong, and what to do about it. Every other exception but
    `StoreError` is a defect of the program and is logged with its trace.

    Args:
        message: The text. Of a text with more than 300 characters, such as one with a long name
            from a file, the middle is left out: what happened comes first, what to do last.
    """

    def __init__(self, message: str = "") -> None:
        if len(message) > _MOST_CHARACTERS:
            first = message[: _MOST_CHARACTERS - _LAST_CHARACTERS - 3]
            message = f"{first} … {message[-_LAST_CHARACTERS:]}"
        super().__init__(message)


class ReadingError(NFMError):
    """A file could not be read as a table, or is larger than a limit allows."""


class SheetError(ReadingError):
    """A sheet of a workbook has no rows; another may have.

    Args:
        message: One sentence for people.
        sheet: Name of the sheet.
        sheets: Names of all sheets.
    """

    def __init__(self, message: str, sheet: str | None, sheets: tuple[str, ...]) -> None:
        super().__init__(message)
        self.sheet = sheet
        self.sheets = sheets


class SchemaError(NFMError):
    """The columns, their roles or the target do not make a task that can be learned."""


class SettingsError(NFMError):
    """A setting is unknown, out of its range, or contradicts another one."""


class TrainingError(NFMError):
    """Training could not start, or ended without a model that can be used."""


class DivergenceError(TrainingError):
    """The loss became infinite or not a number; the message names the likely setting."""


class BundleError(NFMError):
    """A bundle file is damaged, too large, of an unknown version, or not a bundle."""


class CompatibilityError(NFMError):
    """What another version has kept cannot be read by this one.

    The message continues a sentence: "not valid at settings.epochs: it is missing".
    """


class JobError(NFMError):
    """A run could not be queued, found or carried out by the workers."""


class UnusableStoreError(JobError):
    """The database cannot be opened; the message says why, and how to restore or replace it."""


class SignedOutError(NFMError):
    """Nobody is signed in, on a server where that is required."""


class ReadingWarning(UserWarning):
    """Cells could not be read as in training, or may mean something other than the value read."""


def warn(message: str, category: type[Warning] = UserWarning) -> None:
    """Warn, and give as the place the line outside this package that called it.

    Args:
        message: The text.
        category: The class of the warning.
    """
    frame, level = sys._getframe(1), 2
    while frame.f_back and f"{frame.f_globals.get('__name__')}.".startswith("nfm."):
        frame, level = frame.f_back, level + 1
    warnings.warn(message, category, stacklevel=level)


class StoreError(Exception):
    """The database does not respond: it is locked, full or unreachable.

    It is not an `NFMError`: nothing that the person entered is wrong and nothing was deleted, so
    code that handles those errors must not handle this one. A page that cannot be drawn because of
    it says so and is drawn again by itself.
    """


class DamagedStoreError(StoreError):
    """The database's file was damaged after the start; the message says what to do."""
