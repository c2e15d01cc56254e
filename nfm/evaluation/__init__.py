"""Metrics of a model on held-out rows: scores, intervals, thresholds, calibration, slices."""
