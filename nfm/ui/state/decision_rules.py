"""From which probability on a model decides, and what wrong decisions cost: kept with the run."""

from __future__ import annotations

from nfm.store.records import DecisionRule
from nfm.ui.state import opened_lesson, services, workspace


def decision_rule(run_id: str, class_code: int = 1) -> DecisionRule:
    """Return the rule for a class: the one that was set, at first that of the opened lesson."""
    rule = workspace.find_run(run_id).decision_rule(class_code)
    return rule or DecisionRule(class_code, opened_lesson.threshold())


def keep(run_id: str, rule: DecisionRule) -> None:
    """Keep the rule with the run: it holds on all pages, after a refresh and in other tabs."""
    services.store().set_decision_rule(services.workspace(), run_id, rule)


def take_lesson(run_id: str) -> None:
    """Keep the opened lesson's threshold with a run that is started in it."""
    threshold = opened_lesson.threshold()
    if threshold != DecisionRule.threshold:
        keep(run_id, DecisionRule(threshold=threshold))
