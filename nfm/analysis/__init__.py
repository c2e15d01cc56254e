"""The app's evaluation, explanations and interactions for scripts and notebooks."""
