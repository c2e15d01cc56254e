"""Data in, a figure out."""
