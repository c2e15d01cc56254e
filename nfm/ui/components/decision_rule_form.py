"""The widgets for a decision threshold and the costs of wrong decisions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

import streamlit as st

from nfm.evaluation.thresholds import THRESHOLD_DIGITS, implied_threshold, threshold_text
from nfm.ui.escaping import literal
from nfm.ui.state.decision_rules import decision_rule, keep
from nfm.ui.state.widget_keys import form_key, is_gone, new_generation

RulePart = Literal["threshold", "false_alarm_cost", "miss_cost"]

# What each widget is about.
_WIDGETS: dict[str, RulePart] = {
    "slider": "threshold",
    "exact": "threshold",
    "false_alarm_cost": "false_alarm_cost",
    "miss_cost": "miss_cost",
}


class DecisionRuleForm:
    """The widgets of one page for a rule: they show what is kept, and keep what is edited.

    Args:
        page: Tells the widgets of one page from those of another.
        run_id: Whose rule it is.
        class_code: For which class.
    """

    def __init__(self, page: str, run_id: str, class_code: int = 1) -> None:
        self.run_id = run_id
        self.rule = decision_rule(run_id, class_code)
        self._name = f"decision_rule.{page}.{run_id}.{class_code}"
        for widget, part in _WIDGETS.items():
            kept = getattr(self.rule, part)
            if st.session_state.get(self._key(widget), kept) != kept:
                # Changed elsewhere: in another widget, on another page, or by a button.
                new_generation(self._form(widget))

    @property
    def implied_threshold(self) -> float:
        """The threshold that the costs imply, to the digits that a threshold can be set to."""
        implied = implied_threshold(self.rule.false_alarm_cost, self.rule.miss_cost)
        return round(implied, THRESHOLD_DIGITS)

    def show_cost(self, part: RulePart, name: str) -> float:
        """Draw the field of one of the costs; return the cost.

        Args:
            part: Which of the costs.
            name: Of the class; text as it is.
        """
        false_alarm = part == "false_alarm_cost"
        help_text = (
            f"Saying {literal(name)} where it is not, in any unit: only the ratio counts."
            if false_alarm
            else f"Not saying {literal(name)} where it is."
        )
        st.number_input(
            "A false alarm costs" if false_alarm else "A miss costs",
            0.0,
            1e9,
            float(getattr(self.rule, part)),
            help=help_text,
            **self._common(part),
        )
        return float(getattr(self.rule, part))

    def show_threshold(self, label: str, name: str, step: float = 0.01) -> float:
        """Draw the field of the threshold as a number; return the threshold.

        Args:
            label: Of the field.
            name: Of the class; text as it is.
            step: Of the buttons beside the field.
        """
        st.number_input(
            label,
            0.0,
            1.0,
            float(self.rule.threshold),
            step=step,
            format=f"%.{THRESHOLD_DIGITS}f",
            help=f"The prediction is {literal(name)} from this probability on. It belongs to the "
            "model: all pages have the same.",
            **self._common("exact"),
        )
        return self.rule.threshold

    def slider_arguments(self) -> dict[str, Any]:
        """Return value, key and callback for a slider of the threshold."""
        return {"value": float(self.rule.threshold), **self._common("slider")}

    def show_implied(self, *, key: str) -> None:
        """Draw the button that takes over the threshold that the costs imply.

        Args:
            key: Of the button.
        """
        implied = self.implied_threshold
        st.button(
            f"Use the threshold {threshold_text(implied)} that these costs imply",
            key=key,
            icon=":material/balance:",
            on_click=keep,
            args=(self.run_id, replace(self.rule, threshold=implied)),
            disabled=implied == round(self.rule.threshold, THRESHOLD_DIGITS),
            help="False alarm ÷ (false alarm + miss): right if the probabilities can be believed.",
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
        # One for each widget, so that a slider that is moved stays the same one.
        return f"{self._name}.{widget}"
