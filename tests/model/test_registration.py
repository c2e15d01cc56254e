"""Importing nfm.model and Keras, in either order."""

from __future__ import annotations

import sys
from importlib.machinery import ModuleSpec
from types import ModuleType, SimpleNamespace

import keras
import pytest

import nfm.model
from nfm.model import registration
from nfm.model.registration import register_when_keras_is_imported


def test_every_layer_is_known_to_keras() -> None:
    for name in nfm.model.__all__:
        value = getattr(nfm.model, name)
        if isinstance(value, type) and issubclass(value, keras.layers.Layer):
            assert keras.saving.get_registered_object(f"nfm>{name}") is value


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'CrossNetwork'"):
        _ = nfm.model.CrossNetwork
    assert {"nfm", "Linear"} <= {*dir(nfm.model)}


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was imported, in a world where Keras was not yet, and is found by a finder."""
    imported: list[str] = []

    def find_spec(name: str, path: object, target: object = None) -> ModuleSpec:
        return ModuleSpec(name, SimpleNamespace(exec_module=lambda module: imported.append(name)))

    monkeypatch.delitem(sys.modules, "keras")
    monkeypatch.setattr(sys, "meta_path", [SimpleNamespace(find_spec=find_spec)])
    monkeypatch.setattr(registration, "import_module", imported.append)
    return imported


def import_keras() -> None:
    sys.meta_path[0].find_spec("keras", None).loader.exec_module(ModuleType("keras"))


def test_layers_are_imported_after_keras_and_only_once(steps: list[str]) -> None:
    register_when_keras_is_imported()
    register_when_keras_is_imported()
    assert len(sys.meta_path) == 2
    assert sys.meta_path[0].find_spec("pandas", None) is None
    import_keras()
    import_keras()
    assert steps == ["keras", "nfm.model.layers", "keras"]


def test_a_mere_look_for_keras_changes_nothing(steps: list[str]) -> None:
    register_when_keras_is_imported()
    assert sys.meta_path[0].find_spec("keras", None) is not None
    import_keras()
    assert steps == ["keras", "nfm.model.layers"]


def test_without_keras_nothing_is_found(steps: list[str]) -> None:
    sys.meta_path.clear()
    register_when_keras_is_imported()
    assert sys.meta_path[0].find_spec("keras", None) is None
    assert steps == []
