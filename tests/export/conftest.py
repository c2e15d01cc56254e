"""Fixtures that the tests of exports and of the jobs share."""

from tests.jobs.conftest import eventually, schema, shared_desk  # noqa: F401
