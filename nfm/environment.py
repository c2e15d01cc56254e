"""Every environment variable of the app, declared once; README.md has the same table."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from nfm.errors import SettingsError
from nfm.text import clipped

_PREFIX = "NFM_"
# The descriptions end the sentence "... it must be".
_Count = Annotated[int, Field(ge=1, description="a whole number, 1 or more")]
_ADDRESS = Field(
    pattern=r"^([a-z+]+://)?[^/\s]+:\d+$",
    description="the address of a Dask scheduler, such as tcp://host:8786",
)
_POSITIVE = Field(gt=0, description="a positive number")


def _default_workers() -> int:
    # Each worker takes 700 MB once TensorFlow is loaded.
    return min(4, max(1, (os.cpu_count() or 2) - 1))


class Environment(BaseSettings):
    """The values of the environment variables; `NFM_WORKERS` is `workers`, and so on.

    Attributes:
        data_dir: Folder of the database; relative to the working directory.
        database_url: Another database, as an SQLAlchemy URL.
        keep_days: Days without a visit after which a workspace is deleted; None to keep all.
        keep_megabytes: Total size of all files and models that are kept.
        scheduler: Address of a Dask scheduler; None to start one beside the app.
        workers: Number of worker processes.
        runs_per_worker: Runs that one worker trains at the same time.
        run_hours: Hours that a training may take, by an estimate before it starts.
        worker_memory: Megabytes above which an idle worker is replaced. TensorFlow keeps a few
            megabytes of every model that it has trained.
        nice: Niceness of the worker processes.
        metrics: Whether everyone may read the server's metrics.
        sign_in: Whether the app is only for those who have signed in; secrets.toml names the
            provider.
    """

    model_config = SettingsConfigDict(
        env_prefix=_PREFIX, env_ignore_empty=True, frozen=True, allow_inf_nan=False
    )

    data_dir: Path = Path(".nfm")
    database_url: str | None = None
    keep_days: Annotated[float | None, _POSITIVE] = None
    keep_megabytes: Annotated[float, _POSITIVE] = 20_000
    scheduler: Annotated[str | None, _ADDRESS] = None
    workers: _Count = Field(default_factory=_default_workers)
    runs_per_worker: _Count = 4
    run_hours: Annotated[float, _POSITIVE] = 24
    worker_memory: _Count = 2_000
    nice: Annotated[int, Field(ge=0, le=19, description="a whole number from 0 to 19")] = 10
    metrics: Annotated[bool, Field(description="1 or 0")] = False
    sign_in: Annotated[bool, Field(description="1 or 0")] = False

    @property
    def data_directory(self) -> Path:
        """Folder of all stored data, as an absolute path."""
        return self.data_dir.absolute()


VARIABLES = {f"{_PREFIX}{name.upper()}": name for name in Environment.model_fields}


def environment() -> Environment:
    """Return the environment variables; they are validated at the first call.

    Raises:
        SettingsError: If variables have wrong values; a sentence for each names the variable,
            its value, and what is allowed.
    """
    return _validated(tuple(os.environ.get(name) for name in VARIABLES))


@lru_cache(maxsize=1)
def _validated(_values: tuple[str | None, ...]) -> Environment:
    """Validate the variables, which have the given values."""
    try:
        return Environment()
    except ValidationError as error:
        sentences = []
        for problem in error.errors(include_url=False):
            name = str(problem["loc"][0])
            given = clipped(repr(problem["input"]), 80)
            variable = f"{_PREFIX}{name.upper()}"
            allowed = Environment.model_fields[name].description
            sentences.append(f"{variable} is {given}: it must be {allowed}.")
        raise SettingsError("\n".join(sentences)) from None
