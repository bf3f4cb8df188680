"""Units as they are printed: US$ bn, 億美元, kwpm, 片/月, and what of it is a number's scale.

`models.vocabulary.units` has the units that the evidence knows; here stand their other names.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from models.vocabulary.printed_text import SignError, did_you_mean, plain_text
from models.vocabulary.unit_words import hint_beside
from models.vocabulary.units import CURRENCIES, KNOWN, LINEAR, is_known

_LATIN_SCALES: Final = {
    **dict.fromkeys(("k", "thousand", "thousands", "ths", "tsd"), 3),
    **dict.fromkeys(("m", "mn", "mio", "mln", "million", "millions"), 6),
    **dict.fromkeys(("b", "bn", "mrd", "bln", "bil", "billion", "billions"), 9),
    **dict.fromkeys(("t", "tn", "trn", "trillion", "trillions"), 12),
    **dict.fromkeys(("lakh", "lakhs"), 5),
    **dict.fromkeys(("crore", "crores"), 7),
}
_SMALL_CJK: Final = {"十": 1, "百": 2, "千": 3, "십": 1, "백": 2, "천": 3}
_LARGE_CJK: Final = {"万": 4, "萬": 4, "만": 4, "亿": 8, "億": 8, "억": 8, "兆": 12, "조": 12}
CJK_SCALE: Final = re.compile(
    rf"[{''.join(_SMALL_CJK)}]?[{''.join(_LARGE_CJK)}]{{1,2}}|[{''.join(_SMALL_CJK)}]"
)
_LATIN_BEFORE: Final = re.compile(
    rf"({'|'.join(sorted(_LATIN_SCALES, key=len, reverse=True))})\.?(?![a-z0-9])", re.I
)
_LATIN_AFTER: Final = re.compile(
    rf"(?<![a-z])({'|'.join(sorted(_LATIN_SCALES, key=len, reverse=True))})\.?$", re.I
)
SEVERAL: Final = {"¥": ("JPY", "CNY"), "元": ("TWD", "CNY")}
"""Signs of several currencies: beside which units each may stand."""
_BYTES_AND_BITS: Final = {
    f"{said}{plural}": f"{letter}{unit}"
    for letter, prefix in (("M", "mega"), ("G", "giga"), ("T", "tera"), ("P", "peta"), ("E", "exa"))
    for unit, word in (("B", "byte"), ("b", "bit"))
    for said in (f"{prefix}{word}", f"{letter.lower()}{word}")
    for plural in ("", "s")
}
_NAMES: Final = {
    **dict.fromkeys(
        (
            "us$",
            "$",
            "usd",
            "us $",
            "美元",
            "美金",
            "美圓",
            "달러",
            "미국달러",
            "米ドル",
            "ドル",
            "us dollar",
            "us dollars",
        ),
        "USD",
    ),
    **dict.fromkeys(("krw", "₩", "원", "韓元", "韩元", "韓圓", "韓圜", "韩圆", "ウォン", "won"), "KRW"),
    **dict.fromkeys(("jpy", "円", "日元", "日圓", "日円", "엔", "yen", "jp¥"), "JPY"),
    **dict.fromkeys(("eur", "€", "euro", "euros", "歐元", "欧元", "유로", "ユーロ"), "EUR"),
    **dict.fromkeys(
        ("cny", "rmb", "人民币", "人民幣", "元人民币", "元人民幣", "人民元", "위안", "cn¥", "yuan"), "CNY"
    ),
    **dict.fromkeys(
        (
            "twd",
            "nt$",
            "ntd",
            "新台幣",
            "新台幣元",
            "新台币元",
            "台幣元",
            "台币元",
            "新台币",
            "新臺幣",
            "台幣",
            "台币",
            "台湾ドル",
            "대만달러",
        ),
        "TWD",
    ),
    **dict.fromkeys(("hkd", "hk$", "港元", "港幣", "港币", "香港ドル", "홍콩달러"), "HKD"),
    **dict.fromkeys(("%", "percent", "per cent", "pct", "퍼센트", "パーセント"), "percent"),
    **dict.fromkeys(
        (
            "units",
            "unit",
            "台",
            "대",
            "臺",
            "pcs",
            "pieces",
            "pc",
            "개",
            "個",
            "个",
            "顆",
            "颗",
            "stück",
            "stk",
        ),
        "units",
    ),
    **dict.fromkeys(("wafers", "wafer", "片", "장", "枚", "wfr", "wafer starts"), "wafers"),
    **_BYTES_AND_BITS,
    **dict.fromkeys(("stack", "stacks"), "stacks"),
    **dict.fromkeys(("\u03bcm", "micron", "microns"), "um"),
    **{sign: sign for sign in SEVERAL},
}
_BELOW: Final = {
    **dict.fromkeys(("month", "months", "mo", "mth", "月", "월", "个月", "個月"), "month"),
    **dict.fromkeys(("year", "years", "yr", "y", "年", "년", "annum"), "year"),
    **dict.fromkeys(("quarter", "qtr", "季", "분기"), "quarter"),
    **dict.fromkeys(("hour", "hr", "h"), "hour"),
    **dict.fromkeys(("s", "sec", "second"), "s"),
    **dict.fromkeys(("unit", "piece", "台", "颗", "顆"), "unit"),
    **{said: unit for said, unit in _BYTES_AND_BITS.items() if not said.endswith("s")},
}
_EITHER: Final = re.compile(r"[mgtpe]bs?", re.I)
"""Bits or bytes: only a capital and a small letter, G and B or b, say which."""
_TENS: Final = {"10": 1, "ten": 1, "100": 2, "hundred": 2}
_TENS_OF: Final = re.compile(
    r"(?P<before>\D*?)[\s(]*(?:\bin )?(?P<tens>(?<![\d.])100?|\b(?:ten|hundred))[\s-]?"
    rf"(?P<scale>{'|'.join(sorted(_LATIN_SCALES, key=len, reverse=True))})(?![a-z])\)?(?P<behind>.*)",
    re.I,
)
"""Scales of so many: KRW 100 million, NT$ hundred million, 10k units."""
_STUCK: Final = re.compile(r"(k|m|mn)-?(units?|pcs?|wafers?|stacks?)", re.I)
_SCALE_BEHIND: Final = re.compile(rf"(.+?)[\s,]*\(?\b(?:in )?({'|'.join(_LATIN_SCALES)}|0{{3}}s?)\)?", re.I)
_SCALE_OF: Final = re.compile(rf"(?:in )?({'|'.join(_LATIN_SCALES)}) of (.+)", re.I)
_MONEY_AND_CJK: Final = re.compile(rf"(\D*?)({CJK_SCALE.pattern})(元?)(\D*)")
_PER: Final = re.compile(r"\s*(?:/|_per_|\bper\b(?! cent)|每|\ba(?=\s+(?:month|quarter|year)\b))\s*", re.I)
_WAFERS_A_MONTH: Final = re.compile(r"(k?)\s*(?:wpm|wspm|w/m)", re.I)
CURRENCY_SIGN: Final = re.compile(
    r"(US ?\$|NT ?\$|HK ?\$|JP¥|CN¥|RMB|USD|TWD|NTD|HKD|KRW|JPY|EUR|CNY|[$€¥₩])\s*", re.I
)
"""Sign or code of a currency before a number."""


@dataclass(frozen=True, slots=True)
class PrintedUnit:
    """A unit as printed.

    Attributes
    ----------
    unit : str
        Known unit, one of `SEVERAL`, or '' where only a scale is printed.
    power : int
        The number counts ten to the power of so many of it.
    sign : str
        Words of the scale, '' where there are none.
    """

    unit: str
    power: int = 0
    sign: str = ""

    @property
    def scale(self) -> Decimal:
        """Ten to the power."""
        return Decimal(10) ** self.power


def read_unit(printed: str, after_number: bool = False) -> PrintedUnit:
    """Read a unit.

    Parameters
    ----------
    printed : str
    after_number : bool
        Whether it stands behind a number in one cell: then "m" is a million, not a metre.

    Raises
    ------
    SignError
        It is no unit; the remedy names the nearest.
    """
    text = _tidied(plain_text(printed.replace("²", "2")))
    if not text:
        return PrintedUnit("")
    if is_known(text) and not (after_number and text.lower() in _LATIN_SCALES):
        return PrintedUnit(text)
    if name := _NAMES.get(text.lower()):
        return PrintedUnit(name)
    if month := _WAFERS_A_MONTH.fullmatch(text):
        return PrintedUnit("wafers_per_month", 3 if month[1] else 0, month[1])
    parts = _PER.split(text)
    if (text.count("_") and not is_known(text) and len(parts) == 1) or len(parts) > 2:
        raise _unknown(printed, text)
    power, sign, above = _scale_of(parts[0].strip())
    unit = _named(above) if above else ""
    if unit is None or (not unit and len(parts) > 1):
        raise _unknown(printed, text)
    if len(parts) > 1:
        below = _below(parts[1])
        unit = f"{unit}_per_{below}"
        if below is None or not is_known(unit):
            raise _unknown(printed, text)
    if not unit and not after_number:
        raise SignError(
            f"{printed!r} is a scale, not a unit", f"say of what, as '{printed} units' or '{printed} USD'"
        )
    return PrintedUnit(unit, power, sign)


def _tidied(text: str) -> str:
    """Put the scale of a unit before it, as 'k units': USD (million), 人民币亿元, kpcs, USD '000."""
    if bare := re.fullmatch(r"\(([^()]+)\)", text):
        text = bare[1].strip()
    if is_known(text) or _TENS_OF.fullmatch(text):
        return text
    text = re.sub(r"^(?:'?000|1,?000)s?(?= )", "thousand", text).replace("'000", "000").removeprefix("in ")
    if stuck := _STUCK.fullmatch(text):
        return f"{stuck[1]} {stuck[2]}"
    if of := _SCALE_OF.fullmatch(text):
        return f"{of[1]} {of[2]}"
    if (money := _MONEY_AND_CJK.fullmatch(text)) and (money[1] or money[3]):
        named = money[1].strip() + money[4].strip()
        return f"{money[2]} {named or '元'}"
    if (behind := _SCALE_BEHIND.fullmatch(text)) and (
        "(" in text or " in " in text or "," in text or "000" in text
    ):
        return f"{'thousand' if behind[2].startswith('000') else behind[2]} {behind[1]}"
    return text


def _scale_of(text: str) -> tuple[int, str, str]:
    """Power of ten, its sign, and what is left."""
    if tens := _TENS_OF.fullmatch(text):
        power = _LATIN_SCALES[tens["scale"].lower()] + _TENS[tens["tens"].lower()]
        left = f"{tens['before'].strip()} {tens['behind'].strip()}".strip()
        return power, f"{tens['tens']} {tens['scale']}", left.removeprefix("of ")
    if cjk := CJK_SCALE.match(text):
        return cjk_power(cjk[0]), cjk[0], text[cjk.end() :].strip()
    if before := _LATIN_BEFORE.match(text):
        return _LATIN_SCALES[before[1].lower()], before[0], text[before.end() :].strip()
    after = _LATIN_AFTER.search(text)
    if after and text[: after.start()].strip():
        return _LATIN_SCALES[after[1].lower()], after[0], text[: after.start()].strip()
    return 0, "", text


def cjk_power(sign: str) -> int:
    """Power of ten of a scale such as 億, 百万 or 万亿.

    Raises
    ------
    SignError
        Two large signs in an order that names no number.
    """
    large = [_LARGE_CJK[letter] for letter in sign if letter in _LARGE_CJK]
    if len(large) > 1 and large != [4, 8]:
        raise SignError(f"{sign!r} names no scale", "write the number in digits")
    return sum(large) + sum(_SMALL_CJK[letter] for letter in sign if letter in _SMALL_CJK)


def _named(text: str) -> str | None:
    if is_known(text) and "_per_" not in text:
        return text
    if _EITHER.fullmatch(text):
        return None  # bits or bytes: nobody can tell
    return _NAMES.get(text.lower())


def _below(text: str) -> str | None:
    text = text.strip()
    return text if text in KNOWN else _BELOW.get(text.lower())


def _unknown(printed: str, text: str) -> SignError:
    problem = f"unknown unit {printed!r}"
    lower = text.lower()
    if said := hint_beside(text):
        return SignError(f"{problem}: {said[0]}", said[1])
    either = re.search(r"(?<![a-z])([mgtpe])bs?(?![a-z])", lower)
    if either and text[slice(*either.span())] not in LINEAR:
        of = either[1].upper()
        return SignError(problem, f"write {of}B for bytes, {of}b for bits: a byte is eight bits")
    for base in CURRENCIES:
        scale = lower.replace(base.lower(), "").strip("_")
        if base.lower() in lower and scale in _LATIN_SCALES:
            return SignError(problem, f"write the number in {base}, or give the unit '{scale} {base}'")
    meant = did_you_mean(text, (*KNOWN, "wafers_per_month", "USD_per_GB", "USD_per_unit", "units_per_hour"))
    return SignError(
        problem,
        f"{meant}use one of {', '.join(KNOWN)}, two of them as X_per_Y, "
        "or a scale before it, as '億 USD' or 'million USD'",
    )
