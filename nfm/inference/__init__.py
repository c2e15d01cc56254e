"""A model answers: NumPy and scikit-learn's metrics, without TensorFlow."""
