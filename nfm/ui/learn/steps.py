"""The cards of the Learn page, one on screen at a time with its figure beside it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial

import streamlit as st

from nfm.errors import StoreError
from nfm.teaching.card import FigureState, LearnCard
from nfm.teaching.cards import STEPS
from nfm.text import counted
from nfm.ui import present
from nfm.ui.components.announcement import announce
from nfm.ui.learn import forward_pass, gradient_descent, overfitting, pooling, truth_table, vectors
from nfm.ui.state import services

FIGURES: dict[str, Callable[[str], FigureState]] = {
    "two_switches": partial(truth_table.show, 2, ("linear", "fm")),
    "pair_counts": vectors.show_counts,
    "learned_vectors": vectors.show_learned_vectors,
    "pair_products": partial(pooling.show_calculator, by_pairs=True),
    "two_sums": partial(pooling.show_calculator, by_pairs=False),
    "cost": pooling.show_cost,
    "three_switches": partial(truth_table.show, 3, ("linear", "fm", "nfm")),
    **{
        name: partial(forward_pass.show, name)
        for name in ("look_up", "row_vectors", "pooled", "hidden", "prediction")
    },
    "gradient": gradient_descent.show_gradient,
    "descent": gradient_descent.show_descent,
    "overfitting": overfitting.show_curves,
    "batch": overfitting.show_batch,
}
"""By name: draws a figure with one element highlighted, and returns what it shows."""

EXPLANATIONS: tuple[Callable[[], None], ...] = (
    truth_table.explain_pairs,
    vectors.explain,
    pooling.explain_pooling,
    pooling.explain_cost,
    truth_table.explain_network,
    forward_pass.explain,
    gradient_descent.explain_gradient,
    gradient_descent.explain_optimizers,
    overfitting.explain,
)
"""The longer text of each step."""

_STEP = "step"  # key of the list of steps; like _CARD, it is also a parameter of the address
_CARD = "card"
_OPEN = "learn.open"  # the step's name and the card's number, from 1
_COMPLETED = "learn.completed"  # key of the session and of the browser's preference
_STARTS = "learn.starts"

CardId = tuple[str, int]
"""Name of a step, and number of a card in it, from 1."""
_CARDS: list[CardId] = [
    (step.name, number + 1) for step in STEPS for number in range(len(step.cards))
]


def show() -> None:
    """Draw the list of steps, the open card with its figure, and the longer text of the step."""
    names = [step.name for step in STEPS]
    kept = st.session_state.get(_OPEN) or _in_address(names)
    chosen = st.pills(
        "Steps", names, default=kept[0], required=True, key=_STEP, label_visibility="collapsed"
    )
    place = names.index(chosen)
    step = STEPS[place]
    number = min(max(kept[1], 1), len(step.cards)) if kept[0] == chosen else 1
    card_id = st.session_state[_OPEN] = chosen, number
    _write_address(card_id)
    card = step.cards[number - 1]
    left, right = st.columns([5, 7], gap="large")
    with left:
        # nfm/server/keyboard.js scrolls to a container of another key: each card begins at its
        # top.
        body = st.container(key=f"learn_card_{place + 1}_{number}")
        # Drawn before the card, though below it: the buttons work as soon as the new heading is
        # on screen, also while the rest of the page is still being drawn.
        _show_buttons(card_id)
    with body:
        _show_card(card, card_id)
    with right:
        st.fragment(_show_figure)(card, card_id)
    with st.expander("More about this", icon=":material/article:", key="learn_more"):
        EXPLANATIONS[place]()


def _in_address(names: list[str]) -> CardId:
    """Return the card in the address; the first one for what is not there."""
    step, number = st.query_params.get(_STEP, ""), st.query_params.get(_CARD, "")
    if step not in names:
        return names[0], 1
    return step, int(number) if number.isascii() and number.isdigit() else 1


def _write_address(card_id: CardId) -> None:
    """Write the card into the address, so that a reload or a bookmark opens it again."""
    step, number = card_id
    given = st.query_params.to_dict()
    written = {**given, _STEP: step, _CARD: str(number)}
    if written != given and (_STEP in given or card_id != (STEPS[0].name, 1)):
        # Both at once, and not bound to a widget: that would lose one or the other.
        st.query_params.from_dict(written)


def _show_buttons(card_id: CardId) -> None:
    """Draw the buttons to the previous and the next card."""
    place = _CARDS.index(card_id)
    with st.container(horizontal=True, key="step_buttons"):
        if place > 0:
            name, number = _CARDS[place - 1]
            st.button(
                "Back" if name == card_id[0] else f"Back: {name}",
                icon=":material/arrow_back:",
                key="step_back",
                on_click=_go,
                args=(name, number),
                shortcut=present.shortcut("back"),
            )
        if place + 1 < len(_CARDS):
            name, number = _CARDS[place + 1]
            st.button(
                "Next" if name == card_id[0] else f"Next: {name}",
                type="primary",
                icon=":material/arrow_forward:",
                icon_position="right",
                key="step_next",
                on_click=_go,
                args=(name, number),
                shortcut=present.shortcut("next"),
            )


def _show_card(card: LearnCard, card_id: CardId) -> None:
    """Draw the text of a card, its action or question, and whether it is completed."""
    step = next(step for step in STEPS if step.name == card_id[0])
    completed = _completed()
    answer = None
    st.header(card.heading, anchor=False)
    st.markdown(card.text)
    st.caption(f":material/visibility: Look at {card.look_at}.")
    if card.question is not None:
        answer = st.radio(
            f"**Question:** {card.action}",
            card.question.options,
            index=None,
            key=f"learn_answer_{STEPS.index(step) + 1}",
            persist_state="session",
            horizontal=True,
        )
        if card.is_done({}, {}, answer):
            _complete(card_id)
    done = card_id in completed
    said = ""
    if card.question is not None:
        if answer is not None:
            icon = "check_circle" if answer == card.question.right else "error"
            said = card.question.verdict(answer)
            st.markdown(f":material/{icon}: {said}")
    elif done:
        said = "Done."
        st.markdown(f":material/check_circle: **Done:** {card.action}")
    else:
        st.markdown(f":material/touch_app: **Try it:** {card.action}")
    announce(said.replace("*", ""))
    st.caption(
        f"Card {card_id[1]} of {len(step.cards)} in this step · "
        f"{len(completed)} of {counted(len(_CARDS), 'card')} done"
    )


def _show_figure(card: LearnCard, card_id: CardId) -> None:
    """Draw the figure, and note when the action of the card is done."""
    now = FIGURES[card.figure](card.element)
    starts: dict[CardId, FigureState] = st.session_state.setdefault(_STARTS, {})
    if not now or card.question is not None or card_id in _completed():
        return
    if card.is_done(now, starts.setdefault(card_id, now), None):
        _complete(card_id)
        st.rerun()  # The card is outside of this fragment.


def _completed() -> set[CardId]:
    """Return the cards that the visitor has completed, in this session or an earlier one."""
    if _COMPLETED not in st.session_state:
        st.session_state[_COMPLETED] = set()
        with suppress(StoreError):
            st.session_state[_COMPLETED] = _stored()
    return st.session_state[_COMPLETED]


def _stored() -> set[CardId]:
    """Return the cards that the database says are completed."""
    kept = services.store().get_preference(services.workspace(), _COMPLETED, [])
    return {(step, number) for step, number in kept}.intersection(_CARDS)


def _complete(card_id: CardId) -> None:
    """Note a completed card, also for later sessions if the database responds."""
    completed = _completed()
    if card_id not in completed:
        completed.add(card_id)
        with suppress(StoreError):
            completed |= _stored()  # what another tab completed meanwhile
            services.store().set_preference(services.workspace(), _COMPLETED, sorted(completed))


def show_references() -> None:
    """Draw the list of sources."""
    with st.expander("References", icon=":material/menu_book:"):
        st.markdown(
            "- X. He and T.-S. Chua, *Neural Factorization Machines for Sparse Predictive "
            "Analytics*, SIGIR 2017: NFM, bi-interaction pooling, steps 3 to 9.\n"
            "- S. Rendle, *Factorization Machines*, ICDM 2010: FM and its sums in linear time, "
            "steps 2 and 4.\n"
            "- Y. Gorishniy, I. Rubachev and A. Babenko, *On Embeddings for Numerical Features in "
            "Tabular Deep Learning*, NeurIPS 2022: the vectors of numbers in step 6.\n"
            "- J. Duchi, E. Hazan and Y. Singer, *Adaptive Subgradient Methods*, JMLR 2011, and "
            "D. Kingma and J. Ba, *Adam*, ICLR 2015: step 8.\n"
            "- N. Srivastava et al., *Dropout*, JMLR 2014, and S. Ioffe and C. Szegedy, *Batch "
            "Normalization*, ICML 2015: step 9.\n"
            "- Wang Duoyu (王多鱼), *NFM模型理论与实践* (NFM in theory and practice), 2020: the "
            "article that this app follows. Equation numbers are its."
        )


def _go(step: str, number: int) -> None:
    st.session_state[_STEP] = step
    st.session_state[_OPEN] = step, number
