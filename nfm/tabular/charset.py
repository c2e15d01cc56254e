"""Which text encoding a file is in, told by the characters that each encoding would yield."""

from __future__ import annotations

import codecs
import itertools
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Callable
from functools import cache

from nfm.errors import ReadingError
from nfm.tabular.common_characters import HANGUL, HANZI, TRADITIONAL
from nfm.tabular.unpacking import Data, counted

_BLOCK = 1 << 20
_SAMPLE = 48_000
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# With how much more evidence each needs than the first ones, which are the usual ones.
_PRIORS = {
    "cp1252": 0.0,
    "gb18030": 0.0,
    "cp949": 0.0,
    "cp932": 0.0,
    "cp1251": -8.0,
    "cp1250": -5.0,
    "cp1254": -5.0,
    "cp1253": -12.0,
    "koi8-r": -12.0,
    "big5": -6.0,
    "euc_jp": -8.0,
}
_NAMES = {"cp932": "shift_jis"}
_CODECS = {"shift_jis": "cp932", "sjis": "cp932", "gbk": "gb18030", "gb2312": "gb18030"}

# Natural logarithms of probabilities: of one ASCII character, of a byte that is no
# character, of a character that does not belong in a table of that language.
_ASCII = -3.0
_BROKEN = -30.0
_ALIEN = -17.0


def decode_name(encoding: str) -> str:
    """Python's codec for an encoding as a person names it; the wider one of a family.

    Raises:
        ReadingError: No such text encoding.
    """
    name = encoding.strip().lower().replace("-sig", "")
    name = _CODECS.get(name.replace("-", "_"), name)
    try:
        codec = codecs.lookup(name)
        "".encode(name)  # raises for what is no text encoding, such as rot13
        codecs.getincrementaldecoder(name)("replace").decode(b"a", final=True)
    except (LookupError, ValueError, TypeError, UnicodeError):
        raise ReadingError(
            f"There is no text encoding {encoding!r}: choose utf-8, cp1252, gb18030, cp949, "
            "shift_jis or another one of the list."
        ) from None
    return codec.name


def to_utf8(data: Data, encoding: str | None) -> tuple[Data, str, tuple[str, ...]]:
    """Turn a text file into UTF-8 without a byte order mark.

    Args:
        data: The bytes of the file.
        encoding: Its encoding; None to detect it.

    Returns:
        The text as UTF-8, the encoding's name, and notes on bytes that are no text
        in it. UTF-8 comes back as it is, without a copy unless it begins with a mark.

    Raises:
        ReadingError: The bytes are no text in any encoding that is known.
    """
    mark = next(((bom, name) for bom, name in _BOMS if data.startswith(bom)), None)
    name = detect(data) if encoding is None else encoding
    codec = decode_name(name)
    if codec in ("utf-16", "utf-32"):
        codec = name = mark[1] if mark and mark[1].startswith(codec) else f"{codec}-le"
    start = len(mark[0]) if mark and decode_name(mark[1]) == codec else 0
    text, replaced = _transcode(data, codec, start)
    notes = []
    if replaced:
        notes.append(
            f"Could not read {counted(replaced, 'place')} as {name}, now "
            "\N{REPLACEMENT CHARACTER}: if that is wrong, choose another encoding."
        )
    return text, name, tuple(notes)


def detect(data: Data) -> str:
    """Name the encoding of a text file.

    A byte order mark decides; else text that is valid UTF-8 is UTF-8; else the
    encoding wins whose characters are the most likely ones together.

    Raises:
        ReadingError: The bytes are no text in any encoding that is known.
    """
    for mark, name in _BOMS:
        if data.startswith(mark):
            return name
    sixteen = _utf16_without_mark(data)
    if sixteen is not None:
        return sixteen
    if _is_utf8(data):
        _refuse_binary(bytes(data[:_SAMPLE]).decode("utf-8", "ignore"))
        return "utf-8"
    sample = _lines_beyond_ascii(data)
    if _is_almost_utf8(sample):
        return "utf-8"
    scores = {
        codec: prior + _log_likelihood(sample, codec, _SCORES[codec])
        for codec, prior in _PRIORS.items()
    }
    best = max(scores, key=scores.__getitem__)
    text = sample.decode(best, "replace")
    broken = text.count("\N{REPLACEMENT CHARACTER}")
    if broken > 2 + len(text) // 50:
        raise ReadingError(
            "The file is no text in any known encoding: choose a CSV, Excel or Parquet file."
        )
    _refuse_binary(text)
    return _NAMES.get(best, best)


def _utf16_without_mark(data: Data) -> str | None:
    """UTF-16 shows by zero bytes beside those of delimiters, digits and line ends."""
    head = bytes(data[: _SAMPLE // 2 * 2])
    if max(head[0::2].count(0), head[1::2].count(0)) < 2 or len(data) % 2:
        return None
    shares = {}
    for name in ("utf-16-le", "utf-16-be"):
        text = head.decode(name, "replace")
        strange = sum(unicodedata.category(char) in ("Cc", "Cn", "Co", "Cs") for char in text)
        strange -= sum(map(text.count, "\t\r\n"))
        if strange <= len(text) // 50 and re.search(r"[\r\n]", text):
            shares[name] = sum(map(str.isascii, text)) / len(text)
    best = max(shares, key=shares.__getitem__, default=None)
    return best if best is not None and shares[best] > 0.08 else None


def _is_utf8(data: Data) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    view = memoryview(data)
    try:
        for start in range(0, len(view), _BLOCK):
            decoder.decode(view[start : start + _BLOCK])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _is_almost_utf8(sample: bytes) -> bool:
    """Whether a few bytes only are broken; no other encoding looks like UTF-8 by chance."""
    text = sample.decode("utf-8", "replace")
    broken = text.count("\N{REPLACEMENT CHARACTER}")
    return len(text) - sum(map(str.isascii, text)) - broken >= 10 * broken


def _lines_beyond_ascii(data: Data) -> bytes:
    """Lines that hold bytes beyond ASCII, from the first of them on, up to a sample's size."""
    first = re.search(rb"[\x80-\xff]", data)
    start = 0 if first is None else first.start()
    start = max(data.rfind(b"\n", 0, start), data.rfind(b"\r", 0, start)) + 1
    window = bytes(data[start : start + 20 * _SAMPLE])
    lines, size = [], 0
    for line in re.finditer(rb"[^\r\n]*[\x80-\xff][^\r\n]*[\r\n]*", window):
        lines.append(line.group()[: _SAMPLE - size])
        size += len(lines[-1])
        if size >= _SAMPLE:
            break
    return b"".join(lines)


def _refuse_binary(text: str) -> None:
    controls = len(re.findall(r"[\x00-\x08\x0e-\x1f\x7f]", text))
    if controls > 3 + len(text) // 20:
        raise ReadingError(
            "The file is not text but binary data: choose a CSV, Excel or Parquet file."
        )


def _transcode(data: Data, codec: str, start: int) -> tuple[Data, int]:
    """UTF-8 bytes of the text and the number of places that could not be decoded."""
    if codec in ("utf-8", "ascii") and _is_utf8(data):
        return (data[start:] if start else data), 0
    decoder = codecs.getincrementaldecoder(codec)("replace")
    result = bytearray()
    replaced = 0
    view = memoryview(data)[start:]
    for position in range(0, len(view), _BLOCK):
        block = bytes(view[position : position + _BLOCK])
        text = decoder.decode(block, final=position + _BLOCK >= len(view))
        replaced += text.count("\N{REPLACEMENT CHARACTER}")
        result += text.encode("utf-8", "replace")
    return result, replaced


def _log_likelihood(sample: bytes, codec: str, score: Callable[[str], float]) -> float:
    text = sample.decode(codec, "replace")
    beyond = "".join(char for char in text if char >= "\x80")
    characters = score(text) if codec.startswith(("cp125", "koi8")) else score(beyond)
    return characters + _ASCII * (len(text) - len(beyond))


def _by_table(table: Callable[[str], float]) -> Callable[[str], float]:
    """Score text by its characters alone."""

    def score(beyond: str) -> float:
        return sum(count * table(char) for char, count in Counter(beyond).items())

    return score


def _share(probability: float, count: int) -> float:
    """Log-probability of one of `count` equally likely characters of a group."""
    return math.log(probability / count)


@cache
def _common(characters: str) -> dict[str, float]:
    """Log-probabilities of frequent characters: the frequent half is three times as likely."""
    unique = list(dict.fromkeys(characters))
    half = len(unique) // 2
    return {
        char: _share(0.6, half) if rank < half else _share(0.2, len(unique) - half)
        for rank, char in enumerate(unique)
    }


def _position(char: str, codec: str) -> int:
    try:
        return int.from_bytes(char.encode(codec), "big")
    except UnicodeEncodeError:
        return -1


def _everywhere(char: str) -> float | None:
    """Characters that tables of every language may hold, else None."""
    if char == "\N{REPLACEMENT CHARACTER}":
        return _BROKEN
    if (
        "！" <= char <= "～"
        or char in "　、。「」『』·…“”‘’《》【】→℃㎡※◎○●□■△▲☆★％￥—～〜・ー×÷°±"
    ):
        return -8.0
    return None


def _simplified(char: str) -> float:
    known = _common(HANZI).get(char) or _everywhere(char)
    if known is not None:
        return known
    position = _position(char, "gb2312")
    if 0xB0A1 <= position < 0xD8A1:
        return _share(0.15, 3_100)
    if position >= 0xD8A1:
        return _share(0.01, 3_000)
    return _ALIEN


def _traditional(char: str) -> float:
    known = _common(TRADITIONAL).get(char) or _everywhere(char)
    if known is not None:
        return known
    position = _position(char, "big5")
    if 0xA440 <= position <= 0xC67E:
        return _share(0.15, 5_000)
    return _share(0.005, 7_600) if position >= 0xC940 else _ALIEN


def _korean(char: str) -> float:
    known = _common(HANGUL).get(char) or _everywhere(char)
    if known is not None:
        return known
    position = _position(char, "euc_kr")
    if 0xB0A1 <= position <= 0xC8FE:
        return _share(0.1, 1_850)
    return _share(0.004, 4_888) if 0xCAA1 <= position <= 0xFDFE else _ALIEN


def _japanese(char: str) -> float:
    if "ぁ" <= char <= "ん":
        return _share(0.4, 83)
    if "ァ" <= char <= "ヶ":
        return _share(0.2, 86)
    known = _everywhere(char)
    if known is not None:
        return known
    if "｡" <= char <= "ﾟ":
        return _share(0.001, 63)
    position = _position(char, "shift_jis")
    if 0x889F <= position <= 0x9872:
        return _share(0.35, 2_000)
    return _share(0.004, 3_390) if position >= 0x989F else _ALIEN


# Letters of each code page as they occur, roughly by frequency.
_WESTERN = "éèàüöäßçñóáíúêôâîûëïãõåøæœÉÈÀÜÖÄÅØÆÇÑÓÁÍÚÊÔÂÎÛœŒšžýÿŠŽìòùÌÒÙðþ"
_CENTRAL = "áéíóöőúüűąćęłńśźżčďěňřšťůýžäßăâîșşţțđŚŁŻŹĆČŘŠŽÁÉÍÓÖŐÚÜŰĎŤÝĽľĺŕôçë"
_CYRILLIC = "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфёъіїєґОЕАИНТСРВЛКМДПУЯГЗБЧХЖШЮЦЩЭФЁІЇЄЫЬЙЪ"
_GREEK = "αοιετνσρκπμλςηυωάίόέήγδθύώφχβξζψϊΑΟΙΕΤΝΣΡΚΠΜΛΗΥΩΓΔΘΦΧΒΞΖΨΆΊΌΈΉΎΏ"
_TURKISH = "ışüğçöİŞÇÖÜĞâîûé"
_SIGNS = "€£§°–—‘’“”„…•·´²³½¼¾±×µ«»©®™¿¡ºª¢¥\xa0№"


def _alphabet(letters: str, *, dense: bool) -> Callable[[str], float]:
    """Score text of a one-byte code page.

    Args:
        letters: Its letters beyond ASCII, the frequent ones first.
        dense: Whether words consist of these letters (Cyrillic), or of ASCII letters
            with some of these among them.
    """
    values = {char: -3.2 - 2.5 * rank / len(letters) for rank, char in enumerate(letters)}
    values |= dict.fromkeys(_SIGNS, -7.0)
    table = _by_table(lambda char: values.get(char, -13.0))
    run = re.compile(r"[\x80-\U0010ffff]{2,}")
    mixed = re.compile(r"[A-Za-z](?=[^\W\x00-\x7f])|[^\W\x00-\x7f](?=[A-Za-z])")

    def score(text: str) -> float:
        beyond = "".join(char for char in text if char >= "\x80")
        total = table(beyond)
        total -= 5.0 * sum(
            before.islower() and after.isupper() and not (before + after).isascii()
            for before, after in itertools.pairwise(text)
        )
        if dense:
            total -= 6.0 * len(mixed.findall(text))
        else:
            total -= 5.0 * sum(len(match.group()) - 1 for match in run.finditer(text))
        return total

    return score


_SCORES: dict[str, Callable[[str], float]] = {
    "cp1252": _alphabet(_WESTERN, dense=False),
    "cp1250": _alphabet(_CENTRAL, dense=False),
    "cp1251": _alphabet(_CYRILLIC, dense=True),
    "cp1253": _alphabet(_GREEK, dense=True),
    "cp1254": _alphabet(_TURKISH, dense=False),
    "koi8-r": _alphabet(_CYRILLIC, dense=True),
    "gb18030": _by_table(_simplified),
    "big5": _by_table(_traditional),
    "cp949": _by_table(_korean),
    "cp932": _by_table(_japanese),
    "euc_jp": _by_table(_japanese),
}
