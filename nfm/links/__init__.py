"""Lessons: a state of the app that one person sends to another as a link."""
