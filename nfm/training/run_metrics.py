"""The metrics of a run by name."""

from __future__ import annotations

from dataclasses import asdict

from nfm.epoch import Metrics
from nfm.inference.bundle import Bundle


def figures(bundle: Bundle, test_metrics: Metrics | None) -> dict[str, float]:
    """Return the numbers that the app shows for a run: epochs, validation and test metrics.

    Args:
        bundle: The model, with its history.
        test_metrics: Measured on the test rows; None where there are none.

    Returns:
        Numbers under names such as "test auc". Those of the validation rows belong to the
        epoch whose weights were kept.
    """
    numbers: dict[str, float] = {"epochs": len(bundle.history)}
    kept = bundle.history[-1] if bundle.history else None
    if bundle.best_epoch is not None:
        numbers["best epoch"] = bundle.best_epoch
        if bundle.settings.early_stopping:
            kept = next(each for each in bundle.history if each.number == bundle.best_epoch)
    measured = {"validation": None if kept is None else kept.validation, "test": test_metrics}
    for part, metrics in measured.items():
        if metrics is not None:
            for name, value in asdict(metrics).items():
                if value is not None:
                    numbers[f"{part} {name}"] = value
    return numbers
