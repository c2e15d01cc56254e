import threading

from nfm.jobs.worker.run_commands import Controls, Orders


def test_a_run_is_stopped_until_it_ends():
    controls = Controls()
    controls.begin("run")
    assert not controls.orders("run").stop
    controls.give("run", Orders().stopped())
    assert controls.orders("run").stop
    controls.end("run")
    assert not controls.orders("run").stop


def test_a_stop_may_come_before_its_run():
    controls = Controls()
    controls.give("run", Orders().stopped())
    controls.begin("run")
    assert controls.orders("run").stop


def test_orders_for_runs_that_never_come_are_forgotten_those_of_running_ones_are_not():
    controls = Controls(kept_early_orders=3)
    controls.begin("here", Orders().stopped())
    for number in range(5):
        controls.give(f"elsewhere {number}", Orders().stopped())
    assert controls.orders("here").stop
    assert not controls.orders("elsewhere 0").stop
    assert controls.orders("elsewhere 4").stop


def test_an_order_that_was_overtaken_is_ignored():
    controls = Controls()
    paused = Orders().paused()
    resumed = paused.resumed()
    controls.give("run", resumed)
    controls.give("run", paused)
    assert controls.orders("run") == resumed


def test_who_waits_hears_of_new_orders_at_once():
    controls = Controls()
    controls.begin("run")
    heard = threading.Event()

    def wait() -> None:
        controls.wait("run", controls.orders("run"), 3600)
        heard.set()

    threading.Thread(target=wait, daemon=True).start()
    controls.give("another", Orders().stopped())
    assert not heard.is_set()
    controls.give("run", Orders().paused())
    assert heard.wait(30)


def test_a_pause_holds_at_once_and_a_step_after_one_more_epoch():
    paused = Orders().paused()
    assert paused.wait(0)
    assert paused.wait(7)
    step = paused.stepped(7)
    assert not step.wait(7)
    assert step.wait(8)
    assert not step.stepped(7).wait(8)
    assert not step.resumed().wait(100)


def test_a_stop_ends_a_pause():
    assert not Orders().paused().stopped().wait(3)
