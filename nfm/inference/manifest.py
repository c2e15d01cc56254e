"""What a bundle says about itself: the JSON beside its weights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from nfm.epoch import Epoch
from nfm.errors import BundleError
from nfm.settings import Settings
from nfm.tabular.encoding import Encoder
from nfm.tabular.schema import Schema
from nfm.tabular.target import Target

if TYPE_CHECKING:
    from nfm.inference.bundle import Bundle

FORMAT = "nfm-bundle"
VERSION = 1


class Manifest(BaseModel):
    """Everything of a bundle but its weights."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, populate_by_name=True
    )

    format: Literal["nfm-bundle"] = FORMAT
    version: Literal[1] = VERSION
    nfm_version: Annotated[str, Field(max_length=40)]
    created: AwareDatetime
    table_schema: Annotated[Schema, Field(alias="schema")]
    encoder: Encoder
    target: Target
    settings: Settings
    history: Annotated[tuple[Epoch, ...], Field(max_length=100_000)]
    best_epoch: Annotated[int, Field(ge=1)] | None

    @classmethod
    def of(cls, bundle: Bundle) -> Manifest:
        """Return the manifest of a bundle."""
        return cls(
            nfm_version=bundle.nfm_version,
            created=bundle.created,
            table_schema=bundle.schema,
            encoder=bundle.encoder,
            target=bundle.target,
            settings=bundle.settings,
            history=tuple(bundle.history),
            best_epoch=bundle.best_epoch,
        )

    def to_json(self) -> str:
        """Return the manifest as JSON."""
        return self.model_dump_json(by_alias=True)


class _Heading(BaseModel):
    """The part of every version's manifest that says which version it is."""

    format: str
    version: int


def read_manifest(data: bytes) -> Manifest:
    """Validate a manifest, from whomever it comes.

    Args:
        data: JSON.

    Returns:
        The manifest, its parts in agreement with each other.

    Raises:
        BundleError: In one sentence, naming the part that is wrong.
    """
    try:
        heading = _Heading.model_validate_json(data)
    except ValidationError:
        raise BundleError(
            "The file is not a bundle: its manifest does not say its format and version."
        ) from None
    if heading.format != FORMAT:
        raise BundleError(f"The file is not a bundle: its format is not {FORMAT}.")
    if heading.version != VERSION:
        raise BundleError(
            f"The bundle is of version {heading.version}, and this program reads version "
            f"{VERSION}: open it with the version of the program that made it."
        )
    try:
        manifest = Manifest.model_validate_json(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        place = ".".join(str(part) for part in first["loc"][:4])[:80]
        raise BundleError(
            f"The bundle's manifest is not valid at {place}: {first['msg'][:200]}."
        ) from None
    _check_agreement(manifest)
    return manifest


def _check_agreement(manifest: Manifest) -> None:
    """Raise BundleError if parts that are valid alone contradict each other."""
    target = manifest.target
    if manifest.table_schema.task != target.task:
        raise BundleError("The bundle contradicts itself: schema and target have different tasks.")
    if target.task == "regression":
        fitting = not target.classes and target.scale > 0
    else:
        fitting = len(target.classes) == 2 or (
            target.task == "multiclass" and len(target.classes) > 2
        )
    if not fitting or len({(type(value), value) for value in target.classes}) != len(
        target.classes
    ):
        raise BundleError(f"The bundle's target does not fit its task, {target.task}.")
    if len({type(value) for value in target.classes}) > 1:
        raise BundleError("The bundle's target has classes of different types.")
    layout = manifest.encoder.layout
    if not layout.fields:
        raise BundleError("The bundle's encoder has no field to predict from.")
    if min((*layout.level_counts, *layout.bin_counts)) < 1:
        raise BundleError("The bundle's encoder has a field without levels or bins.")
    numbers = {epoch.number for epoch in manifest.history}
    if manifest.best_epoch is not None and manifest.best_epoch not in numbers:
        raise BundleError("The bundle's best epoch is not part of its history.")
