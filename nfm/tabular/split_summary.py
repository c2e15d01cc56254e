"""Count the rows of each class in each part of a split."""

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
    """Number of rows of one class in each part."""

    name: str
    train: int
    validation: int
    test: int


@dataclass(frozen=True)
class CopyCount:
    """Rows that are equal to others in all columns except the target.

    Attributes:
        rows: Number of rows that are equal to at least one other.
        different: Number of different rows among them.
        beyond_chance: Whether there are clearly more than independent columns would have.
        together: Whether equal rows stay in one part.
    """

    rows: int
    different: int
    beyond_chance: bool
    together: bool


@dataclass(frozen=True)
class SplitSummary:
    """The sizes of a split's parts.

    Attributes:
        train: Number of rows for training.
        validation: Number of rows for choosing the best epoch.
        test: Number of rows for evaluating the trained model.
        left_out: Number of rows without a target, which are in no part.
        classes: The most frequent classes, at most fifty; () if the target is a number.
        single: Classes of one row, which cannot be learned.
        untrained: Number of validation and test rows of classes that no training row has.
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
    """Split a table's rows and count them.

    Args:
        frame: All rows.
        schema: The table's schema, with target and task.
        options: How the rows are split.

    Raises:
        SchemaError: The rows cannot be split this way.
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
