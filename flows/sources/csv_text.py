"""Bytes of a CSV as text, or the one reason why not: its encoding, its separator, its size."""

import re
from dataclasses import dataclass
from typing import Final

LARGEST_BYTES: Final = 64 * 2**20
LARGEST_ROWS: Final = 200_000
LARGEST_COLUMNS: Final = 500
_MARKS: Final = (
    (b"\xff\xfe\x00\x00", "UTF-32"),
    (b"\x00\x00\xfe\xff", "UTF-32"),
    (b"\xff\xfe", "UTF-16, little endian"),
    (b"\xfe\xff", "UTF-16, big endian"),
)
_CONTAINERS: Final = (
    (b"PK\x03\x04", "a zipped file, a workbook (.xlsx) perhaps"),
    (b"\xd0\xcf\x11\xe0", "an old workbook (.xls)"),
    (b"PAR1", "a Parquet file"),
    (b"%PDF", "a PDF"),
    (b"\x1f\x8b", "a gzipped file"),
    (b"<", "a web page or XML"),
    (b"{", "JSON"),
)
# The first that makes most letters of a file is named.
_LATIN: Final = {"windows-1252": "cp1252", "ISO-8859-2": "iso8859_2"}
_FIRST_HIGH: Final = 0x80
_MANY_HIGH: Final = 6
# Two such bytes with no Latin letter beside them, as in 85\xc1\xb6: nothing European looks so.
_WORD_APART: Final = re.compile(rb"(?<![A-Za-z\x80-\xff])[\x81-\xfe][\x80-\xfe]+(?![A-Za-z\x80-\xff])")
_SHIFT: Final = re.compile(r"\x1b[$(]")
# Not all digits: +886- is a telephone's; not in an address.
_UTF7: Final = re.compile(r"(?<![=&?+])\+(?=\d*[A-Za-z])[A-Za-z0-9/]{3,}-?")
_SCRIPTS: Final = re.compile(
    "[\u00c0-\u024f\u0370-\u03ff\u0400-\u04ff\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7a3]"
)
_SAVE_AGAIN: Final = "Save it again as UTF-8 (in a spreadsheet: 'CSV UTF-8, comma delimited')"
_SEPARATORS: Final = {";": "semicolons", "\t": "tabs", "|": "bars"}
_SHOWN: Final = 80


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a file can't be read: line (0 for the whole file), what is seen there, and the remedy."""

    line: int
    shown: str
    problem: str
    remedy: str


def decoded(content: bytes) -> str | Fault:
    """Text of a file, which must be UTF-8, or why it is none."""
    if not content.strip(b"\xef\xbb\xbf \t\r\n"):
        return Fault(0, "", "the file is empty", "Restore it, or delete it if its figures moved elsewhere")
    if len(content) > LARGEST_BYTES:
        problem = f"the file has {len(content) / 2**20:.0f} MB, more than {LARGEST_BYTES // 2**20}"
        return Fault(0, "", problem, "Split it into several files")
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return Fault(0, "", f"the file is {encoding}, not UTF-8", _SAVE_AGAIN)
    for mark, name in _CONTAINERS:
        if content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(mark):
            return Fault(0, "", f"the file is {name}, not CSV", "Save its table as CSV UTF-8")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return _not_utf8(content, error.start)
    text = text.lstrip("\ufeff")
    if shift := _SHIFT.search(text):
        line = text[: shift.start()].count("\n") + 1
        problem = (
            f"line {line} shifts between alphabets (ISO-2022): it is not UTF-8, though its bytes are plain"
        )
        return Fault(line, "", problem, _SAVE_AGAIN)
    if shifted := _utf7(text):
        line = text[: shifted.start()].count("\n") + 1
        letters = shifted[0].encode().decode("utf-7")
        problem = f"line {line} holds {shifted[0]!r}, as UTF-7 writes {letters!r}: it is not UTF-8"
        return Fault(line, "", problem, _SAVE_AGAIN)
    if "\x00" in text:
        line = text[: text.index("\x00")].count("\n") + 1
        half = text.count("\x00") > len(text) // 4
        problem = f"the file has a zero byte in line {line}" + (
            ": it is UTF-16 without a mark" if half else ""
        )
        return Fault(line, "", problem, _SAVE_AGAIN)
    return text


def _utf7(text: str) -> re.Match[str] | None:
    """Find letters written as UTF-7 writes those that are not plain: Gr+APYA3w-e for Größe.

    A word behind a plus (TSMC+ASE) may be read so by chance: it takes two, and none outside of ASCII.
    """
    if not text.isascii():
        return None
    found = {word[0]: word for word in _UTF7.finditer(text) if _are_letters(word[0])}
    return next(iter(found.values())) if len(found) > 1 else None


def _are_letters(shifted: str) -> bool:
    try:
        letters = shifted.encode().decode("utf-7")
    except UnicodeDecodeError:
        return False
    return bool(letters) and all(sign.isalpha() and _SCRIPTS.match(sign) for sign in letters)


def separator_fault(header: str) -> Fault | None:
    """Say that a header is separated by something else than commas; None where it is not."""
    for sign, name in _SEPARATORS.items():
        if header.count(sign) >= 2 and header.count(sign) > header.count(","):
            comma = (
                ", decimals with a point (14.35, not 14,35) and nothing between thousands"
                if sign == ";"
                else ""
            )
            problem = f"the file is separated by {name}, not by commas"
            return Fault(
                1, header.strip()[:_SHOWN], problem, f"Save it again with commas between cells{comma}"
            )
    return None


def _not_utf8(content: bytes, at: int) -> Fault:
    line = content[:at].count(b"\n") + 1
    start, end = content.rfind(b"\n", 0, at) + 1, content.find(b"\n", at)
    said = content[start : end if end >= 0 else len(content)].strip()
    named, reads = _likely(content)
    problem = f"the file is not UTF-8: byte 0x{content[at]:02x} in line {line}; it seems to be {named}"
    shown = said.decode(reads, errors="replace")[-_SHOWN:]
    return Fault(line, shown, problem, _SAVE_AGAIN)


def _likely(content: bytes) -> tuple[str, str]:
    """Say what the encoding of a file seems to be, and one in which it can be shown.

    Bytes of letters stand alone in European text and side by side in others; which of several encodings of
    one script it is can't be told from a table's few words.
    """
    for line in content.splitlines():
        high = [i for i, byte in enumerate(line) if byte >= _FIRST_HIGH]
        many = len(high) >= _MANY_HIGH and len(high) > (high[-1] - high[0] + 1) / 2
        if many or _WORD_APART.search(line):
            return "Big5, GB18030, Shift-JIS, EUC-KR or another of a script that isn't Latin", "latin-1"
    letters = {name: _letters(content, codec) for name, codec in _LATIN.items()}
    named = max(letters, key=lambda name: letters[name])
    return named, _LATIN[named]


def _letters(content: bytes, codec: str) -> int:
    return sum(sign.isalpha() and not sign.isascii() for sign in content.decode(codec, errors="replace"))
