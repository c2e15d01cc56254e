"""Numbers become a model: the only place where TensorFlow and Keras are imported."""
