"""The command `nfm`: start the app; train, predict and evaluate on files.

Results are written to the standard output; notes on how files were read, progress and errors to the
standard error. The exit status is 0, 1 if a file or a setting cannot be used, or 2 if the command
itself is wrong.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TextIO

from nfm.app_folder import APP_FOLDER, IS_INSTALLED
from nfm.environment import environment
from nfm.errors import BundleError, NFMError, SchemaError, SettingsError
from nfm.settings import Settings, make_settings
from nfm.text import counted, full_stop, quoted
from nfm.version import __version__

if TYPE_CHECKING:
    from nfm.files.reading import TableFile
    from nfm.inference.bundle import Bundle
    from nfm.tabular.schema import Schema

_FAILED, _WRONG_COMMAND, _INTERRUPTED = 1, 2, 130
_NAMED_COLUMNS = 20


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command `nfm`.

    Args:
        arguments: The words after `nfm`; None for those of the process.

    Returns:
        The exit status.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # consoles that lack a minus sign show "?"
            stream.reconfigure(errors="replace")
    options = _parser().parse_args(arguments)
    with warnings.catch_warnings():
        warnings.simplefilter("default", UserWarning)
        warnings.showwarning = _show_warning
        try:
            options.run(options)
        except NFMError as error:
            problem = str(error)
        except OSError as error:
            problem = f"{error.filename or 'A file'}: {error.strerror or error}"
        except MemoryError:
            problem = "There is not enough memory for this table. Use fewer rows."
        except KeyboardInterrupt:
            print("\nInterrupted: nothing was written.", file=sys.stderr)
            return _INTERRUPTED
        except Exception as error:
            if options.traceback:
                raise
            problem = (
                f"This is a defect of nfm ({type(error).__name__}: {error}). Repeat the command "
                "as nfm --traceback ... and report what it shows"
            )
        else:
            return 0
    print(f"nfm: {full_stop(problem)}", file=sys.stderr)
    return _FAILED


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are one sentence."""

    def error(self, message: str) -> NoReturn:
        self.exit(_WRONG_COMMAND, f"{self.prog}: {message}. See {self.prog} --help.\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="nfm",
        description="Neural Factorization Machines on tables: an app, and models from files.",
    )
    parser.add_argument("--version", action="version", version=f"nfm {__version__}")
    parser.add_argument("--traceback", action="store_true", help="show where a defect happened")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    app = commands.add_parser("app", help="start the app in a browser")
    app.add_argument("--port", type=_port, default=8501, help="port (default: 8501)")
    app.add_argument(
        "--host",
        default="127.0.0.1",
        help="address that it listens on; 0.0.0.0 for all (default: 127.0.0.1)",
    )
    app.set_defaults(run=_app)

    train = commands.add_parser("train", help="train a model on a table")
    train.add_argument("table", type=Path, help="CSV, Excel, Parquet or JSON Lines file")
    train.add_argument("--target", required=True, help="name of the column to predict")
    train.add_argument(
        "--dictionary",
        type=Path,
        help="CSV or JSON file with display names of columns and levels (columns: column, level, "
        "name, unit, probability)",
    )
    train.add_argument(
        "--output",
        type=Path,
        default=Path("model.nfm"),
        help="file of the model (default: model.nfm)",
    )
    train.add_argument(
        "--setting",
        action="extend",
        nargs="+",
        default=[],
        metavar="NAME=VALUE",
        help="settings, such as epochs=20 hidden_units=64,32. Their names: "
        + ", ".join(Settings.model_fields),
    )
    train.set_defaults(run=_train)

    predict = commands.add_parser("predict", help="predict the rows of a table")
    _add_model_and_rows(predict)
    predict.add_argument(
        "--output",
        type=Path,
        default=Path("predictions.csv"),
        help="CSV file with the rows and their predictions (default: predictions.csv)",
    )
    predict.set_defaults(run=_predict)

    evaluate = commands.add_parser(
        "evaluate", help="measure a model on rows with the target that it was not trained on"
    )
    _add_model_and_rows(evaluate)
    evaluate.set_defaults(run=_evaluate)
    return parser


def _add_model_and_rows(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", type=Path, help="file of a model, from nfm train or the app")
    parser.add_argument("rows", type=Path, help="CSV, Excel, Parquet or JSON Lines file")
    parser.add_argument(
        "--decimal",
        choices=[".", ","],
        help="decimal mark of the file (default: as in the training table)",
    )


def _app(options: argparse.Namespace) -> None:
    """Become the app's process, as `make run` does."""
    script = APP_FOLDER / "app.py"
    if not script.exists():
        raise NFMError(
            f"The app's file {script} does not exist, so the installation is not complete. "
            "Install the package again."
        )
    # Streamlit reads its configuration in the working directory. Paths in variables are relative
    # to the one of the command.
    variables = dict(os.environ)
    if "data_dir" in environment().model_fields_set:
        variables["NFM_DATA_DIR"] = str(environment().data_directory)
    elif IS_INSTALLED:
        variables["NFM_DATA_DIR"] = str(Path.home() / ".nfm")
    os.chdir(APP_FOLDER)
    words = [sys.executable, "-m", "streamlit", "run", "app.py"]
    words += ["--server.port", str(options.port), "--server.address", options.host]
    os.execve(sys.executable, words, variables)  # noqa: S606 - our own interpreter


def _train(options: argparse.Namespace) -> None:
    settings = make_settings(dict(map(_setting, options.setting)))
    _check_output(options.output, options.table)
    from tqdm import tqdm

    from nfm.analysis.model_evaluation import evaluate
    from nfm.files.reading import read_table_file
    from nfm.model.import_tensorflow import import_tensorflow
    from nfm.tabular.data_dictionary import DataDictionary
    from nfm.tabular.infer_schema import infer_schema
    from nfm.training.train_table import train_table

    file = read_table_file(options.table, options.table.name)
    _show_notes(file.notes)
    schema = infer_schema(file.frame, options.target)
    if options.dictionary is not None:
        dictionary = DataDictionary.read(options.dictionary)
        _show_notes(
            f"The data dictionary has the column {name!r}, and the table does not."
            for name in dictionary.unknown_columns(schema.names)
        )
        schema = schema.with_dictionary(dictionary)
    _show_schema(file, schema)
    import_tensorflow()

    with tqdm(total=settings.epochs, unit="epoch", disable=None) as progress:

        def show(epoch: Any) -> None:
            progress.update()
            losses = {"loss": f"{epoch.train.loss:.4f}"}
            if epoch.validation is not None:
                losses["validation_loss"] = f"{epoch.validation.loss:.4f}"
            progress.set_postfix(losses)

        trained = train_table(file.frame, schema, settings, callback=show)
    bundle = trained.bundle
    best = "" if bundle.best_epoch is None else f"; the best is epoch {bundle.best_epoch}"
    print(f"Trained {counted(len(bundle.history), 'epoch')}{best}.")
    if trained.test_metrics is not None:
        print("\nTest rows, which the model was not trained on:")
        test = schema.read(file.frame).iloc[trained.split.test]
        print(evaluate(bundle, test, test[bundle.target.name]), end="\n\n")
    bundle.save(options.output)
    print(f"Saved the model as {options.output}.")


def _predict(options: argparse.Namespace) -> None:
    _check_output(options.output, options.model, options.rows)
    from tqdm import tqdm

    from nfm.evaluation.scored_table import score_table
    from nfm.files.replacing import replacing
    from nfm.files.writing import csv_bytes

    bundle, file = _model_and_rows(options)
    with tqdm(total=len(file.frame), unit="row", disable=None) as progress:
        scored = score_table(
            bundle, file.frame, lambda done, _rows: progress.update(done - progress.n)
        )
    _show_notes(scored.notes)
    if scored.guard_note:
        _show_notes([scored.guard_note])
    with replacing(options.output) as stream:
        stream.write(csv_bytes(scored.table()))
    print(f"Wrote {counted(len(scored), 'row')} with predictions to {options.output}.")


def _evaluate(options: argparse.Namespace) -> None:
    from nfm.analysis.model_evaluation import evaluate
    from nfm.evaluation.examined_table import examined_table
    from nfm.tabular.alignment import align

    bundle, file = _model_and_rows(options)
    target = bundle.target.name
    if not align(file.frame, bundle.schema, bundle.encoder).has_target:
        raise SchemaError(
            f"{file.name} has no column {target!r}, the target, so there is nothing to compare "
            "predictions with. Add it, or use nfm predict."
        )
    examined = examined_table(bundle, file.frame)
    _show_notes(examined.notes)
    print(evaluate(bundle, examined.frame, examined.frame[target]))


def _model_and_rows(options: argparse.Namespace) -> tuple[Bundle, TableFile]:
    """Read the files of a model and of rows, and show notes on the reading."""
    from nfm.inference.bundle import load_bundle
    from nfm.tabular.decimal_marks import open_decimal_marks

    try:
        bundle = load_bundle(options.model)
    except BundleError as error:
        raise BundleError(f"{options.model}: {error}") from error
    file = bundle.read_raw(options.rows, options.rows.name)
    _show_notes(file.notes)
    if options.decimal is not None:
        return bundle.with_decimal(options.decimal), file
    for question in open_decimal_marks(file.frame, bundle.schema, file.options):
        _show_notes([f'{question} Say which it is: --decimal "." or --decimal ",".'])
    return bundle, file


def _show_schema(file: TableFile, schema: Schema) -> None:
    """Print what the columns of a table are used for."""
    features = [column.name for column in schema.features]
    others = [column.name for column in schema.columns if column.role == "ignored"]
    print(f"{file.name}: {counted(len(file.frame), 'row')}.")
    print(f"Target: {schema.target!r} ({schema.task}).")
    print(f"{counted(len(features), 'feature')}: {quoted(features, _NAMED_COLUMNS)}.")
    if others:
        print(f"Left out: {quoted(others, _NAMED_COLUMNS)}.")
    _show_notes(column.warning for column in schema.columns if column.warning)


def _show_notes(notes: Iterable[object]) -> None:
    for note in notes:
        print(f"Note: {note}", file=sys.stderr)


def _show_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    """Print a warning as a note; those for programmers are left out."""
    if issubclass(category, UserWarning):
        _show_notes([message])


def _setting(pair: str) -> tuple[str, Any]:
    """Split "name=value"; numbers and Booleans stay text, which the settings read."""
    name, sign, text = (part.strip() for part in pair.partition("="))
    if not sign:
        raise SettingsError(f"--setting {pair}: write name=value, such as epochs=20.")
    if name == "hidden_units":
        return name, tuple(filter(None, text.strip("()").replace(" ", "").split(",")))
    known = Settings.model_fields.get(name)
    if known is not None and known.default is None and text.lower() == "none":
        return name, None
    return name, text


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 2**16:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port, which is from 1 to 65535")
    return int(text)


def _check_output(path: Path, *inputs: Path) -> None:
    """Raise an error before the work rather than after it."""
    if path.is_dir():
        raise NFMError(f"--output {path} is a folder. Give the name of a file.")
    if not path.parent.is_dir():
        raise NFMError(f"The folder of --output {path} does not exist. Create it first.")
    if path.exists() and any(path.samefile(one) for one in inputs if one.exists()):
        raise NFMError(f"--output {path} would replace a file that is read. Give another name.")
