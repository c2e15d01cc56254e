from __future__ import annotations

import json
import os
import subprocess
import sys
import warnings
import zipfile
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from nfm import load_bundle
from nfm.compatibility import stored_fields
from nfm.errors import BundleError, NFMError, ReadingWarning, SchemaError
from nfm.inference import bundle as bundle_module
from nfm.inference import uploaded_bundle
from nfm.inference.bundle import Bundle
from nfm.inference.manifest import Manifest
from nfm.inference.uploaded_bundle import load_uploaded_bundle
from nfm.settings import Settings

MakeBundle = Callable[..., Bundle]
KINDS = [
    {},
    {"interaction": "fm", "numeric": "value"},
    {"interaction": "linear", "numeric": "concat", "linear_term": "shared"},
    {"numeric": "concat", "bi_batch_norm": True, "hidden_batch_norm": True},
]


@pytest.mark.parametrize("settings", KINDS)
@pytest.mark.parametrize("task", ["binary", "multiclass"])
def test_a_loaded_bundle_gives_the_same_probabilities(
    make_bundle: MakeBundle, frame: pd.DataFrame, task: str, settings: dict
) -> None:
    values = np.arange(len(frame)) % (3 if task == "multiclass" else 2)
    bundle = make_bundle(task, values, **settings)
    loaded = load_bundle(bundle.to_bytes())
    expected = bundle.predict_proba(frame)
    assert expected.shape == (len(frame), 3 if task == "multiclass" else 2)
    np.testing.assert_allclose(expected.sum(axis=1), 1, rtol=1e-6)
    np.testing.assert_array_equal(loaded.predict_proba(frame), expected)
    np.testing.assert_array_equal(loaded.predict(frame), bundle.predict(frame))


def test_a_loaded_bundle_knows_all_that_was_saved(make_bundle: MakeBundle) -> None:
    bundle = make_bundle()
    loaded = load_bundle(bundle.to_bytes())
    for name in ("schema", "encoder", "target", "settings", "history", "best_epoch", "created"):
        assert getattr(loaded, name) == getattr(bundle, name)
    assert loaded.nfm_version == bundle.nfm_version
    assert list(loaded.weights) == list(bundle.weights)


def test_a_bundle_says_every_setting_also_those_that_have_their_default(
    make_bundle: MakeBundle,
) -> None:
    with zipfile.ZipFile(BytesIO(make_bundle().to_bytes())) as archive:
        manifest = json.loads(archive.read("manifest.json"))
    assert set(manifest["settings"]) == set(Settings.model_fields)
    assert set(manifest) == set(stored_fields(Manifest))


def test_a_bundle_from_before_a_setting_is_the_network_of_then(
    make_bundle: MakeBundle, frame: pd.DataFrame
) -> None:
    bundle = make_bundle(constant_field=False, weight_averaging=False)
    older = BytesIO()
    with (
        zipfile.ZipFile(BytesIO(bundle.to_bytes())) as now,
        zipfile.ZipFile(older, "w") as archive,
    ):
        manifest = json.loads(now.read("manifest.json"))
        for name in ("constant_field", "weight_averaging"):
            del manifest["settings"][name]
        archive.writestr("manifest.json", json.dumps(manifest | {"version": 1}))
        archive.writestr("weights.npz", now.read("weights.npz"))
    loaded = load_bundle(older.getvalue())
    assert loaded.settings == bundle.settings
    np.testing.assert_array_equal(loaded.predict_proba(frame), bundle.predict_proba(frame))
    # Saved anew it says what it is.
    assert load_bundle(loaded.to_bytes()).settings == bundle.settings


def test_a_number_is_predicted_in_its_own_units(
    make_bundle: MakeBundle, frame: pd.DataFrame
) -> None:
    bundle = make_bundle("regression")
    standardised = bundle.scorer.logits(bundle.encoder.transform(frame))[:, 0]
    predicted = load_bundle(bundle.to_bytes()).predict(frame)
    np.testing.assert_allclose(
        predicted, bundle.target.mean + bundle.target.scale * standardised, rtol=1e-5
    )


def test_a_number_has_no_probabilities(make_bundle: MakeBundle, frame: pd.DataFrame) -> None:
    with pytest.raises(NFMError, match="use predict"):
        make_bundle("regression").predict_proba(frame)


@pytest.mark.parametrize(
    ("labels", "label_type"),
    [
        ([False, True], np.bool_),
        ([3, 7], np.int64),
        ([0.5, 1.5], np.float64),
        (["no", "yes <script>"], str),
    ],
)
def test_predicted_labels_have_their_original_type(
    make_bundle: MakeBundle, frame: pd.DataFrame, labels: list, label_type: type
) -> None:
    bundle = make_bundle("binary", np.array(labels)[np.arange(len(frame)) % 2])
    loaded = load_bundle(bundle.to_bytes())
    predicted = loaded.predict(frame)
    assert all(type(label) is label_type for label in predicted)
    assert set(predicted) <= set(labels)
    assert loaded.classes.tolist() == labels


def test_the_more_probable_class_is_predicted(make_bundle: MakeBundle, frame: pd.DataFrame) -> None:
    bundle = make_bundle("binary", np.array(["dead", "alive"])[np.arange(len(frame)) % 2])
    alive = bundle.predict_proba(frame)[:, 0] > 0.5
    assert bundle.classes.tolist() == ["alive", "dead"]
    assert (bundle.predict(frame) == np.where(alive, "alive", "dead")).all()


def test_values_never_seen_and_missing_are_scored(make_bundle: MakeBundle) -> None:
    rows = pd.DataFrame(
        {
            "port / harbour": ["Atlantis", None],
            "舱位": [99, None],
            "fare": [1e300, None],
            "<b>age</b>": [-5.0, None],
        }
    )
    assert np.isfinite(make_bundle().predict_proba(rows)).all()


def test_columns_that_are_not_needed_are_ignored(
    make_bundle: MakeBundle, frame: pd.DataFrame
) -> None:
    bundle = make_bundle()
    reordered = frame[frame.columns[::-1]].assign(more=1)
    np.testing.assert_array_equal(bundle.predict_proba(reordered), bundle.predict_proba(frame))


def test_a_missing_column_is_named(make_bundle: MakeBundle, frame: pd.DataFrame) -> None:
    with pytest.raises(SchemaError, match="fare"):
        make_bundle().predict(frame.drop(columns="fare"))


def test_no_rows_give_no_predictions(make_bundle: MakeBundle, frame: pd.DataFrame) -> None:
    assert make_bundle().predict_proba(frame.iloc[:0]).shape == (0, 2)


def test_a_model_is_measured_on_rows_with_a_target(
    make_bundle: MakeBundle, frame: pd.DataFrame
) -> None:
    bundle = make_bundle("binary", np.array(["dead", "alive"])[np.arange(len(frame)) % 2])
    predicted = bundle.predict(frame)
    assert bundle.evaluate(frame, predicted).accuracy == 1.0
    assert bundle.evaluate(frame, predicted).loss < bundle.evaluate(frame, predicted[::-1]).loss


def test_weights_that_overflow_are_reported(make_bundle: MakeBundle, frame: pd.DataFrame) -> None:
    bundle = make_bundle(hidden_units=(4,) * 9)
    huge = {name: np.full_like(array, 3e38) for name, array in bundle.weights.items()}
    huge["output_kernel"][::2] = -3e38  # infinite minus infinite
    broken = load_bundle(replace(bundle, weights=huge).to_bytes())
    with pytest.raises(NFMError, match="learning rate"), np.errstate(all="ignore"):
        broken.predict_proba(frame)


def test_equal_models_give_equal_bytes(make_bundle: MakeBundle) -> None:
    assert make_bundle().to_bytes() == make_bundle().to_bytes()


def test_a_bundle_is_saved_to_and_read_from_paths_and_files(
    make_bundle: MakeBundle, tmp_path: Path
) -> None:
    bundle = make_bundle()
    bundle.save(tmp_path / "by_path.nfm")
    stream = BytesIO()
    bundle.save(stream)
    stream.seek(0)
    assert (tmp_path / "by_path.nfm").read_bytes() == bundle.to_bytes() == stream.getvalue()
    for source in (tmp_path / "by_path.nfm", str(tmp_path / "by_path.nfm"), stream):
        assert load_bundle(source).settings == bundle.settings


WITHOUT_HEAVY_PACKAGES = """
import sys

HEAVY = {"tensorflow", "keras", "sklearn", "scipy", "streamlit", "plotly", "distributed"}

class NotInstalled:
    def find_spec(self, name, *_):
        if name.partition(".")[0] in HEAVY:
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, NotInstalled())

import pandas as pd
from nfm import load_bundle

bundle, rows = load_bundle(sys.argv[1]), pd.read_csv(sys.argv[2])
bundle.predict_proba(rows)
bundle.evaluate(rows, bundle.predict(rows))
print(len(rows), "rows answered;", sorted(HEAVY & set(sys.modules)))
"""


def test_predicting_from_a_bundle_needs_no_heavy_package(
    make_bundle: MakeBundle, frame: pd.DataFrame, tmp_path: Path, repository: Path
) -> None:
    make_bundle(activation="gelu").save(tmp_path / "model.nfm")
    frame.to_csv(tmp_path / "rows.csv", index=False)
    script = tmp_path / "ask.py"
    script.write_text(WITHOUT_HEAVY_PACKAGES)
    done = subprocess.run(
        [sys.executable, script, tmp_path / "model.nfm", tmp_path / "rows.csv"],
        env={**os.environ, "PYTHONPATH": str(repository)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == "60 rows answered; []", done.stderr


def test_a_file_whose_decimal_mark_is_open_is_named_and_can_be_read_with_either(
    make_bundle: MakeBundle,
) -> None:
    bundle = make_bundle()  # of a typed frame, which shows no mark
    content = "port / harbour;舱位;fare;<b>age</b>\nS;1;1,234;2.5\nC;2;2,345;3.5\n".encode()
    with pytest.warns(ReadingWarning, match=r"'fare': '1,234' is read as 1234 .*decimal=") as said:
        assert bundle.read_table(content)["fare"].tolist() == [1234, 2345]
    assert any(warning.filename == __file__ for warning in said)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        assert bundle.read_table(content, decimal=".")["fare"].tolist() == [1234, 2345]
    assert "decimal=" not in " ".join(str(warning.message) for warning in said)
    content = content.replace(b"2.5", b"2,5").replace(b"3.5", b"3,5")
    with warnings.catch_warnings():
        warnings.simplefilter("error", ReadingWarning)
        frame = bundle.read_table(content, decimal=",")
        assert frame["fare"].tolist() == [1.234, 2.345]
        bundle.predict(frame)
    assert bundle.encoder.formats == make_bundle().encoder.formats


def test_a_warning_of_read_table_is_not_given_again_by_predict(make_bundle: MakeBundle) -> None:
    bundle = make_bundle()
    content = "port / harbour,舱位,fare,<b>age</b>\nS,1,twelve,2.5\nC,2,23.5,3.5\n".encode()
    with pytest.warns(ReadingWarning, match="'twelve' in row 1") as said:
        frame = bundle.read_table(content)
    assert len(said) == 1
    with warnings.catch_warnings():
        warnings.simplefilter("error", ReadingWarning)
        bundle.predict(frame)
    frame["fare"] = ["thirteen", "fourteen"]
    with pytest.warns(ReadingWarning, match="'thirteen' in row 1"):
        bundle.predict(frame)


def test_a_warning_names_the_line_that_called(make_bundle: MakeBundle, frame: pd.DataFrame) -> None:
    bundle = make_bundle()
    odd = frame.astype({"fare": object})
    odd.loc[odd.index[0], "fare"] = "twelve"
    for call in (bundle.predict, bundle.predict_proba):
        with pytest.warns(ReadingWarning, match="'fare'") as said:
            call(odd)
        assert {warning.filename for warning in said} == {__file__}


def test_a_file_that_cannot_be_written_leaves_the_one_that_was_there(
    make_bundle: MakeBundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "model.nfm"
    bundle = make_bundle()
    bundle.save(path)
    before = path.read_bytes()

    def broken(stream: Any, *arguments: Any) -> None:
        stream.write(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(bundle_module, "write_archive", broken)
    with pytest.raises(OSError, match="No space left"):
        bundle.save(path)
    assert path.read_bytes() == before


def test_a_model_of_an_older_version_takes_no_decimal_mark(make_bundle: MakeBundle) -> None:
    bundle = make_bundle()
    encoder = bundle.encoder.model_copy(update={"formats": ()})
    with pytest.raises(NFMError, match="leave decimal out"):
        replace(bundle, encoder=encoder).read_table(b"fare\n1,5\n", decimal=",")


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
        load_uploaded_bundle(data)
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
    received = load_uploaded_bundle(bundle.to_bytes())
    assert received.to_bytes() == bundle.to_bytes()


def test_weights_whose_answers_are_no_numbers_are_refused(make_bundle: MakeBundle) -> None:
    bundle = make_bundle(hidden_units=(8,) * 6)
    huge = {name: np.full_like(array, 3e38) for name, array in bundle.weights.items()}
    assert "not numbers" in refused(replace(bundle, weights=huge).to_bytes())


def test_more_columns_than_a_page_can_ask_for_are_refused(
    make_bundle: MakeBundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploaded_bundle, "LIMITS", replace(uploaded_bundle.LIMITS, columns=3))
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

    load_uploaded_bundle(changed(make_bundle().to_bytes(), stretch))
