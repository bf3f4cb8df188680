"""The amounts of a sentence: numbers with their currency, scale and unit, ranges as one.

What a number says is read by the one reader of printed numbers; here is only found where one stands, and
what looks like one and is none (HBM3E, 12-high, 4nm, a telephone's number).
"""

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from models.vocabulary.chinese_numerals import NUMERAL, read_numeral
from models.vocabulary.printed_amounts import PrintedNumber
from models.vocabulary.printed_numbers import read_number
from models.vocabulary.printed_text import SignError

PERCENT: Final = "percent"
_DIGITS: Final = r"(?:(?:\d[십백천十百千])*(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?))"
_CJK: Final = r"(?:[十百千십백천]?(?:万|萬|만|亿|億|억|兆|조)(?:亿|億)?)"
_LATIN: Final = (
    r"(?:\s?(?:thousand|million|billion|trillion)(?![a-z])|\s?(?:bn|mn|tn)(?![a-z])|[KMBT](?![A-Za-z]))"
)
_BEFORE: Final = r"(?:(?:US|NT|HK)\s?\$|[$€¥₩]|(?:USD|KRW|TWD|NTD|JPY|EUR|CNY|RMB)\s?)"
# Currencies that stand before a number in words.
_WORDS_BEFORE: Final = r"(?:新台幣|新臺幣|新台币|人民幣|人民币|美金)\s?"
_UNITS: Final = (
    r"(?:%|percent(?![a-z])|per cent(?![a-z])|퍼센트"
    r"|美元|美金|달러|欧元|歐元|日圓|日元|엔|韓元|韩元|원|人民币|人民幣|元(?:人民币|人民幣)?|위안"
    r"|(?:U\.?S\.?|New Taiwan|Hong Kong) dollars?"
    r"|dollars?(?![a-z])|won(?![a-z])|yen(?![a-z])|euros?(?![a-z])|yuan(?![a-z])"
    r"|wafers?\s?(?:/|per\s|a\s)\s?month|k?wpm(?![a-z])|k?wspm(?![a-z])|片(?:/月)?|장|枚|台|臺|대(?![비부])|顆|颗|개(?![사국월])"
    r"|units?(?![a-z])|[GT]B(?![A-Za-z/])|[GT]b(?![A-Za-z/])|Gbits?(?![a-z]))"
)
_ONE: Final = (
    rf"(?:{_BEFORE}|{_WORDS_BEFORE}|(?<![\w+-])[+-](?=\d+(?:\.\d+)?\s?%))?{_DIGITS}"
    rf"(?:\s?{_CJK}(?:\s?{_DIGITS}\s?{_CJK})*(?:\s?\d[천千](?=\s?{_UNITS})|\s?{_DIGITS}(?=\s?{_UNITS})|{_DIGITS})?|{_LATIN})?(?:\s?{_UNITS})?"
)
_BETWEEN: Final = r"\s?(?:-|–|—|~|至|到|\bto\b)\s?"
_AMOUNT: Final = re.compile(rf"(?P<first>{_ONE})(?:(?P<between>{_BETWEEN})(?P<second>{_ONE}))?")
_AND: Final = re.compile(
    rf"(?:between\s+|介於\s*|介于\s*)(?P<first>{_ONE})\s?(?:and|與|与|和|至|到|-)\s?(?P<second>{_ONE})"
)
_TENTHS: Final = re.compile(
    rf"(?P<whole>{NUMERAL.pattern})成(?![長长本為为立功果員员交])(?P<half>[一二三四五六七八九](?![\w]))?"
)
_FROM: Final = re.compile(r"(?:\bfrom|由|從|从|自)\s*$", re.I)
_RANGE_FROM: Final = re.compile(r"\b(?:anywhere|somewhere|rang(?:e|es|ed|ing)) from\s*$", re.I)
_AMID: Final = re.compile(rf"(?P<first>{_ONE})\s?에서\s?(?P<second>{_ONE})(?=\s?(?:사이|범위))")
"""Korean says of a range's ends what it says of a change's, but for a word behind them."""
_FROM_OR_AMID: Final = re.compile(
    rf"{_ONE}\s?에서\s?(?:약 ?|월 ?|최대 ?)?(?>{_ONE})"
    r"(?!\s?(?:수준|선|규모|정도|가량)?\s?(?:으?로|보다|사이|범위))"
)
"""Either a range's ends or those of a change: 11만장에서 12만장에 이를."""
_NO_NUMBER_BEFORE: Final = re.compile(
    r"(?:[A-Za-z#+@/_.]|[±∓]\s?|\+/-\s?|plus or minus |give or take |\w-|\d[-.:]"
    r"|\d\s?[십백천만억조十百千万萬亿億兆])$"
)
_NO_NUMBER_AFTER: Final = re.compile(
    r"(?<=[\x00-\x7f])[A-Za-z]|-(?:[A-Za-z]|\d)|(?:st|nd|rd|th)(?![a-z])|[:.]\d|/\d|\s?(?:nm|um|mm|μm|奈米|纳米|나노)"
    r"|\s?(?:단|층|層|层|대의?\s?중반|%?\s?(?:중반|초반|후반))|%?대(?!비)|%?p(?![a-z])|%?포인트|s percent"
)
_DASHED: Final = re.compile(r"\d[\d\s]*-\d[\d-]+-\d+")


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount in a sentence.

    Attributes
    ----------
    start, end : int
        Where it stands.
    number : PrintedNumber
        Value or range, scale applied; `unit` as the reader of printed numbers says it.
    printed : str
    """

    start: int
    end: int
    number: PrintedNumber
    printed: str

    @property
    def unit(self) -> str:
        """Unit or currency, '' for none."""
        return self.number.unit


def amounts(sentence: str, taken: list[tuple[int, int]]) -> list[Amount]:
    """Find the amounts of a sentence.

    Parameters
    ----------
    sentence : str
        Plain text.
    taken : list of (int, int)
        Places that hold something else, periods for one.

    Returns
    -------
    list of Amount
        In their order; what can't be read beyond doubt is left out.
    """
    blanked = without(sentence, [*taken, *(found.span() for found in _DASHED.finditer(sentence))])
    found: list[Amount] = []
    for match in [*_AND.finditer(blanked), *_AMID.finditer(blanked)]:
        span = (match.start("first"), match.end("second"))
        # Between 33.4 and 4.4: digits are lost; neither end is the number.
        found += _list(_read(f"{match['first']}-{match['second']}", *span))
        blanked = without(blanked, [match.span()])
    blanked = without(blanked, [match.span() for match in _FROM_OR_AMID.finditer(blanked)])
    for match in _TENTHS.finditer(blanked):
        if (tenths := _tenths(match)) is not None:
            found.append(tenths)
    for match in _AMOUNT.finditer(blanked):
        found += _of_match(match, blanked)
    return sorted(found, key=lambda amount: amount.start)


def without(text: str, places: list[tuple[int, int]]) -> str:
    """Text of the same length in which nothing stands at some places."""
    for start, end in places:
        text = text[:start] + "\x00" * (end - start) + text[end:]
    return text


def _of_match(match: re.Match[str], text: str) -> list[Amount]:
    if _NO_NUMBER_BEFORE.search(text[: match.start()]) or _NO_NUMBER_AFTER.match(text, match.end()):
        return []
    if match["second"] is None:
        return _list(_read(match["first"], *match.span("first")))
    before = text[: match.start()]
    is_change = _FROM.search(before) and not _RANGE_FROM.search(before)
    is_range = not (is_change and match["between"].strip() not in "-–—~")
    if is_range and (whole := _read(f"{match['first']}-{match['second']}", *match.span())) is not None:
        return [whole]
    # From 10% to 20%, or 48% to $11 billion: two amounts.
    ends = [
        *_list(_read(match["first"], *match.span("first"))),
        *_list(_read(match["second"], *match.span("second"))),
    ]
    # 33.4 to 4.4: digits are lost; neither end is the number.
    return [] if is_range and len({end.unit for end in ends} - {""}) < 2 else ends


def _list(amount: Amount | None) -> list[Amount]:
    return [] if amount is None else [amount]


def _read(printed: str, start: int, end: int) -> Amount | None:
    text, currency = printed, ""
    if named := re.match(_WORDS_BEFORE, text):
        # What is named before a number is named behind it for the reader.
        currency, text = named[0].strip(), text[named.end() :].removesuffix("元").strip()
    text = text.replace("U.S.", "US")
    try:
        return Amount(start, end, _plain_range(read_number(f"{text} {currency}".strip())), printed)
    except SignError:
        return None


def _plain_range(number: PrintedNumber) -> PrintedNumber:
    return replace(number, doubtful=False)


def _tenths(match: re.Match[str]) -> Amount | None:
    """Read 六成 and 三成五: tenths of a whole."""
    try:
        value = read_numeral(match["whole"], match[0]) * 10
        if match["half"]:
            value += read_numeral(match["half"], match[0])
    except SignError:
        return None
    if value > Decimal(100):
        return None
    return Amount(match.start(), match.end(), PrintedNumber(value, unit=PERCENT), match[0])
