"""Which cells mean that there is no value."""

from __future__ import annotations

import re

# What spreadsheets show where a formula failed.
ERROR_CELLS = (
    "#DIV/0!",
    "#VALUE!",
    "#REF!",
    "#NAME?",
    "#NUM!",
    "#NULL!",
    "#N/A",
    "#GETTING_DATA",
    "#SPILL!",
    "#CALC!",
)

# Cells that mean "nothing here" in any column, unless the column's format says otherwise.
MISSING_WORDS = (
    "",
    "?",
    "-",
    "--",
    "—",
    "NA",
    "N/A",
    "n/a",
    "N-A",
    "#NA",
    "<NA>",
    "NaN",
    "nan",
    "NAN",
    "-NaN",
    "-nan",
    "NULL",
    "Null",
    "null",
    "None",
    "none",
    "NONE",
    "NaT",
    "nil",
    "(null)",
    "\\N",
    *ERROR_CELLS,
)

# Of these, words that may be an ordinary value among other words.
POSSIBLE_VALUES = ("-", "--", "—", "NA", "N/A", "n/a", "N-A", "None", "none", "NONE", "nil")

# A possible value counts as one from this share of the column's filled cells on.
FREQUENT = 0.05
# ... and from this number of cells on.
_REPEATED = 3

# Words that stand for a missing number and are hardly ever anything else.
_NUMBER_WORDS = re.compile(
    r"(?:n\.?\s?[adbvr]\.?|k\.?\s?a\.?|o\.?\s?a\.?|s[./]d\.?|n[./]c\.?|nd|nr|bdl|lod|blq|tbd|tba"
    r"|unknown|unk|missing|not available|not applicable|not reported|unbekannt|fehlt"
    r"|keine angabe|inconnu|desconocido|sconosciuto|desconhecido|onbekend|x|\.+|…|\*+|_+)",
    re.IGNORECASE,
)
# Below or above what could be measured: no number, but where numbers stand.
_CENSORED = re.compile(r"[<>≤≥~≈]=?\s*[-+]?[\d.,]+.*")


def stands_for_a_number(word: str) -> bool:
    """Say whether a cell that is not a number is often found among numbers."""
    return bool(_NUMBER_WORDS.fullmatch(word) or _CENSORED.fullmatch(word))


def kept_words(counts: dict[str, int], others: list[str], filled: int, blank: int) -> list[str]:
    """Decide which words of a text column are values, though they often mean a missing one.

    A word is a value if it is frequent (5 % of the filled cells and three of them), or if the
    column has blank cells as well, which then are the missing ones. "-" is a value beside
    "+". "NA" among other codes of two capitals (countries) is one too.

    Args:
        counts: Of the column's cells that are one of `POSSIBLE_VALUES`.
        others: Some of the other different values.
        filled: Number of cells that are not blank.
        blank: Number of blank cells.

    Returns:
        The words, sorted. The same counts always give the same ones.
    """
    kept = set()
    codes = bool(others) and all(len(each) == 2 and each.isupper() for each in others)
    for word, count in counts.items():
        frequent = count >= _REPEATED and count >= FREQUENT * filled
        if frequent or blank or (word == "NA" and codes) or (word == "-" and "+" in others):
            kept.add(word)
    return sorted(kept)
