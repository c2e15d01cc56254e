"""Infer the kind of a column from its name and values, by fixed rules, with a reason.

The first rule that applies decides:

1. No values, or the same value in all rows: constant.
2. Dates (columns of dates; text of which 95% can be read as dates; whole numbers such as 20240305
   if the name suggests dates): date.
3. Booleans, and any column with one or two different values: categorical (two different fractions
   are numeric).
4. Whole numbers
   - that all differ and number the rows with few gaps, or that differ in nearly all rows and have
     a name such as id or number: identifier (years are not row numbers);
   - with a name that suggests a code (id, childid, zip, county, type, month ...): categorical;
   - of eleven or more digits, all of the same length, of which half or more repeat (accounts,
     barcodes, not times of day): categorical;
   - with up to four consecutive values from -1, 0 or 1 on (passenger class 1, 2, 3), unless larger
     ones are rarer, as with counts (0 most often, then 1, then 2 ...): categorical;
   - others (counts, ages, years, sizes): numeric.
5. Fractions: numeric, even if all differ.
6. Text
   - of which 95% are numbers, with more than 20 different ones: numeric;
   - whose cells are lists of values, such as Action|Adventure (`list_text.find_separator` has
     the rules): list;
   - that is long and varied: free text;
   - that differs in all rows, or has more different values than half of the rows: identifier, or
     free text if it has several words;
   - others, with any number of levels (147 cabins in 891 rows): categorical.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd
from pandas.api import types

from nfm.column_formats.column_format import ColumnFormat
from nfm.column_formats.legacy_texts import day_comes_first, parse_date_texts, parse_numbers
from nfm.column_formats.list_text import find_separator, split_items
from nfm.column_formats.typed_columns import settled_numbers
from nfm.tabular.level_values import level_codes, settled, value_type
from nfm.text import clipped

Kind = Literal["categorical", "numeric", "date", "list", "text", "identifier", "constant"]

_SAMPLE = 1_000
_LONG_CODE = 10**10


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_IDENTIFIER_WORDS = _words(
    "id ids uid uuid guid key index idx rowid rownames rownumber no nr num number serial unnamed"
    " isbn ean ssn phone telephone"
)
_CODE_WORDS = _words(
    "id code zip zipcode postcode postalcode plz type class category cat group cluster region"
    " district month weekday dow gender sex race season quarter channel status flag user item"
    " movie product customer brand store shop sku sic naics fips"
    " ids idcode hid hhid pid uid key nr isbn ean ssn phone telephone"
    " country state county province prefecture municipality commune community city town village"
    " stratum strata station hospital clinic firm company department dept sector industry"
    " occupation subject patient participant respondent student pupil teacher rater judge team"
    " player driver airline carrier vendor supplier seller species breed variety genotype"
    " ethnicity religion nationality"
)
# What may stand before "id" in one word, as in childid; paid and humid do not end with an id.
_BEFORE_ID = _CODE_WORDS | _words(
    "school child person people household family house home account order case parent mother"
    " father worker employee client member visit session device game match trip route"
)
_TIME_WORDS = _words("year yr date time timestamp day week month period")
_DATE_WORDS = _words("date day")
# So many different whole numbers are not all dates of several months by chance, as 20240305.
_MANY_DATES = 20


@dataclass(frozen=True)
class KindGuess:
    """The inferred kind of a column.

    Attributes:
        kind: The kind.
        reason: Why, one sentence.
        level_count: Number of different values without missing ones (for an estimator's float
            columns, in the first thousand rows), or of the items of lists.
        missing_share: Share of rows without a value, 0..1.
        examples: The first different values as text, at most five.
        day_first: Whether dates such as 3/5/24 begin with the day; None if there are no such dates.
    """

    kind: Kind
    reason: str
    level_count: int
    missing_share: float
    examples: tuple[str, ...]
    day_first: bool | None = None


@dataclass(frozen=True)
class _ColumnStats:
    """The properties of a column that the rules use."""

    name: str
    rows: int
    present: int
    levels: int

    @property
    def words(self) -> list[str]:
        """The name's words in lower case: customer and id for "customerID"."""
        spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", self.name)
        return [word for word in re.split(r"[\W_\d]+", spaced.lower()) if word]

    def named(self, words: frozenset[str]) -> bool:
        return bool(self.words) and self.words[-1] in words

    @property
    def names_codes(self) -> bool:
        """Whether the name says that numbers are codes: by its last word, or by an id in it."""
        last = self.words[-1] if self.words else ""
        return last in _CODE_WORDS or (last.endswith("id") and last[:-2] in _BEFORE_ID)

    @property
    def differing(self) -> str:
        return f"{self.levels:,} of {self.present:,} values differ"


def infer_kind(
    name: str, series: pd.Series, keep_all: bool = False, column_format: ColumnFormat | None = None
) -> KindGuess:
    """Infer the kind of a column.

    Args:
        name: The column's name, which some rules use.
        series: The column, (rows,).
        keep_all: Whether to use the rules of the estimators, which leave out no column: text and
            categories are categorical, floats are numeric, and no column is an identifier, free
            text or constant.
        column_format: The column's format; None if it was read by the legacy rules, which look
            for dates and numbers in text here.

    Returns:
        The kind and the reason. The same column always gets the same kind.
    """
    series = settled(series)
    sort = value_type(series)
    if types.is_datetime64_any_dtype(series.dtype):
        return _judge_dates(series, keep_all)
    if types.is_timedelta64_dtype(series.dtype):
        sort = "number"
    if sort != "text" and not isinstance(series.dtype, pd.CategoricalDtype):
        return _judge_numbers(name, series, keep_all)
    return _judge_text(name, series, keep_all, column_format)


def _judge_dates(series: pd.Series, keep_all: bool) -> KindGuess:
    facts = _ColumnStats(str(series.name), len(series), int(series.notna().sum()), series.nunique())
    _, levels = level_codes(series.dropna().head(_SAMPLE))
    constant = None if keep_all else _constant(facts, pd.Series(levels))
    kind, reason = constant or ("date", "The values are dates.")
    return _guess(kind, reason, facts, levels)


def _judge_numbers(name: str, series: pd.Series, keep_all: bool) -> KindGuess:
    if types.is_timedelta64_dtype(series.dtype):
        series = series.dt.total_seconds()
    if keep_all and types.is_float_dtype(series.dtype):
        return _kept_float(name, series)
    if types.is_integer_dtype(series.dtype):  # not as floats, which cannot represent 64-bit ids
        values = settled_numbers(series.dropna()).to_numpy()
    else:
        values = series.to_numpy(dtype=np.float64, na_value=np.nan)
        values = values[np.isfinite(values)]
    distinct = _distinct(values)
    facts = _ColumnStats(name, len(series), len(values), len(distinct))
    examples = _number_examples(values)
    kind: Kind
    constant = None if keep_all else _constant(facts, pd.Series(examples))
    whole = distinct.dtype.kind in "iu" or (
        bool((distinct == np.floor(distinct)).all()) and bool((np.abs(distinct) < 2**53).all())
    )
    if constant is not None:
        kind, reason = constant
    elif types.is_bool_dtype(series.dtype):
        kind, reason = "categorical", "The values are true or false."
        examples = level_codes(series.head(_SAMPLE))[1]
    elif not whole:
        kind, reason = "numeric", f"Numbers from {distinct[0]:.6g} to {distinct[-1]:.6g}."
    else:
        kind, reason = _judge_whole(facts, values, distinct, keep_all)
    return _guess(kind, reason, facts, examples)


def _distinct(values: np.ndarray) -> np.ndarray:
    """Return the different numbers, ascending; by sorting, because hashing needs more memory."""
    ascending = np.sort(values)
    return ascending[np.append(True, ascending[1:] != ascending[:-1])[: len(values)]]


def _kept_float(name: str, series: pd.Series) -> KindGuess:
    """Describe a float column of an estimator, which is always numeric, by its first rows."""
    values = series.to_numpy(dtype=np.float64, na_value=np.nan)
    present = int(np.isfinite(values).sum())
    examples = _number_examples(values)
    facts = _ColumnStats(name, len(series), present, len(pd.unique(values[:_SAMPLE])))
    return _guess("numeric", "The values are floating-point numbers.", facts, examples)


def _number_examples(values: np.ndarray) -> np.ndarray:
    """Write the first different numbers to six digits."""
    first = pd.unique(values[:_SAMPLE])[:5]
    if first.dtype.kind in "iu":
        return np.array([str(x) for x in first.tolist()], dtype=object)
    shown = [f"{x:.0f}" if x == np.floor(x) and abs(x) < 1e15 else f"{x:.6g}" for x in first]
    return np.array(shown, dtype=object)


def _judge_whole(
    facts: _ColumnStats, values: np.ndarray, distinct: np.ndarray, keep_all: bool
) -> tuple[Kind, str]:
    """Return kind and reason for whole numbers: codes, row numbers, dates or quantities."""
    if facts.levels == 0:
        return "numeric", "All values are missing."
    lowest, highest = int(distinct[0]), int(distinct[-1])
    ends = f"from {lowest:,} to {highest:,}"
    if facts.levels == 1:
        return "categorical", "There is only one value."
    if facts.levels == 2:
        meaning = ": a yes/no code" if (lowest, highest) == (0, 1) else ""
        return "categorical", f"Two values, {lowest} and {highest}{meaning}."
    months = len(np.unique(distinct[:_SAMPLE] // 100))
    likely = facts.named(_DATE_WORDS) or (facts.levels >= _MANY_DATES and months > 1)
    if likely and _compact_dates(distinct):
        return "date", f"Whole numbers such as {lowest} are dates: year, month and day."
    if not keep_all and _counts_rows(facts, lowest, highest):
        return "identifier", f"{facts.differing}: an identifier."
    if len(_distinct(distinct.astype(np.float64))) < facts.levels:
        why = f"Whole numbers {ends}, which differ in digits too far behind for calculations"
        if keep_all or facts.levels <= 0.5 * facts.present:
            return "categorical", f"{why}: a code."
        return "identifier", f"{why}: an identifier."
    if facts.names_codes and facts.levels <= max(32, 0.9 * facts.present):
        return "categorical", f"{facts.levels:,} whole numbers {ends}; the name suggests a code."
    if _are_long_codes(facts, distinct):
        return "categorical", f"{facts.levels:,} whole numbers of equal length {ends}: a code."
    consecutive = highest - lowest == facts.levels - 1
    if facts.levels <= 4 and consecutive and lowest in (-1, 0, 1):
        _, counts = np.unique(values, return_counts=True)
        if not (lowest == 0 and (np.diff(counts) < 0).all()):
            return "categorical", f"Only {facts.levels} values, whole numbers {ends}: a code."
        return "numeric", f"Whole numbers {ends}, the larger the rarer: a count."
    return "numeric", f"Whole numbers {ends}."


def _counts_rows(facts: _ColumnStats, lowest: float, highest: float) -> bool:
    """Return whether whole numbers are row numbers or other unique keys, not quantities."""
    if facts.present < 5 or facts.named(_TIME_WORDS):
        return False
    if facts.named(_IDENTIFIER_WORDS):
        return facts.levels >= 0.9 * facts.present
    if facts.levels < facts.present or 1800 <= lowest <= highest <= 2100:
        return False
    density = facts.present / (highest - lowest + 1)
    return density == 1 or (facts.present >= 100 and density >= 0.5)


def _are_long_codes(facts: _ColumnStats, distinct: np.ndarray) -> bool:
    """Return whether whole numbers are as long as those of accounts, and repeat."""
    lowest, highest = int(distinct[0]), int(distinct[-1])
    same_length = lowest >= _LONG_CODE and len(str(lowest)) == len(str(highest))
    is_round = not (distinct % 100).any()  # times in milliseconds, amounts
    return same_length and not is_round and facts.levels <= 0.5 * facts.present


def _compact_dates(distinct: np.ndarray) -> bool:
    texts = np.array([str(int(value)) for value in distinct[:_SAMPLE]], dtype=object)
    if any(len(text) != 8 for text in texts):
        return False
    return not np.isnat(parse_date_texts(texts)).any()


def _judge_text(
    name: str, series: pd.Series, keep_all: bool, column_format: ColumnFormat | None
) -> KindGuess:
    codes, levels = level_codes(series)
    facts = _ColumnStats(name, len(series), int((codes >= 0).sum()), len(levels))
    declared = isinstance(series.dtype, pd.CategoricalDtype)
    if facts.levels > 2 and not declared and (listed := _list_reason(codes, levels)):
        reason, items = listed
        return _guess("list", reason, replace(facts, levels=items), levels)
    if keep_all:
        reason = f"{facts.levels:,} different values."
        return _guess("categorical", reason, facts, levels)
    constant = _constant(facts, pd.Series(levels))
    if constant is not None:
        return _guess(*constant, facts, levels)
    sample = levels[np.linspace(0, len(levels) - 1, min(len(levels), _SAMPLE)).astype(int)]
    if column_format is not None or declared:
        pass  # already read, or declared as categories: neither dates nor numbers
    elif (~np.isnat(parse_date_texts(sample))).mean() >= 0.95:
        day_first = day_comes_first(sample)
        order = {None: "", True: ", day before month", False: ", month before day"}[day_first]
        reason = f"Values such as {sample[0]} are dates{order}."
        return _guess("date", reason, facts, levels, day_first)
    elif facts.levels > 20 and (why := _number_reason(codes, levels, sample)):
        return _guess("numeric", why, facts, levels)
    return _guess(*_judge_words(facts, sample), facts, levels)


def _list_reason(codes: np.ndarray, levels: np.ndarray) -> tuple[str, int] | None:
    """Return why a text column holds lists, and the number of their items; None if it doesn't."""
    separator = find_separator(levels, np.bincount(codes[codes >= 0], minlength=len(levels)))
    if separator is None:
        return None
    found = [split_items(level, separator) for level in levels]
    items, longest = len(set().union(*found)), max(len(each) for each in found)
    reason = f"Up to {longest:,} of {items:,} different values in a cell, divided by {separator!r}."
    return reason, items


def _number_reason(codes: np.ndarray, levels: np.ndarray, sample: np.ndarray) -> str | None:
    """Return the reason to read a text column as numbers; None if there is none."""
    if any(len(text) > 1 and text[0] == "0" and text.isdigit() for text in sample):
        return None  # leading zeros: a code
    if np.isfinite(parse_numbers(sample)).mean() < 0.5:
        return None
    are_numbers = np.isfinite(parse_numbers(levels))
    present = codes[codes >= 0]
    good = int(are_numbers[present].sum())
    if good < 0.95 * len(present) or are_numbers.sum() <= 20:
        return None
    if good == len(present):
        return "All values can be read as numbers."
    bad = levels[~are_numbers][0]
    return (
        f"{good:,} of {len(present):,} values can be read as numbers; the others, "
        f'such as "{clipped(bad, 60)}", count as missing.'
    )


def _judge_words(facts: _ColumnStats, sample: np.ndarray) -> tuple[Kind, str]:
    words = float(np.mean([len(text.split()) for text in sample]))
    length = float(np.mean([len(text) for text in sample]))
    if facts.levels > 50 and facts.levels >= 0.2 * facts.rows and (words >= 6 or length >= 50):
        return "text", f"{facts.differing} and are {length:.0f} characters long: free text."
    unique = facts.levels == facts.present and facts.present >= 10
    if unique or (facts.levels >= 20 and facts.levels > 0.5 * facts.rows):
        if words >= 3:
            return "text", f"{facts.differing} and have several words: free text."
        return "identifier", f"{facts.differing}: an identifier."
    return "categorical", f"{facts.levels:,} different values in {facts.present:,} rows."


def _constant(facts: _ColumnStats, examples: pd.Series) -> tuple[Kind, str] | None:
    if facts.levels == 0:
        return "constant", "All values are missing."
    if facts.levels == 1 and facts.present == facts.rows:
        return "constant", f'All rows have the same value, "{clipped(str(examples.iloc[0]), 60)}".'
    return None


def _guess(
    kind: Kind,
    reason: str,
    facts: _ColumnStats,
    examples: np.ndarray,
    day_first: bool | None = None,
) -> KindGuess:
    missing = 1 - facts.present / facts.rows if facts.rows else 0.0
    shown = tuple(clipped(str(text), 60) for text in examples[:5])
    return KindGuess(kind, reason, facts.levels, missing, shown, day_first)
