"""The sections of the page Interactions."""
