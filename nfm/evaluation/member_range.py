"""How far apart the predictions of an ensemble's members are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nfm.inference.activations import class_probabilities
from nfm.inference.bundle import Bundle
from nfm.tabular.encoded_table import EncodedTable


@dataclass(frozen=True, eq=False)
class MemberRange:
    """The lowest and the highest prediction of an ensemble's members for each row.

    It shows how much a prediction depends on the random start of a training. Errors that all
    members make, because the columns do not tell more or a row is unlike the training rows, are
    not in it.

    Attributes:
        lowest: float64 (rows,): a number in the target's unit, or the probability of a class.
        highest: The same.
    """

    lowest: np.ndarray
    highest: np.ndarray


def member_range(bundle: Bundle, table: EncodedTable, classes: np.ndarray) -> MemberRange:
    """Return the range of the members' predictions.

    Args:
        bundle: An ensemble whose `member_scorers` are known.
        table: Rows as `bundle.encoder.transform` returns them.
        classes: Number of the class of each row whose probability is meant, int (rows,); of two
            classes it is always the second one, and numbers have none.
    """
    outputs = bundle.member_outputs(table)
    target = bundle.target
    if target.task == "regression":
        predictions = np.stack([target.decode(values[:, 0]) for values in outputs])
    elif target.task == "binary":
        predictions = np.stack([class_probabilities(values)[:, 1] for values in outputs])
    else:
        rows = np.arange(len(table))
        predictions = np.stack([class_probabilities(values)[rows, classes] for values in outputs])
    return MemberRange(predictions.min(axis=0), predictions.max(axis=0))
