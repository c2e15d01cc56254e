import threading

from nfm.jobs.worker.run_commands import CommandInbox, RunCommands


def test_a_run_is_stopped_until_it_ends():
    inbox = CommandInbox()
    inbox.begin("run")
    assert not inbox.commands("run").stop
    inbox.give("run", RunCommands().stopped())
    assert inbox.commands("run").stop
    inbox.end("run")
    assert not inbox.commands("run").stop


def test_a_stop_may_come_before_its_run():
    inbox = CommandInbox()
    inbox.give("run", RunCommands().stopped())
    inbox.begin("run")
    assert inbox.commands("run").stop


def test_orders_for_runs_that_never_come_are_forgotten_those_of_running_ones_are_not():
    inbox = CommandInbox(kept_early_commands=3)
    inbox.begin("here", RunCommands().stopped())
    for number in range(5):
        inbox.give(f"elsewhere {number}", RunCommands().stopped())
    assert inbox.commands("here").stop
    assert not inbox.commands("elsewhere 0").stop
    assert inbox.commands("elsewhere 4").stop


def test_an_order_that_was_overtaken_is_ignored():
    inbox = CommandInbox()
    paused = RunCommands().paused()
    resumed = paused.resumed()
    inbox.give("run", resumed)
    inbox.give("run", paused)
    assert inbox.commands("run") == resumed


def test_who_waits_hears_of_new_orders_at_once():
    inbox = CommandInbox()
    inbox.begin("run")
    heard = threading.Event()

    def wait() -> None:
        inbox.wait("run", inbox.commands("run"), 3600)
        heard.set()

    threading.Thread(target=wait, daemon=True).start()
    inbox.give("another", RunCommands().stopped())
    assert not heard.is_set()
    inbox.give("run", RunCommands().paused())
    assert heard.wait(30)


def test_a_pause_holds_at_once_and_a_step_after_one_more_epoch():
    paused = RunCommands().paused()
    assert paused.wait(0)
    assert paused.wait(7)
    step = paused.stepped(7)
    assert not step.wait(7)
    assert step.wait(8)
    assert not step.stepped(7).wait(8)
    assert not step.resumed().wait(100)


def test_a_stop_ends_a_pause():
    assert not RunCommands().paused().stopped().wait(3)
