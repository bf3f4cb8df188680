"""Numbers, ranges and bounds as they are printed: 14.35, US$58-63bn, over 100, 5% to 10%, about 620億.

What a sign says beyond doubt is read; what it may say in two ways (14,350) is read with the doubt noted, for
whoever knows the bounds; everything else is refused by the sign found.
"""

import re
from dataclasses import replace
from decimal import Decimal
from typing import Final

from models.vocabulary.printed_amounts import (
    REMEDY,
    PrintedNumber,
    finite,
    is_plain,
    read_amount,
    scale_and_unit_behind,
)
from models.vocabulary.printed_text import SignError, plain_text, refuse_spreadsheet_damage

LOW, HIGH = "low", "high"
_NOTHING: Final = (
    "-",
    "--",
    "–",
    "—",
    "n/a",
    "na",
    "n.a.",
    "nan",
    "nil",
    "none",
    "null",
    "tbd",
    "tba",
    "?",
    "n.m.",
    "nm",
    "#",
    "*",
    "...",
    "…",
    "x",
    ".",
)
_ABOUT: Final = re.compile(
    r"(?:about|approximately|approx\.?|around|roughly|circa|ca?\.|ca(?=\s)|some|nearly|almost|close to"
    r"|约|約|大約|大约|大概|將近|将近|近|약|~|≈|≒|〜)\s*",
    re.I,
)
_ABOUT_BEHIND: Final = re.compile(r"\s*(?:左右|上下|前後|前后|内外|정도|내외|안팎|or so)$", re.I)
_BEFORE: Final = (
    (
        LOW,
        re.compile(
            r"(?:>=?|≥|≧|(?:well |just |slightly )?(?:over|above)|more than|greater than|at least"
            r"|no(?:t)? less than|exceeding"
            r"|min(?:imum|\.)?(?= )|upwards of|超過|超过|逾|至少|最少|최소)\s*",
            re.I,
        ),
    ),
    (
        HIGH,
        re.compile(
            r"(?:<=?|≤|≦|(?:just )?(?:under|below)|less than|up to|at most"
            r"|no(?:t)? (?:more|greater|higher) than|not (?:over|above|exceeding)|max(?:imum|\.)?(?= )"
            r"|不到|不足|不超過|不超过|至多|最多|최대)\s*",
            re.I,
        ),
    ),
)
_BEHIND: Final = (
    (LOW, re.compile(r"\s*(?:以上|超|이상|초과|\+|or more|or above|and above)$", re.I)),
    (HIGH, re.compile(r"\s*(?:不到|以下|以內|以内|未満|이하|미만|or less|or below)$", re.I)),
)
_FRAMED: Final = re.compile(r"(?:between\s+(.+?)\s+and\s+(.+)|from\s+(.+?)\s+to\s+(.+))", re.I)
_END_BEGINS: Final = r"(?:[\d$€¥₩.]|US|NT|HK|(?:USD|TWD|NTD|HKD|KRW|JPY|EUR|CNY|RMB) ?\d)"
_BETWEEN: Final = re.compile(
    rf"(?<=[\w%])\s*(?:(?:[~〜至到]|\bto\b)\s*(?=[+-]?{_END_BEGINS})|[-–—]\s*(?={_END_BEGINS}))", re.I
)
_REMARK: Final = re.compile(r"\w.*\([^)]*[^\W\d_][^)]*\)|\([^)]*[^\W\d_][^)]*\).*\w")
_WIDEST: Final = 10
"""Times its lower end that a range with two scales may reach up to."""
_SPLIT: Final = "put the lower end into low and the upper into high, or the one number into value"


def read_number(printed: str) -> PrintedNumber:
    """Read a cell that holds a number.

    Parameters
    ----------
    printed : str
        Not empty.

    Raises
    ------
    SignError
        It is no number, or one that may be read in several ways.
    """
    text = plain_text(printed)
    refuse_spreadsheet_damage(text)
    text = re.sub(r"(?<=%)\.$", "", text)
    if _REMARK.search(text):
        raise SignError(f"{printed!r} has a remark in brackets", f"{REMEDY}, and the remark into note")
    if text.lower() in _NOTHING:
        raise SignError(f"{printed!r} stands for no number", "leave the cell empty")
    if is_plain(text):
        return PrintedNumber(finite(Decimal(text), printed))
    if about := _ABOUT.match(text):
        text = text[about.end() :]
    text = _ABOUT_BEHIND.sub("", text)
    if framed := _FRAMED.fullmatch(text):
        text = " to ".join(filter(None, framed.groups()))
    for side, words in _BEFORE:
        if found := words.match(text):
            return _bound(side, text[found.end() :], printed)
    for side, words in _BEHIND:
        if found := words.search(text):
            return _bound(side, text[: found.start()], printed)
    try:
        return read_amount(text, printed)
    except SignError as error:
        return _range(text, printed, error)


def _bound(side: str, text: str, printed: str) -> PrintedNumber:
    one = read_amount(text, printed)
    if side == LOW:
        return replace(one, value=None, low=one.value)
    return replace(one, value=None, high=one.value)


def _range(text: str, printed: str, why_not_one: SignError) -> PrintedNumber:
    """Read two numbers with a dash, a tilde or "to" between them."""
    separators = list(_BETWEEN.finditer(text))
    if len(separators) != 1:
        raise why_not_one
    first, second = text[: separators[0].start()], text[separators[0].end() :]
    above = read_amount(second, printed)
    below = read_amount(first, printed)
    # 58-63B: the scale behind the range is that of both ends.
    behind = scale_and_unit_behind(second)
    if behind.power and not below.scale:
        below = replace(below, value=_value(below) * behind.scale, scale=behind.sign)
    if below.unit and above.unit and below.unit != above.unit:
        raise SignError(f"{printed!r} is a range whose ends have two units", _SPLIT)
    low, high = _value(below), _value(above)
    if above.scale and not below.scale:
        problem = f"{printed!r} has the scale {above.scale!r} at its upper end only"
        raise SignError(problem, f"write the lower end's scale behind it, or {_SPLIT}")
    if below.scale != above.scale:
        _refuse_two_scales(below, above, printed)
    minus_and_dash = first.startswith("-") and separators[0][0].strip() in "-–—"
    one_exponent = "e" in second.lower() and not behind.unit + behind.sign and "e" not in first.lower()
    if low > high and not one_exponent:
        problem = f"{printed!r} reads neither as a range nor as a number: its first end lies above its second"
        raise SignError(problem, _SPLIT)
    if low >= high or minus_and_dash or one_exponent:
        raise SignError(f"{printed!r} reads neither as a range nor as a number", _SPLIT)
    unit = above.unit or below.unit
    scale = " ".join(dict.fromkeys(filter(None, (below.scale, above.scale))))
    return PrintedNumber(None, low, high, unit, scale, below.doubtful or above.doubtful)


def _refuse_two_scales(below: PrintedNumber, above: PrintedNumber, printed: str) -> None:
    """Refuse a range unless each end has a scale and both are of a size: 900 million to 1.2 billion."""
    low, high = _value(below), _value(above)
    if not above.scale:
        problem = f"{printed!r} has the scale {below.scale!r} at its lower end only"
        raise SignError(problem, f"write {below.scale!r} behind both ends, or {_SPLIT}")
    if not low < high <= _WIDEST * low:
        span = f"from {low.normalize():f} to {high.normalize():f}"
        problem = f"{printed!r} is {span}, so that a scale may be wrong"
        raise SignError(problem, f"mend the scale, or {_SPLIT}")


def _value(number: PrintedNumber) -> Decimal:
    if number.value is None:
        raise ValueError("one number has a value")
    return number.value
