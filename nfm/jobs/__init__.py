"""Who trains where, and what is kept."""
