"""Detect a file's text encoding: Unicode by its bytes, other encodings by chardet's ranking."""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Collection

from nfm.errors import ReadingError
from nfm.files.unpacking import Data
from nfm.text import counted

_BLOCK = 1 << 20
_SAMPLE = 48_000
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Of DOS and of older Macs: rare today, so they must be likely by themselves.
_RARE = ("cp850", "cp866", "mac-roman")
# The encodings besides Unicode that are considered, by Python's names for their widest forms.
_ENCODINGS = (
    *("cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "cp1255", "cp1256", "cp874"),
    *("iso8859-2", "koi8-r", "big5hkscs", "cp932", "cp949", "euc_jis_2004", "gb18030"),
    *_RARE,
)
_AROUND_CELLS = re.compile(rb"[,;|\t\r\n\"]+")
# How the names of those begin that need one byte per letter.
_ONE_BYTE = ("cp12", "cp8", "iso", "koi8", "mac")
# In these scripts, words do not mix letters with Latin ones.
_OTHER_SCRIPTS = ("cp1251", "cp1253", "cp1255", "cp1256", "cp866", "cp874", "koi8-r")
_OTHER = r"[^\W\x00-\x7f\d_]"
_MIXED = re.compile(rf"[A-Za-z](?={_OTHER})|{_OTHER}(?=[A-Za-z])")
# A single letter of another script beside a small Latin one: Muñoz, read as Chinese, is Mu隳z.
_STRAY = re.compile(rf"(?<=[a-z]){_OTHER}(?!{_OTHER})|(?<!{_OTHER}){_OTHER}(?=[a-z])")
# What words of Western languages do not have inside: jaźń, read as one of them, is jaŸñ.
_TORN = re.compile(r"(?<=[^\W\d_])[€‚„†‡ˆ‰‹“”•˜™›¡-©¬®-´¶¸¹¼-¿](?=[^\W\d_])|(?<=[a-zà-ÿ])[À-ÞŠŒŽŸ]")
# Control characters, which some encodings have where others have letters.
_CONTROLS = re.compile(r"[\x80-\x84\x86-\x9f]")
# A one-byte encoding is not used if its confidence is below _UNSURE, or not _CLEARLY times that of
# cp1252; nor is a rare one below _UNLIKELY.
_UNSURE = 0.03
_CLEARLY = 1.5
_UNLIKELY = 0.02
_NAMES = {
    "cp932": "shift_jis",
    "big5hkscs": "big5",
    "euc_jis_2004": "euc_jp",
    "iso8859-2": "iso-8859-2",
    "mac-roman": "mac_roman",
}
_CODECS = {"shift_jis": "cp932", "sjis": "cp932", "gbk": "gb18030", "gb2312": "gb18030"}


def codec_name(encoding: str) -> str:
    """Return the name of Python's codec for an encoding; of a family, the widest one.

    Args:
        encoding: The encoding's name, in any common spelling.

    Raises:
        ReadingError: There is no such text encoding.
    """
    name = encoding.strip().lower().replace("-sig", "")
    name = _CODECS.get(name.replace("-", "_"), name)
    try:
        codec = codecs.lookup(name)
        "".encode(name)  # raises for codecs that are not text encodings, such as rot13
        codecs.getincrementaldecoder(name)("replace").decode(b"a", final=True)
    except (LookupError, ValueError, TypeError, UnicodeError):
        raise ReadingError(
            f"Unknown text encoding {encoding!r}: choose utf-8, cp1252, gb18030, cp949, "
            "shift_jis or another one from the list."
        ) from None
    return codec.name


def to_utf8(data: Data, encoding: str | None) -> tuple[Data, str, tuple[str, ...]]:
    """Convert a text file to UTF-8 without a byte order mark.

    Args:
        data: The bytes of the file.
        encoding: Its encoding; None to detect it.

    Returns:
        The text as UTF-8, the encoding's name, and notes on bytes that could not be decoded, one
        sentence each. UTF-8 is returned without a copy, unless it begins with a mark.

    Raises:
        ReadingError: The bytes are not text in any known encoding.
    """
    mark = next(((bom, name) for bom, name in _BOMS if data.startswith(bom)), None)
    name = detect(data) if encoding is None else encoding
    codec = codec_name(name)
    if codec in ("utf-16", "utf-32"):
        codec = name = mark[1] if mark and mark[1].startswith(codec) else f"{codec}-le"
    start = len(mark[0]) if mark and codec_name(mark[1]) == codec else 0
    text, replaced = _transcode(data, codec, start)
    notes = []
    if replaced:
        notes.append(
            f"{counted(replaced, 'place')} could not be read as {name} and "
            f"{'was' if replaced == 1 else 'were'} replaced by \N{REPLACEMENT CHARACTER}: if "
            f"{name} is wrong, choose another encoding."
        )
    return text, name, tuple(notes)


def detect(data: Data) -> str:
    """Detect the encoding of a text file.

    A byte order mark decides. Without one, text that is valid UTF-8 is UTF-8. For other text,
    the lines with bytes beyond ASCII decide which encoding is the most likely.

    Args:
        data: The bytes of the file.

    Returns:
        The encoding's name.

    Raises:
        ReadingError: The bytes are not text in any known encoding.
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
    text = sample.decode("utf-8", "replace")
    broken = text.count("\N{REPLACEMENT CHARACTER}")
    if len(text) - sum(map(str.isascii, text)) - broken >= 10 * broken:
        return "utf-8"  # a few bytes are broken; text in other encodings hardly ever looks like it
    best = _most_likely(sample)
    text = sample.decode(codec_name(best), "replace")
    if _broken(sample, best) > 2 + len(text) // 50:
        raise ReadingError(
            "The file is not text in any known encoding: save the table as CSV, in UTF-8."
        )
    _refuse_binary(text)
    return best


def encoding_by_words(data: Data, former: str | None, words: Collection[str]) -> str | None:
    """Return the encoding of a file that is like an earlier one, if that tells more than its bytes.

    A few rows do not always show their encoding, and the same bytes would mean other letters.

    Args:
        data: The bytes of the file.
        former: The encoding of the earlier file; None if it was no text file.
        words: Whole cells of the earlier file, such as the levels of its columns.

    Returns:
        The encoding that has most of the words as whole cells; if none has more than the former
        or the detected one, the former one. None if the file is Unicode or cannot be decoded by it.

    Raises:
        ReadingError: The bytes are not text in any known encoding.
    """
    if any(data.startswith(mark) for mark, _ in _BOMS):
        return None
    if _utf16_without_mark(data) is not None or _is_utf8(data):
        return None
    sample = _lines_beyond_ascii(data)
    cut_off = len(sample) // _SAMPLE  # perhaps inside the last letter
    if former is not None and _broken(sample, former) > cut_off:
        former = None
    words = [word for word in words if not word.isascii()]
    if not words:
        return former
    cells = {cell.strip() for cell in _AROUND_CELLS.split(sample)} - {b""}

    def known(encoding: str) -> int:
        codec = codec_name(encoding)
        return len(cells & {word.encode(codec, "ignore") for word in words})

    first = former or detect(data)
    best = max((first, *_ENCODINGS), key=known)
    return _NAMES.get(best, best) if known(best) > known(first) else former


def _most_likely(sample: bytes) -> str:
    """Return the encoding that chardet ranks first; cp1252 if none is likely."""
    import chardet  # loads its models

    guesses = chardet.detect_all(
        sample, ignore_threshold=True, compat_names=False, include_encodings=_ENCODINGS
    )
    western = next((each["confidence"] for each in guesses if each["encoding"] == "cp1252"), 0.0)
    is_western = not _tears_words(sample.decode("cp1252", "replace"))
    for guess in guesses:
        codec = guess["encoding"]
        if codec is None or (codec in _RARE and guess["confidence"] < _UNLIKELY):
            continue
        if codec == "cp1252" and not is_western:
            continue
        text = sample.decode(codec, "replace")
        if _CONTROLS.search(text) or _mixes_scripts(text, codec):
            continue
        if codec in ("cp850", "mac-roman") and _tears_words(text):
            continue
        unsure = guess["confidence"] < max(_UNSURE, _CLEARLY * western)
        if unsure and is_western and codec.startswith(_ONE_BYTE):
            break
        name = _NAMES.get(codec, codec)
        return name if _broken(sample, name) <= _broken(sample, codec) else codec
    return "cp1252"


def _mixes_scripts(text: str, codec: str) -> bool:
    """Return whether Latin letters are often next to letters of the encoding's script in words."""
    if codec in _OTHER_SCRIPTS:
        return len(_MIXED.findall(text)) > len(re.findall(_OTHER, text)) / 5
    if codec.startswith(_ONE_BYTE):
        return False
    return len(_STRAY.findall(text)) > len(re.findall(f"{_OTHER}+", text)) / 2


def _tears_words(text: str) -> bool:
    """Return whether text of a Western language often has signs or capitals inside words."""
    return len(_TORN.findall(text)) > len(re.findall(_OTHER, text)) / 10


def _broken(sample: bytes, encoding: str) -> int:
    text = sample.decode(codec_name(encoding), "replace")
    return text.count("\N{REPLACEMENT CHARACTER}")


def _utf16_without_mark(data: Data) -> str | None:
    """Return the name of UTF-16 if zero bytes beside delimiters, digits and line ends show it."""
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


def _lines_beyond_ascii(data: Data) -> bytes:
    """Return lines with bytes beyond ASCII, from the first of them on, up to a sample's size."""
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
        raise ReadingError("The file is binary data, not text: save the table as CSV, in UTF-8.")


def _transcode(data: Data, codec: str, start: int) -> tuple[Data, int]:
    """Return the text as UTF-8 and the number of places that could not be decoded."""
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
