"""The manifest of a bundle: everything except its weights, as JSON."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from nfm.compatibility import BUNDLE_VERSION, parse_json, read_stored
from nfm.epoch import Epoch
from nfm.errors import BundleError, CompatibilityError
from nfm.inference.archive import BundleLimits
from nfm.settings import Settings
from nfm.tabular.categorical_field import CategoricalField
from nfm.tabular.encoding import Encoder
from nfm.tabular.list_field import MOST_ITEMS
from nfm.tabular.numeric_field import NumericField
from nfm.tabular.schema import Schema
from nfm.tabular.target import Target
from nfm.version import __version__

FORMAT: Final = "nfm-bundle"
MOST_EPOCHS: Final = 10_000


class Manifest(BaseModel):
    """Everything in a bundle except its weights."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, populate_by_name=True
    )

    format: Literal["nfm-bundle"] = FORMAT
    version: Annotated[int, Field(ge=1, le=BUNDLE_VERSION)] = BUNDLE_VERSION
    nfm_version: Annotated[str, Field(max_length=40)]
    created: AwareDatetime
    table_schema: Annotated[Schema, Field(alias="schema")]
    encoder: Encoder
    target: Target
    settings: Settings
    history: Annotated[tuple[Epoch, ...], Field(max_length=MOST_EPOCHS)]
    best_epoch: Annotated[int, Field(ge=1)] | None

    def to_json(self) -> str:
        """Return the manifest as JSON."""
        return self.model_dump_json(by_alias=True)


class _Heading(BaseModel):
    """The fields that the manifest has in every version."""

    format: str
    version: Annotated[int, Field(ge=1, le=1_000_000)]
    nfm_version: Annotated[str, Field(max_length=40)] = "unknown"


def read_manifest(data: bytes, limits: BundleLimits | None = None) -> Manifest:
    """Validate a manifest from an untrusted source.

    Args:
        data: The manifest as JSON.
        limits: Limits on the number of its values, checked before it is parsed and validated;
            None for the default ones.

    Returns:
        The manifest, whose parts agree with each other. A field that the version which wrote it
        didn't have gets the value that corresponds to that version's behaviour.

    Raises:
        BundleError: If the manifest is invalid; the message names the part.
    """
    limits = limits or BundleLimits()
    # At least the number of values: each but the first follows one of these.
    if sum(map(data.count, (b",", b"[", b"{"))) > limits.manifest_values:
        raise BundleError(
            f"The bundle's manifest has more than {limits.manifest_values:,} values, the limit."
        )
    try:
        state = parse_json(data)
        heading = _Heading.model_validate(state)
    except ValueError:  # no JSON, or ValidationError
        raise BundleError(
            "The file is not a bundle: its manifest does not say its format and version."
        ) from None
    if heading.format != FORMAT:
        raise BundleError(f"The file is not a bundle: its format is not {FORMAT}.")
    if heading.version > BUNDLE_VERSION:
        raise BundleError(
            f"The bundle is of version {heading.version}, written by NFM Lab "
            f"{heading.nfm_version}, and this program, NFM Lab {__version__}, reads bundles up to "
            f"version {BUNDLE_VERSION}: install the newer release to open it."
        )
    _check_counts(state, limits)
    try:
        manifest = read_stored(Manifest, state)
    except CompatibilityError as error:
        raise BundleError(
            f"The bundle's manifest, written by NFM Lab {heading.nfm_version}, is {error}."
        ) from None
    _check_agreement(manifest)
    return manifest


def _check_counts(state: Any, limits: BundleLimits) -> None:
    """Raise BundleError if a list is too long to be validated quickly."""
    lists = (
        ("target", "classes", "classes", limits.classes),
        ("encoder", "columns", "columns", limits.columns),
        ("schema", "columns", "columns", limits.columns),
        ("encoder", "numeric", "numeric fields", limits.columns),
        ("encoder", "categorical", "categorical fields", (MOST_ITEMS + 2) * limits.columns),
    )
    found: list[tuple[str, Any, int]] = [("epochs", state.get("history"), MOST_EPOCHS)]
    for part, name, noun, most in lists:
        fields = state.get(part)
        found.append((noun, fields.get(name) if isinstance(fields, dict) else None, most))
    for noun, values, most in found:
        if isinstance(values, list) and len(values) > most:
            raise BundleError(
                f"The bundle's model has {len(values):,} {noun}, more than the {most:,} allowed."
            )


def _check_agreement(manifest: Manifest) -> None:
    """Raise BundleError if valid parts contradict each other."""
    schema, encoder, target = manifest.table_schema, manifest.encoder, manifest.target
    dates = {date.column for date in encoder.dates}
    contradictions = {
        "schema and target have different tasks": schema.task != target.task,
        "schema and encoder have different columns": (
            {column.name for column in schema.features} != set(encoder.columns)
            or not dates <= set(encoder.columns)
        ),
        "the encoder has no field": not encoder.categorical and not encoder.numeric,
        "settings and encoder take numbers differently": any(
            field.mode != manifest.settings.numeric for field in encoder.numeric
        ),
        "a column has not exactly one field of its own": not _has_a_field_each(encoder),
        "the epochs are not numbered from 1 on": (
            [epoch.number for epoch in manifest.history]
            != list(range(1, len(manifest.history) + 1))
        ),
        "a numeric field's range is out of order": not all(
            _has_range(field) for field in encoder.numeric
        ),
        "the best epoch is not in the history": (
            manifest.best_epoch is not None
            and manifest.best_epoch not in {epoch.number for epoch in manifest.history}
        ),
    }
    for contradiction, found in contradictions.items():
        if found:
            raise BundleError(f"The bundle contradicts itself: {contradiction}.")


def _has_a_field_each(encoder: Encoder) -> bool:
    """Return whether every column is categorical, numeric, a date or a list, exactly once."""
    fields: list[CategoricalField | NumericField] = [*encoder.categorical, *encoder.numeric]
    own = [field for field in fields if field.part is None]
    columns = [field.column for field in (*own, *encoder.dates, *encoder.lists)]
    named = all(field.name == field.column for field in own)
    return named and sorted(columns) == sorted(encoder.columns)


def _has_range(field: NumericField) -> bool:
    """Return whether the training rows' minimum, median and maximum are in order, or all None."""
    low, middle, high = field.minimum, field.median, field.maximum
    if low is None or middle is None or high is None:
        return low is middle is high
    return low <= middle <= high
