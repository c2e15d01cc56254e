"""The scikit-learn face of the Neural Factorization Machine."""

from nfm.estimator.classifier import NFMClassifier
from nfm.estimator.regressor import NFMRegressor

__all__ = ["NFMClassifier", "NFMRegressor"]
