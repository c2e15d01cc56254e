"""What the Learn page computes while it explains: small, live, and in NumPy alone."""
