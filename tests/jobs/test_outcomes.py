"""What a future of Dask says about the end of a run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from distributed.scheduler import KilledWorker

from nfm.jobs.outcomes import DIED, outcome_of
from nfm.jobs.worker.training_job import RunOutcome


@dataclass
class Done:
    """As much of a future as is asked."""

    status: str
    answer: Any = None

    def result(self, timeout: float) -> Any:
        assert timeout > 0
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def exception(self) -> Any:
        return self.answer


def test_what_the_worker_returned_is_the_outcome():
    outcome = RunOutcome("completed", bundle=b"model")
    assert outcome_of(Done("finished", outcome), "run") is outcome


def test_a_result_that_was_lost_means_that_the_worker_died():
    assert outcome_of(Done("finished", TimeoutError()), "run") is DIED
    assert outcome_of(Done("error", KilledWorker("run", None, 1)), "run") is DIED


def test_another_version_of_the_program_is_named_as_the_likely_reason():
    outcome = outcome_of(Done("error", ModuleNotFoundError("nfm.jobs.worker.training_job")), "run")
    assert outcome is not None
    assert outcome.status == "failed"
    assert "(ModuleNotFoundError)" in str(outcome.reason)
    assert "same version" in str(outcome.reason)


def test_nobody_knows_what_became_of_a_run_whose_scheduler_is_gone():
    assert outcome_of(Done("cancelled"), "run") is None
    assert outcome_of(Done("lost"), "run") is None
