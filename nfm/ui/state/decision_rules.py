"""Decision rules: the threshold of a model and the costs of errors, stored with the run."""

from __future__ import annotations

from nfm.store.records import DecisionRule
from nfm.ui.state import opened_lesson, services, workspace_runs


def decision_rule(run_id: str, class_code: int = 1) -> DecisionRule:
    """Return the rule for a class: the one that was stored, or else that of the opened lesson.

    Args:
        run_id: Run of the model.
        class_code: Code of the class that the rule decides on.
    """
    rule = workspace_runs.find(run_id).decision_rule(class_code)
    return rule or DecisionRule(class_code, opened_lesson.threshold())


def keep(run_id: str, rule: DecisionRule) -> None:
    """Store a rule with its run: it applies on all pages, after a refresh and in other tabs."""
    services.store().set_decision_rule(services.workspace(), run_id, rule)


def take_lesson(run_id: str) -> None:
    """Store the opened lesson's threshold with a run that was started in the lesson."""
    threshold = opened_lesson.threshold()
    if threshold != DecisionRule.threshold:
        keep(run_id, DecisionRule(threshold=threshold))
