"""Data sets, runs, models and preferences, in a database."""
