"""Every setting of a model and its training, declared once.

The form, the links, the bundle and the documentation read these declarations: type, range, default,
title, help and group in the form. The estimator repeats their names in its signature, as
scikit-learn requires.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.fields import FieldInfo

from nfm.errors import SettingsError
from nfm.text import clipped

Task = Literal["binary", "multiclass", "regression"]
RegressionLoss = Literal["squared_error", "huber"]
Group = Literal["Model", "Network", "Training", "Regularisation", "Data"]
Units = Annotated[int, Field(ge=1, le=4096)]


def _setting(
    default: Any, title: str, help: str, group: Group, *, advanced: bool = False, **limits: Any
) -> Any:
    """Declare one setting.

    Args:
        default: Its default value.
        title: Its label in the form.
        help: What it does, in one to three sentences.
        group: Its group in the form.
        advanced: Whether the form shows it among the advanced settings.
        **limits: Range of its values, as `pydantic.Field` takes them.
    """
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
        "How columns interact. linear: not at all. fm: a factorization machine, which sums all "
        "pairs. nfm: a neural network on the pooled pairs.",
        "Model",
    )
    numeric: Literal["concat", "value", "piecewise"] = _setting(
        "piecewise",
        "Numeric columns",
        "How numbers enter the network. concat: appended to the pooled pairs (the article). value: "
        "the number times an embedding (the paper). piecewise: an embedding per quantile bin, so "
        "that numbers interact too.",
        "Model",
    )
    numeric_bins: int = _setting(
        16,
        "Bins per numeric column",
        "Maximum number of quantile bins of a piecewise numeric column.",
        "Model",
        advanced=True,
        ge=2,
        le=256,
    )
    numeric_scaling: Literal["standard", "none"] = _setting(
        "standard",
        "Scaling of numbers",
        "standard: mean 0 and standard deviation 1 on the training rows. none: unscaled (the "
        "article). Piecewise columns need no scaling.",
        "Model",
        advanced=True,
    )
    constant_field: bool = _setting(
        True,
        "Constant field",
        "Add a field that is always one to the pooled fields: the hidden layers then see each "
        "field by itself too, not only in pairs (nfm only; the article and the paper have none).",
        "Model",
        advanced=True,
    )
    linear_term: Literal["own", "shared"] = _setting(
        "own",
        "Linear term",
        "own: a weight per level. shared: the sum of the level's embedding (the article).",
        "Model",
        advanced=True,
    )
    embedding_dim: int = _setting(
        32,
        "Embedding size",
        "Length k of the vector that represents each level (each value of a column).",
        "Network",
        ge=1,
        le=512,
    )
    hidden_units: Annotated[tuple[Units, ...], Field(max_length=10)] = _setting(
        (128,),
        "Hidden layers",
        "Number of units per hidden layer, first to last, such as 128, 64. Empty: no hidden layer.",
        "Network",
    )
    members: int = _setting(
        1,
        "Ensemble members",
        "Number of networks that are trained from different random starts, and whose outputs are "
        "averaged. Two have about 2% less error than one, four 3 to 4%; a training takes about "
        "1.8 and 3.6 times as long.",
        "Network",
        advanced=True,
        ge=1,
        le=8,
    )
    activation: Literal["relu", "tanh", "sigmoid", "gelu"] = _setting(
        "relu", "Activation", "Non-linear function of the hidden layers.", "Network"
    )
    init_std: float = _setting(
        0.01,
        "Initial std of embeddings",
        "Standard deviation of the random embeddings before training.",
        "Network",
        advanced=True,
        gt=0,
        le=1,
    )
    optimizer: Literal["adam", "adagrad", "sgd"] = _setting(
        "adam",
        "Optimiser",
        "Algorithm that turns gradients into updates of the weights.",
        "Training",
    )
    learning_rate: float = _setting(
        1e-3,
        "Learning rate",
        "Size of the optimiser's steps: higher is faster, too high diverges.",
        "Training",
        gt=0,
        le=10,
    )
    weight_averaging: bool = _setting(
        True,
        "Weight averaging",
        "Evaluate and keep the weights averaged over roughly the last fifth of all steps: they are "
        "more stable than those of the last step. Has no effect if the embeddings have more "
        "than 33 million numbers.",
        "Training",
        advanced=True,
    )
    batch_size: int | None = _setting(
        None,
        "Batch size",
        "Rows per training step. Automatic: grows with the table.",
        "Training",
        ge=1,
        le=1_000_000,
    )
    epochs: int = _setting(
        100,
        "Epochs",
        "Maximum number of passes over the training rows.",
        "Training",
        ge=1,
        le=10_000,
    )
    early_stopping: bool = _setting(
        True,
        "Early stopping",
        "Stop when the validation loss no longer falls, and keep the weights of the best epoch.",
        "Training",
    )
    patience: int = _setting(
        15,
        "Patience",
        "Epochs without a lower validation loss before training stops.",
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
        "Share of the factors of the pooled pairs that are dropped at random in each step.",
        "Regularisation",
        ge=0,
        le=0.95,
    )
    rare_level_dropout: float = _setting(
        0.5,
        "Dropout, rare levels",
        "While training, levels are replaced by (other) at random, rare ones more often: so they "
        "are not memorised, and (other), which unknown levels get, is trained. A level with n "
        "training rows is replaced with probability sk / (sk + n), where s is this number, and k "
        "is larger the less the levels of the column differ.",
        "Regularisation",
        advanced=True,
        ge=0,
        le=100,
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
        "Normalise the pooled pairs over the batch (the paper).",
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
    regression_loss: RegressionLoss = _setting(
        "squared_error",
        "Regression loss",
        "What training minimises if the target is a number; it has no effect on classes. huber: "
        "beyond half a standard deviation of the target, errors count in proportion and not by "
        "their square. Outliers then matter less: a lower MAE, often at about the same R².",
        "Training",
        advanced=True,
    )
    validation_fraction: float = _setting(
        0.1,
        "Validation share",
        "Share of the rows held out to choose the best epoch; the model does not train on them.",
        "Data",
        ge=0.0,
        le=0.9,
    )
    min_level_count: int | None = _setting(
        None,
        "Minimum level count",
        "Levels with fewer training rows than this are treated as (other). Automatic: 3 from "
        "500 training rows on, else 1.",
        "Data",
        advanced=True,
        ge=1,
        le=1_000_000,
    )
    vocabulary: Literal["training", "all"] = _setting(
        "training",
        "Vocabulary from",
        "training: the levels of the training rows. all: those of the validation rows too (the "
        "article), whose embeddings stay untrained.",
        "Data",
        advanced=True,
    )
    random_state: int = _setting(
        0,
        "Seed",
        "Seed of all random numbers: the same seed gives the same result.",
        "Data",
        ge=0,
        le=2**32 - 1,
    )

    @property
    def member_count(self) -> int:
        """Number of networks whose outputs are averaged.

        Networks without pairs, and those whose linear term is the sum of the vectors, have one.
        """
        averages = self.interaction != "linear" and self.linear_term == "own"
        return self.members if averages else 1


def make_settings(values: Mapping[str, Any]) -> Settings:
    """Validate a mapping from setting to value; settings left out keep their default.

    Args:
        values: For instance a preset, the values of a form, or the fields of a link.

    Returns:
        The settings.

    Raises:
        SettingsError: If a setting is unknown or out of its range; the message names the first
            one, its value, and what is allowed.
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
    """Return the declaration of one setting: title, description, limits and group.

    Args:
        name: Name of the setting.

    Raises:
        KeyError: If there is no such setting.
    """
    return Settings.model_fields[name]


def has_effect(name: str, values: Mapping[str, Any], task: Task | None = None) -> bool:
    """Say whether a setting has an effect, given the others.

    Args:
        name: Name of the setting.
        values: Name to value of all settings; they need not be valid.
        task: The task; None if it is not known.
    """
    pooled = values["interaction"] != "linear"
    hidden = values["interaction"] == "nfm"
    match name:
        case "hidden_units" | "constant_field":
            return hidden
        case "activation" | "l2_hidden" | "hidden_batch_norm" | "dropout":
            return hidden and bool(values["hidden_units"])
        case "bi_batch_norm" | "bi_dropout":
            return pooled
        case "members":
            return pooled and values["linear_term"] == "own"
        case "embedding_dim" | "init_std" | "l2_embedding":
            return pooled or values["linear_term"] == "shared"
        case "l2_linear":
            return values["linear_term"] == "own" or values["numeric"] == "concat"
        case "numeric_bins":
            return values["numeric"] == "piecewise"
        case "numeric_scaling":
            return values["numeric"] != "piecewise"
        case "patience":
            return bool(values["early_stopping"])
        case "class_weight":
            return task != "regression"
        case "regression_loss":
            return task in ("regression", None)
        case _:
            return True


PRESETS: dict[str, dict[str, Any]] = {
    "recommended": {},
    "ensemble": {"members": 4},
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
        "rare_level_dropout": 0.0,
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
        "rare_level_dropout": 0.0,
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
