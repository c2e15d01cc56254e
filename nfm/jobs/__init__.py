"""Training runs: queue, workers, and what happens when a process goes away.

| Event | Noticed by | Consequence |
|---|---|---|
| A worker dies | `cluster`: `EmbeddedCluster.ensure_running`; `recorder`: `outcome_of` | The process is replaced; the runs it had started fail. |
| The scheduler is lost | `engine`: `Engine._requeue_or_fail` | Runs that had begun fail; the others wait again. |
| The database is away | `recorder`: `Recorder._write` | The error is logged; training goes on and the next write is tried. |
| The browser is closed | nobody needs to | The run continues; the page shows it again later. |
| The server is stopped | `engine`: `Engine.close`; if killed, `nfm.store.store`: `interrupt_abandoned_runs` | Unfinished runs end as interrupted. |
"""  # noqa: E501 - a table
