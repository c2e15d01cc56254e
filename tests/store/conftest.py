"""Fixtures that the tests of the store and of the jobs share."""

from tests.jobs.conftest import eventually, schema, store  # noqa: F401
