"""Why a model answers as it does, and what would change the answer."""
