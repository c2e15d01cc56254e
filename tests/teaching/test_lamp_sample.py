"""The truth table of the samples XOR and parity."""

from __future__ import annotations

import pytest

from nfm.settings import Settings
from nfm.tabular.infer_schema import infer_schema
from nfm.tabular.samples import SAMPLES, load_sample
from nfm.teaching.lamp_sample import lamp_probabilities, lamp_table, switch_columns
from nfm.teaching.truth_table import parity
from nfm.training.train_table import train_table


def schema_of(key):
    return infer_schema(load_sample(key), SAMPLES[key].target, SAMPLES[key].task)


@pytest.mark.parametrize(("key", "count"), [("xor", 2), ("parity", 3)])
def test_rows_of_a_sample_say_the_parity_of_the_switches(key, count):
    frame = load_sample(key)
    table = lamp_table(frame, switch_columns(schema_of(key)))
    assert len(table.names) == 2**count
    assert table.names[1] == "↓" * (count - 1) + "↑"
    assert table.on == parity(count)
    # The best accuracy is that of the rule itself: the rest of the labels are drawn by chance.
    up = (frame.filter(like="switch") == "up").sum(axis=1) % 2
    assert table.best_accuracy == pytest.approx((up == frame["lamp"]).mean())
    assert 0.9 < table.best_accuracy < 0.94


@pytest.mark.parametrize("key", [key for key in SAMPLES if key not in ("xor", "parity")])
def test_other_samples_have_no_switches(key):
    assert switch_columns(schema_of(key)) == ()


def test_sample_with_another_target_has_no_switches():
    assert switch_columns(infer_schema(load_sample("xor"), "wall")) == ()


def test_probabilities_of_a_model_are_in_the_order_of_the_positions():
    settings = Settings(epochs=12, learning_rate=0.01)
    trained = train_table(load_sample("xor"), schema_of("xor"), settings)
    predictions = lamp_probabilities(trained.bundle)
    assert predictions is not None
    assert [prediction > 0.5 for prediction in predictions] == list(parity(2))
