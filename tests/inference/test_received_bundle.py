"""Bundles that somebody uploads: what load_bundle lets through and the app does not."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from typing import Any

import numpy as np
import pytest

from nfm.errors import BundleError
from nfm.inference import received_bundle
from nfm.inference.bundle import Bundle
from nfm.inference.received_bundle import receive_bundle

MakeBundle = Callable[..., Bundle]


def changed(data: bytes, change: Callable[[dict], Any]) -> bytes:
    """The same bundle with another manifest."""
    with zipfile.ZipFile(BytesIO(data)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(members["manifest.json"])
    change(manifest)
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("manifest.json", json.dumps(manifest))
        archive.writestr("weights.npz", members["weights.npz"])
    return stream.getvalue()


def refused(data: bytes) -> str:
    with pytest.raises(BundleError) as caught:
        receive_bundle(data)
    sentence = str(caught.value)
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert len(sentence) < 400
    return sentence


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
@pytest.mark.parametrize("numeric", ["piecewise", "value", "concat"])
def test_sound_bundles_are_received(make_bundle: MakeBundle, task: str, numeric: str) -> None:
    values = np.array(["a", "b", "c"])[np.arange(60) % 3] if task == "multiclass" else None
    bundle = make_bundle(task, values, numeric=numeric)
    received = receive_bundle(bundle.to_bytes())
    assert received.to_bytes() == bundle.to_bytes()


def test_weights_whose_answers_are_no_numbers_are_refused(make_bundle: MakeBundle) -> None:
    bundle = make_bundle(hidden_units=(8,) * 6)
    huge = {name: np.full_like(array, 3e38) for name, array in bundle.weights.items()}
    assert "not numbers" in refused(replace(bundle, weights=huge).to_bytes())


def test_more_columns_than_a_page_can_ask_for_are_refused(
    make_bundle: MakeBundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(received_bundle, "_COLUMNS", 3)
    assert "4 columns, more than the 3 allowed" in refused(make_bundle().to_bytes())


def test_limits_of_the_app_are_smaller_than_those_of_a_script(make_bundle: MakeBundle) -> None:
    def grow(manifest: dict) -> None:
        manifest["settings"] |= {"hidden_units": [4096] * 8}

    sentence = refused(changed(make_bundle().to_bytes(), grow))
    assert "more than the 256 MB allowed" in sentence


def test_ranges_as_large_as_numbers_go_are_received(make_bundle: MakeBundle) -> None:
    def stretch(manifest: dict) -> None:
        for field in manifest["encoder"]["numeric"]:
            edges = len(field["edges"])
            field["edges"] = np.linspace(-1.5e308 / 1e8, 1.5e308 / 1e8, edges).tolist()
            field |= {"minimum": -1.7e308, "median": 0.0, "maximum": 1.7e308}

    receive_bundle(changed(make_bundle().to_bytes(), stretch))
