"""Long computations run elsewhere, raise here, and leave no process behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from nfm.computing_process import _started, compute, shut_down
from nfm.errors import NFMError

REPOSITORY = Path(__file__).parent.parent


def test_a_function_runs_in_another_process_and_its_result_comes_back():
    assert compute(os.getpid) != os.getpid()
    assert compute(sorted, [3, 1, 2], reverse=True) == [3, 2, 1]


def test_it_works_beside_scikit_learn_whose_library_starts_processes_too():
    import sklearn.ensemble  # noqa: F401

    assert compute(abs, -1) == 1


def test_what_the_function_raises_is_raised():
    with pytest.raises(ZeroDivisionError):
        compute(divmod, 1, 0)


def test_the_package_is_computed_without_streamlit_and_tensorflow():
    shut_down()  # what other tests have computed may have loaded more
    compute(__import__, "nfm.explanation.importance")
    loaded = compute(eval, "list(__import__('sys').modules)")
    assert {"streamlit", "tensorflow", "keras", "sklearn"}.isdisjoint(loaded)


def test_a_process_that_ends_early_gives_a_sentence_and_the_next_call_works():
    with pytest.raises(NFMError, match="memory ran out"):
        compute(os._exit, 1)
    assert compute(abs, -1) == 1


def test_a_thread_waits_while_another_one_imports_joblib():
    script = """
import os, sys, threading
from importlib.machinery import ModuleSpec
from nfm.computing_process import compute

class Slow:
    def find_spec(self, name, path, target=None):
        if name == "joblib._parallel_backends":
            return ModuleSpec(name, self)

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        paused.set()
        threading.Event().wait()

paused = threading.Event()
sys.meta_path.insert(0, Slow())
threading.Thread(target=__import__, args=("joblib",)).start()
paused.wait()
computing = threading.Thread(target=compute, args=(abs, -1))
computing.start()
computing.join(5)
print("joblib.externals.loky.backend.resource_tracker" in sys.modules, flush=True)
os._exit(0)
"""
    result = subprocess.run(
        [sys.executable, "-c", script], cwd=REPOSITORY, capture_output=True, text=True, timeout=60
    )
    assert result.stdout.strip() == "False", result.stderr


def test_a_computation_is_repeated_if_another_one_ended_the_processes():
    with ThreadPoolExecutor(2) as threads:
        waiting = threads.submit(compute, time.sleep, 0.5)
        with pytest.raises(NFMError):
            compute(os._exit, 1)
        assert waiting.result() is None


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_processes_end_when_the_web_process_is_killed():
    script = (
        "import os\nfrom nfm.computing_process import compute\n"
        "print(compute(os.getpid), flush=True)\ninput()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as web:
        assert web.stdout is not None
        computing = int(web.stdout.readline())
        web.kill()
        web.wait()
    deadline = time.monotonic() + 60
    while psutil.pid_exists(computing) and time.monotonic() < deadline:
        if psutil.Process(computing).status() == psutil.STATUS_ZOMBIE:
            break
        time.sleep(0.1)
    else:
        assert not psutil.pid_exists(computing)


def test_processes_are_gone_after_a_shutdown_and_start_again_when_needed():
    computing = compute(os.getpid)
    shut_down()
    assert not psutil.pid_exists(computing)
    assert compute(abs, -1) == 1


def test_what_is_being_computed_at_a_shutdown_ends_with_a_sentence():
    shut_down()
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(compute, time.sleep, 600)
        while not _started.get("executor") or not _started["executor"]._running_work_items:
            time.sleep(0.01)
        shut_down()
        with pytest.raises(NFMError, match="shutting down"):
            waiting.result()


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_a_server_that_a_signal_ends_has_given_everything_back():
    script = (
        "import os, signal\nfrom nfm.computing_process import compute, shut_down\n"
        "compute(abs, -1)\nshut_down()\nos.kill(os.getpid(), signal.SIGTERM)"
    )
    result = subprocess.run(
        [sys.executable, "-c", script], cwd=REPOSITORY, capture_output=True, text=True, timeout=60
    )
    assert (result.returncode, result.stderr) == (-signal.SIGTERM, "")
