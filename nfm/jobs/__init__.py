"""Training runs: queue, workers, and what happens when a process ends.

| Event | Noticed by | Consequence |
|---|---|---|
| A worker dies | `cluster`: `EmbeddedCluster.ensure_running`; `recorder`: `outcome_of` | The process is replaced; its runs fail. |
| The scheduler is lost | `engine`: `Engine._requeue_or_fail` | Runs that have started fail; the others wait again. |
| The database is unavailable | `recorder`: `Recorder._write` | The error is logged; training continues, and the next write tries again. |
| The browser is closed | nothing | The run continues; the page shows it again later. |
| The server is stopped | `engine`: `Engine.close`; if killed, `nfm.store.store`: `interrupt_abandoned_runs` | Unfinished runs end as "interrupted". |
"""  # noqa: E501 - a table
