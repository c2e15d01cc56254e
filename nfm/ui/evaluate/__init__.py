"""The sections of the page Evaluate."""
