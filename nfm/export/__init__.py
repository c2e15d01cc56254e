"""Exports of a run: a Python script and a JSON record."""
