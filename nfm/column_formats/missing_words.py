"""Which cells mean that a value is missing."""

from __future__ import annotations

import re
from collections.abc import Mapping

# The text of cells in which a spreadsheet's formula failed.
ERROR_CELLS = (
    *("#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!"),
    *("#NULL!", "#N/A", "#GETTING_DATA", "#SPILL!", "#CALC!"),
)

# Cells that count as missing in any column, unless the column's format says otherwise.
MISSING_WORDS = (
    *("", "?", "-", "--", "—", "NA", "N/A", "n/a", "N-A", "#NA", "<NA>", "NaN", "nan", "NAN"),
    *("-NaN", "-nan", "NULL", "Null", "null", "None", "none", "NONE", "NaT", "nil"),
    *("(null)", "\\N", *ERROR_CELLS),
)

# Those of them that may be ordinary values in a column of text.
POSSIBLE_VALUES = ("-", "--", "—", "NA", "N/A", "n/a", "N-A", "None", "none", "NONE", "nil")

# Such a word is a value if it is at least this share of the column's filled cells ...
_FREQUENT = 0.05
# ... and at least this number of cells.
_REPEATED = 3

# A text column is a column of numbers (or dates) if at most this share of its filled cells is
# something else, or twice this share if these are at most three different words ...
UNREADABLE = 0.05
_FEW_WORDS = 3
# ... and if at most this share is words that are common among numbers, such as "n.d." and "<0.5".
_KNOWN_WORDS = 0.5

# Words that mean a missing number and hardly ever anything else.
_NUMBER_WORDS = re.compile(
    r"(?:n\.?\s?[adbvr]\.?|k\.?\s?a\.?|o\.?\s?a\.?|s[./]d\.?|n[./]c\.?|nd|nr|bdl|lod|blq|tbd|tba"
    r"|unknown|unk|missing|not available|not applicable|not reported|unbekannt|fehlt"
    r"|keine angabe|inconnu|desconocido|sconosciuto|desconhecido|onbekend|x|\.+|…|\*+|_+|[-–—−]+"
    r"|nicht verfügbar|nicht vorhanden|no data|no value|sin datos|non disponible|non renseigné"
    r"|non disponibile|sem dados|geen gegevens|ingen data|нет данных|неизвестно"
    r"|无|無|なし|不明|없음|undefined|empty|blank|leer|vide|\((?:blank|empty|leer|vide|none|missing)\)"
    # Not a number, as some programs write it; an error of a sheet in another language, as #WERT!.
    r"|-?1\.#(?:qnan|snan|ind|inf)0*|#[^\d\s]\S{0,14}|nan\s*%|[<>]\s*(?:lod|loq|mdl|dl)"
    r"|0000-00-00.*|00[./-]00[./-]0{2,4})",  # a date that databases write for none
    re.IGNORECASE,
)
# Below or above the range of measurement: not numbers, but found among numbers.
_CENSORED = re.compile(r"[<>≤≥~≈]=?\s*[-+]?[\d.,]+.*")


def is_number_word(word: str) -> bool:
    """Return whether a cell is not a number but often found among numbers, as "n.d." or "<0.5"."""
    return bool(_NUMBER_WORDS.fullmatch(word) or _CENSORED.fullmatch(word))


def few_others(others: Mapping[str, int], filled: int) -> bool:
    """Return whether cells that are not numbers are few enough to count as missing.

    Args:
        others: Number of cells by word.
        filled: Number of all cells that are not blank.
    """
    known = sum(count for word, count in others.items() if is_number_word(word))
    unknown = sum(others.values()) - known
    strange = len([word for word in others if not is_number_word(word)])
    allowed = UNREADABLE * (2 if strange <= _FEW_WORDS else 1)
    return known <= _KNOWN_WORDS * filled and unknown <= allowed * filled


def kept_words(counts: dict[str, int], others: list[str], filled: int, blank: int) -> list[str]:
    """Decide which words of a text column are values, although they often mean a missing one.

    A word is a value if it is frequent (at least 5% of the filled cells and three cells), or if
    the column also has blank cells, which are then the missing ones. "-" is a value if "+" is one,
    and "NA" is a value if all others are codes of two capitals (such as countries).

    Args:
        counts: Number of cells by word, for the words in `POSSIBLE_VALUES`.
        others: Some of the other values, without duplicates.
        filled: Number of cells that are not blank.
        blank: Number of blank cells.

    Returns:
        The words, sorted. The same counts always give the same words.
    """
    kept = set()
    codes = bool(others) and all(len(each) == 2 and each.isupper() for each in others)
    for word, count in counts.items():
        frequent = count >= _REPEATED and count >= _FREQUENT * filled
        if frequent or blank or (word == "NA" and codes) or (word == "-" and "+" in others):
            kept.add(word)
    return sorted(kept)
