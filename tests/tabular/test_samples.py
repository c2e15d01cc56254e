"""The tables that come with the app."""

from __future__ import annotations

import hashlib
import re

import numpy as np
import pandas as pd
import pytest

from nfm.errors import ReadingError
from nfm.tabular.samples import SAMPLES, additive, load_sample, sample_bytes, switches

SHAPES = {
    "titanic": (891, 12),
    "penguins": (344, 8),
    "cars": (392, 9),
    "additive": (2000, 5),
    "xor": (2000, 4),
    "parity": (2000, 5),
}


def test_titanic_comes_first():
    assert next(iter(SAMPLES)) == "titanic"


@pytest.mark.parametrize("key", SAMPLES)
def test_every_sample_has_its_shape_and_a_target_without_gaps(key):
    table = load_sample(key)
    assert table.shape == SHAPES[key]
    assert table[SAMPLES[key].target].notna().all()


@pytest.mark.parametrize("key", SAMPLES)
def test_the_target_fits_the_task(key):
    classes = load_sample(key)[SAMPLES[key].target].nunique()
    task = SAMPLES[key].task
    assert (task == "binary") == (classes == 2)
    assert (task == "multiclass") == (classes == 3)


def test_every_file_has_the_checksum_that_its_readme_states(repository):
    readme = (repository / "data" / "README.md").read_text()
    stated = dict(re.findall(r"## (\S+\.csv)\n.*?sha256: `(\w{64})`", readme, re.DOTALL))
    files = {
        file for sample in SAMPLES.values() for file in (sample.file, sample.dictionary) if file
    }
    assert stated.keys() == files
    for file in files:
        content = (repository / "data" / file).read_bytes()
        assert hashlib.sha256(content).hexdigest() == stated[file]


@pytest.mark.parametrize("key", ["titanic", "penguins", "cars"])
def test_every_column_of_a_file_is_explained(key, repository):
    readme = (repository / "data" / "README.md").read_text()
    assert all(f"\n| {name} | " in readme for name in load_sample(key).columns)


def test_generated_samples_are_the_same_every_time():
    assert sample_bytes("parity") == sample_bytes("parity")
    pd.testing.assert_frame_equal(additive(50), additive(50))


def test_xor_says_nothing_by_one_switch_and_much_by_two():
    table = switches(2, rows=20_000)
    by_one = table.groupby("switch 1")["lamp"].mean()
    by_two = table.groupby(["switch 1", "switch 2"])["lamp"].mean()
    np.testing.assert_allclose(by_one, 0.5, atol=0.02)
    np.testing.assert_allclose(by_two.abs().sort_values(), [0.08, 0.08, 0.92, 0.92], atol=0.02)


def test_parity_says_nothing_by_any_pair():
    table = switches(3, rows=20_000)
    for other in ("switch 2", "switch 3"):
        np.testing.assert_allclose(
            table.groupby(["switch 1", other])["lamp"].mean(), 0.5, atol=0.03
        )
    by_three = table.groupby(["switch 1", "switch 2", "switch 3"])["lamp"].mean()
    np.testing.assert_allclose(abs(by_three - 0.5), 0.42, atol=0.03)


def test_additive_effects_do_not_depend_on_each_other():
    table = additive(rows=200_000)
    rate = table.pivot_table("went", ["weather", "company"], "day")
    assert (rate["weekend"] > rate["weekday"]).all()
    rate = table.pivot_table("went", ["day", "company"], "weather")
    assert ((rate["sun"] > rate["cloud"]) & (rate["cloud"] > rate["rain"])).all()


def test_an_unknown_sample_is_refused_with_the_known_ones():
    with pytest.raises(ReadingError, match="choose one of titanic, penguins"):
        load_sample("iris")
