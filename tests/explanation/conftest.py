"""Fixtures that the tests of answers share."""

from tests.inference.bundles import frame, make_bundle  # noqa: F401
