"""A trained model in one file, which predicts with NumPy alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from io import BytesIO
from os import PathLike
from pathlib import Path
from typing import IO, Any, Literal

import numpy as np
import pandas as pd

from nfm.column_formats.column_format import ColumnFormat
from nfm.column_formats.read_column import ColumnReading, read_column
from nfm.compatibility import FORMER_VALUES
from nfm.ensemble import split_weights
from nfm.epoch import Epoch, Metrics
from nfm.errors import BundleError, NFMError, ReadingWarning, SchemaError, warn
from nfm.files.frame_attributes import frame_warnings, remember_warnings
from nfm.files.options import ReadingOptions
from nfm.files.reading import TableFile, read_raw_table, read_table_file
from nfm.files.replacing import replacing
from nfm.inference.activations import class_probabilities
from nfm.inference.archive import ArchiveReader, BundleLimits, write_archive
from nfm.inference.manifest import Manifest, read_manifest
from nfm.inference.scorer import Scorer
from nfm.metrics import evaluate
from nfm.network_architecture import NetworkArchitecture
from nfm.settings import Settings
from nfm.tabular.decimal_marks import open_decimal_marks
from nfm.tabular.encoded_table import EncodedTable
from nfm.tabular.encoding import Encoder
from nfm.tabular.frames import as_frame
from nfm.tabular.reading_notes import reading_warnings
from nfm.tabular.schema import Schema
from nfm.tabular.target import Target
from nfm.tabular.target_doubts import target_doubts
from nfm.tabular.target_values import as_series
from nfm.tabular.wording import Wording, wording_of
from nfm.text import quote
from nfm.version import __version__


@dataclass(frozen=True, eq=False)
class Bundle:
    """A trained model with everything needed to predict.

    Attributes:
        schema: Role and kind of every column that the model was trained with.
        encoder: Encodes rows as codes and values, as fitted to the training rows.
        target: The classes, or the scale of a regression's target.
        settings: Settings of the model and its training.
        weights: float32 arrays by name, as `nfm.model.weights.export_weights` returns them.
        history: All epochs of the training, in order.
        best_epoch: Number of the epoch with the lowest validation loss, if there was one.
        created: When the bundle was created, UTC.
        nfm_version: Version of the package that created it.
    """

    schema: Schema
    encoder: Encoder
    target: Target
    settings: Settings
    weights: Mapping[str, np.ndarray] = field(repr=False)
    history: Sequence[Epoch] = field(default=(), repr=False)
    best_epoch: int | None = None
    created: datetime = field(default_factory=lambda: datetime.now(UTC))
    nfm_version: str = __version__

    @cached_property
    def architecture(self) -> NetworkArchitecture:
        """The parts of the network and the shapes of its weights."""
        return NetworkArchitecture(self.encoder.layout, self.settings, self.target.output_count)

    @cached_property
    def scorer(self) -> Scorer:
        """The network's forward pass."""
        return Scorer(self.architecture, self.weights)

    @cached_property
    def member_scorers(self) -> tuple[Scorer, ...]:
        """The forward pass of each member of an ensemble.

        Empty for a single network, and for the files of versions that did not write what a member
        alone needs.
        """
        needed = self.architecture.member_weight_shapes
        if not needed or not needed.keys() <= self.weights.keys():
            return ()
        members = split_weights(self.architecture, self.weights)
        return tuple(Scorer(self.architecture.one_member, weights) for weights in members)

    def predict_proba(self, frame: Any) -> np.ndarray:
        """Return the probability of every class for every row.

        Args:
            frame: Rows with the columns that the model was trained with, in any order; others
                are ignored. A table of pandas, polars, pyarrow and so on.

        Returns:
            float64 (rows, classes), in the order of `target.classes`.

        Raises:
            SchemaError: If a column is missing.
            NFMError: If the model predicts numbers, or its weights overflow on these rows.
        """
        if self.target.task == "regression":
            raise NFMError("This model predicts a number and has no classes: use predict.")
        return _finite(class_probabilities(self.scorer.logits(self._encode(frame))))

    def outputs(self, table: EncodedTable) -> np.ndarray:
        """Return the network's values for encoded rows, before any sigmoid or softmax.

        Args:
            table: Rows as `encoder.transform` returns them.

        Returns:
            float64 (rows, C): log odds (binary), scores of the classes (multiclass), or the
            standardised value (regression).

        Raises:
            NFMError: If the weights overflow on these rows.
        """
        return _finite(self.scorer.logits(table))

    def member_outputs(self, table: EncodedTable) -> np.ndarray:
        """Return the values of each member of an ensemble, of which `outputs` is the mean.

        Args:
            table: Rows as `encoder.transform` returns them.

        Returns:
            float64 (members, rows, C); without members if `member_scorers` is empty.

        Raises:
            NFMError: If the weights overflow on these rows.
        """
        outputs = [_finite(scorer.logits(table)) for scorer in self.member_scorers]
        return np.stack(outputs) if outputs else np.empty((0, len(table), self.scorer.output_count))

    def predict(self, frame: Any) -> np.ndarray:
        """Return the most probable class, or the predicted number, of every row.

        Args:
            frame: As for `predict_proba`.

        Returns:
            (rows,): classes as they were in the training data (bool, int, float or str), or
            float64 in the target's own units.

        Raises:
            SchemaError: If a column is missing.
            NFMError: If the weights overflow on these rows.
        """
        if self.target.task != "regression":
            return self.target.labels(self.predict_proba(frame).argmax(axis=1))
        return self.target.decode(self.outputs(self._encode(frame))[:, 0])

    def evaluate(self, frame: Any, target_values: Any) -> Metrics:
        """Measure the model on rows whose target is known.

        Args:
            frame: As for `predict_proba`.
            target_values: The target of each row, (rows,).

        Returns:
            The metrics of the task.

        Raises:
            SchemaError: If a column is missing, there isn't one target for every row, or a target
                is missing or has a class that no training row has.
        """
        table = self._encode(frame)
        # First what cannot be read, so that an error about missing targets can be understood.
        for doubt in self.target_doubts(target_values):
            warn(doubt, ReadingWarning)
        labels = self.target.encode(self.read_target(target_values))
        if len(labels) != len(table):
            raise SchemaError(
                f"The table has {len(table):,} rows, but there are {len(labels):,} targets: "
                "give one target for every row."
            )
        if not len(table):
            raise SchemaError("The table has no rows: there is nothing to measure.")
        return evaluate(
            self.target, labels, self.outputs(table), regression_loss=self.settings.regression_loss
        )

    def with_decimal(self, decimal: Literal[".", ","]) -> Bundle:
        """Return the same model for tables whose text has another decimal mark.

        Args:
            decimal: Decimal mark of the tables to predict.

        Raises:
            NFMError: If the model is of a version that finds the mark of each table itself.
        """
        if not self.encoder.formats:
            raise NFMError(
                f"This model is of nfm {self.nfm_version}, which finds the decimal mark of each "
                "table itself: leave decimal out."
            )
        columns = tuple(
            column
            if column.format is None
            else column.model_copy(update={"format": column.format.with_decimal(decimal)})
            for column in self.schema.columns
        )
        return replace(
            self,
            schema=self.schema.model_copy(update={"columns": columns}),
            encoder=self.encoder.with_decimal(decimal),
        )

    def read_table(self, source: Any, *, decimal: Literal[".", ","] | None = None) -> pd.DataFrame:
        """Read a file with the column formats of the training table.

        Args:
            source: Path, bytes or open file, as for `nfm.read_table`.
            decimal: Decimal mark of the file's text; None for that of the training table, or a
                point if the training table's text doesn't show it. A `ReadingWarning` says if
                the file's text can be read with either mark.

        Returns:
            A table with the columns of the file. Those of the schema are read with its formats,
            whatever rows the file has; a `ReadingWarning` names cells that cannot be read.
            A model without formats (of an older version) uses the rules of its version.

        Raises:
            ReadingError: If the file is not a table, is damaged, or exceeds a limit.
            NFMError: If `decimal` is given to a model without formats.
        """
        if decimal is not None:
            return self.with_decimal(decimal)._read_table(source, ask=False)
        return self._read_table(source, ask=True)

    def _read_table(self, source: Any, *, ask: bool) -> pd.DataFrame:
        """Read a file; ask is whether to warn of columns with an open decimal mark."""
        file = self.read_raw(source)
        raw = file.frame
        if not self.encoder.formats:
            for note in (*file.repairs, *file.column_notes):
                warn(note, ReadingWarning)
            return raw
        for doubt in file.doubts:
            warn(doubt, ReadingWarning)
        for question in open_decimal_marks(raw, self.schema, file.options) if ask else ():
            warn(
                f'{question} Say which it is: read_table(..., decimal="." or ",").', ReadingWarning
            )
        here = [name for name in self.encoder.columns if name in raw.columns]
        readings = self.encoder.readings(raw[here], here)
        warnings = []
        if len(here) == len(self.encoder.columns):
            warnings = self._warn_of_readings(raw, readings)
        if self.target.name in raw.columns:
            for doubt in self.target_doubts(raw[self.target.name]):
                warn(doubt, ReadingWarning)
        table = self.schema.read(raw)
        for name, reading in readings.items():
            # What the model reads, by the kind that a person may have chosen. Where the text of
            # numbers is not known, they are left as they are.
            table[name] = raw[name] if reading.typed.any() else reading.values.array
        if warnings:
            # Cells that could not be read are missing now, which `predict` would warn of.
            remember_warnings(table, [*warnings, *reading_warnings(table, self.encoder)])
        return table

    def read_raw(self, source: Any, name: str = "") -> TableFile:
        """Read a file of rows without converting their cells, which the model does later.

        Args:
            source: Path, bytes or open file, as for `nfm.read_table`.
            name: Name of the file.

        Returns:
            The file with raw cells; for a model without column formats, from an older version, the
            table as that version read it.

        Raises:
            ReadingError: If the file is not a table, is damaged, or exceeds a limit.
        """
        if not self.encoder.formats:
            former = FORMER_VALUES["ReadingOptions"]
            return read_table_file(source, name, ReadingOptions.model_validate(former))
        words = {level for field in self.encoder.categorical for level in field.levels}
        columns = self.encoder.columns
        return read_raw_table(source, name, self.schema.file_options, columns, words)

    def read_target(self, target_values: Any) -> pd.Series:
        """Read target values, (rows,), with the format of the target's column."""
        series, column_format = as_series(target_values), self.target_format
        return series if column_format is None else read_column(series, column_format).values

    def target_doubts(self, target_values: Any) -> tuple[str, ...]:
        """Say which targets, (rows,), are not known or not written as in training (0.42, 42%)."""
        return target_doubts(self.target, self.target_format, target_values)

    @property
    def target_format(self) -> ColumnFormat | None:
        """How the target's column is read; None if the model was trained on values without one."""
        name = self.schema.target
        return None if name is None else self.schema.column(name).value_format

    @property
    def wording(self) -> Wording:
        """Display names of columns, levels and classes."""
        return wording_of(self.schema, self.target.name)

    def _encode(self, frame: Any) -> EncodedTable:
        """Encode rows, and warn of cells that cannot be read or are ambiguous."""
        frame = as_frame(frame)
        readings = self.encoder.readings(frame)
        table = self.encoder.transform(frame, readings)
        self._warn_of_readings(frame, readings)
        return table

    def _warn_of_readings(
        self, frame: pd.DataFrame, readings: Mapping[str, ColumnReading]
    ) -> list[str]:
        """Warn of doubtful cells, except as `read_table` has done, and return all warnings."""
        notes = [*reading_warnings(frame, self.encoder, readings), *self._repeated_names(frame)]
        for note in notes:
            if note not in frame_warnings(frame):
                warn(note, ReadingWarning)
        return notes

    def _repeated_names(self, frame: pd.DataFrame) -> list[str]:
        """Report columns that a file has twice; the reader numbers the later ones."""
        return [
            f"The table has the columns {name!r} and '{name} (2)', perhaps one name that occurred "
            "twice: the first is used. Check which one is meant."
            for name in self.encoder.columns
            if f"{name} (2)" in frame.columns and f"{name} (2)" not in self.schema.names
        ]

    @property
    def classes(self) -> np.ndarray:
        """The classes in their original type, in the order of the columns of `predict_proba`."""
        return self.target.labels(np.arange(self.target.class_count))

    def save(self, destination: str | PathLike[str] | IO[bytes]) -> None:
        """Write the bundle to a file.

        Args:
            destination: A path, or a file open for writing bytes. A file that has the path is
                replaced only when all is written.

        Raises:
            OSError: If the file cannot be written.
        """
        manifest = Manifest(
            nfm_version=self.nfm_version,
            created=self.created,
            table_schema=self.schema,
            encoder=self.encoder,
            target=self.target,
            settings=self.settings,
            history=tuple(self.history),
            best_epoch=self.best_epoch,
        ).to_json()
        if isinstance(destination, str | PathLike):
            with replacing(Path(destination)) as stream:
                write_archive(stream, manifest, self.weights)
        else:
            write_archive(destination, manifest, self.weights)

    def to_bytes(self) -> bytes:
        """Return the bytes of the file that `save` writes."""
        stream = BytesIO()
        self.save(stream)
        return stream.getvalue()


def load_bundle(
    source: str | PathLike[str] | bytes | IO[bytes], *, limits: BundleLimits | None = None
) -> Bundle:
    """Read a bundle; the file may come from an untrusted source.

    Args:
        source: A path, the bytes of a file, or a file open for reading bytes.
        limits: Limits on its size; None for the default ones.

    Returns:
        The model. To read it and to predict needs neither TensorFlow nor scikit-learn.

    Raises:
        BundleError: If the file cannot be opened, is damaged, too large, of another version, or
            not a bundle.

    Example:
        >>> from nfm import NFMRegressor, load_bundle
        >>> model = NFMRegressor(epochs=1).fit([[1.0], [2.0]] * 50, [1.0, 2.0] * 50)
        >>> load_bundle(model.bundle_.to_bytes()).target.task
        'regression'
    """
    limits = limits or BundleLimits()
    if isinstance(source, bytes | bytearray | memoryview):
        return _load(BytesIO(source), limits)
    if isinstance(source, str | PathLike):
        path = Path(source)
        try:
            file = path.open("rb")
        except (OSError, ValueError) as error:
            name = quote(path.name, 60)
            raise BundleError(
                f"The file {name} cannot be opened: check its path and permissions."
            ) from error
        with file:
            return _load(file, limits)
    return _load(BytesIO(source.read(limits.file_bytes + 1)), limits)


def _load(stream: IO[bytes], limits: BundleLimits) -> Bundle:
    archive = ArchiveReader(stream, limits)
    manifest = read_manifest(archive.manifest(), limits)
    architecture = NetworkArchitecture(
        manifest.encoder.layout, manifest.settings, manifest.target.output_count
    )
    return Bundle(
        schema=manifest.table_schema,
        encoder=manifest.encoder,
        target=manifest.target,
        settings=manifest.settings,
        weights=archive.weights(architecture.weight_shapes, architecture.member_weight_shapes),
        history=manifest.history,
        best_epoch=manifest.best_epoch,
        created=manifest.created,
        nfm_version=manifest.nfm_version,
    )


def _finite(outputs: np.ndarray) -> np.ndarray:
    if not np.isfinite(outputs).all():
        raise NFMError(
            "The model's weights are so large that its prediction for these rows is not a number: "
            "train it again with a lower learning rate."
        )
    return outputs
