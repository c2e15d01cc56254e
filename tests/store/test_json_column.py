"""Values in JSON columns come back as they were, in whatever way older versions wrote them."""

from __future__ import annotations

import json
import math

import pytest
from scripted_training import epoch
from sqlalchemy.dialects import sqlite

from nfm.epoch import Epoch, Metrics
from nfm.settings import Settings
from nfm.store.json_column import JSONColumn, UnreadableText
from nfm.store.records import DecisionRule
from nfm.tabular.splitting import SplitOptions

DIALECT = sqlite.dialect()


def text_of(value: object) -> str | None:
    return JSONColumn(type(value)).process_bind_param(value, DIALECT)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Settings, Settings(epochs=7, hidden_units=())),
        (SplitOptions, SplitOptions(test_fraction=0.1)),
        (Metrics, Metrics(0.1 + 0.2, auc=1 / 3)),
        (tuple[Epoch, ...], (epoch(1), epoch(2))),
        (tuple[DecisionRule, ...], (DecisionRule(), DecisionRule(2, 1e-300, 1.0, 20.0))),
        (Metrics, None),
    ],
)
def test_a_value_comes_back_as_it_was(kind: type, value: object):
    assert JSONColumn(kind).process_result_value(text_of(value), DIALECT) == value


def test_a_loss_that_is_no_number_comes_back():
    """JSON has no word for it: Python's, which older versions wrote, is used."""
    kept = JSONColumn(Metrics).process_result_value(text_of(Metrics(math.inf, math.nan)), DIALECT)

    assert kept.loss == math.inf
    assert math.isnan(kept.accuracy)


def test_epochs_are_written_as_older_versions_wrote_them():
    epochs = (epoch(1), epoch(2))
    text = text_of(epochs)

    assert text is not None
    assert json.loads(text) == [one.to_dict() for one in epochs]
    older_fields = [one.to_dict() for one in epochs]
    for fields in older_fields:
        del fields["member_losses"]  # new in version 8 of the database
    older = json.dumps(older_fields)
    assert JSONColumn(tuple[Epoch, ...]).process_result_value(older, DIALECT) == epochs


def test_text_that_cannot_be_read_is_no_error_and_is_written_as_it_was():
    column = JSONColumn(Settings)
    read = column.process_result_value('{"epochs": ', DIALECT)

    assert read == UnreadableText('{"epochs": ', "not valid: it is not JSON")
    assert column.process_bind_param(read, DIALECT) == '{"epochs": '
