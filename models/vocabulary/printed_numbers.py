"""Numbers as they are printed: 2,350,000 and 620億, 85조 2,500억, US$58-63bn, >100, 一万五千亿.

What a sign says beyond doubt is read; what it may say in two ways (14,350) is read with the doubt noted, for
whoever knows the bounds; everything else is refused by the sign found.
"""

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from models.vocabulary.chinese_numerals import NUMERAL, read_numeral
from models.vocabulary.printed_text import SignError, plain_text, refuse_spreadsheet_damage
from models.vocabulary.printed_units import CJK_SCALE, CURRENCY_SIGN, PrintedUnit, cjk_power, read_unit
from models.vocabulary.unit_words import said_around, said_otherwise

LOW, HIGH = "low", "high"
_PLAIN: Final = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
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
            r"(?:>=?|≥|≧|over|above|more than|greater than|at least|no(?:t)? less than|exceeding"
            r"|min(?:imum|\.)?(?= )|upwards of|超過|超过|逾|至少|最少|최소)\s*",
            re.I,
        ),
    ),
    (
        HIGH,
        re.compile(
            r"(?:<=?|≤|≦|under|below|less than|up to|at most|no(?:t)? more than|max(?:imum|\.)?(?= )"
            r"|不到|不足|不超過|不超过|至多|最多|최대)\s*",
            re.I,
        ),
    ),
)
_BEHIND: Final = (
    (LOW, re.compile(r"\s*(?:以上|超|이상|초과|\+|or more|or above|and above)$", re.I)),
    (HIGH, re.compile(r"\s*(?:以下|以內|以内|未満|이하|미만|or less|or below)$", re.I)),
)
_FRAMED: Final = re.compile(r"(?:between\s+(.+?)\s+and\s+(.+)|from\s+(.+?)\s+to\s+(.+))", re.I)
_END_BEGINS: Final = r"(?:[\d$€¥₩.]|US|NT|HK|(?:USD|TWD|NTD|HKD|KRW|JPY|EUR|CNY|RMB) ?\d)"
_BETWEEN: Final = re.compile(
    rf"(?<=[\w%])\s*(?:(?:[~〜至到]|\bto\b)\s*(?=[+-]?{_END_BEGINS})|[-–—]\s*(?={_END_BEGINS}))", re.I
)
_DIGITS: Final = re.compile(
    r"[+-]?\s*(?:\d[\d.,'_ ]*\d|\d|\.\d+)\.?(?:e[+-]?\d{1,3}(?!\d))?", re.I | re.ASCII
)
_ONE_TO_THREE, _FRACTION = r"\d{1,3}", r"(?:\.\d+)?"
# What groups of digits say beyond doubt; the same separator throughout.
_GROUPED: Final = re.compile(
    "|".join(
        (
            rf"{_ONE_TO_THREE}(?:,\d{{3}}){{2,}}{_FRACTION}",
            rf"{_ONE_TO_THREE}(?:,\d{{3}})+\.\d+",
            rf"\d{{1,2}}(?:,\d\d)+,\d{{3}}{_FRACTION}",
            *(rf"{_ONE_TO_THREE}(?:{sign}\d{{3}})+{_FRACTION}" for sign in " '_"),
        )
    ),
    re.ASCII,
)
_REMARK: Final = re.compile(r"\w.*\([^)]*[^\W\d_][^)]*\)|\([^)]*[^\W\d_][^)]*\).*\w")
_DOUBTFUL: Final = re.compile(r"[1-9]\d{0,2},\d{3}", re.ASCII)
_POINT_GROUPS: Final = re.compile(r"\d{1,3}(?:\.\d{3}){2,}|\d{1,3}(?:[. ']\d{3})+,\d+", re.ASCII)
_DECIMAL_COMMA: Final = re.compile(r"\d+,\d+(?:[eE][+-]?\d{1,3})?", re.ASCII)
_WIDEST: Final = 10
"""Times its lower end that a range with two scales may reach up to."""
_MYRIAD: Final = 4
# 7만5000 and 1萬2,500; of 3萬5 nobody knows whether 30,005 or 35,000 is meant.
_BELOW_MYRIAD: Final = re.compile(r"\d,?\d{3}|\d{3}", re.ASCII)
_SPLIT: Final = "put the lower end into low and the upper into high, or the one number into value"
REMEDY: Final = "write it as a plain number, as 14200000 or 14.35, or leave the cell empty"


@dataclass(frozen=True, slots=True)
class PrintedNumber:
    """A number, range or bound as printed.

    Attributes
    ----------
    value, low, high : Decimal or None
        Scale (億, bn) applied.
    unit : str
        Unit or currency printed with it (`models.vocabulary.printed_units.read_unit`), '' for none.
    scale : str
        Words of its scale, '' for none.
    doubtful : bool
        One comma before three digits: a thousand, or a decimal comma and a thousandth of that.
    """

    value: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    unit: str = ""
    scale: str = ""
    doubtful: bool = False


def is_plain(text: str) -> bool:
    """Say whether a text is a number as a program writes it."""
    return _PLAIN.fullmatch(text) is not None


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
    if _REMARK.search(text):
        raise SignError(f"{printed!r} has a remark in brackets", f"{REMEDY}, and the remark into note")
    if text.lower() in _NOTHING:
        raise SignError(f"{printed!r} stands for no number", "leave the cell empty")
    if is_plain(text):
        return PrintedNumber(_finite(Decimal(text), printed))
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
        return _one(text, printed)
    except SignError as error:
        return _range(text, printed, error)


def _bound(side: str, text: str, printed: str) -> PrintedNumber:
    one = _one(text, printed)
    if side == LOW:
        return replace(one, value=None, low=one.value)
    return replace(one, value=None, high=one.value)


def _range(text: str, printed: str, why_not_one: SignError) -> PrintedNumber:
    """Read two numbers with a dash, a tilde or "to" between them."""
    separators = list(_BETWEEN.finditer(text))
    if len(separators) != 1:
        raise why_not_one
    first, second = text[: separators[0].start()], text[separators[0].end() :]
    above = _one(second, printed)
    below = _one(first, printed)
    # 58-63B: the scale behind the range is that of both ends.
    behind = _words_behind(second)
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


def _words_behind(text: str) -> PrintedUnit:
    """Scale and unit behind one number; none behind several, as of 1억2,000만."""
    digits = _DIGITS.search(text)
    try:
        return read_unit(text[digits.end() :], after_number=True) if digits else PrintedUnit("")
    except SignError:
        return PrintedUnit("")


def _one(text: str, printed: str) -> PrintedNumber:
    """Read one number with its currency, scale and unit."""
    text = text.strip()
    sign = 1
    if text[:1] in ("+", "-") and not is_plain(text):
        sign, text = (-1 if text[0] == "-" else 1), text[1:].strip()
    currency = CURRENCY_SIGN.match(text)
    before = read_unit(currency[0]).unit if currency else ""
    text = text[currency.end() :] if currency else text
    if numeral := NUMERAL.match(text):
        total, scale, rest, doubtful = (
            read_numeral(numeral[0], printed),
            numeral[0],
            text[numeral.end() :],
            False,
        )
    else:
        total, scale, rest, doubtful = _amount(text, printed)
    behind = _unit_behind(rest, printed)
    if behind.power and scale and not numeral:
        raise SignError(f"{printed!r} has two scales, {scale!r} and {behind.sign!r}", REMEDY)
    if before and behind.unit and before != behind.unit:
        raise SignError(f"{printed!r} has two units, {before} and {behind.unit}", "leave the wrong one out")
    total = _finite(sign * total * behind.scale, printed)
    return PrintedNumber(total, unit=before or behind.unit, scale=scale or behind.sign, doubtful=doubtful)


def _unit_behind(rest: str, printed: str) -> PrintedUnit:
    try:
        return read_unit(rest, after_number=True)
    except SignError as error:
        if rest.lstrip().startswith(("±", "+/-")):
            raise _no_number(printed) from error
        if re.match(r"[^\W\d_]*%?\s*[-–—]\s*$", rest):
            raise SignError(
                f"{printed!r} has a dash behind it, a minus in some ledgers", "write - before the number"
            ) from error
        if said := said_otherwise(rest):
            raise SignError(f"{printed!r}: {said[0]}", said[1]) from error
        problem = f"{rest.strip()!r} in {printed!r} belongs to no number"
        if error.remedy.startswith("write"):
            raise SignError(f"{problem} ({error.problem})", error.remedy) from error
        raise SignError(f"{problem} ({error.problem})", f"{REMEDY}; remarks belong into note") from error


def _amount(text: str, printed: str) -> tuple[Decimal, str, str, bool]:
    """Read digits with 億 and the like between them: amount, scale, the rest, and whether doubtful."""
    total, scales, last_power, doubtful = Decimal(0), "", 99, False
    while True:
        digits = _DIGITS.match(text)
        if digits is None:
            if scales:
                return total, scales, text, False
            raise _no_number(printed)
        rest = text[digits.end() :].lstrip()
        scale = CJK_SCALE.match(rest)
        if scale is None:
            if scales and last_power == _MYRIAD and _BELOW_MYRIAD.fullmatch(digits[0]):
                total += Decimal(digits[0].replace(",", ""))
                return total, scales, rest, False
            if scales:
                raise SignError(f"{printed!r} ends in digits without a scale", REMEDY)
            amount, doubtful = _grouped(digits[0], printed, in_cjk=False)
            return amount, "", rest, doubtful
        power = cjk_power(scale[0])
        amount, _ = _grouped(digits[0], printed, in_cjk=True)
        if power >= last_power or amount * Decimal(10) ** power >= Decimal(10) ** last_power:
            raise SignError(f"the scales of {printed!r} don't descend", REMEDY)
        total += amount * Decimal(10) ** power
        scales, last_power, text = scales + scale[0], power, rest[scale.end() :].lstrip()


def _grouped(digits: str, printed: str, in_cjk: bool) -> tuple[Decimal, bool]:
    """Read digits with their separators; whether a lone comma leaves a doubt."""
    sign = -1 if digits.startswith("-") else 1
    body = digits.lstrip("+- ").strip()
    if is_plain(body):
        return sign * Decimal(body), False
    if _GROUPED.fullmatch(body):
        return sign * Decimal(re.sub(r"[,'_ ]", "", body)), False
    if _DOUBTFUL.fullmatch(body):
        # Chinese, Japanese and Korean print no decimal comma.
        return sign * Decimal(body.replace(",", "")), not in_cjk
    if _POINT_GROUPS.fullmatch(body):
        plain = re.sub(r"[. ']", "", body).replace(",", ".")
        raise SignError(f"{printed!r} has points between thousands or a decimal comma", f"write {plain}")
    if _DECIMAL_COMMA.fullmatch(body) and (groups := re.fullmatch(r"[1-9]\d*,(?:\d{3}|\d{4})", body)):
        # 14200,000 and 235,0000 (groups of 萬) look like nobody's decimals.
        whole = groups[0].replace(",", "")
        remedy = f"write {sign * int(whole)}, or {'-' * (sign < 0)}{body.replace(',', '.')}"
        raise SignError(f"{printed!r} has one comma: between groups of digits, or a decimal comma", remedy)
    if _DECIMAL_COMMA.fullmatch(body):
        raise SignError(f"{printed!r} has a decimal comma", f"write {body.replace(',', '.')}")
    raise _no_number(printed)


def _no_number(printed: str) -> SignError:
    for sign in "▲△":
        if sign in printed:
            return SignError(
                f"{printed!r} has {sign}, a minus in Japanese tables, a rise elsewhere",
                "write - or nothing before the number",
            )
    if re.fullmatch(r"[^\d(]*\(\s*[^\d()]*[\d.,]+\s*[%\w]*\s*\)\s*[%\w]*", printed.strip()):
        return SignError(
            f"{printed!r} has brackets, a minus in accounts",
            "write - before the number, or delete the brackets",
        )
    if re.match(r"[–—]\s*[\d.]", printed.strip()):
        return SignError(f"{printed!r} begins with a long dash, a minus perhaps", "write - before the number")
    if "±" in printed or "+/-" in printed:
        return SignError(f"{printed!r} has a number and its doubt", "put its ends into low and high")
    if said := said_around(printed):
        return SignError(f"{printed!r}: {said[0]}", said[1])
    if printed[:1] in "'\"":
        return SignError(f"{printed!r} begins with a quotation mark: text in a spreadsheet", REMEDY)
    if scale := CJK_SCALE.search(printed):
        return SignError(
            f"{printed!r} is not a number that can be read; {scale[0]} is 1e{cjk_power(scale[0])}", REMEDY
        )
    return SignError(f"{printed!r} is not a number", REMEDY)


def _finite(value: Decimal, printed: str) -> Decimal:
    if not value.is_finite() or abs(value) > Decimal("1e300"):
        raise SignError(f"{printed!r} is no finite number", REMEDY)
    return value
