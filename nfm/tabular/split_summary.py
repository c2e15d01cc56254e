"""How many rows of each class every part of a split has."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from nfm.tabular.level_values import level_codes
from nfm.tabular.schema import Schema
from nfm.tabular.splitting import SplitOptions, copies_of, split_rows

_CLASSES = 50


@dataclass(frozen=True)
class ClassCount:
    """Rows of one class in each part."""

    name: str
    train: int
    validation: int
    test: int


@dataclass(frozen=True)
class CopyCount:
    """Rows that are equal to others in every column, target aside.

    Attributes:
        rows: How many rows are equal to at least one other.
        different: How many different rows these are.
        beyond_chance: Whether they are clearly more than independent columns would have.
        together: Whether equal rows stay in one part.
    """

    rows: int
    different: int
    beyond_chance: bool
    together: bool


@dataclass(frozen=True)
class SplitSummary:
    """What a split comes to.

    Attributes:
        train: Rows that teach.
        validation: Rows that choose the best epoch.
        test: Rows that judge the finished model.
        left_out: Rows without a target, which are in no part.
        classes: The most frequent classes, at most fifty; () where the target is a number.
        single: Classes of one row, which cannot be learned.
        untrained: Validation and test rows of classes that no training row has.
        copies: Rows that are equal to others; None if all differ.
    """

    train: int
    validation: int
    test: int
    left_out: int
    classes: tuple[ClassCount, ...] = ()
    single: tuple[str, ...] = ()
    untrained: int = 0
    copies: CopyCount | None = None


def split_summary(frame: pd.DataFrame, schema: Schema, options: SplitOptions) -> SplitSummary:
    """Divide a table's rows and count them.

    Args:
        frame: All rows.
        schema: Names the target and the task.
        options: How the rows are divided.

    Raises:
        SchemaError: If they cannot be split this way.
    """
    target = None if schema.target is None else frame[schema.target]
    copies = copies_of(frame, target, schema.task)
    split = split_rows(frame, target, schema.task, options, copies)
    parts = (split.train, split.validation, split.test)
    classes: list[ClassCount] = []
    single: list[str] = []
    untrained = 0
    if target is not None and schema.task != "regression":
        codes, levels = level_codes(target)
        counts = [np.bincount(codes[part], minlength=len(levels)) for part in parts]
        total = np.sum(counts, axis=0)
        for place in np.argsort(-total, kind="stable")[:_CLASSES]:
            train, validation, test = (int(count[place]) for count in counts)
            classes.append(ClassCount(str(levels[place]), train, validation, test))
        untrained = int(total[counts[0] == 0].sum())
        single = [str(levels[place]) for place in np.flatnonzero(total == 1)]
    train, validation, test = map(len, parts)
    left_out = len(frame) - train - validation - test
    count = None
    if copies.repeated:
        together = options.keeps_together(copies)
        count = CopyCount(copies.repeated, copies.different, copies.beyond_chance, together)
    return SplitSummary(
        train, validation, test, left_out, tuple(classes), tuple(single), untrained, count
    )
