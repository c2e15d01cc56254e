"""Parse texts as dates, in all common ways of writing them."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from nfm.column_formats.column_format import DateOrder
from nfm.column_formats.number_text import all_match, western_digits

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)

_ISO = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}([ T][0-9]{2}:[0-9]{2}:[0-9]{2})?$"
_ZONE = (
    r"Z|(?:UTC|GMT)(?:[+-][0-9]{1,2}(?::?[0-9]{2})?)?|[A-Z][a-z]+/[A-Z][A-Za-z_]+"
    r"|[+-][0-9]{2}(?::?[0-9]{2})?(?:\[[\w/+-]+\])?"
    r"|CES?T|MES?Z|[EW]ES?T|[ECMP][SD]T|AE[SD]T|NZ[SD]T|BST|JST|KST|MSK"
)
_CLOCK = (
    r"(?P<hour>[0-9]{1,2})(?::|時)(?P<minute>[0-9]{1,2})"
    r"(?:[:分](?P<second>[0-9]{1,2})(?:[.,][0-9]+)?)?[分秒]?(?:\s*Uhr)?"
    r"(?:\s*(?P<half>[AaPp])\.?[Mm]\.?)?"
)
# What some languages write between the day and the time of day.
_AT = r"(?:à|at|um|alle|às|a las|kl\.)\s+"
_TIME = rf"(?:(?:\s*T\s*|[\s,]+(?:{_AT})?|(?<=[0-9]{{4}}):){_CLOCK}\s*(?:{_ZONE})?)?\s*$"
_WEEKDAYS = """
mon monday tue tues tuesday wed wednesday thu thurs thursday fri friday sat saturday sun sunday
mo montag di dienstag mi mittwoch do donnerstag fr freitag sa samstag sonnabend so sonntag
lun lundi mar mardi mer mercredi jeu jeudi ven vendredi sam samedi dim dimanche
lunes martes mié miércoles jue jueves vie viernes sáb sábado dom domingo
lunedì martedì mercoledì gio giovedì venerdì sab sabato domenica
seg segunda ter terça qua quarta qui quinta sex sexta segunda-feira terça-feira quarta-feira
quinta-feira sexta-feira thur weds mie miercoles sab sabado lunedi martedi mercoledi giovedi
venerdi terca terca-feira sroda piatek utery streda ctvrtek patek carsamba persembe sali marti
sambata duminica lordag sondag
ma maandag dinsdag wo woensdag donderdag vr vrijdag za zaterdag zo zondag
man mandag tir tirsdag ons onsdag tor torsdag fre fredag lør lørdag søn søndag
mån måndag tis tisdag tors lör lördag sön söndag
пн понедельник вт вторник ср среда чт четверг пт пятница сб суббота вс воскресенье
pon poniedziałek wt wtorek śr środa czw czwartek pt piątek sob sobota nd niedz niedziela
pondělí út úterý st středa čt čtvrtek pá pátek ne neděle
pzt pazartesi salı çar çarşamba perşembe cum cuma cmt cumartesi paz pazar
sen senin sel selasa rab rabu kam kamis jum jumat sabtu minggu
lu luni marți mi miercuri joi vi vineri sâ sâmbătă duminică
"""
# Before a date, only these words are left out: another word may change what it means, as "before"
# does in any language. So may "po", "per" and "du", short names of weekdays that are not here, and
# before a Polish month "do".
_POLISH_UNTIL = r"(?!(?i:do)\s+[0-9]{1,2}\s+(?i:sty|lut|marc|kwi|maja|cze|lip|sie|wrz|paź|lis|gru))"
_WEEKDAY = rf"(?:{_POLISH_UNTIL}(?i:{'|'.join(_WEEKDAYS.split())})[.,]*\s+)?"
_ARTICLE = r"(?:(?i:le|el|il|am|den|the)\s+)?"
_DAY_NAME = rf"^\s*{_ARTICLE}{_WEEKDAY}{_ARTICLE}"
_DAY = r"(?P<day>[0-9]{1,2})(?:st|nd|rd|th|er|\.|º|°|ª)?"
_NAME = r"(?P<name>[^\W\d_]{3,12})\.?"
_OF = r"(?:[\s.-]+(?:de|del|di|of)\s+|[\s./-]+|(?<=\.))"
_YEAR_FIRST = (
    rf"^\s*{_WEEKDAY}"
    r"(?P<year>[0-9]{4})\s*[-/.年년]\s*(?P<month>[0-9]{1,2})"
    r"(?:\s*[-/.月월]\s*(?P<day>[0-9]{1,2}))?[月월日일.]?" + _TIME
)
_YEAR_OF_FOUR = r"(?P<year>(?:1[89]|20|21)[0-9]{2})"
# As cameras write it (Exif): 2024:03:05 14:30:00.
_EXIF = rf"^\s*{_YEAR_OF_FOUR}:(?P<month>0[1-9]|1[0-2]):(?P<day>[0-9]{{2}})"
EXIF_DAY = _EXIF + "$"
_COMPACT_DAY = rf"^\s*{_YEAR_OF_FOUR}(?P<month>[0-9]{{2}})(?P<day>[0-9]{{2}})"
_COMPACT = _COMPACT_DAY + r"(?:\.0+)?" + _TIME  # pandas writes 20240305.0 beside missing cells
_COMPACT_TIME = (
    _COMPACT_DAY + r"T?(?P<hour>[0-9]{2})(?P<minute>[0-9]{2})(?P<second>[0-9]{2})?"
    rf"(?:[.,][0-9]+)?(?:{_ZONE})?\s*$"
)
_MONTH_OF_YEAR = rf"^\s*(?P<month>0?[1-9]|1[0-2])[/.-]{_YEAR_OF_FOUR}\s*$"
_YEAR_QUARTER = rf"^\s*{_YEAR_OF_FOUR}[\s/-]*[Qq](?P<quarter>[1-4])\s*$"
_QUARTER_YEAR = (  # Q1 2024, 1Q2024
    r"^\s*(?=[Qq][1-4]|[1-4][Qq])[Qq]?(?P<quarter>[1-4])[Qq]?" + rf"[\s/-]*{_YEAR_OF_FOUR}\s*$"
)
_WEEK = r"^[0-9]{4}-?W[0-5][0-9](-?[1-7])?$"
_NUMBERS = (
    rf"^\s*{_WEEKDAY}"
    r"(?P<first>[0-9]{1,2})(?P<separator>[-/.])\s?(?P<second_part>[0-9]{1,2})(?P=separator)\s?"
    r"(?P<last>[0-9]{4}|[0-9]{2})" + _TIME
)
_DAY_MONTH = (
    _DAY_NAME + _DAY + _OF + _NAME + rf"(?:,?{_OF}|,\s*|[’'])(?P<year>[0-9]{{4}}|[0-9]{{2}})"
)
_MONTH_DAY = _DAY_NAME + _NAME + r"\s+" + _DAY + r",?\s+(?P<year>[0-9]{4})"
_MONTH_YEAR = r"^\s*" + _NAME + r"(?:,?\s+de\s+|[\s,./-]+)(?P<year>[0-9]{4})"
_YEAR_MONTH_DAY = r"^\s*(?P<year>[0-9]{4})[\s-]+" + _NAME + r"[\s-]+(?P<day>[0-9]{1,2})"
_DAY_NAME_YEAR = rf"^\s*(?P<day>[0-9]{{1,2}}){_NAME}{_YEAR_OF_FOUR}"  # 05Mar2024
# Tue Mar 05 14:30:00 UTC 2024, as Unix writes it.
_UNIX = (
    r"^\s*[^\W\d_]{3}\s+" + _NAME + r"\s+" + _DAY + rf"\s+{_CLOCK}\s+(?:(?:{_ZONE})\s+)?"
    rf"{_YEAR_OF_FOUR}\s*$"
)
_PATTERNS = (
    _YEAR_FIRST,
    _NUMBERS,
    _DAY_MONTH + _TIME,
    _MONTH_YEAR + _TIME,
    _MONTH_DAY + _TIME,
    _YEAR_MONTH_DAY + _TIME,
    _EXIF + _TIME,
    _COMPACT,
    _COMPACT_TIME,
    _MONTH_OF_YEAR,
    _YEAR_QUARTER,
    _QUARTER_YEAR,
    _DAY_NAME_YEAR + _TIME,
    _UNIX,
)
_OFFSET = rf"[:0-9][0-9]{{2}}(?:[.,][0-9]+)?(?:\s*[AaPp]\.?[Mm]\.?)?\s*({_ZONE})(?:\s[0-9]{{4}})?$"
# What only a text with a time of day has.
TIME_OF_DAY = "[0-9]:[0-9]|[0-9]T[0-9]{4}"
# The names of one time zone.
UTC = frozenset({"Z", "UTC", "GMT", "+00:00", "+0000", "+00", "-00:00"})
# The years of two digits, unless the training table shows other ones: 1969 to 2068.
FIRST_YEAR = 1969
# Years of two digits up to this one are not questioned.
_LATEST_YEAR = 2040
# At least this many years in a row must not occur, so that one of them ends the 100 years.
_WIDE_GAP = 10
_SAMPLE = 20_000
_NAMES_OF_MONTHS = """
jan january januar jänner janv janvier ene enero gen gennaio janeiro januari
feb february februar feber févr fevr fév fev février fevrier febrero febbraio fevereiro februari
mar march märz maerz mär mrz mars marzo março marco maart mrt marts
apr april avr avril abr abril aprile
may mai mayo mag maggio maio mei maj
jun june juni juin junio giu giugno junho
jul july juli juil juillet julio lug luglio julho
aug august août aout ago agosto augustus augusti
sep sept september septembre septiembre setiembre set sett settembre setembro
oct october okt oktober octobre octubre ott ottobre out outubro
nov november novembre noviembre novembro
dec december dez dezember déc décembre decembre dic diciembre dicembre dezembro des desember
""".strip().splitlines()
_MONTHS = {
    name: number for number, line in enumerate(_NAMES_OF_MONTHS, start=1) for name in line.split()
}
# Months as they stand in dates: Russian, Polish, Czech, Turkish, Indonesian, Romanian.
_IN_DATES = """
января февраля марта апреля мая июня июля августа сентября октября ноября декабря
stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia
ledna února března dubna května června července srpna září října listopadu prosince
ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık
januari februari maret april mei juni juli agustus september oktober november desember
ianuarie februarie martie aprilie mai iunie iulie august septembrie octombrie noiembrie decembrie
""".strip().splitlines()
_MONTHS |= {name: number for line in _IN_DATES for number, name in enumerate(line.split(), start=1)}
_LEGIBLE = re.compile("[0-9]")
_DAY_AND_MONTH = re.compile(r"[0-9]{1,2}[-. ]{1,2}([^\W\d_]{3,12})\.?")
_MONTH_AND_DAY_IN_KANJI = re.compile("[0-9]{1,2}月[0-9]{1,2}日")
_WITHOUT_DAY = (
    r"^[0-9]{4}[-/.][0-9]{1,2}$",
    _MONTH_OF_YEAR,
    _YEAR_QUARTER,
    _QUARTER_YEAR,
    r"^[0-9]{4}-?W[0-5][0-9]$",
    _MONTH_YEAR + r"\s*$",
)
_MONTH_AND_TWO_DIGITS = re.compile(r"([^\W\d_]+)\.?[- /.]'?\d\d")


def parse_texts(
    texts: pa.ChunkedArray, order: DateOrder | None, first_year: int | None = None
) -> np.ndarray:
    """Parse texts as dates and times, each independently of the others.

    The formats are 2024-03-05, 2024/3/5 14:30, 2024-03-05T14:30:00Z, 20240305, 20240305143000,
    2024年3月5日, 5 March 2024, Mar 5, 2024, Mar 2024 and the same in German, French, Spanish,
    Italian, Portuguese, Dutch, Russian, Polish, Czech, Turkish, Indonesian, Romanian and the
    languages of Scandinavia; 2024:03:05 14:30:00 of cameras; 03/2024, 2024-Q1 and 2024-W10 (their
    first days); and, with an order, 05.03.2024 and 3/5/24 2:30 PM. The time is the local one that
    is written: an offset from UTC is not applied.

    Args:
        texts: Trimmed text, null where missing.
        order: Order of day, month and year in dates such as 3/5/24; None: these are not parsed.
        first_year: First of the 100 years that years of two digits mean; None for 1969.

    Returns:
        datetime64[s] (rows,), NaT where a text is null or not a date.
    """
    if all_match(texts.slice(0, 200), _ISO) and all_match(texts, _ISO):
        try:
            return texts.cast(pa.timestamp("s")).to_numpy().astype("datetime64[s]")
        except pa.ArrowInvalid:
            pass  # a day that does not exist, such as February 30
    texts = western_digits(texts)
    codes, different = pd.factorize(pd.Series(texts.to_pandas(), dtype=object))
    found = _parse(np.asarray(different, dtype=object), order, first_year or FIRST_YEAR)
    return np.append(found, np.datetime64("NaT", "s"))[codes]


def is_month_and_two_digits(text: str) -> bool:
    """Return whether a text is a month's name and two digits, such as "Jan-10", as sheets write it.

    It may be a month of a year or a day of a month, so it is no date.
    """
    found = _MONTH_AND_TWO_DIGITS.fullmatch(text)
    return found is not None and found[1].lower() in _MONTHS


def is_day_and_month(text: str) -> bool:
    """Return whether a text is a day and a month ("2-Jan", "1月2日"), as sheets write 1-2."""
    found = _DAY_AND_MONTH.fullmatch(text)
    if found is None:
        return _MONTH_AND_DAY_IN_KANJI.fullmatch(text) is not None
    return found[1].lower() in _MONTHS


def is_month(text: str) -> bool:
    """Return whether a text is a month, a quarter or a week of a year, without a day."""
    return any(re.match(pattern, text) is not None for pattern in _WITHOUT_DAY)


def find_offset(texts: pa.ChunkedArray) -> str:
    """Find the offset from UTC of the times in a column.

    Args:
        texts: Trimmed text, null where missing.

    Returns:
        The offset of all times, such as "+02:00"; "several" if they differ; "" for none.
    """
    timed = texts.filter(pc.match_substring_regex(texts, TIME_OF_DAY)).slice(0, _SAMPLE)
    if not len(timed):
        return ""
    found = pd.Series(timed.to_pandas(), dtype=object).str.extract(_OFFSET, expand=False)
    offsets = {"Z" if offset in UTC else offset for offset in found.dropna()}
    if not offsets:
        return ""
    return offsets.pop() if len(offsets) == 1 and found.notna().all() else "several"


def ordered_shapes(texts: Sequence[str]) -> list[str]:
    """Return how dates such as 3/5/24, which need an order, are written.

    Args:
        texts: Trimmed text.

    Returns:
        The shape of each text as in `ColumnFormat.date_shapes`, such as "0/0/00"; "" for a text
        that is not such a date.
    """
    parts = pd.Series(texts, dtype=object).str.extract(_NUMBERS)
    separator, years = parts["separator"].fillna(""), parts["last"].fillna("")
    return [
        f"0{mark}0{mark}{'0' * len(year)}" if mark else ""
        for mark, year in zip(separator, years, strict=True)
    ]


def find_order(texts: np.ndarray) -> tuple[DateOrder | None, bool]:
    """Infer the order of day, month and year in dates such as 3/5/24.

    The first of these rules that applies decides: the order in which most texts are dates; with
    two-digit years, the order that covers a much shorter period; day first with points; if one of
    the two numbers never changes, it is the day in monthly data and the month in a log of some
    days; the order in which the rows are chronological; month first.

    Args:
        texts: Different texts of a column, objects (levels,), in the order of the rows.

    Returns:
        The order, None if no text is such a date; and whether it is more than a guess.
    """
    parts = pd.Series(texts, dtype=object).str.extract(_NUMBERS)
    parts = parts[parts["first"].notna()]
    if not len(parts):
        return None, True
    orders: tuple[DateOrder, ...] = ("dmy", "mdy", "ymd")
    moments = {order: moments_of(_ordered(parts, order)) for order in orders}
    good = {order: int((~np.isnat(found)).sum()) for order, found in moments.items()}
    if not (parts["last"].str.len() == 2).all():
        del moments["ymd"], good["ymd"]
    possible = [order for order in good if good[order] == max(good.values())]
    if len(possible) == 1:
        return possible[0], True
    if "ymd" in possible:
        spans = {order: int(np.ptp(moments[order]).astype(np.int64)) for order in possible}
        others = min(spans[order] for order in possible if order != "ymd")
        if 4 * spans["ymd"] < others:
            return "ymd", len(parts) > 2
        possible.remove("ymd")
        if len(possible) == 1:
            return possible[0], 4 * others < spans["ymd"]
    forward = {order: bool((np.diff(moments[order]).astype(np.int64) >= 0).all()) for order in good}
    if (parts["separator"] == ".").mean() > 0.5:
        return "dmy", len(parts) < 3 or forward["dmy"] or not forward["mdy"]
    first, second = parts["first"].astype(int), parts["second_part"].astype(int)
    if first.nunique() > 1 >= second.nunique():
        return _order_with_constant_part(parts, moments["mdy"], second.iloc[0], ("mdy", "dmy"))
    if second.nunique() > 1 >= first.nunique():
        return _order_with_constant_part(parts, moments["dmy"], first.iloc[0], ("dmy", "mdy"))
    if len(parts) > 2 and forward["dmy"] != forward["mdy"]:
        return ("dmy" if forward["dmy"] else "mdy"), True
    return "mdy", False


def _order_with_constant_part(
    parts: pd.DataFrame, monthly: np.ndarray, constant: int, orders: tuple[DateOrder, DateOrder]
) -> tuple[DateOrder, bool]:
    """Decide whether dates with a number that never changes are one day of months, or one month.

    Args:
        parts: The parts of the dates.
        monthly: The dates, if the number is the day.
        constant: The number.
        orders: The order in which it is the day, and the other one.

    Returns:
        The order, and whether it is more than a guess.
    """
    months = np.unique(monthly.astype("datetime64[M]").astype(np.int64))
    years = len(np.unique(months // 12))
    if years > 1 and (constant == 1 or bool((np.diff(months) == 1).all())):
        return orders[0], True
    if len(parts) >= 2 * len(np.unique(monthly.astype("datetime64[D]"))):
        return orders[1], True  # a log of some days, several times on each
    return orders[0 if years > 1 or constant == 1 or len(months) == 12 else 1], False


def find_first_year(texts: np.ndarray, order: DateOrder | None) -> int | None:
    """Decide which years are meant by years of two digits, such as those of dates of birth.

    They are 1969 to 2068, unless these would tear the column's years apart: years from 40 to 90
    are 1940 to 1990, because the years that do not occur then lie together.

    Args:
        texts: Different texts of a column, objects (levels,).
        order: Order of day, month and year in dates such as 3/5/24.

    Returns:
        The first of the 100 years; None if there is no doubt about it.
    """
    column = pd.Series(texts[:_SAMPLE], dtype=object)
    numbers = column.str.extract(_NUMBERS)["first" if order == "ymd" else "last"]
    named = column.str.extract(_DAY_MONTH + _TIME)["year"]
    years = sorted({int(text) for text in (*numbers.dropna(), *named.dropna()) if len(text) == 2})
    if not years:
        return None
    first = FIRST_YEAR % 100
    if not years[0] < first <= years[-1]:  # all of them are in one century
        return FIRST_YEAR if _LATEST_YEAR < 2000 + years[-1] < 2000 + first else None
    gaps = np.diff([*years, years[0] + 100])
    widest = int(gaps.argmax())
    if gaps[sum(year < first for year in years) - 1] == gaps[widest]:
        return None
    return 1900 + years[(widest + 1) % len(years)] if gaps[widest] >= _WIDE_GAP else FIRST_YEAR


def _parse(texts: np.ndarray, order: DateOrder | None, first_year: int) -> np.ndarray:
    moments = np.full(len(texts), np.datetime64("NaT", "s"))
    # NFC: an umlaut may be a letter and a mark.
    column = pd.Series(texts, dtype=object).str.normalize("NFC")
    waiting = np.flatnonzero(column.str.contains(_LEGIBLE).to_numpy(dtype=bool))
    for pattern in _PATTERNS:
        if not len(waiting):
            break
        if pattern is _NUMBERS and order is None:
            continue
        compiled = re.compile(pattern)
        matches = [compiled.search(text) for text in column.iloc[waiting]]
        like = np.array([match is not None for match in matches], dtype=bool)
        if not like.any():
            continue
        groups = [match.groups() for match in matches if match is not None]
        parts = pd.DataFrame(groups, columns=list(compiled.groupindex), dtype="str")
        if pattern is _NUMBERS and order is not None:
            parts = _ordered(parts, order)
        elif "name" in parts:
            parts["month"] = parts["name"].str.lower().map(_MONTHS)
        elif "quarter" in parts:
            parts["month"] = 3 * pd.to_numeric(parts["quarter"]) - 2
        found = parts[["year", "month"]].notna().all(axis=1).to_numpy()
        moments[waiting[like][found]] = moments_of(parts[found], first_year)
        like[like] = found
        waiting = waiting[~like]
    weeks = waiting[column.iloc[waiting].str.match(_WEEK).to_numpy(dtype=bool)]
    if len(weeks):
        days = column.iloc[weeks].str.replace("-", "").str.ljust(8, "1")
        of_weeks = pd.to_datetime(days, format="%GW%V%u", errors="coerce")
        moments[weeks] = of_weeks.to_numpy().astype("datetime64[s]")
    return moments


def _ordered(parts: pd.DataFrame, order: DateOrder) -> pd.DataFrame:
    """Rename the three numbers of dates to day, month and year."""
    names = {
        "dmy": ("day", "month", "year"),
        "mdy": ("month", "day", "year"),
        "ymd": ("year", "month", "day"),
    }[order]
    renamed = parts.rename(columns=dict(zip(("first", "second_part", "last"), names, strict=True)))
    if order == "ymd":  # 5/3/2024 is not possible
        renamed["year"] = renamed["year"].where(renamed["day"].str.len() == 2)
    return renamed


def moments_of(
    parts: pd.DataFrame, first_year: int = FIRST_YEAR, *, ignore_zeros: bool = False
) -> np.ndarray:
    """Combine the parts of dates and times.

    Args:
        parts: Columns "year" and "month", and optionally "day", "hour", "minute", "second" and
            "half" ("a" or "p" for am and pm), as text or numbers.
        first_year: First of the 100 years that years of two digits mean.
        ignore_zeros: Whether the year 0024 is read as 24, as in earlier versions.

    Returns:
        datetime64[s] (rows,), NaT where there is no such day or time.
    """

    def part(name: str, default: float) -> np.ndarray:
        if name not in parts:
            return np.full(len(parts), default)
        return pd.to_numeric(parts[name]).astype(np.float64).fillna(default).to_numpy()

    year, month, day = part("year", 0), part("month", 0), part("day", 1)
    hour, minute, second = part("hour", 0), part("minute", 0), part("second", 0)
    short = year < 100
    if short.any() and not ignore_zeros:
        short &= parts["year"].astype(str).str.len().to_numpy() <= 2
    year = np.where(short, first_year + (year - first_year) % 100, year)
    if "half" in parts:
        afternoon = parts["half"].str.lower().eq("p").to_numpy(dtype=bool)
        hour = np.where(parts["half"].notna().to_numpy(), hour % 12 + 12 * afternoon, hour)
    possible = (month >= 1) & (month <= 12) & (day >= 1) & (hour < 24)
    possible &= (minute < 60) & (second <= 60)
    months = ((year - 1970) * 12 + np.where(possible, month, 1) - 1).astype("datetime64[M]")
    lengths = (months + 1).astype("datetime64[D]") - months.astype("datetime64[D]")
    possible &= day <= lengths.astype(np.int64)
    moments = months.astype("datetime64[s]")
    seconds = (day - 1) * 86_400 + hour * 3_600 + minute * 60 + second
    moments = moments + np.where(possible, seconds, 0).astype("timedelta64[s]")
    moments[~possible] = np.datetime64("NaT", "s")
    return moments
