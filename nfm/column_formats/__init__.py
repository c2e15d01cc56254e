"""Read the cells of a column as values by its format, which the training table decides once."""
