"""What a search has shown, in sentences."""

from __future__ import annotations

from collections.abc import Sequence

from nfm.settings_search.confirmation import Confirmation
from nfm.settings_search.study import SearchTrial, best_trial
from nfm.text import counted


def optimism_warning(trials: Sequence[SearchTrial]) -> str:
    """Return the sentence that the best score is optimistic, and that test rows were not used.

    Args:
        trials: All trials.
    """
    measured = sum(trial.loss is not None for trial in trials)
    return (
        f"The validation score of the best trial is optimistic, because it was chosen as the best "
        f"of {measured:,} on the same validation rows; test rows were not used."
    )


def conclusion(trials: Sequence[SearchTrial], confirmation: Confirmation | None) -> str:
    """Return how the best trial compares with trial 1, in one to three sentences.

    Args:
        trials: All trials.
        confirmation: Result of further seeds; None if they were not trained.
    """
    best = best_trial(trials)
    if best is None:
        return "No trial has finished an epoch, so there is nothing to compare."
    start = trials[0]
    if best.number == 1 or start.loss is None:
        return (
            f"None of {counted(len(trials), 'trial')} has a lower validation loss than trial 1, "
            f"the settings that the search started from: {_loss(best.loss)}."
        )
    found = (
        f"Trial {best.number} has the lowest validation loss, {_loss(best.loss)}; trial 1, the "
        f"settings that the search started from, has {_loss(start.loss)}."
    )
    if confirmation is None:
        return f"{found} Whether the difference is larger than that between seeds was not measured."
    means = (
        f"With other seeds, the best settings have {_loss(_mean(confirmation.best_losses))} on "
        f"average, the first ones {_loss(_mean(confirmation.start_losses))}."
    )
    if confirmation.confirmed:
        verdict = (
            "This difference is larger than the noise between seeds "
            f"(±{_loss(confirmation.noise)})."
        )
    elif confirmation.gain > 0:
        verdict = (
            "This difference is smaller than the noise between seeds "
            f"(±{_loss(confirmation.noise)}): the two may be equally good."
        )
    else:
        verdict = "So the best settings are not better than the first ones."
    return f"{found} {means} {verdict}"


def _mean(losses: Sequence[float]) -> float:
    return sum(losses) / len(losses)


def _loss(value: float | None) -> str:
    return "–" if value is None else f"{value:.4f}"
