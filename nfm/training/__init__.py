"""A table becomes a bundle: the one path of the estimator, the app's workers and scripts."""
