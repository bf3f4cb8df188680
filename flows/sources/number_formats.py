"""Numbers of a workbook as their format shows them: 35% for 0.35, 61.4bn where the format adds bn.

What a format shows as another number than the cell holds (nothing, thousands, a minus that is none) is said
in words behind the number, which no reader of numbers takes for one.
"""

import re
from datetime import date
from decimal import Decimal
from typing import Final

SECTIONS: Final = ("above zero", "below zero", "zero", "text")
_CONDITION: Final = re.compile(r"\[[<>=]+[^\]]*\]")
_TOKENS: Final = re.compile(
    r'"(?P<quoted>[^"]*)"?|\\(?P<escaped>.)|\[\$(?P<currency>[^\]-]*)[^\]]*\]|_.|\*.|\[[^\]]*\]|(?P<code>.)',
    re.S,
)
_LITERAL: Final = "\ue000"
"""Stands for a text of the format, in which a 0 is no place of a digit."""
_PLACES: Final = re.compile(r"[0#?][0#?.,/ ]*(?:E[+-][0#?]+)?")
_SCALED: Final = re.compile(r"[0#?.],+(?![0#?,])")
_AS_IT_IS: Final = ("general", "@")
_MINUS: Final = re.compile(r"[-−–(▲△▼]")
_SAYS_MORE: Final = "%$€£¥₩‰<>=≥≤≧≦~≈±+"
"""Signs beside a number that belong to what it says; letters do too."""


def section_of(code: str, value: float | None) -> str:
    """Part of a format's code that shows a value, one of `SECTIONS`; None stands for a text."""
    sections = code.split(";")
    if value is None:
        return sections[3] if len(sections) == len(SECTIONS) else ""
    at = 1 if value < 0 else 2 if value == 0 else 0
    return sections[at] if at < len(sections) else sections[0]


def shown(value: float, code: str) -> float | str:
    """Give a number with what its format says beside it.

    Parameters
    ----------
    value : float
    code : str
        Format of the cell.

    Returns
    -------
    float or str
        The number itself where the format only places its digits.
    """
    section = section_of(code, value)
    digits = _digits(Decimal(repr(value)))
    if _CONDITION.search(code):
        return f"{digits} shown by a format with conditions"
    codes, texts = _taken_apart(section)
    places = _PLACES.search(codes)
    if places is None:
        text = _with_texts(codes, texts).strip()
        if any(word in codes.lower() for word in _AS_IT_IS) or not code:
            return value
        return text if value == 0 and text in ("-", "–", "—") else f"{digits} shown as {text or 'nothing'}"
    if value == 0 and set(places[0]) == {"?"}:
        return _with_texts(_PLACES.sub("", codes), texts).strip(" $€£¥₩") or f"{digits} shown as nothing"
    if _SCALED.search(codes):
        return f"{digits} shown divided by thousands"
    before, behind = codes[: places.start()], codes[places.end() :]
    if _PLACES.search(behind):
        return f"{digits} shown in several parts"
    n_before = before.count(_LITERAL)
    before, behind = _with_texts(before, texts[:n_before]), _with_texts(behind, texts[n_before:])
    has_own_part = value < 0 and ";" in code
    if value >= 0 and _MINUS.search(before):
        return f"{digits} shown as {before}{digits}{behind}, as if below zero"
    if has_own_part and not _MINUS.search(before) and "[" not in section:
        return f"{digits} shown without its minus"
    if has_own_part:
        before, behind = before.replace("(", "").replace("-", ""), behind.replace(")", "")
    number = _digits(abs(Decimal(repr(value)) * (100 if "%" in codes else 1)))
    says_more = any(sign.isalnum() or sign in _SAYS_MORE for sign in before + behind)
    return f"{'-' * (value < 0)}{f'{before}{number}{behind}'.strip()}" if says_more else value


def shown_date(day: date, code: str) -> str:
    """Give what a format shows of a day, where it shows no day: Oct 2026, 2026; '' where it shows all.

    A month's publication counts from its end: read as its first day it would be known too early.
    """
    codes = _taken_apart(code.split(";")[0])[0].lower()
    if "d" in codes or "h" in codes or "s" in codes or not ("y" in codes or "m" in codes):
        return ""
    return f"{day:%b} " * ("m" in codes) + f"{day:%Y}" * ("y" in codes)


def _taken_apart(section: str) -> tuple[str, list[str]]:
    """Signs of a section that are its code, with `_LITERAL` for each of its texts; and these texts."""
    codes, texts = "", []
    for token in _TOKENS.finditer(section):
        if token["code"] is not None:
            codes += token["code"]
            continue
        text = token["quoted"] or token["escaped"] or token["currency"]
        if text:
            codes += _LITERAL
            texts.append(text)
    return codes, texts


def _with_texts(codes: str, texts: list[str]) -> str:
    left = iter(texts)
    return re.sub(_LITERAL, lambda _: next(left), codes)


def _digits(number: Decimal) -> str:
    return f"{number.normalize():f}"
