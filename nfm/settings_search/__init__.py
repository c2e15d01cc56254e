"""A search for better settings: what is varied, how trials are chosen, and what they show."""
