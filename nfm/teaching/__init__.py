"""Small models and computations of the Learn page, in NumPy alone."""
