"""What the web process may load."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow

PROGRAM = """
import sys
import pytest

class Check:
    def pytest_sessionfinish(self, session):
        heavy = {"tensorflow", "keras", "sklearn", "scipy", "distributed"} & set(sys.modules)
        if heavy or session.testsfailed or not session.testscollected:
            print("loaded:", sorted(heavy), "failed:", session.testsfailed)
            session.exitstatus = 9

sys.exit(pytest.main(["-q", "-p", "no:cacheprovider", *sys.argv[1:]], plugins=[Check()]))
"""


def test_no_page_loads_tensorflow_or_anything_else_that_is_heavy(repository):
    folder = repository / "tests" / "pages"
    tests = [
        f"{folder / 'test_data.py'}::test_uploaded_file_is_opened_and_survives_a_new_session",
        f"{folder / 'test_train.py'}::test_result_is_compared_with_the_most_frequent_class",
        f"{folder / 'test_predict.py'}::test_edit_changes_the_probability_and_shows_the_difference",
        f"{folder / 'test_evaluate.py'}::test_threshold_moves_figures_and_charts",
        f"{folder / 'test_interactions.py'}::test_several_classes_are_looked_at_one_by_one",
        f"{folder / 'test_learn.py'}::test_every_step_opens_with_a_question",
        f"{folder / 'test_learn.py'}::test_walk_ends_at_the_probability_of_the_predict_page",
    ]
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *tests],
        cwd=repository,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:]
