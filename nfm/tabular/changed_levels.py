"""Values that may be levels of the training table as another program has changed them."""

from __future__ import annotations

import contextlib
import html
import re
import unicodedata
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Iterator
from urllib.parse import unquote

import numpy as np
import pandas as pd

from nfm.column_formats.date_text import is_day_and_month, is_month_and_two_digits, parse_texts
from nfm.column_formats.read_column import ColumnReading
from nfm.column_formats.text_cells import arrow_texts
from nfm.column_formats.typed_columns import number_text
from nfm.tabular.categorical_field import CategoricalField
from nfm.tabular.level_values import level_codes
from nfm.tabular.number_doubts import has_lost_digits
from nfm.text import quote

# What programs write for a letter that their encoding does not have.
_LOST = re.compile("[?\N{REPLACEMENT CHARACTER}]+")
_MOST_COMPARED = 50
# Of letters and digits; A+ and A are different grades.
_FEWEST_SIGNS = 2
# Fields of fixed width have at least so many letters.
_SHORTEST_CUT = 8
_THOUSANDS = re.compile(r"(?<=\d)[.,'’\s](?=\d{3}(?!\d))")
_BETWEEN_DIGITS = re.compile(r"(?<=\d)\s*([-/:.,'’])\s*(?=\d)")
_LETTERS_AND_DIGITS = re.compile(r"[^\W_]+|(?<=\d)[-/:.,'’](?=\d)")
# Letters that Unicode does not take for others with an accent.
_WITHOUT_STROKE = str.maketrans("łøđħŧı", "lodhti")
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?(?:[eE][+-]?\d{1,3})?")
# Errors of spreadsheets in any language (#NV, #¡REF!), pivot tables' blanks, signs alone, and words
# for what is not known.
_ERROR = re.compile(
    r"#¡?[^\W\d_]{1,12}(?:/[^\W_]{1,4})?[!?]?|\W+|n\.\s?[ad]\.|"
    r"\((?:blank|leer|vide|vacío|vuoto)\)|[(\[<]?(?:unknown|unbekannt|inconnue?|desconocid[oa]|"
    r"sconosciut[oa]|onbekend|okänd|ukjent|ukendt|nieznan[ey]|missing|tb[acd]|not "
    r"(?:known|available|applicable|specified|stated|reported|recorded)|keine angabe|k\.?\s?a\.?|"
    r"non (?:renseigné|disponible|disponibile)e?|sin (?:datos|dato))[)\]>]?",
    re.IGNORECASE,
)
# Letters of other alphabets that look like Latin ones, in lower case.
_LOOK_ALIKES = str.maketrans("аеорсухіјкмнтвαοερτυχικμνβζη", "aeopcyxijkmhtbaoeptyxikmnbzh")
_UMLAUTS = str.maketrans(
    {**{letter: base + "e" for letter, base in zip("äöüøæ", "aouoa", strict=True)}, "å": "aa"}
)
# A letter as some programs write it in ASCII, such as \u00fc.
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
_AND = re.compile(r"(?<=\s)(?:and|und|et|en|och|og)(?=\s)", re.IGNORECASE)
# What follows a name, as in Frankfurt (Main).
_ADDITION = re.compile(r"\s*\([^()]*\)$")
_BYTES = re.compile(r"b(['\"])(.*)\1")
# Spreadsheets keep fifteen digits of a number, and write zeros for the others.
_ZEROED = re.compile(r"[1-9]\d{14}0{2,}")
# Texts of which it is tried whether they are dates.
_MOST_DATES = 10_000


def changed_level_doubt(field: CategoricalField, reading: ColumnReading, codes: np.ndarray) -> str:
    """Report a new value that training has in another spelling, or that no level is like.

    Args:
        field: The levels of the training table.
        reading: The cells of a later table as they were read.
        codes: The codes of the rows, int (rows,).
    """
    rows, texts = level_codes(reading.values)
    # A number such as 185 may have been read as the level 00185.
    known = {*field.levels, *texts[rows[(rows >= 0) & (codes != 0)]]}
    new = [text for text in texts if text not in known and text.lower() not in ("true", "false")]
    if level := _respelled(new, field.levels, max(map(len, texts), default=0)):
        return (
            f"{field.column!r}: {quote(level[0])} is scored as (other), but the training table has "
            f"{quote(level[1])}: write it like this if it means the same."
        )
    causes: tuple[tuple[Callable[[Iterable[str]], str], str], ...] = (
        (_first_date, "was a date. Spreadsheets change text such as 1-2 to dates."),
        (
            _first_rounded,
            "was written like this. Spreadsheets round long numbers: save them as text.",
        ),
        (
            _first_number,
            "was a number. Spreadsheets change text such as 1-2 to dates, and some programs write "
            "these as numbers.",
        ),
        (_first_error, "was like this. If it means a missing value, leave these cells empty."),
    )
    for find, said in causes:
        if (found := find(new)) and not find(field.levels):
            return (
                f"{field.column!r}: {quote(found)} is scored as (other), and in training no value "
                f"{said}"
            )
    return ""


def _respelled(
    texts: Collection[str], levels: Collection[str], longest: int
) -> tuple[str, str] | None:
    """Return the first text that is a level in another spelling, and the level.

    Args:
        texts: Values that are no level.
        levels: The levels.
        longest: Length of the longest value of the table.
    """
    folded = {_folded(level): level for level in levels}
    # Zürich is also written Zuerich where a keyboard has no ü, and Frankfurt (Main) Frankfurt.
    forms = (_ADDITION.sub("", level) for level in levels)
    written = [
        *zip(forms, levels, strict=True),
        *((_in_two_letters(each), each) for each in levels),
    ]
    bare = {
        key: level
        for form, level in (*written, *zip(levels, levels, strict=True))
        if (key := _bare(form))
    }
    garbled = dict(_garbled(texts, set(levels)))
    cut = _cut(texts, levels, longest)
    for text in texts:
        level = folded.get(_folded(text)) or garbled.get(text) or bare.get(_bare(text))
        if level := level or cut.get(text):
            return text, level
    return None


def _cut(texts: Iterable[str], levels: Iterable[str], longest: int) -> dict[str, str]:
    """Return texts that are levels cut off inside a word, at the length of the longest text."""
    if longest < _SHORTEST_CUT:
        return {}
    ordered = sorted(level for level in levels if len(level) > longest)
    found = {}
    for text in texts:
        place = bisect_left(ordered, text)
        level = ordered[place] if place < len(ordered) else ""
        inside = text[-1].isalpha() and level[longest : longest + 1].isalpha()
        if len(text) == longest and level.startswith(text) and inside:
            found[text] = level
    return found


def _garbled(texts: Iterable[str], levels: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield texts whose letters were lost or decoded in a wrong way, and the level they were."""
    accented = [level for level in levels if not level.isascii()]
    if not accented:
        return
    compared = 0
    for text in texts:
        for encoding in ("cp1252", "latin-1"):
            with contextlib.suppress(UnicodeError):
                if not text.isascii() and (level := text.encode(encoding).decode()) in levels:
                    yield text, level
        if _LOST.search(text) and compared < _MOST_COMPARED:
            compared += 1
            # Of a letter of UTF-8, several bytes may have become question marks.
            pattern = re.compile(r"[^\x00-\x7f]+".join(map(re.escape, _LOST.split(text))))
            yield from ((text, level) for level in accented if pattern.fullmatch(level))


def _folded(text: str) -> str:
    """Return a text in lower case without accents; of a number, its value (007, 1E5)."""
    if text.isdigit():
        return text.lstrip("0") or "0"
    if _NUMBER.fullmatch(text):
        return number_text(float(text.replace(",", "."))) or text
    letters = unicodedata.normalize("NFKD", text.casefold()).translate(_WITHOUT_STROKE)
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def _bare(text: str) -> str:
    """Return the folded letters and digits of a text whose other signs a program may have changed.

    Such as A & B written as A &amp; B, A%20%26%20B or A and B, 20-30 as "20 - 30", or 1234567 as
    1,234,567. Signs between digits stay, except between thousands: 6.1 is not 61. Letters that look
    alike in several alphabets are one.
    """
    text = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    if (found := _BYTES.fullmatch(text)) is not None:
        text = unquote(found[2].replace("\\x", "%"))
    plain = _folded(_AND.sub(" ", html.unescape(unquote(text)))).translate(_LOOK_ALIKES)
    plain = _THOUSANDS.sub("", plain)
    key = "".join(_LETTERS_AND_DIGITS.findall(_BETWEEN_DIGITS.sub(r"\1", plain)))
    return key if len(key) >= _FEWEST_SIGNS else ""


def _in_two_letters(text: str) -> str:
    return unicodedata.normalize("NFC", text.lower()).translate(_UMLAUTS)


def _first_date(texts: Iterable[str]) -> str:
    """Return the first text that is a date, or a day and a month; "" if none is."""
    several = list(texts)[:_MOST_DATES]
    moments = parse_texts(arrow_texts(pd.Series(several, dtype="str")), "dmy")
    for text, moment in zip(several, moments, strict=True):
        if not np.isnat(moment) or is_day_and_month(text) or is_month_and_two_digits(text):
            return text
    return ""


def _first_rounded(texts: Iterable[str]) -> str:
    return next((text for text in texts if has_lost_digits(text) or _ZEROED.fullmatch(text)), "")


def _first_number(texts: Iterable[str]) -> str:
    return next(filter(_NUMBER.fullmatch, texts), "")


def _first_error(texts: Iterable[str]) -> str:
    return next(filter(_ERROR.fullmatch, texts), "")
