"""Comparison with simpler models on the same rows, on request."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from nfm.computing_process import compute
from nfm.errors import NFMError
from nfm.evaluation.baselines import MOST_ROWS, NAMES, BaselineName, BaselineResult, learn_baseline
from nfm.evaluation.scores import Score, scores_of
from nfm.figures.labels import titled
from nfm.text import counted
from nfm.ui.escaping import literal
from nfm.ui.evaluate.held_out_rows import HeldOutEvaluation
from nfm.ui.evaluate.texts import MEASURES, show_interval, show_value, verdict
from nfm.ui.state.byte_cache import kept
from nfm.ui.texts import duration

logger = logging.getLogger(__name__)

_POLL_SECONDS = 0.5
_REQUESTED = "evaluate.baselines"


@dataclass(frozen=True, eq=False)
class BaselineScores:
    """Metrics of a simpler model.

    Attributes:
        result: Its predictions, training rows and time.
        measures: Its metrics on the same resamples as the network's.
    """

    result: BaselineResult
    measures: Mapping[str, Score]


@dataclass(frozen=True, eq=False)
class Comparison:
    """Simpler models being trained in a background thread, one after the other.

    Attributes:
        started: Start, from `time.monotonic`.
        futures: The result of each model, once it is there.
    """

    started: float
    futures: dict[BaselineName, Future[BaselineScores]]

    @property
    def done(self) -> bool:
        """Whether all models are trained or have failed."""
        return all(future.done() for future in self.futures.values())


def baseline_title(name: BaselineName, *, regression: bool) -> str:
    """Name a simpler model."""
    if name == "boosting":
        return "Gradient boosting"
    return "Ridge regression" if regression else "Logistic regression"


def show(rows: HeldOutEvaluation) -> None:
    """Draw the button, the progress, or the comparison."""
    st.header("Would a simpler model do?", anchor=False)
    if rows.evaluation.part == "uploaded":
        st.markdown(
            "Simpler models need the rows that this model was trained on, which are not available "
            "here."
        )
        return
    key = f"{_REQUESTED}.{rows.version}"
    running = bool(st.session_state.get(key)) and not _comparison(rows).done
    st.fragment(_panel, run_every=_POLL_SECONDS if running else None)(rows, key, polling=running)


def _panel(rows: HeldOutEvaluation, key: str, *, polling: bool) -> None:
    regression = rows.evaluation.is_regression
    titles = [baseline_title(name, regression=regression) for name in NAMES]
    if not st.session_state.get(key):
        st.markdown(
            f"{titles[0]} adds one effect per column; {titles[1].lower()} combines many small "
            "trees. Both are trained on the same training rows and evaluated on the same test rows."
        )
        st.button(
            "Compare with both",
            key="compare",
            icon=":material/balance:",
            on_click=_request_comparison,
            args=(key,),
        )
        return
    comparison = _comparison(rows)
    if not comparison.done:
        if not polling:
            # Rerun the whole page: the timer starts with it.
            st.rerun()
        ended = sum(future.done() for future in comparison.futures.values())
        waited = duration(time.monotonic() - comparison.started)
        st.progress(
            ended / len(NAMES),
            f"{titles[ended]} is training … {waited}. You can keep using the page.",
        )
        return
    if polling:
        st.rerun()
    _show_comparison(rows, comparison)


def _request_comparison(key: str) -> None:
    st.session_state[key] = True


def _show_comparison(rows: HeldOutEvaluation, comparison: Comparison) -> None:
    regression = rows.evaluation.is_regression
    found: dict[str, BaselineScores] = {}
    for name, future in comparison.futures.items():
        title = baseline_title(name, regression=regression)
        try:
            found[title] = future.result()
        except NFMError as error:
            st.warning(f"{title} could not be trained: {literal(error)}", icon=":material/warning:")
        except Exception:
            # Another library can raise anything in its thread; the rest of the page still works.
            logger.exception("A baseline failed.")
            st.warning(
                f"{title} could not be trained: unexpected error. See the log for details.",
                icon=":material/warning:",
            )
    metric = "rmse" if regression else "log_loss"
    for title, compared in found.items():
        difference = rows.measures[metric].minus(compared.measures[metric])
        words = verdict(metric, difference, title.lower(), rows.wording.unit)
        measure = "RMSE" if regression else "log loss"
        st.markdown(f"- By {measure}, {words}.")
    st.dataframe(
        _table(rows, found),
        hide_index=True,
        height="content",
        alt="Metrics of the network, of a constant prediction and of the simpler models",
    )
    fewest = min((compared.result.rows for compared in found.values()), default=0)
    if fewest == MOST_ROWS:
        st.caption(
            f"The simpler models were trained on {counted(MOST_ROWS, 'row')}, chosen at random."
        )
    st.caption(
        "Differences are measured row by row on the same resamples of the test rows (a paired "
        "bootstrap), so they can be clear even where the intervals overlap."
    )


def _table(rows: HeldOutEvaluation, found: Mapping[str, BaselineScores]) -> pd.DataFrame:
    models: dict[str, Mapping[str, Score]] = {
        "This model": rows.measures,
        **{title: compared.measures for title, compared in found.items()},
        "Constant prediction": rows.guess,
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
        unit = rows.wording.unit if name in ("mae", "rmse") else ""
        table[titled(MEASURES[name].title, unit)] = cells
    seconds = [f"{compared.result.seconds:.1f} s" for compared in found.values()]
    table["Training time"] = ["–", *seconds, "–"]
    return table


@st.cache_resource(max_entries=1, show_spinner=False)
def _executor() -> ThreadPoolExecutor:
    """One thread for all sessions, so that one baseline at a time uses the processor."""
    return ThreadPoolExecutor(1, thread_name_prefix="baselines")


@kept()
def _comparison(rows: HeldOutEvaluation) -> Comparison:
    futures = {name: _executor().submit(_learn, name, rows) for name in NAMES}
    return Comparison(time.monotonic(), futures)


def _learn(name: BaselineName, rows: HeldOutEvaluation) -> BaselineScores:
    result = compute(learn_baseline, name, rows.bundle, rows.frame, rows.split, rows.evaluation)
    return BaselineScores(result, scores_of(result.evaluation))
