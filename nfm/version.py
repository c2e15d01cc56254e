"""The version of the package, which bundles carry."""

__version__ = "0.1.0"
