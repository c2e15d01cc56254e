"""How good a model is on rows that no decision used."""
