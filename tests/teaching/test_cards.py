"""The cards of the Learn page: their length, and the right answers of their questions."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest

from nfm.teaching.card import LearnCard, count_words
from nfm.teaching.cards import EXAMPLE_ROWS, STEPS, rows_state
from nfm.teaching.optimizer_paths import valley_path
from nfm.teaching.overfitting import pass_batch
from nfm.teaching.pooling import measure, pool, pool_gradient
from nfm.teaching.truth_table import input_rows, learn_truth_table
from nfm.ui.learn.steps import EXPLANATIONS, FIGURES

MOST_WORDS = 60
FIRST_STEPS = STEPS[:5]  # the way through the idea
MOST_CARDS_OF_THE_FIRST_STEPS = 20
MOST_WORDS_OF_THE_FIRST_STEPS = 1_200
CARDS = [card for step in STEPS for card in step.cards]


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.heading)
def test_card_has_at_most_sixty_words(card: LearnCard):
    assert card.words <= MOST_WORDS


def test_idea_takes_at_most_twenty_cards_and_1200_words():
    cards = [card for step in FIRST_STEPS for card in step.cards]
    assert len(cards) <= MOST_CARDS_OF_THE_FIRST_STEPS
    # Also the explanations that follow the answers.
    explained = sum(count_words(step.cards[-1].question.why) for step in FIRST_STEPS)
    assert sum(card.words for card in cards) + explained <= MOST_WORDS_OF_THE_FIRST_STEPS


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.heading)
def test_card_has_one_figure_one_element_and_one_action(card: LearnCard):
    for field in fields(card):
        if field.name not in ("done", "question"):
            assert getattr(card, field.name), field.name
    assert card.figure in FIGURES
    assert (card.done is None) == (card.question is not None)


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
def test_step_begins_with_a_question_and_ends_with_one_to_answer(step):
    *before, last = step.cards
    assert before[0].heading.endswith("?")
    assert all(card.question is None for card in before)
    assert last.action.endswith("?")
    assert last.question.right in last.question.options
    assert len(set(last.question.options)) == len(last.question.options) >= 2
    assert last.is_done({}, {}, last.question.right)
    wrong = next(option for option in last.question.options if option != last.question.right)
    assert not last.is_done({}, {}, wrong)
    assert not last.is_done({}, {}, None)
    assert last.question.verdict(wrong).count(".") == last.question.why.count(".") + 1


def test_every_step_has_a_longer_text():
    assert len(EXPLANATIONS) == len(STEPS)


def test_headings_differ():
    assert len({card.heading for card in CARDS}) == len(CARDS)


def test_words_are_counted_as_a_reader_meets_them():
    assert count_words("Two **bold** words, 50% and $a + b$.") == 6


def right(step: int) -> str:
    return STEPS[step - 1].cards[-1].question.right


def lamp(*on: str) -> tuple[bool, ...]:
    """The truth table of a lamp that is on in these positions, such as "↓↑"."""
    names = ["".join("↓↑"[up] for up in row) for row in input_rows(len(on[0]))]
    return tuple(name in on for name in names)


def test_answer_about_a_lamp_with_two_switches_is_that_of_the_figure():
    assert right(1) == str(learn_truth_table("linear", lamp("↑↑")).right)


def test_answer_about_the_weight_of_a_pair_is_that_of_the_figure():
    vectors = learn_truth_table("fm", lamp("↓↑", "↑↓")).vectors
    assert vectors is not None
    assert (vectors[1] @ vectors[3] < 0) == (right(2) == "Negative")


def test_answer_about_the_pooled_number_is_that_of_the_calculator():
    rows = np.array(EXAMPLE_ROWS)
    assert right(3) == f"{pool(rows[:, 0], rows[:, 1:]).pooled.sum():g}"
    assert rows_state(rows[:, 0], rows[:, 1:]) == EXAMPLE_ROWS


def test_answer_about_the_cost_is_that_of_the_count():
    (cost,) = measure(4, (512,))
    assert right(4) == f"{cost.pair_products / cost.sum_products:.0f}"


def test_answer_about_three_switches_is_that_of_the_figure():
    table = lamp("↓↑↓", "↓↑↑", "↑↓↓", "↑↓↑")
    scores = {kind: learn_truth_table(kind, table).right for kind in ("linear", "fm", "nfm")}
    enough = next(kind for kind, score in scores.items() if score == 8)
    assert right(5).lower() == enough


def test_answer_about_the_gradient_is_that_of_equation_5():
    rows = np.array(EXAMPLE_ROWS)
    gradient = pool_gradient(rows[:, 0], rows[:, 1:], 0)
    assert right(7) == f"[{', '.join(f'{value:g}' for value in gradient)}]"


def test_answer_about_the_rate_is_that_of_the_figure():
    fine = [
        rate
        for rate in STEPS[7].cards[-1].question.options
        if np.abs(valley_path("sgd", float(rate), 30, (-1.6, 2.2), 40)).max() < 3
    ]
    assert right(8) == max(fine, key=float)


def test_answer_about_prediction_is_that_of_the_batch():
    passed = pass_batch(dropout=0.5, batch_norm=False, training=False, draw=0)
    assert passed.dropped is not None
    assert ((passed.dropped == 0).sum() == 0) == (right(9) == "None")
