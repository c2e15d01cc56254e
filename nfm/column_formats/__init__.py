"""How the text of a column becomes values: decided once, from the training table."""
