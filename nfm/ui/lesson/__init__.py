"""Lesson links and the tour."""
