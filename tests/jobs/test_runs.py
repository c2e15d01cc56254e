from nfm.jobs.runs import FairQueue


def waiting(*runs: tuple[str, str]) -> FairQueue:
    queue = FairQueue()
    for run_id, workspace in runs:
        queue.add(run_id, workspace)
    return queue


def test_who_came_first_starts_first():
    queue = waiting(("1", "ann"), ("2", "bob"), ("3", "cid"))
    assert queue.order({}) == ["1", "2", "3"]
    assert queue.next({}, capacity=2) == "1"


def test_workspaces_take_turns():
    queue = waiting(("a1", "ann"), ("a2", "ann"), ("a3", "ann"), ("b1", "bob"))
    assert queue.order({}) == ["a1", "b1", "a2", "a3"]


def test_who_trains_already_comes_after_who_does_not():
    queue = waiting(("a1", "ann"), ("b1", "bob"))
    assert queue.order({"ann": 1}) == ["b1", "a1"]
    assert queue.next({"ann": 1}, capacity=2) == "b1"


def test_nobody_starts_where_all_places_are_taken():
    assert waiting(("a1", "ann")).next({"bob": 2}, capacity=2) is None


def test_nobody_starts_where_there_are_no_workers():
    assert waiting(("a1", "ann")).next({}, capacity=0) is None


def test_one_workspace_leaves_a_place_for_others():
    queue = waiting(("a3", "ann"))
    assert queue.next({"ann": 1}, capacity=3) == "a3"
    assert queue.next({"ann": 2}, capacity=3) is None
    queue.add("b1", "bob")
    assert queue.next({"ann": 2}, capacity=3) == "b1"


def test_a_single_place_is_for_whoever_comes():
    assert waiting(("a1", "ann")).next({}, capacity=1) == "a1"


def test_a_discarded_run_no_longer_waits():
    queue = waiting(("1", "ann"), ("2", "bob"))
    assert queue.discard("1")
    assert not queue.discard("1")
    assert queue.order({}) == ["2"]


def test_trials_come_after_all_runs():
    queue = FairQueue()
    queue.add("trial", "ann", trial=True)
    queue.add("b1", "bob")
    queue.add("b2", "bob")
    assert queue.order({"bob": 1}) == ["b1", "b2", "trial"]
    assert queue.next({}, capacity=4) == "b1"


def test_trials_of_several_people_leave_a_place_for_runs():
    queue = FairQueue()
    queue.add("trial", "ann", trial=True)
    assert queue.next({"bob": 1, "cid": 1}, capacity=4, trials=2) == "trial"
    assert queue.next({"bob": 1, "cid": 1, "dan": 1}, capacity=4, trials=3) is None
    queue.add("e1", "eve")
    assert queue.next({"bob": 1, "cid": 1, "dan": 1}, capacity=4, trials=3) == "e1"


def test_a_run_that_may_not_start_does_not_hold_up_a_trial():
    queue = FairQueue()
    queue.add("a4", "ann")
    queue.add("trial", "bob", trial=True)
    assert queue.next({"ann": 3}, capacity=4) == "trial"


def test_a_discarded_trial_is_a_run_when_it_comes_back_as_one():
    queue = FairQueue()
    queue.add("1", "ann", trial=True)
    queue.discard("1")
    queue.add("2", "bob", trial=True)
    queue.add("1", "ann")
    assert queue.order({}) == ["1", "2"]
