from nfm.jobs.controls import Controls


def test_a_run_is_stopped_until_it_ends():
    controls = Controls()
    controls.begin("run")
    assert not controls.stopping("run")
    controls.stop("run")
    assert controls.stopping("run")
    controls.end("run")
    assert not controls.stopping("run")


def test_a_stop_may_come_before_its_run():
    controls = Controls()
    controls.stop("run")
    controls.begin("run")
    assert controls.stopping("run")


def test_stops_for_runs_that_never_come_are_forgotten_those_of_running_ones_are_not():
    controls = Controls(kept_early_stops=3)
    controls.begin("here")
    controls.stop("here")
    for number in range(5):
        controls.stop(f"elsewhere {number}")
    assert controls.stopping("here")
    assert not controls.stopping("elsewhere 0")
    assert controls.stopping("elsewhere 4")
