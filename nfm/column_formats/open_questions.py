"""Decisions about how columns are read that a person may change."""

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
    for name, style in formats.items():
        found += _open_questions(name, style)
        if name in reports:
            found += _decisions(name, style, reports[name])
    return tuple(sorted(found, key=lambda question: not question.open))


def _open_questions(name: str, style: ColumnFormat) -> list[ReadingQuestion]:
    if style.certain:
        return []
    if style.type == "date":
        day_first = style.date_order == "dmy"
        return [
            ReadingQuestion(
                name,
                f"The dates in {name!r} could be read day first or month first; they are read "
                f"{'day' if day_first else 'month'} first.",
                "Read the month first" if day_first else "Read the day first",
                style.model_copy(
                    update={"date_order": "mdy" if day_first else "dmy", "certain": True}
                ),
                open=True,
            )
        ]
    if style.duration:
        minutes = style.clock == "m:ss"
        names = ("hours and minutes", "minutes and seconds")
        return [
            ReadingQuestion(
                name,
                f"Times such as 1:30 in {name!r} could be hours and minutes or minutes and "
                f"seconds; they are read as {names[minutes]}.",
                f"Read {names[not minutes]}",
                style.model_copy(update={"clock": "h:mm" if minutes else "m:ss", "certain": True}),
                open=True,
            )
        ]
    if style.type == "number":
        other = "," if style.decimal == "." else "."
        if style.thousands == other:
            taken, possible, mark = "a thousands separator", "the decimal mark", other
            changed = {"decimal": other, "thousands": ""}
        else:
            taken, possible, mark = "the decimal mark", "a thousands separator", style.decimal
            changed = {"decimal": other, "thousands": mark}
        return [
            ReadingQuestion(
                name,
                f"In {name!r}, {mark!r} is read as {taken} but could be {possible}.",
                f"Read {mark!r} as {possible}",
                style.model_copy(update={**changed, "certain": True}),
                open=style.thousands == other,
            )
        ]
    return []


def _decisions(name: str, style: ColumnFormat, report: ColumnReport) -> list[ReadingQuestion]:
    found = []
    if style.type == "date" and style.first_year is not None:
        first = 1900 if style.first_year == FIRST_YEAR else FIRST_YEAR
        found.append(
            ReadingQuestion(
                name,
                f"Two-digit years in {name!r} are read as {style.first_year} to "
                f"{style.first_year + 99}.",
                f"Read them as {first} to {first + 99}",
                style.model_copy(update={"first_year": first}),
            )
        )
    if report.mark:
        text = (
            f"{report.mark} in {name!r} ({counted(report.mark_count, 'cell')}) is read as a "
            f"{style.type}, but may stand for a missing value."
        )
        action = f"Count {report.mark} as missing"
        found.append(ReadingQuestion(name, text, action, style.drop(report.mark)))
    if style.type == "text":
        for word, count in report.missing_words.items():
            text = f"{word!r} in {name!r} ({counted(count, 'cell')}) counts as missing."
            found.append(ReadingQuestion(name, text, f"Read {word!r} as a value", style.keep(word)))
    for word, count in report.kept_words.items():
        text = f"{word!r} in {name!r} ({counted(count, 'cell')}) is read as a value."
        found.append(ReadingQuestion(name, text, f"Count {word!r} as missing", style.drop(word)))
    if report.case_variants:
        shown = ", ".join(repr(text) for text, _ in report.case_variants[:6])
        merged = style.model_copy(update={"spellings": merged_spellings(report.case_variants)})
        text = f"Values in {name!r} differ only in case: {shown}."
        found.append(ReadingQuestion(name, text, "Merge them", merged))
    if style.spellings:
        apart = style.model_copy(update={"spellings": ()})
        text = f"Values in {name!r} that differ only in case were merged."
        found.append(ReadingQuestion(name, text, "Keep them apart", apart))
    if report.unreadable and style.type != "text":
        text = (
            f"{counted(report.unreadable, 'cell')} in {name!r} cannot be read as "
            f"{style.describe()} and {'counts' if report.unreadable == 1 else 'count'} as missing."
        )
        found.append(
            ReadingQuestion(name, text, "Read the column as text", style.with_type("text"))
        )
    elif report.without_unit:
        text = (
            f"{counted(report.without_unit, 'cell')} in {name!r} without {style.unit!r} "
            f"{'is' if report.without_unit == 1 else 'are'} read as if "
            f"{'it' if report.without_unit == 1 else 'they'} had it."
        )
        found.append(
            ReadingQuestion(name, text, "Read the column as text", style.with_type("text"))
        )
    return found
