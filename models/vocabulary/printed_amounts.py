"""One number as printed, with its currency, scale and unit: 2,350,000, US$58bn, 85조 2,500억, 一万五千亿."""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from models.vocabulary.chinese_numerals import NUMERAL, read_numeral
from models.vocabulary.printed_text import SignError
from models.vocabulary.printed_units import CJK_SCALE, CURRENCY_SIGN, PrintedUnit, cjk_power, read_unit
from models.vocabulary.unit_words import hint_around, hint_beside

_PLAIN: Final = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
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
_DOUBTFUL: Final = re.compile(r"[1-9]\d{0,2},\d{3}", re.ASCII)
_POINT_GROUPS: Final = re.compile(r"\d{1,3}(?:\.\d{3}){2,}|\d{1,3}(?:[. ']\d{3})+,\d+", re.ASCII)
_DECIMAL_COMMA: Final = re.compile(r"\d+,\d+(?:[eE][+-]?\d{1,3})?", re.ASCII)
_PER_BEHIND: Final = re.compile(r"\s*(?:/|per\s)\s*\w")
_MYRIAD: Final = 4
# 2천5백억 and 4千420万: thousands and hundreds counted one by one below a large scale.
_COUNTED: Final = re.compile(
    r"(?<![\d.,])(?P<counted>(?:\d ?[천백십千百十] ?){2,}|(?:\d ?[천백십千百十] ?)+(?=\d))(?P<rest>\d{0,3})"
    r"(?= ?[만억조万萬亿億兆])",
    re.ASCII,
)
# 7만5000 and 1萬2,500; of 3萬5 nobody knows whether 30,005 or 35,000 is meant.
_BELOW_MYRIAD: Final = re.compile(r"\d,?\d{3}|\d{3}", re.ASCII)
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


def scale_and_unit_behind(text: str) -> PrintedUnit:
    """Scale and unit behind one number; none behind several, as of 1억2,000만."""
    digits = _DIGITS.search(text)
    try:
        return read_unit(text[digits.end() :], after_number=True) if digits else PrintedUnit("")
    except SignError:
        return PrintedUnit("")


def read_amount(text: str, printed: str) -> PrintedNumber:
    """Read one number with its currency, scale and unit.

    Raises
    ------
    SignError
        It is no number, or its signs say two things.
    """
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
    if before and _PER_BEHIND.match(rest):
        # $14.35/GB, US$350 per unit.
        before, rest = "", f" {before} {rest}"
    behind = _unit_behind(rest, printed)
    if behind.power and scale and not numeral:
        raise SignError(f"{printed!r} has two scales, {scale!r} and {behind.sign!r}", REMEDY)
    if before and behind.unit and before != behind.unit:
        raise SignError(f"{printed!r} has two units, {before} and {behind.unit}", "leave the wrong one out")
    total = finite(sign * total * behind.scale, printed)
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
        if said := hint_beside(rest):
            raise SignError(f"{printed!r}: {said[0]}", said[1]) from error
        problem = f"{rest.strip()!r} in {printed!r} belongs to no number"
        if error.remedy.startswith("write"):
            raise SignError(f"{problem} ({error.problem})", error.remedy) from error
        raise SignError(f"{problem} ({error.problem})", f"{REMEDY}; remarks belong into note") from error


def _amount(text: str, printed: str) -> tuple[Decimal, str, str, bool]:
    """Read digits with 億 and the like between them: amount, scale, the rest, and whether doubtful."""
    total, scales, last_power, doubtful = Decimal(0), "", 99, False
    text = _COUNTED.sub(_in_digits, text)
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


def _in_digits(found: re.Match[str]) -> str:
    """Write 2천5백 as 2500; as it was where the signs don't descend."""
    total, last = 0, 4
    for digit, sign in re.findall(r"(\d) ?(\D) ?", found["counted"]):
        if (power := cjk_power(sign)) >= last:
            return found[0]
        total, last = total + int(digit) * 10**power, power
    rest = found["rest"] or "0"
    return str(total + int(rest)) if len(found["rest"]) <= last else found[0]


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
    if said := hint_around(printed):
        return SignError(f"{printed!r}: {said[0]}", said[1])
    if printed[:1] in "'\"":
        return SignError(f"{printed!r} begins with a quotation mark: text in a spreadsheet", REMEDY)
    if scale := CJK_SCALE.search(printed):
        return SignError(
            f"{printed!r} is not a number that can be read; {scale[0]} is 1e{cjk_power(scale[0])}", REMEDY
        )
    return SignError(f"{printed!r} is not a number", REMEDY)


def finite(value: Decimal, printed: str) -> Decimal:
    """Give a number back that is finite and not larger than any amount.

    Raises
    ------
    SignError
        It is neither.
    """
    if not value.is_finite() or abs(value) > Decimal("1e300"):
        raise SignError(f"{printed!r} is no finite number", REMEDY)
    return value
