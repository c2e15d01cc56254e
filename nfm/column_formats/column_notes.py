"""What to check about how the columns of a training table were read."""

from __future__ import annotations

import re
from collections import Counter

import numpy as np
import pandas as pd
from pandas.api import types

from nfm.column_formats.column_format import DATE_ORDERS, ColumnFormat, DecimalMark
from nfm.column_formats.date_text import is_month_and_two_digits
from nfm.column_formats.duration_text import CLOCK, SHORT_CLOCK
from nfm.column_formats.number_text import CODE
from nfm.column_formats.numbers_in_parts import are_two_counts
from nfm.column_formats.read_column import ColumnReading
from nfm.column_formats.reading_report import ColumnReport
from nfm.column_formats.text_cells import arrow_texts
from nfm.column_formats.typed_columns import number_text
from nfm.column_formats.unit_text import CURRENCIES, several_units, units_after
from nfm.text import counted, quote

# A whole number that is too large for any integer type.
_TOO_LONG = re.compile(r"[+-]?\d{20,}")
_BEGINS_WITH_DIGIT = re.compile(r"[-+−–~≈<>(#'’▲▼△▽↑↓$€£¥₹\s]*\d")
_PLAIN = re.compile(r"[+-]?[\d.,]+")
# An amount of money with other text: $17.60 USD.
_AMOUNT = re.compile(r"\D{0,4}(?:[$€£¥₹]|Rs\.?)\s?\d[\d.,]*\D{0,8}")
_NUMBER = re.compile(r"[-+−]?\d+(?:[.,]\d+)*")
# A number first, after a word for "about", or in brackets as in POINT (1.5 2.5); not "Room 12".
_NUMBER_AND_WORDS = re.compile(
    r"(?:(?:ca|circa|approx|approximately|about|around|etwa|rund|env|environ|aprox)\b\.?\s*)?#"
    r"|[A-Z]+\s?\([# ,]+\)$",
    re.IGNORECASE,
)
# Ways of writing dates, durations and positions that are not read.
_KNOWN_STYLES = re.compile(
    r"P(?=\d)(?:\d+[YMWD])+(?:T[\dHMS.]+)?"  # P1Y6M
    r"|/Date\(-?\d+(?:[+-]\d{4})?\)/"  # of .NET's JSON
    r"|[^\W\d_]{1,2}\.?\d{1,2}[年.]\d{1,2}[月.]\d{1,2}日?"  # 令和5年3月1日, R5.3.1
    r"|(?:KW|CW|W|wk|week|semaine|sem|vecka|uge)\.?\s?\d{1,2}\s?[-/.]\s?\d{4}"  # KW 05/2019
    r"|[NSEWO]\s?\d{1,3}[.,]\d+°?",  # N 52.5163
    re.IGNORECASE,
)
# Names of files, securities and people: 000123.jpg, 0700.HK, 12345@qq.com, 1001/A.
_NAME_AFTER_DIGITS = re.compile(r"\d+[.@_:#\\&/][^\W\d_]")
# Digits in groups, such as 978-3-16-148410-0, 192.168.0.1, +49 30 6090697 and (405) 535-3214.
_GROUPS_OF_DIGITS = re.compile(r"\+?\(?\d+(?:\)?[-. /]{1,2}\(?\d+X?)+")
_LAST_YEAR = 2100
_DASHES = ("-", "--", "—", "–")
_DAY_WITHOUT_MARKS = re.compile(r"(\d{1,2})(\d\d)(?:19|20)\d\d")
_DAY_AND_WORD = re.compile(r"(\d{1,2})\W{1,2}[^\W\d_]+\.?")
_YEAR = re.compile(r"(?<!\d)(?:1[89]|20|21)\d\d(?!\d)")
_OFFSET = re.compile(r"[+-]\d{4}(?!\d)")  # of a time zone
_DIGITS = re.compile(r"\d+")
_WORD = re.compile(r"[^\W\d_]+")
# Names of months and weekdays, and of a time zone.
_MOST_NAMES = 12 + 7 + 8
_MOST_MONTHS = 14  # some have two spellings
_HEAD = 100
# A column of fewer cells may be anything.
_FEWEST = 20
_FEW_WORDS = 3
# Years of our time by the calendars of Iran and Thailand.
_CALENDARS = {"Persian": range(1330, 1430), "Buddhist": range(2490, 2600)}


def column_notes(
    name: str,
    column_format: ColumnFormat,
    reading: ColumnReading,
    report: ColumnReport,
    decimal: DecimalMark | None = None,
    *,
    point_is_sure: bool = False,
) -> list[str]:
    """Say what to check about how a column of the training table was read.

    Args:
        name: The column's name.
        column_format: Its format.
        reading: The cells as they were read.
        report: What became of the cells.
        decimal: The table's decimal mark; None if it has none.
        point_is_sure: Whether other columns show that a point is the decimal mark.

    Returns:
        One sentence each.
    """
    is_usual = (
        point_is_sure and column_format.decimal == decimal == "." and not report.may_be_grouped
    )
    notes = [
        report.unread_sentence(name, column_format, len(reading)),
        report.infinite_sentence(name, len(reading)),
    ]
    if report.swapped:
        notes.append(
            f"Column {name!r}: all dates that the spreadsheet has read, such as "
            f"{quote(report.swapped)}, are on days up to the 12th, and all that it left as text "
            "on later ones. It has probably swapped day and month: check this."
        )
    if report.without_unit:
        notes.append(
            f"Column {name!r}: {report.without_unit:,} of {len(reading):,} cells have no "
            f"{column_format.unit!r}, such as {quote(report.without_unit_example)}, but are read "
            "as if they had it: check this."
        )
    if report.like_versions:
        one, other = report.like_versions
        read = f"{other} is read as a smaller number than {one}"
        if float(one) == float(other):
            read = f"{one} and {other} are read as the same number"
        notes.append(
            f"Column {name!r}: {read}. If they are "
            "versions, chapters or months, choose text for this column under Reading (`formats` in "
            "ReadingOptions)."
        )
    if report.all_negative:
        sign = "in parentheses" if report.all_negative.endswith(")") else "before a dash"
        notes.append(
            f"Column {name!r}: every number stands {sign}, such as "
            f"{quote(report.all_negative)}, and is read as negative. If it is not, remove the "
            f"{'parentheses' if sign == 'in parentheses' else 'dashes'} in the file."
        )
    if report.zero_in_front:
        notes.append(
            f"Column {name!r}: {quote(report.zero_in_front)} is read as a number, although it has "
            "a zero in front. If it is a code, choose text for this column under Reading "
            "(`formats` in ReadingOptions)."
        )
    dashes = sum(report.missing_words.get(dash, 0) for dash in _DASHES)
    if (
        dashes
        and column_format.type == "number"
        and (column_format.thousands or column_format.unit in CURRENCIES)
    ):
        notes.append(
            f"Column {name!r}: {counted(dashes, 'cell')} with a dash "
            f"{'is' if dashes == 1 else 'are'} read as missing. In accounts, a dash means zero: "
            "if it does here, write 0 in the file."
        )
    if report.dates:
        notes.append(
            f"Column {name!r}: {counted(report.dates, 'cell')} among text "
            f"{'is a date' if report.dates == 1 else 'are dates'} or times, such as "
            f"{quote(report.dates_example)}. Spreadsheets change text such as 1-2 to dates: check "
            "this."
        )
    if report.mark:
        notes.append(
            f"Column {name!r}: {report.mark} ({counted(report.mark_count, 'cell')}) is far from "
            f"all other {column_format.type}s and may mean a missing value: check this."
        )
    if column_format.duration and not column_format.certain:
        meaning = "minutes and seconds" if column_format.clock == "m:ss" else "hours and minutes"
        notes.append(
            f"Column {name!r} has times such as 1:30, which could be hours and minutes or minutes "
            f"and seconds; they are read as {meaning}: check this."
        )
    elif (
        column_format.type == "number"
        and not (column_format.certain or is_usual)
        and column_format.thousands in (",", ".")
    ):
        notes.append(
            f"Column {name!r}: {column_format.thousands!r} is read as a thousands separator but "
            "could be the decimal mark: check this."
        )
    elif column_format.type == "number" and decimal not in (None, column_format.decimal):
        mark = "comma" if column_format.decimal == "," else "point"
        note = f"Column {name!r} was read with a decimal {mark}, unlike the other columns."
        if report.may_be_choices:
            note += (
                f" If {quote(report.may_be_choices)} means two choices, choose text for this "
                "column under Reading (`formats` in ReadingOptions)."
            )
        notes.append(note)
    elif column_format.type == "number" and not (column_format.certain or is_usual):
        notes.append(
            f"Column {name!r}: {column_format.decimal!r} is read as the decimal mark but could "
            "separate thousands: check this."
        )
    if column_format.type == "date" and not column_format.certain:
        order = "day first" if column_format.date_order == "dmy" else "month first"
        notes.append(
            f"Column {name!r} has dates that could be read day first or month first; they are "
            f"read {order}: check this."
        )
    if column_format.type == "date" and column_format.first_year is not None:
        notes.append(
            f"Column {name!r} has years of two digits, which are read as "
            f"{column_format.first_year} to {column_format.first_year + 99}: check this."
        )
    if column_format.type == "date" and column_format.time_zone == "several":
        notes.append(
            f"Column {name!r} has times with different time zones, or some without; each is read "
            "as a local time. To compare them, write all of them in one time zone."
        )
    if column_format.type == "date" and (calendar := _other_calendar(reading.values)):
        notes.append(
            f"Column {name!r} has years such as {reading.values.dropna().iloc[0].year}, as in the "
            f"{calendar} calendar, but all dates are read as Gregorian ones. Convert them if they "
            "are not."
        )
    if len(column_format.date_shapes) > 1:
        notes.append(
            f"Column {name!r} has dates in several formats ({column_format.describe_shapes()}); "
            f"all are read as {DATE_ORDERS[column_format.date_order]}."
        )
    if column_format.type in ("number", "text") and _are_days_without_marks(reading.values):
        notes.append(
            f"Column {name!r} has values such as {quote(str(reading.values.dropna().iloc[0]))}, "
            "which look like dates without marks that begin with the day or the month; they are "
            f"read as {'whole numbers' if column_format.type == 'number' else 'text'}. To have "
            "dates, write 20240305 or 2024-03-05."
        )
    elif column_format.type == "text" and are_two_counts(texts := arrow_texts(reading.values)):
        longest = max(texts.slice(0, _HEAD).drop_null().to_pylist(), key=len)
        notes.append(
            f"Column {name!r} has values such as {quote(longest)}, which are not decimal numbers "
            "but two counts, as in versions, chapters and months of a year; they are kept as text. "
            "To use their order, write each count into a column of its own."
        )
    elif column_format.type == "text":
        texts = reading.values.dropna()
        # From the whole column, since the cells that differ may come late.
        some = np.unique(np.linspace(0, len(texts) - 1, min(len(texts), _HEAD)).astype(int))
        notes += _text_notes(name, texts.iloc[some].astype(object).tolist())
    return [note for note in notes if note]


def _other_calendar(values: pd.Series) -> str:
    """Return which other calendar most of some dates may be of; "" for none."""
    years = values.dropna().dt.year
    middle = int(years.median()) if len(years) else 0
    return next((name for name, span in _CALENDARS.items() if middle in span), "")


def _are_days_without_marks(values: pd.Series) -> bool:
    """Return whether all values are days such as 05032024, perhaps without the zero in front."""
    head = values.dropna().iloc[:_HEAD]
    is_number = types.is_numeric_dtype(values.dtype)
    texts = [(number_text(value) or "") if is_number else str(value) for value in head]
    parts = [_DAY_WITHOUT_MARKS.fullmatch(text) for text in texts]
    if not all(parts) or len(set(texts)) < _FEWEST:
        return False
    days, months = ([int(part[place]) for part in parts if part is not None] for place in (1, 2))
    return min(max(days), max(months)) <= 12 and all(1 <= part <= 31 for part in days + months)


def _text_notes(name: str, head: list[str]) -> list[str]:
    """Say why a column was read as text although its cells look like numbers.

    Args:
        name: The column's name.
        head: Some of its cells.

    Returns:
        At most one sentence.
    """
    if not head or all(map(_NAME_AFTER_DIGITS.match, head)) or _are_codes_in_groups(head):
        return []
    if all(map(_TOO_LONG.fullmatch, head)):
        return [
            f"Column {name!r} has whole numbers that are too long to calculate with; they are "
            "kept as text."
        ]
    if units := several_units(head):
        shown = " and ".join(quote(text) for text in list(units.values())[:3])
        return [
            f"Column {name!r} has numbers with different units, such as {shown}; they are kept as "
            "text. To have numbers, write all of them in one unit."
        ]
    short = [text for text in head if re.match(SHORT_CLOCK, text)]
    if short and all(re.match(CLOCK, text) for text in set(head) - set(short)):
        return [
            f"Column {name!r} has times such as {quote(short[0])}, which could be hours and "
            "minutes or minutes and seconds; they are kept as text. To have durations, write them "
            "as h:mm:ss."
        ]
    if all(is_month_and_two_digits(text) for text in head):
        return [
            f"Column {name!r} has values such as {quote(head[0])}, which could be a month and a "
            "year or a month and a day; they are kept as text. To have dates, write 2010-01-31."
        ]
    if _are_dates_or_known_styles(head):
        return [
            f"Column {name!r} has values such as {quote(head[0])}, which look like dates, "
            "durations or positions but are not written in a known style; they are kept as text. "
            "To use their order, write dates as 2024-03-05 and the others as numbers."
        ]
    notes = _number_like_notes(name, head)
    if not notes and _has_same_words(head):
        notes.append(
            f"Column {name!r} has values such as {quote(head[0])}, numbers with the same words in "
            "every cell; they are kept as text. To use the numbers, write them without words, one "
            "in a cell."
        )
    return notes


def _are_codes_in_groups(head: list[str]) -> bool:
    """Return whether cells are numbers of articles, telephones, computers and the like.

    Such codes have groups of digits that cells of dates, times and quantities do not have.
    """
    if not all(map(_GROUPS_OF_DIGITS.fullmatch, head)):
        return False
    fewest = 2 if len(set(head)) > 0.9 * len(head) else 3  # 10000-20000 is a range of numbers

    def is_code(text: str) -> bool:
        groups = _DIGITS.findall(text)
        sizes = [int(group) for group in groups]
        if text.startswith("+") or any(len(group) > 3 and group[0] == "0" for group in groups):
            return True
        if len(groups) >= fewest and max(sizes) > _LAST_YEAR:
            return True
        return len(groups) > 3 and _YEAR.search(text) is None

    return 2 * sum(map(is_code, head)) > len(head)


def _are_dates_or_known_styles(head: list[str]) -> bool:
    """Return whether cells are dates, or of another known style, that cannot be read.

    Dates are a year, whose other numbers are small, or a day of the month, with words of which
    there are as few different ones as there are months and weekdays.
    """
    if len(head) < _FEWEST or len(set(head)) <= 0.5 * len(head):
        return False
    if all(map(_KNOWN_STYLES.fullmatch, head)):
        return True
    words = {word.casefold() for text in head for word in _WORD.findall(text)}
    if not 2 < len(words) <= _MOST_NAMES:
        return False
    if len(words) > _MOST_MONTHS and not all(map(_YEAR.search, head)):
        return False
    days = [_DAY_AND_WORD.fullmatch(text) for text in head]
    if all(days):
        return all(day is not None and 1 <= int(day[1]) <= 31 for day in days)
    rests = [_YEAR.sub("", _OFFSET.sub("", text), count=1) for text in head]
    return all(
        len(rest) < len(text) and re.fullmatch(r"(?:\D*(?<!\d)\d{1,2}(?!\d))+\D*", rest)
        for text, rest in zip(head, rests, strict=True)
    )


def _has_same_words(head: list[str]) -> bool:
    """Return whether cells differ in their numbers only, as 105 g CO2/km and 98 g CO2/km do."""
    if len(head) < _FEWEST or len(set(head)) <= 0.5 * len(head):
        return False
    templates = {_NUMBER.sub("#", text) for text in head}
    template = templates.pop()
    return not templates and template != "#" and _NUMBER_AND_WORDS.match(template) is not None


def _number_like_notes(name: str, head: list[str]) -> list[str]:
    """Name a column of text most of whose cells look like different numbers or dates."""
    # An address, such as 12 Main St, has another text beside its number in nearly every cell.
    many = len(units_after(head)) > _FEW_WORDS
    is_like = _is_like_a_number if many else _begins_with_number
    alike = [text for text in head if is_like(text)]
    others = Counter(text for text in head if not is_like(text))
    if len(head) < _FEWEST or len(set(alike)) <= 0.5 * len(head) or len(others) > _FEW_WORDS:
        return []
    if any(re.match(CODE, text) for text in head):
        return []
    # One that is not a number by itself, if there is one.
    shown = next((text for text in alike if not _PLAIN.fullmatch(text)), alike[0])
    if sum(others.values()) > 0.05 * len(head):
        word = others.most_common(1)[0][0]
        if word.strip("$€£¥₹ ") in _DASHES:
            return [
                f"Column {name!r} has numbers such as {quote(shown)} and other values such as "
                f"{quote(word)}; all are kept as text. In accounts, a dash means zero: if it does "
                "here, write 0 in the file."
            ]
        return [
            f"Column {name!r} has numbers or dates such as {quote(shown)} and other values such "
            f"as {quote(word)}; all are kept as text. If {quote(word)} means a missing value, add "
            "it to the missing cells under Reading (`missing` in ReadingOptions)."
        ]
    return [
        f"Column {name!r} has values such as {quote(shown)}, which look like numbers or dates "
        "but are not written in a known style; they are kept as text. To use them as numbers or "
        "dates, write them as 1234.5 or 2024-03-05."
    ]


def _begins_with_number(text: str) -> bool:
    """Return whether a text is a number, perhaps with a unit, or looks like one."""
    return _is_like_a_number(text) or bool(units_after([text]))


def _is_like_a_number(text: str) -> bool:
    """Return whether a text looks like a number: mostly digits, or an amount with a unit."""
    digits = sum(map(str.isdigit, text))
    if _BEGINS_WITH_DIGIT.match(text) is not None and digits >= 0.4 * len(text):
        return True
    return _AMOUNT.fullmatch(text) is not None
