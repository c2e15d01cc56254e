"""Neural Factorization Machines with scikit-learn's interface."""

from nfm.estimator.classifier import NFMClassifier
from nfm.estimator.regressor import NFMRegressor

__all__ = ["NFMClassifier", "NFMRegressor"]
