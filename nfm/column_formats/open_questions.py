"""Readings of columns that a person may change, each as a question with the alternative."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from nfm.column_formats.column_format import ColumnFormat
from nfm.column_formats.date_text import FIRST_YEAR
from nfm.column_formats.reading_report import ColumnReport, merged_spellings
from nfm.text import counted


@dataclass(frozen=True)
class ReadingQuestion:
    """A decision about how a column is read, and the alternative.

    Attributes:
        column: The column's name.
        text: The decision, one sentence.
        action: Label of the button that chooses the alternative.
        format: The column's format for the alternative.
        open: Whether the cells do not decide it, so that a person should.
    """

    column: str
    text: str
    action: str
    format: ColumnFormat
    open: bool = False


def questions(
    formats: Mapping[str, ColumnFormat], reports: Mapping[str, ColumnReport]
) -> tuple[ReadingQuestion, ...]:
    """List what could be read in another way.

    Args:
        formats: Formats by column.
        reports: How each column's cells were read, by column.

    Returns:
        The questions, those that the cells do not decide first.
    """
    found: list[ReadingQuestion] = []
    for name, column_format in formats.items():
        found += _open_questions(name, column_format)
        if name in reports:
            found += _decisions(name, column_format, reports[name])
    return tuple(sorted(found, key=lambda question: not question.open))


def _open_questions(name: str, column_format: ColumnFormat) -> list[ReadingQuestion]:
    if column_format.certain:
        return []
    if column_format.type == "date":
        day_first = column_format.date_order == "dmy"
        return [
            ReadingQuestion(
                name,
                f"The dates in {name!r} could be read day first or month first; they are read "
                f"{'day' if day_first else 'month'} first.",
                "Read the month first" if day_first else "Read the day first",
                column_format.model_copy(
                    update={"date_order": "mdy" if day_first else "dmy", "certain": True}
                ),
                open=True,
            )
        ]
    if column_format.duration:
        minutes = column_format.clock == "m:ss"
        names = ("hours and minutes", "minutes and seconds")
        return [
            ReadingQuestion(
                name,
                f"Times such as 1:30 in {name!r} could be hours and minutes or minutes and "
                f"seconds; they are read as {names[minutes]}.",
                f"Read {names[not minutes]}",
                column_format.model_copy(
                    update={"clock": "h:mm" if minutes else "m:ss", "certain": True}
                ),
                open=True,
            )
        ]
    if column_format.type == "number":
        other = "," if column_format.decimal == "." else "."
        if column_format.thousands == other:
            taken, possible, mark = "a thousands separator", "the decimal mark", other
            changed = {"decimal": other, "thousands": ""}
        else:
            taken, possible, mark = (
                "the decimal mark",
                "a thousands separator",
                column_format.decimal,
            )
            changed = {"decimal": other, "thousands": mark}
        return [
            ReadingQuestion(
                name,
                f"In {name!r}, {mark!r} is read as {taken} but could be {possible}.",
                f"Read {mark!r} as {possible}",
                column_format.model_copy(update={**changed, "certain": True}),
                open=column_format.thousands == other,
            )
        ]
    return []


def _decisions(
    name: str, column_format: ColumnFormat, report: ColumnReport
) -> list[ReadingQuestion]:
    found = []
    if column_format.type == "date" and column_format.first_year is not None:
        first = 1900 if column_format.first_year == FIRST_YEAR else FIRST_YEAR
        found.append(
            ReadingQuestion(
                name,
                f"Two-digit years in {name!r} are read as {column_format.first_year} to "
                f"{column_format.first_year + 99}.",
                f"Read them as {first} to {first + 99}",
                column_format.model_copy(update={"first_year": first}),
            )
        )
    if report.mark:
        text = (
            f"{report.mark} in {name!r} ({counted(report.mark_count, 'cell')}) is read as a "
            f"{column_format.type}, but may stand for a missing value."
        )
        action = f"Count {report.mark} as missing"
        found.append(ReadingQuestion(name, text, action, column_format.drop(report.mark)))
    if column_format.type == "text":
        for word, count in report.missing_words.items():
            text = f"{word!r} in {name!r} ({counted(count, 'cell')}) counts as missing."
            found.append(
                ReadingQuestion(name, text, f"Read {word!r} as a value", column_format.keep(word))
            )
    for word, count in report.kept_words.items():
        text = f"{word!r} in {name!r} ({counted(count, 'cell')}) is read as a value."
        found.append(
            ReadingQuestion(name, text, f"Count {word!r} as missing", column_format.drop(word))
        )
    if report.case_variants:
        shown = ", ".join(repr(text) for text, _ in report.case_variants[:6])
        merged = column_format.model_copy(
            update={"spellings": merged_spellings(report.case_variants)}
        )
        text = f"Values in {name!r} differ only in case: {shown}."
        found.append(ReadingQuestion(name, text, "Merge them", merged))
    if column_format.spellings:
        apart = column_format.model_copy(update={"spellings": ()})
        text = f"Values in {name!r} that differ only in case were merged."
        found.append(ReadingQuestion(name, text, "Keep them apart", apart))
    if report.unreadable and column_format.type != "text":
        text = (
            f"{counted(report.unreadable, 'cell')} in {name!r} cannot be read as "
            f"{column_format.describe()} and {'counts' if report.unreadable == 1 else 'count'} "
            "as missing."
        )
        found.append(
            ReadingQuestion(name, text, "Read the column as text", column_format.with_type("text"))
        )
    elif report.without_unit:
        text = (
            f"{counted(report.without_unit, 'cell')} in {name!r} without {column_format.unit!r} "
            f"{'is' if report.without_unit == 1 else 'are'} read as if "
            f"{'it' if report.without_unit == 1 else 'they'} had it."
        )
        found.append(
            ReadingQuestion(name, text, "Read the column as text", column_format.with_type("text"))
        )
    return found
