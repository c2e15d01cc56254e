"""Which settings a search varies, and within which range."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nfm.settings import Settings, has_effect, make_settings
from nfm.tabular.schema import Schema

if TYPE_CHECKING:
    from optuna import Trial as OptunaTrial

_DIGITS = 2  # of a proposed number: 0.0013 is as good as 0.00132874


@dataclass(frozen=True)
class NumberRange:
    """The range of a number.

    Attributes:
        low: Smallest value.
        high: Largest value.
        log: Whether the logarithm of the value is varied.
        whole: Whether the value is a whole number.
    """

    low: float
    high: float
    log: bool = False
    whole: bool = False

    def including(self, value: float) -> NumberRange:
        """Return the range, extended to a value; a logarithm cannot be extended to 0."""
        if self.log and value <= 0:
            return self
        return NumberRange(min(self.low, value), max(self.high, value), self.log, self.whole)

    def nearest(self, value: float) -> float:
        """Return the value of the range that is nearest to a value."""
        return min(max(value, self.low), self.high)

    def suggest(self, trial: OptunaTrial, name: str) -> float:
        """Let a trial choose a value; a number that is not whole has two significant digits."""
        if self.whole:
            return trial.suggest_int(name, int(self.low), int(self.high), log=self.log)
        value = trial.suggest_float(name, self.low, self.high, log=self.log)
        return self.nearest(float(f"{value:.{_DIGITS}g}"))


@dataclass(frozen=True)
class Choices:
    """The values of a choice."""

    values: tuple[Any, ...]

    def including(self, value: Any) -> Choices:
        """Return the choices with a value among them."""
        return self if value in self.values else Choices((*self.values, value))

    def nearest(self, value: Any) -> int:
        """Return the index of a value."""
        return self.values.index(value)

    def suggest(self, trial: OptunaTrial, name: str) -> Any:
        """Let a trial choose a value."""
        # By index: Optuna takes only numbers and texts.
        return self.values[trial.suggest_categorical(name, range(len(self.values)))]


Dimension = NumberRange | Choices

# Those that the others depend on come first (`has_effect`). The ranges contain the presets'
# values and what helped on single tables (docs/explanation/tuning.md). The regression loss is not
# varied: trials are compared by their loss, and values of different losses cannot be compared.
SEARCHED: Mapping[str, Dimension] = {
    "interaction": Choices(("nfm", "fm", "linear")),
    "numeric": Choices(("piecewise", "value", "concat")),
    "hidden_units": Choices(((128,), (), (64,), (256,), (128, 64))),
    "learning_rate": NumberRange(2e-4, 2e-2, log=True),
    "embedding_dim": NumberRange(4, 128, log=True, whole=True),
    "numeric_bins": NumberRange(4, 64, log=True, whole=True),
    "dropout": NumberRange(0.0, 0.6),
    "bi_dropout": NumberRange(0.0, 0.5),
    "rare_level_dropout": NumberRange(0.0, 2.0),
    "l2_embedding": NumberRange(1e-7, 1e-2, log=True),
    "l2_linear": NumberRange(1e-7, 1e-2, log=True),
    "hidden_batch_norm": Choices((True, False)),
}
"""The settings that a search varies, with their ranges; the others stay as they are."""

_OF_NUMBERS = ("numeric", "numeric_bins")
_OF_LEVELS = ("rare_level_dropout",)


class SearchSpace:
    """The settings to vary for a table, around the settings that the search starts from.

    Args:
        start: Settings of the first trial. Settings outside the space keep these values, and
            ranges are extended to contain them.
        schema: Features of the table: a table without numeric columns, for instance, needs no
            number of bins.
    """

    def __init__(self, start: Settings, schema: Schema) -> None:
        kinds = {column.kind for column in schema.features}
        unused = {*(() if kinds - {"categorical"} else _OF_NUMBERS)}
        unused |= {*(() if "categorical" in kinds else _OF_LEVELS)}
        self._start = start
        self.dimensions: dict[str, Dimension] = {
            name: dimension.including(getattr(start, name))
            for name, dimension in SEARCHED.items()
            if name not in unused
        }

    def first_parameters(self) -> dict[str, Any]:
        """Return the first trial's values as Optuna's parameters, the nearest ones of the space."""
        values = self._start.model_dump()
        return {
            name: dimension.nearest(values[name])
            for name, dimension in self.dimensions.items()
            if has_effect(name, values)
        }

    def suggest(self, trial: OptunaTrial) -> Settings:
        """Let a trial choose settings; those without an effect keep the values of the start.

        Args:
            trial: As `optuna.Study.ask` returns it.
        """
        values = self._start.model_dump()
        for name, dimension in self.dimensions.items():
            if has_effect(name, values):
                values[name] = dimension.suggest(trial, name)
        return make_settings(values)


def changed_settings(settings: Settings, start: Settings) -> dict[str, Any]:
    """Return the settings that differ from those of the start, by name.

    Args:
        settings: Settings of a trial.
        start: Settings of the first trial.
    """
    return {name: value for name, value in settings if value != getattr(start, name)}
