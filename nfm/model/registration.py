"""Makes Keras know the layers of this package as soon as both are imported.

`keras.models.load_model` only finds classes that were registered, and they are registered
when `nfm.model.layers` is imported; but importing `nfm.model` must not load Keras. So the
layers follow Keras, whichever of the two comes first.
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
    """Finds Keras as usual, and has the layers imported when Keras is ready."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return Keras's own specification with one step added to its execution."""
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
    """Import the layers now if Keras is loaded, else right after it will have been."""
    if "keras" in sys.modules:
        import_module(_LAYERS)
    elif not any(isinstance(finder, _AfterKeras) for finder in sys.meta_path):
        sys.meta_path.insert(0, _AfterKeras())
