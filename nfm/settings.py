"""Every setting of a model and its training, declared once.

The estimator, the page, the lesson link, the bundle and the documentation all read
these declarations: type, range, default, help and place in the form.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.fields import FieldInfo

from nfm.errors import SettingsError
from nfm.text import clipped

Task = Literal["binary", "multiclass", "regression"]
Group = Literal["Model", "Network", "Training", "Regularisation", "Data"]
Units = Annotated[int, Field(ge=1, le=4096)]


def _setting(
    default: Any, title: str, help: str, group: Group, *, advanced: bool = False, **limits: Any
) -> Any:
    """Declare one setting: `group` is its place in the form, `advanced` hides it at first."""
    return Field(
        default=default,
        title=title,
        description=help,
        json_schema_extra={"group": group, "advanced": advanced},
        **limits,
    )


class Settings(BaseModel):
    """All settings of one model, validated; the defaults are the preset "Recommended".

    Example:
        >>> from nfm import PRESETS, Settings
        >>> Settings(dropout=0.5).embedding_dim
        32
        >>> Settings(**PRESETS["paper"]).optimizer
        'adagrad'
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    interaction: Literal["linear", "fm", "nfm"] = _setting(
        "nfm",
        "Interaction",
        "linear: no interactions. fm: pairs of fields add up. nfm: a network on the pooled pairs.",
        "Model",
    )
    numeric: Literal["concat", "value", "piecewise"] = _setting(
        "piecewise",
        "Numeric columns",
        "concat: beside the pooled pairs (the article). value: x times an embedding (the paper). "
        "piecewise: an embedding for each quantile bin, so that numbers interact too.",
        "Model",
    )
    numeric_bins: int = _setting(
        16,
        "Bins of a numeric column",
        "How many quantile bins a piecewise numeric column has at most.",
        "Model",
        advanced=True,
        ge=2,
        le=256,
    )
    numeric_scaling: Literal["standard", "none"] = _setting(
        "standard",
        "Scaling of numbers",
        "standard: mean 0 and deviation 1 on the training rows. none: as they are (the article). "
        "Piecewise columns need no scaling.",
        "Model",
        advanced=True,
    )
    constant_field: bool = _setting(
        True,
        "Constant field",
        "Pool a field of ones too: the hidden layers then see each field by itself as well, "
        "not only in pairs (nfm only; the article and the paper have none).",
        "Model",
        advanced=True,
    )
    linear_term: Literal["own", "shared"] = _setting(
        "own",
        "Linear term",
        "own: a weight for each level. shared: the sum of its embedding (the article).",
        "Model",
        advanced=True,
    )
    embedding_dim: int = _setting(
        32,
        "Embedding size",
        "Length k of the vector that every level has.",
        "Network",
        ge=1,
        le=512,
    )
    hidden_units: Annotated[tuple[Units, ...], Field(max_length=10)] = _setting(
        (128,),
        "Hidden layers",
        "Units of each hidden layer, first to last; empty for none.",
        "Network",
    )
    activation: Literal["relu", "tanh", "sigmoid", "gelu"] = _setting(
        "relu", "Activation", "Non-linear function of the hidden layers.", "Network"
    )
    init_std: float = _setting(
        0.01,
        "Embedding init std",
        "Standard deviation of the embeddings before training.",
        "Network",
        advanced=True,
        gt=0,
        le=1,
    )
    optimizer: Literal["adam", "adagrad", "sgd"] = _setting(
        "adam", "Optimiser", "Rule that turns gradients into steps.", "Training"
    )
    learning_rate: float = _setting(
        1e-3, "Learning rate", "Size of the optimiser's steps.", "Training", gt=0, le=10
    )
    weight_averaging: bool = _setting(
        True,
        "Weight averaging",
        "Evaluate and keep the weights averaged over roughly the last fifth of all steps, "
        "which is steadier than the last step's. A table of so many levels that a step updates "
        "only the rows of its batch is not averaged, nor is the rest of its network.",
        "Training",
        advanced=True,
    )
    batch_size: int | None = _setting(
        None,
        "Batch size",
        "Rows in one step; automatic: grows with the table.",
        "Training",
        ge=1,
        le=1_000_000,
    )
    epochs: int = _setting(
        100, "Epochs", "Passes over the training rows at most.", "Training", ge=1, le=10_000
    )
    early_stopping: bool = _setting(
        True,
        "Early stopping",
        "End when the validation loss no longer falls, and keep the best epoch's weights.",
        "Training",
    )
    patience: int = _setting(
        15,
        "Patience",
        "Epochs without a better validation loss before training ends.",
        "Training",
        advanced=True,
        ge=1,
        le=10_000,
    )
    dropout: float = _setting(
        0.2,
        "Dropout, hidden layers",
        "Share of hidden units that are dropped at random in each step.",
        "Regularisation",
        ge=0,
        le=0.95,
    )
    bi_dropout: float = _setting(
        0.0,
        "Dropout, pooled pairs",
        "Share of the bi-interaction's factors that are dropped at random in each step.",
        "Regularisation",
        ge=0,
        le=0.95,
    )
    hidden_batch_norm: bool = _setting(
        True,
        "Batch norm, hidden layers",
        "Normalise every hidden layer over the batch.",
        "Regularisation",
        advanced=True,
    )
    bi_batch_norm: bool = _setting(
        False,
        "Batch norm, pooled pairs",
        "Normalise the bi-interaction over the batch (the paper).",
        "Regularisation",
        advanced=True,
    )
    l2_embedding: float = _setting(
        1e-5,
        "L2, embeddings",
        "Penalty on the squared size of the embeddings.",
        "Regularisation",
        advanced=True,
        ge=0,
        le=10,
    )
    l2_linear: float = _setting(
        1e-5,
        "L2, linear term",
        "Penalty on the squared size of the linear weights.",
        "Regularisation",
        advanced=True,
        ge=0,
        le=10,
    )
    l2_hidden: float = _setting(
        0.0,
        "L2, hidden layers",
        "Penalty on the squared size of the hidden layers' kernels.",
        "Regularisation",
        advanced=True,
        ge=0,
        le=10,
    )
    class_weight: Literal["balanced"] | None = _setting(
        None,
        "Class weights",
        "balanced: rare classes count as much as frequent ones.",
        "Training",
        advanced=True,
    )
    validation_fraction: float = _setting(
        0.1,
        "Validation share",
        "Share of the rows that choose the best epoch and are never learned from.",
        "Data",
        ge=0.0,
        le=0.9,
    )
    min_level_count: int | None = _setting(
        None,
        "Rarest level",
        "Levels with fewer training rows than this are treated as (other); automatic: 3 from "
        "500 training rows on, else 1.",
        "Data",
        advanced=True,
        ge=1,
        le=1_000_000,
    )
    vocabulary: Literal["training", "all"] = _setting(
        "training",
        "Vocabulary from",
        "training: levels of the training rows. all: of the validation rows too (the article); "
        "their levels then start untrained.",
        "Data",
        advanced=True,
    )
    random_state: int = _setting(
        0,
        "Seed",
        "Start of every random number: equal seeds give equal results.",
        "Data",
        ge=0,
        le=2**32 - 1,
    )


def make_settings(values: Mapping[str, Any]) -> Settings:
    """Validate a mapping from setting to value; settings left out keep their default.

    Args:
        values: For instance a preset, the state of a form, or a lesson link's fields.

    Returns:
        The settings.

    Raises:
        SettingsError: Naming the first setting that is unknown or out of its range, what
            was given, and what is allowed.
    """
    try:
        return Settings.model_validate(dict(values))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = str(first["loc"][0]) if first["loc"] else "settings"
        if first["type"] == "extra_forbidden":
            raise SettingsError(
                f"There is no setting {name!r}. Known settings: {', '.join(Settings.model_fields)}."
            ) from None
        given = clipped(repr(first["input"]), 80)
        raise SettingsError(
            f"{name} is {given}: {first['msg'][0].lower()}{first['msg'][1:]}."
        ) from None


def setting_info(name: str) -> FieldInfo:
    """Return the declaration of one setting (title, description, limits, group)."""
    return Settings.model_fields[name]


PRESETS: dict[str, dict[str, Any]] = {
    "recommended": {},
    "article": {
        "numeric": "concat",
        "numeric_scaling": "none",
        "constant_field": False,
        "linear_term": "shared",
        "embedding_dim": 64,
        "hidden_units": (128, 128),
        "init_std": 1e-4,
        "hidden_batch_norm": False,
        "dropout": 0.2,
        "bi_dropout": 0.2,
        "l2_embedding": 1e-5,
        "l2_linear": 1e-5,
        "l2_hidden": 0.0,
        "optimizer": "adam",
        "learning_rate": 1e-3,
        "weight_averaging": False,
        "batch_size": 32,
        "epochs": 5,
        "early_stopping": False,
        "validation_fraction": 0.2,
        "min_level_count": 1,
        "vocabulary": "all",
    },
    "paper": {
        "numeric": "value",
        "constant_field": False,
        "embedding_dim": 64,
        "hidden_units": (64,),
        "init_std": 0.01,
        "bi_batch_norm": True,
        "hidden_batch_norm": True,
        "bi_dropout": 0.5,
        "dropout": 0.2,
        "l2_embedding": 0.0,
        "l2_linear": 0.0,
        "optimizer": "adagrad",
        "learning_rate": 0.05,
        "weight_averaging": False,
        "batch_size": 128,
        "min_level_count": 1,
    },
}
