"""What simpler models reach on the same rows, on request."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from nfm.errors import NFMError
from nfm.evaluation.baselines import (
    MOST_ROWS,
    NAMES,
    BaselineName,
    BaselineResult,
    learn_baseline,
)
from nfm.evaluation.scores import Score, scores_of
from nfm.figures.labels import titled
from nfm.text import counted
from nfm.ui.escaping import literal
from nfm.ui.evaluate.held_out_rows import Evaluated
from nfm.ui.evaluate.texts import MEASURES, show_interval, show_value, verdict
from nfm.ui.state.byte_cache import kept
from nfm.ui.texts import duration

logger = logging.getLogger(__name__)

_POLL_SECONDS = 0.5
_WANTED = "evaluate.baselines"


@dataclass(frozen=True, eq=False)
class Compared:
    """A simpler model's figures.

    Attributes:
        result: Its answers, and how it learned.
        measures: Its figures on the same draws as the network's.
    """

    result: BaselineResult
    measures: Mapping[str, Score]


@dataclass(frozen=True, eq=False)
class Comparison:
    """What is computed elsewhere, one simpler model after the other."""

    started: float
    futures: dict[BaselineName, Future[Compared]]

    @property
    def done(self) -> bool:
        """Whether all have ended."""
        return all(future.done() for future in self.futures.values())


def baseline_title(name: BaselineName, *, regression: bool) -> str:
    """Name a simpler model."""
    if name == "boosting":
        return "Gradient boosting"
    return "Ridge regression" if regression else "Logistic regression"


def show(rows: Evaluated) -> None:
    """Draw the button, the progress, or the comparison."""
    st.header("Would a simpler model do?", anchor=False)
    if rows.evaluation.part == "uploaded":
        st.markdown(
            "Simpler models would have to learn from the rows that this model learned from, and "
            "these are not here."
        )
        return
    key = f"{_WANTED}.{rows.version}"
    running = bool(st.session_state.get(key)) and not _comparison(rows).done
    st.fragment(_panel, run_every=_POLL_SECONDS if running else None)(rows, key, polling=running)


def _panel(rows: Evaluated, key: str, *, polling: bool) -> None:
    regression = rows.evaluation.is_regression
    titles = [baseline_title(name, regression=regression) for name in NAMES]
    if not st.session_state.get(key):
        st.markdown(
            f"{titles[0]} adds one effect per column; {titles[1].lower()} combines many small "
            "trees. Both learn from the same training rows and are evaluated on the same test rows."
        )
        st.button(
            "Compare with both",
            key="compare",
            icon=":material/balance:",
            on_click=_want,
            args=(key,),
        )
        return
    comparison = _comparison(rows)
    if not comparison.done:
        if not polling:
            # The whole page once more: a timer starts with it.
            st.rerun()
        ended = sum(future.done() for future in comparison.futures.values())
        waited = duration(time.monotonic() - comparison.started)
        st.progress(
            ended / len(NAMES), f"{titles[ended]} is learning … {waited}. The page stays usable."
        )
        return
    if polling:
        st.rerun()
    _show_comparison(rows, comparison)


def _want(key: str) -> None:
    st.session_state[key] = True


def _show_comparison(rows: Evaluated, comparison: Comparison) -> None:
    regression = rows.evaluation.is_regression
    found: dict[str, Compared] = {}
    for name, future in comparison.futures.items():
        title = baseline_title(name, regression=regression)
        try:
            found[title] = future.result()
        except NFMError as error:
            st.warning(f"{title} could not be trained: {literal(error)}", icon=":material/warning:")
        except Exception:
            # Anything that another library raised in its thread: the page is about more than it.
            logger.exception("A baseline failed.")
            st.warning(f"{title} failed; the log says why.", icon=":material/warning:")
    judged = "rmse" if regression else "log_loss"
    for title, compared in found.items():
        difference = rows.measures[judged].minus(compared.measures[judged])
        words = verdict(judged, difference, title.lower(), rows.dictionary.unit)
        measure = "RMSE" if regression else "log loss"
        st.markdown(f"- By {measure}, {words}.")
    st.dataframe(
        _table(rows, found),
        hide_index=True,
        height="content",
        alt="Figures of the network, of guessing and of the simpler models",
    )
    fewest = min((compared.result.rows for compared in found.values()), default=0)
    if fewest == MOST_ROWS:
        st.caption(f"The simpler models learned from {counted(MOST_ROWS, 'row')}, at random.")
    st.caption(
        "Differences are measured row by row on the same resamples of the test rows (a paired "
        "bootstrap), so they can be clear even where the intervals overlap."
    )


def _table(rows: Evaluated, found: Mapping[str, Compared]) -> pd.DataFrame:
    models: dict[str, Mapping[str, Score]] = {
        "This model": rows.measures,
        **{title: compared.measures for title, compared in found.items()},
        "Always the same answer": rows.guess,
    }
    table = pd.DataFrame({"Model": list(models)})
    for name in rows.measures:
        cells = []
        for measures in models.values():
            if name not in measures:
                cells.append("–")
                continue
            ends = show_interval(name, measures[name].interval)
            value = show_value(name, measures[name].value)
            cells.append(value if ends is None else f"{value} ({ends})")
        unit = rows.dictionary.unit if name in ("mae", "rmse") else ""
        table[titled(MEASURES[name].title, unit)] = cells
    seconds = [f"{compared.result.seconds:.1f} s" for compared in found.values()]
    table["Learned in"] = ["–", *seconds, "–"]
    return table


@st.cache_resource(max_entries=1, show_spinner=False)
def _executor() -> ThreadPoolExecutor:
    """One thread for all people: the processor is shared with the pages."""
    return ThreadPoolExecutor(1, thread_name_prefix="baselines")


@kept()
def _comparison(rows: Evaluated) -> Comparison:
    futures = {name: _executor().submit(_learn, name, rows) for name in NAMES}
    return Comparison(time.monotonic(), futures)


def _learn(name: BaselineName, rows: Evaluated) -> Compared:
    result = learn_baseline(name, rows.bundle, rows.frame, rows.split, rows.evaluation)
    return Compared(result, scores_of(result.evaluation))
