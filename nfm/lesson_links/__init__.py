"""Lesson links: a state of the app as a URL that can be sent to others."""
