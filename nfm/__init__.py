"""Neural Factorization Machines: a scikit-learn estimator, Keras layers, a NumPy scorer, an app."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from nfm.model.registration import register_when_keras_is_imported
from nfm.version import __version__ as __version__

if TYPE_CHECKING:
    from nfm.analysis.column_interactions import interactions as interactions
    from nfm.analysis.model_evaluation import evaluate as evaluate
    from nfm.analysis.row_explanations import explain as explain
    from nfm.analysis.settings_search import search as search
    from nfm.column_formats.column_format import ColumnFormat as ColumnFormat
    from nfm.estimator import NFMClassifier as NFMClassifier
    from nfm.estimator import NFMRegressor as NFMRegressor
    from nfm.files.options import ReadingOptions as ReadingOptions
    from nfm.files.reading import read_table as read_table
    from nfm.inference.bundle import load_bundle as load_bundle
    from nfm.settings import PRESETS as PRESETS
    from nfm.settings import Settings as Settings
    from nfm.tabular.data_dictionary import DataDictionary as DataDictionary
    from nfm.tabular.infer_schema import infer_schema as infer_schema
    from nfm.tabular.splitting import SplitOptions as SplitOptions
    from nfm.training.train_table import train_table as train_table

# `import nfm` is enough for `keras.models.load_model` to find the layers.
register_when_keras_is_imported()

# Imported at first use: `import nfm` must load neither TensorFlow nor scikit-learn.
_MODULES = {
    "ColumnFormat": "nfm.column_formats.column_format",
    "DataDictionary": "nfm.tabular.data_dictionary",
    "NFMClassifier": "nfm.estimator",
    "NFMRegressor": "nfm.estimator",
    "PRESETS": "nfm.settings",
    "ReadingOptions": "nfm.files.options",
    "Settings": "nfm.settings",
    "SplitOptions": "nfm.tabular.splitting",
    "evaluate": "nfm.analysis.model_evaluation",
    "explain": "nfm.analysis.row_explanations",
    "infer_schema": "nfm.tabular.infer_schema",
    "interactions": "nfm.analysis.column_interactions",
    "load_bundle": "nfm.inference.bundle",
    "read_table": "nfm.files.reading",
    "search": "nfm.analysis.settings_search",
    "train_table": "nfm.training.train_table",
}
if not TYPE_CHECKING:  # type checkers take the public names from the imports above
    __all__ = list(_MODULES)


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return getattr(import_module(_MODULES[name]), name)
    raise AttributeError(f"module 'nfm' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_MODULES})
