"""Numbers in Chinese numerals: 一万五千亿, 六百二十億, 二〇二六."""

import re
from decimal import Decimal
from typing import Final

from models.vocabulary.printed_text import SignError

_DIGITS: Final = {**{sign: i for i, sign in enumerate("零一二三四五六七八九")}, "〇": 0, "两": 2, "兩": 2}
_UNITS: Final = {"十": 1, "百": 2, "千": 3, "万": 4, "萬": 4, "亿": 8, "億": 8, "兆": 12}
NUMERAL: Final = re.compile(rf"[{''.join(_DIGITS)}十百千][{''.join((*_DIGITS, *_UNITS))}]*")


def read_numeral(text: str, printed: str) -> Decimal:
    """Read a number in Chinese numerals.

    Parameters
    ----------
    text : str
        What `NUMERAL` matched.
    printed : str
        The whole cell, for the message.

    Raises
    ------
    SignError
        It is written in two ways at once, or ends in a numeral whose unit is only said.
    """
    if all(sign in _DIGITS for sign in text):
        return Decimal("".join(str(_DIGITS[sign]) for sign in text))
    total, section, digit = Decimal(0), Decimal(0), None
    last_large, before = 99, ""
    for sign in text:
        if sign in _DIGITS:
            if digit:
                raise SignError(f"{printed!r} mixes two ways of writing numerals", "write it in digits")
            digit = _DIGITS[sign]
        elif (power := _UNITS[sign]) < 4:
            section, digit = section + Decimal(1 if digit is None else digit) * Decimal(10) ** power, None
        else:
            section, digit = section + (digit or 0), None
            if power > last_large:
                total, section = (total + section) * Decimal(10) ** power, Decimal(0)
            else:
                total, section = total + section * Decimal(10) ** power, Decimal(0)
            last_large = power
        before = sign if sign in _UNITS or sign in "零〇" else before
    if digit and before not in ("十", "零", "〇"):
        # 一万五 is said for 15,000 and written for 10,005.
        raise SignError(f"{printed!r} ends in a numeral without its unit", "write it in digits")
    return total + section + (digit or 0)
