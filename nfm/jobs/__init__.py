"""Training runs: queue, workers, and what happens when a process ends.

A table of these events, who notices them and what follows is in docs/explanation/architecture.md,
"When something goes away".
"""
