"""A model predicts: NumPy and scikit-learn's metrics, without TensorFlow."""
