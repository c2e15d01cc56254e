"""Explanations of predictions: Shapley values, counterfactuals, ICE curves, interactions."""
