"""The start page: a finished prediction, and a training of one's own in one click."""
