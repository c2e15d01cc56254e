import threading

from nfm.jobs.worker.run_commands import CommandInbox, RunCommands


def test_a_run_is_stopped_until_it_ends():
    inbox = CommandInbox()
    inbox.register("run")
    assert not inbox.commands("run").stop
    inbox.put("run", RunCommands().stopped())
    assert inbox.commands("run").stop
    inbox.unregister("run")
    assert not inbox.commands("run").stop


def test_a_stop_may_come_before_its_run():
    inbox = CommandInbox()
    inbox.put("run", RunCommands().stopped())
    inbox.register("run")
    assert inbox.commands("run").stop


def test_orders_for_runs_that_never_come_are_forgotten_those_of_running_ones_are_not():
    inbox = CommandInbox(max_attempts=3)
    inbox.register("here", RunCommands().stopped())
    for number in range(5):
        inbox.put(f"elsewhere {number}", RunCommands().stopped())
    assert inbox.commands("here").stop
    assert not inbox.commands("elsewhere 0").stop
    assert inbox.commands("elsewhere 4").stop


def test_an_order_that_was_overtaken_is_ignored():
    inbox = CommandInbox()
    paused = RunCommands().paused()
    resumed = paused.resumed()
    inbox.put("run", resumed)
    inbox.put("run", paused)
    assert inbox.commands("run") == resumed


def test_who_waits_hears_of_new_orders_at_once():
    inbox = CommandInbox()
    inbox.register("run")
    heard = threading.Event()

    def wait() -> None:
        inbox.wait("run", inbox.commands("run"), 3600)
        heard.set()

    threading.Thread(target=wait, daemon=True).start()
    inbox.put("another", RunCommands().stopped())
    assert not heard.is_set()
    inbox.put("run", RunCommands().paused())
    assert heard.wait(30)


def test_a_pause_holds_at_once_and_a_step_after_one_more_epoch():
    paused = RunCommands().paused()
    assert paused.pauses_at(0)
    assert paused.pauses_at(7)
    step = paused.stepped(7)
    assert not step.pauses_at(7)
    assert step.pauses_at(8)
    assert not step.stepped(7).pauses_at(8)
    assert not step.resumed().pauses_at(100)


def test_a_stop_ends_a_pause():
    assert not RunCommands().paused().stopped().pauses_at(3)
