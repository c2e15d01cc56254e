"""A CSV becomes numbers."""
