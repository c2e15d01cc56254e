"""The widgets for a decision threshold and the costs of false positives and false negatives."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

import streamlit as st

from nfm.evaluation.thresholds import THRESHOLD_DIGITS, implied_threshold, threshold_text
from nfm.ui.escaping import literal
from nfm.ui.state.decision_rules import decision_rule, keep
from nfm.ui.state.widget_keys import form_key, is_gone, new_generation

RulePart = Literal["threshold", "false_alarm_cost", "miss_cost"]

# The part of the rule that each widget edits.
_WIDGETS: dict[str, RulePart] = {
    "slider": "threshold",
    "exact": "threshold",
    "false_alarm_cost": "false_alarm_cost",
    "miss_cost": "miss_cost",
}


class DecisionRuleForm:
    """The widgets that edit a decision rule on one page; every edit is stored with the run.

    Args:
        page: Name of the page or section, so that each has widgets of its own.
        run_id: Run of the model that the rule belongs to.
        class_code: Code of the class that the rule decides on.
    """

    def __init__(self, page: str, run_id: str, class_code: int = 1) -> None:
        self.run_id = run_id
        self.rule = decision_rule(run_id, class_code)
        self._name = f"decision_rule.{page}.{run_id}.{class_code}"
        for widget, part in _WIDGETS.items():
            kept = getattr(self.rule, part)
            if st.session_state.get(self._key(widget), kept) != kept:
                # It was changed elsewhere: by another widget, on another page, or by a button.
                new_generation(self._form(widget))

    @property
    def implied_threshold(self) -> float:
        """The threshold that the costs imply, rounded to `THRESHOLD_DIGITS`."""
        implied = implied_threshold(self.rule.false_alarm_cost, self.rule.miss_cost)
        return round(implied, THRESHOLD_DIGITS)

    def show_cost(self, part: RulePart, name: str) -> float:
        """Draw the field of a cost.

        Args:
            part: `false_alarm_cost` or `miss_cost`.
            name: Name of the class, not escaped.

        Returns:
            The cost that is stored.
        """
        false_alarm = part == "false_alarm_cost"
        help_text = (
            f"A false alarm: {literal(name)} is predicted for a row of another class. In any "
            "unit: only the ratio of the two costs matters."
            if false_alarm
            else f"A miss: another class is predicted for a row of {literal(name)}."
        )
        st.number_input(
            "Cost of a false positive" if false_alarm else "Cost of a false negative",
            0.0,
            1e9,
            float(getattr(self.rule, part)),
            help=help_text,
            **self._common(part),
        )
        return float(getattr(self.rule, part))

    def show_threshold(self, label: str, name: str, step: float = 0.01) -> float:
        """Draw the threshold as a number field.

        Args:
            label: Label of the field (Markdown).
            name: Name of the class, not escaped.
            step: How much the field's plus and minus buttons add.

        Returns:
            The threshold that is stored.
        """
        st.number_input(
            label,
            0.0,
            1.0,
            float(self.rule.threshold),
            step=step,
            format=f"%.{THRESHOLD_DIGITS}f",
            help=f"The model predicts {literal(name)} at this probability or above. The threshold "
            "is kept with the model, so it is the same on every page.",
            **self._common("exact"),
        )
        return self.rule.threshold

    def slider_arguments(self) -> dict[str, Any]:
        """Return the arguments of a threshold slider: value, key and callback."""
        return {"value": float(self.rule.threshold), **self._common("slider")}

    def show_implied(self, *, key: str) -> None:
        """Draw the button that sets the threshold to the one that the costs imply."""
        implied = self.implied_threshold
        st.button(
            f"Use the threshold that these costs imply: {threshold_text(implied)}",
            key=key,
            icon=":material/balance:",
            on_click=keep,
            args=(self.run_id, replace(self.rule, threshold=implied)),
            disabled=implied == round(self.rule.threshold, THRESHOLD_DIGITS),
            help="Cost of a false positive ÷ sum of both costs. It minimises the expected cost if "
            "the probabilities are calibrated.",
            width="stretch",
        )

    def _common(self, widget: str) -> dict[str, Any]:
        key = self._key(widget)
        return {"key": key, "on_change": self._take, "args": (_WIDGETS[widget], key)}

    def _take(self, part: RulePart, key: str) -> None:
        if is_gone(key):
            return
        rule = decision_rule(self.run_id, self.rule.class_code)
        changed: dict[str, Any] = {part: float(st.session_state[key])}
        keep(self.run_id, replace(rule, **changed))

    def _key(self, widget: str) -> str:
        return form_key(self._form(widget), "value")

    def _form(self, widget: str) -> str:
        # A form per widget: moving the slider renews the number field, and not the slider.
        return f"{self._name}.{widget}"
