"""What a column suggests as a target: its task, and which of two classes is the positive one."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
from pandas.api.types import is_integer_dtype

from nfm.column_formats.column_format import ColumnFormat
from nfm.settings import Task
from nfm.tabular.level_values import numbers, value_type
from nfm.tabular.target_values import class_counts

_MAXIMUM_NUMBER_CLASSES = 10
# Lower case. Only words that say by themselves that something is, or isn't, the case; single
# letters may mean anything ("o" and "x", "d" and "n").
_AFFIRMATIVE = {
    *("yes", "true", "ja", "wahr", "oui", "vrai", "sí", "si", "verdadero", "sì", "vero", "sim"),
    *("verdadeiro", "tak", "da", "да", "igen", "kyllä", "はい", "是", "예"),
    *("positive", "positiv", "present", "+"),
}
_NEGATIVE = {
    *("no", "false", "nein", "falsch", "non", "faux", "falso", "não", "nao", "nee", "nej", "ne"),
    *("нет", "nie", "nem", "ei", "いいえ", "否", "不是", "아니요"),
    *("negative", "negativ", "absent", "never", "none", "-", "−", "–"),
}
# Words at the end of a column's name; its values must be few whole numbers too.
_RATINGS = {
    *("rating", "ratings", "stars", "score", "grade"),
    *("bewertung", "wertung", "sterne", "note", "schulnote", "zensur"),
    *("évaluation", "étoiles", "calificación", "puntuación", "estrellas", "nota"),
    *("valutazione", "stelle", "voto", "avaliação", "estrelas", "beoordeling", "ocena"),
}
_WIDEST_RATING = 10  # between the lowest and the highest value: 0 to 10
_WORD = re.compile(r"[^\W\d_]+")
_NEGATIONS = ("no", "not", "non", "nicht", "kein")


def has_rating_name(name: str) -> bool:
    """Say whether a column's name ends with a word for a rating: "Rating", "star_rating", "Note".

    Args:
        name: Name of the column.
    """
    words = _WORD.findall(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name))
    return bool(words) and words[-1].casefold() in _RATINGS


def is_rating(values: pd.Series) -> bool:
    """Say whether a column holds ratings: three or more whole numbers that lie close together.

    Args:
        values: (rows,), with the column's name; missing ones are not counted.
    """
    if not has_rating_name(str(values.name)) or value_type(values) != "number":
        return False
    read = numbers(values)
    distinct = np.unique(read[np.isfinite(read)])
    if len(distinct) < 3 or (distinct != np.floor(distinct)).any():
        return False
    return bool(distinct[0] >= 0 and distinct[-1] - distinct[0] <= _WIDEST_RATING)


def guess_task(values: pd.Series, column_format: ColumnFormat | None = None) -> Task:
    """Say which task a target's values make.

    Args:
        values: (rows,), with the column's name; missing ones are not counted.
        column_format: How they were read; None: by the rules of before there were formats.

    Returns:
        binary for two values; multiclass for text, and for up to ten different whole numbers
        that all recur; regression for other numbers and for ratings, whose order counts.
    """
    if column_format is not None and is_rating(values):
        return "regression"
    if column_format is not None and value_type(values) == "text":
        return "binary" if values.nunique() == 2 else "multiclass"
    read = numbers(values)
    if value_type(values) == "text":
        if values.nunique() <= 20 or np.isnan(read).sum() > values.isna().sum():
            return "binary" if values.nunique() == 2 else "multiclass"
    elif is_integer_dtype(values.dtype):  # floats would make one number of two long ones
        read = pd.factorize(values)[0].astype(np.float64)
        read[read < 0] = np.nan
    present = read[np.isfinite(read)]
    distinct, counts = np.unique(present, return_counts=True)
    if len(distinct) == 2:
        return "binary"
    whole = bool((distinct == np.floor(distinct)).all())
    few = 0 < len(distinct) <= _MAXIMUM_NUMBER_CLASSES and counts.min() >= 2
    return "multiclass" if whole and few else "regression"


def guess_positive(values: pd.Series, task: Task, column_format: ColumnFormat | None = None) -> str:
    """Say which of a target's two classes is the positive one, where sorting them misses it.

    Args:
        values: (rows,); missing ones are not counted.
        task: The target's task.
        column_format: How they were read; None: by the rules of before there were formats, which
            took the last in sort order.

    Returns:
        Canonical text of the class if it comes first in sort order and the words say that it is
        the positive one: "ja" beside "nein", "churn" beside "no churn"; else "", for the last.
    """
    if task != "binary" or column_format is None:
        return ""
    classes = [text for text, _ in class_counts(values)]
    if len(classes) != 2:
        return ""
    first, last = (text.strip().casefold() for text in classes)
    affirmed = (first in _AFFIRMATIVE and last not in _AFFIRMATIVE) or (first, last) == ("j", "n")
    denied = _is_negative(last, first) and not _is_negative(first, last)
    return classes[0] if affirmed or denied else ""


def _is_negative(text: str, other: str) -> bool:
    """Say whether a class denies: by its word, or because it negates the other class."""
    return text in _NEGATIVE or text in {
        f"{negation}{gap}{other}" for negation in _NEGATIONS for gap in " -_"
    }
