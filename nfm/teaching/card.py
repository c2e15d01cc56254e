"""A card of the Learn page: one idea, one element to look at, and one action.

A figure describes what it shows as a mapping, such as `{"features": 1000, "size": 16}`. The action
of a card compares that with what the figure showed when the card was opened.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

FigureState = Mapping[str, Any]
"""What a figure shows now, by name."""

Condition = Callable[[FigureState, FigureState], bool]
"""Says from the present state and the first one whether an action is done."""


@dataclass(frozen=True)
class Question:
    """The question of a step's last card.

    Attributes:
        options: Answers to choose from.
        right: The right one.
        why: One sentence that explains it.
    """

    options: tuple[str, ...]
    right: str
    why: str

    def verdict(self, chosen: str) -> str:
        """Say whether an answer is right, and why (Markdown)."""
        return f"**{'Right' if chosen == self.right else 'Not quite'}.** {self.why}"


@dataclass(frozen=True)
class LearnCard:
    """One idea.

    Attributes:
        heading: The idea as a title or a question.
        text: The idea in a few sentences (Markdown).
        figure: Name of the figure beside the card.
        element: Name of the element that the figure highlights.
        look_at: The same element in words.
        action: What to do in the figure; on the last card of a step, the question.
        done: Whether the action is done; None for a question, which has to be answered.
        question: The answers to choose from; None on all cards but the last of a step.
    """

    heading: str
    text: str
    figure: str
    element: str
    look_at: str
    action: str
    done: Condition | None = None
    question: Question | None = None

    @property
    def words(self) -> int:
        """Number of words that a reader meets on the card before answering."""
        options = () if self.question is None else self.question.options
        return sum(map(count_words, (self.heading, self.text, self.look_at, self.action, *options)))

    def is_done(self, now: FigureState, start: FigureState, answer: str | None) -> bool:
        """Say whether the card is completed.

        Args:
            now: What the figure shows.
            start: What it showed when the card was opened.
            answer: The chosen answer; None for none.
        """
        if self.question is not None:
            return answer == self.question.right
        return self.done is not None and bool(self.done(now, start))


@dataclass(frozen=True)
class LearnStep:
    """Some cards about one topic; the last one asks a question.

    Attributes:
        name: Name in the list of steps and in links.
        cards: The cards in order.
    """

    name: str
    cards: tuple[LearnCard, ...]


def count_words(text: str) -> int:
    """Count the words of a text (Markdown); a formula or a number counts as one word."""
    return len(re.sub(r"\$[^$]+\$", "formula", text).split())


def changed(name: str) -> Condition:
    """Return whether a figure shows another value than when the card was opened.

    Args:
        name: Name of the value in the figure's state.
    """
    return lambda now, start: now.get(name) != start.get(name)


def set_to(name: str, value: Any) -> Condition:
    """Return whether a figure shows a certain value.

    Args:
        name: Name of the value in the figure's state.
        value: The value to reach.
    """
    return lambda now, _start: now.get(name) == value
