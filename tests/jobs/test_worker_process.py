"""The processes of the embedded cluster."""

from __future__ import annotations

from pathlib import Path

import psutil


def test_training_stands_back_for_the_pages(make_desk, store, eventually, monkeypatch):
    monkeypatch.setenv("NFM_NICE", "10")
    desk = make_desk(store)
    for pid in eventually(lambda: desk.engine.worker_pids):
        eventually(lambda pid=pid: psutil.Process(pid).nice() == 10)
        group = Path(f"/proc/{pid}/autogroup")
        if group.exists() and group.read_text().strip():
            # Where Linux weighs sessions, a worker's whole session stands back.
            eventually(lambda group=group: group.read_text().split()[-1] == "10")
