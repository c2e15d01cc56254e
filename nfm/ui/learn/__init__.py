"""The sections of the page Learn."""
