"""Registers the layers of this package with Keras as soon as both are imported.

`keras.models.load_model` finds only registered classes, and `nfm.model.layers` registers the
layers when it is imported. But importing `nfm.model` must not load Keras. Therefore the layers are
imported right after Keras, in whichever order the two packages are imported.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

_LAYERS = "nfm.model.layers"


class _AfterKeras(MetaPathFinder):
    """Finds Keras as usual, and imports the layers after it."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return Keras's own module spec, whose execution also imports the layers."""
        if fullname != "keras":
            return None
        others = [finder for finder in sys.meta_path if finder is not self]
        found = (finder.find_spec(fullname, path, target) for finder in others)
        spec = next((spec for spec in found if spec is not None), None)
        if spec is None or spec.loader is None:
            return spec
        execute = spec.loader.exec_module

        def execute_and_register(module: ModuleType) -> None:
            execute(module)
            if self in sys.meta_path:
                sys.meta_path.remove(self)
            import_module(_LAYERS)

        setattr(spec.loader, "exec_module", execute_and_register)  # noqa: B010
        return spec


def register_when_keras_is_imported() -> None:
    """Import the layers now if Keras is loaded, else right after Keras."""
    if "keras" in sys.modules:
        import_module(_LAYERS)
    elif not any(isinstance(finder, _AfterKeras) for finder in sys.meta_path):
        sys.meta_path.insert(0, _AfterKeras())
