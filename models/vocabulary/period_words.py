"""Words for periods: third quarter of 2025, Jul-Sep 2025, year-end 2025, 202509, and what each may mean."""

import re
from typing import Final

from models.vocabulary.printed_dates import serial_day, whole_year

_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAME: Final = rf"(?:{'|'.join(_MONTHS)})[a-z]*\.?"
_YEAR: Final = r"(?:19|20)\d\d"
_TO: Final = r"\s*(?:-|–|—|~|〜|to|through|至|到)\s*"
_SPANS: Final = (
    re.compile(rf"(?P<first>{_NAME}){_TO}(?P<last>{_NAME})[\s,']*(?P<year>{_YEAR}|\d\d)", re.I),
    re.compile(rf"(?P<year>{_YEAR})[,\s]*(?P<first>{_NAME}){_TO}(?P<last>{_NAME})", re.I),
    re.compile(
        rf"(?P<year>{_YEAR})[年년] ?(?P<first>\d\d?)[月월]?{_TO}(?P<last>\d\d?)[月월]期?", re.I | re.ASCII
    ),
    re.compile(rf"(?P<first>\d\d?)[月월]?{_TO}(?P<last>\d\d?)[月월]期?,? (?P<year>{_YEAR})", re.I | re.ASCII),
)
_PARTS: Final = {(3 * i + 1, 3 * i + 3): f"Q{i + 1}" for i in range(4)} | {(1, 6): "H1", (7, 12): "H2"}
_ORDINALS: Final = {
    **{word: i + 1 for i, word in enumerate(("first", "second", "third", "fourth"))},
    **{word: i + 1 for i, word in enumerate(("1st", "2nd", "3rd", "4th"))},
}
_WORDS: Final = (
    (re.compile(r"\b(?:of|the|in)\b", re.I), " "),
    (re.compile(r"\bcalendar(?: year)?\b", re.I), "CY"),
    (re.compile(r"\b(?:fiscal|financial)(?: year)?\b", re.I), "FY"),
    (re.compile(rf"\b({'|'.join(_ORDINALS)})[- ](quarter|half)\b", re.I), None),
    (re.compile(r"\b([1-4])(?:st|nd|rd|th)[- ](?:qtr|quarter)\b", re.I), r"Q\1"),
    (re.compile(r"\bHY([12])\b", re.I), r"H\1"),
    # 2025/Q3, FY25/3Q: a stroke between a year and its part parts no two years.
    (
        re.compile(
            r"(?<=\d)/(?=[QH][1-4]|[1-4]Q|[12]H)|(?<=[QH])/(?=20\d\d)|(?<=[QH][1-4])/(?=20\d\d)", re.I
        ),
        " ",
    ),
    (re.compile(r"^'?(\d\d)[년年](?=\s*(?:第?[1-4一二三四]|[上下상하]|[QH]\d|[1-4]Q))", re.I), r"20\1年"),
    (re.compile(r"^'?(\d\d)(?=[上下]半)"), r"20\1年"),
    (re.compile(r"(?<=\d\d\d\d)[년年] ?(?=[QH][1-4]|[1-4]Q|[12]H)", re.I), " "),
)
_YEAR_END: Final = re.compile(
    rf"(?:YE|year[- ]?end|end|exit|by)\s*-?'?({_YEAR}|\d\d)|({_YEAR})\s*(?:year[- ]?end|exit)"
    rf"|({_YEAR})[年년]? ?(?:末|底|말|년말)",
    re.I,
)
_MONTH_END: Final = re.compile(rf"({_YEAR})[年년] ?(\d\d?)[月월] ?(?:末|底|말)")
_DIGITS: Final = re.compile(rf"({_YEAR})(0[1-9]|1[0-2])(?:[0-3]\d)?")
_SLASH: Final = re.compile(rf"(0?[1-9]|1[0-2])/({_YEAR})")
_TWO_YEARS: Final = re.compile(r"(?:FY ?)?((?:20)?\d\d) ?[-/] ?((?:20)?\d\d)", re.I)
_MONTH_OF_END: Final = (
    re.compile(rf"(?P<year>{_YEAR}|\d\d)[年/] ?(?P<month>\d\d?)月?期(?:第?(?P<part>[1-4])四半期|[1-4]Q)?"),
    re.compile(rf"(?:FYE|FY) ?(?P<month>\d\d?)/(?P<year>{_YEAR}|\d\d)", re.I),
)
_QUARTER_ENDED: Final = re.compile(
    rf"(?:(?:fiscal )?quarter|(?:three|3) months|1[34] weeks) (?:ended|ending|to|through) (?P<month>{_NAME})"
    rf"(?: (?P<day>\d\d?),?)? (?P<year>{_YEAR})",
    re.I,
)
_SHORT_QUARTER: Final = re.compile(
    rf"(?P<month>{_NAME})[- ]?Q(?:tr|uarter)?[- ']*(?P<year>{_YEAR}|\d\d)", re.I
)
_HALF_YEAR: Final = re.compile(rf"(?:(?P<first>{_YEAR})年?)? ?(?P<half>[上下])期(?: ?(?P<last>{_YEAR})年?)?")
_DAY: Final = re.compile(rf"({_YEAR})[-/.](\d\d?)[-/.](\d\d?)(?:[T ][\d:.]+)?")
_ROC: Final = re.compile(r"(?:民國|民国)? ?(1[0-3]\d)(?:年度?(?:第?([1-4一二三四])季度?)?| ?Q([1-4]))")
_ROMAN: Final = re.compile(rf"(?:(I{{1,3}}|IV)[ /.-]+({_YEAR})|({_YEAR})[ /.-]+(I{{1,3}}|IV))")
_REMARK: Final = re.compile(r"(?<=[QH][1-4])\s*[(\[][^()\[\]]{2,}[)\]]$", re.I)
_REIWA: Final = re.compile(r"(?:令和|R)(\d{1,2})年?")
_FULL_YEAR: Final = re.compile(
    rf"(?:full[- ]year|annual|year) ({_YEAR})|({_YEAR}) (?:full[- ]year|annual|year)", re.I
)
_VAGUE: Final = re.compile(rf"(early|mid|late|beginning|begin|start|middle)[- ]*(?:of )?({_YEAR})", re.I)
_FOOTNOTE: Final = re.compile(r"(?:\s*\(\d\)|\s+\d\)|\s*\[\d+\]|[*†‡]+)$")
_SUFFIX: Final = re.compile(r"(?<=\d)\s*\(?(?:[PBpb]|est\.?|prelim\.?|予|予想|預估|预估)\)?$", re.I)
CJK_QUARTERS: Final = {"一": "1", "二": "2", "三": "3", "四": "4"}
_ROMAN_NUMBERS: Final = ("I", "II", "III", "IV")
_ABOUT: Final = re.compile(
    rf"(?:c(?:a|irca)?\.|circa|about|around|approx(?:imately|\.)?|~|≈|約|约|약) ?({_YEAR})", re.I
)
_YEAR_ENDED: Final = re.compile(
    r"(?:fiscal |FY )?(?:year|twelve months|12 months|5[23] weeks)"
    rf" (?:ended|ending|to) (?P<month>{_NAME})"
    rf"(?: (?P<day>\d\d?),?)? (?P<year>{_YEAR})|FYE (?P<month2>{_NAME}) (?P<year2>{_YEAR})",
    re.I,
)
_SHORT_YEAR: Final = re.compile(r"'?(\d\d)[EFAef]?")
_ONE_YEAR: Final = re.compile(rf"(?<!\d){_YEAR}(?!\d)")
_NOT_THAT_YEAR: Final = re.compile(r"\d|[<>+]|\b(?:since|after|before|until|till|from|not|no)\b", re.I)
_LEVEL: Final = "is the end of a period"


def in_short(text: str) -> str:
    """Label with its words in short: Q3 2025 for 'third quarter of 2025', CY 2025 for 'calendar 2025'.

    Parameters
    ----------
    text : str
        Plain text.

    Returns
    -------
    str
        The text itself where it has no such words.
    """
    for pattern, short in _WORDS:
        text = pattern.sub(_ordinal if short is None else short, text)
    return " ".join(text.split())


def _ordinal(found: re.Match[str]) -> str:
    return f"{'Q' if found[2].lower() == 'quarter' else 'H'}{_ORDINALS[found[1].lower()]}"


def month_span(text: str) -> tuple[int, int, int] | None:
    """Year, first and last month of a span of months of one year; None where it is none."""
    for pattern in _SPANS:
        if found := pattern.fullmatch(text):
            first, last = (_month(found[name]) for name in ("first", "last"))
            year = int(found["year"]) + 2000 * (len(found["year"]) == 2)
            return (year, first, last) if 0 < first < last < 13 else None
    return None


def _month(word: str) -> int:
    return int(word) if word.isdigit() else _MONTHS.index(word[:3].lower()) + 1


def part_of_span(first: int, last: int) -> str | None:
    """Part of the calendar's year that a span of months is: Q3, H1, '' for the whole; None for another."""
    return "" if (first, last) == (1, 12) else _PARTS.get((first, last))


def nearest_periods(text: str) -> tuple[str, tuple[str, ...]] | None:
    """Say what a label is that names no period by itself, and the accepted forms that it may mean.

    Parameters
    ----------
    text : str
        Plain text.

    Returns
    -------
    (str, tuple of str) or None
        None where nothing is near.
    """
    return (
        _an_end_or_number(text) or _a_year_counted_otherwise(text) or _a_year_in_words(text) or _marked(text)
    )


type _Near = tuple[str, tuple[str, ...]] | None


def _an_end_or_number(text: str) -> _Near:
    """Labels of the end of a period, and those that are a number."""
    if found := _MONTH_END.fullmatch(text):
        return _LEVEL, (f"{found[1]}-{int(found[2]):02d}",)
    if found := _YEAR_END.fullmatch(text):
        year = next(group for group in found.groups() if group)
        year = year if len(year) == 4 else f"20{year}"
        return _LEVEL, (f"{year}-12 for a level at the year's end", f"{year} for the flow of the year")
    if found := _DIGITS.fullmatch(text):
        return "is a date or month", (f"{found[1]}-{found[2]}",)
    if found := _SLASH.fullmatch(text):
        return "is a date or month", (f"{found[2]}-{int(found[1]):02d}",)
    if day := serial_day(text):
        _, near = _a_day(day.year, day.month, day.day)
        return f"is a spreadsheet's number of the day {day}", near
    if (found := _TWO_YEARS.fullmatch(text)) and (int(found[1]) + 1) % 100 == int(found[2]) % 100:
        first = int(found[1]) % 100
        return "names two years, a fiscal one perhaps", (f"FY20{first + 1:02d}", f"20{first:02d}")
    if found := _ABOUT.fullmatch(text):
        return "is about a year", (found[1],)
    if found := _SHORT_YEAR.fullmatch(text):
        return "has two digits of a year", (f"20{found[1]}",)
    return None


def _a_year_counted_otherwise(text: str) -> _Near:
    """Years of a company, days, and years counted by another calendar or in Roman figures."""
    if (of_a_company := _of_a_company(text)) is not None:
        return of_a_company
    if found := re.fullmatch(rf"({_YEAR})[.]1", text):
        return "may have lost a zero as a number", (f"{found[1]}-01", f"{found[1]}-10")
    if found := _DAY.fullmatch(text):
        return _a_day(*map(int, found.groups()))
    if found := _ROC.fullmatch(text):
        quarter = found[2] or found[3]
        part = f"Q{CJK_QUARTERS.get(quarter, quarter)}" if quarter else ""
        return "counts the years of the Republic of China", (f"{int(found[1]) + 1911}{part}",)
    if found := _ROMAN.fullmatch(text):
        nth = _ROMAN_NUMBERS.index(found[1] or found[4]) + 1
        year = found[2] or found[3]
        return "has a quarter in Roman figures", (f"{year}Q{nth}", f"FY{year}Q{nth}")
    if found := _REIWA.fullmatch(text):
        return "counts the years of Reiwa", (f"{int(found[1]) + 2018}",)
    return None


def _a_year_in_words(text: str) -> _Near:
    """Years that are said to be full, halves of them, and vague parts."""
    if found := _FULL_YEAR.fullmatch(text):
        year = found[1] or found[2]
        return "doesn't say whether its year is the calendar's or a company's own", (year, f"FY{year}")
    if found := _VAGUE.fullmatch(text):
        half = "H2" if found[1].lower() == "late" else "H1"
        near = (
            (f"{found[2]}-06", f"{found[2]}H1")
            if found[1].lower() in ("mid", "middle")
            else (f"{found[2]}{half}",)
        )
        return "names no exact period", near
    if (found := _HALF_YEAR.fullmatch(text)) and (of := found["first"] or found["last"]):
        half = f"{of}H{1 if found['half'] == '上' else 2}"
        return "is a half of the calendar's year or of a company's own", (half, f"FY{half}")
    return None


def _marked(text: str) -> _Near:
    """Labels with something behind them that is no part of one."""
    marks = ((_FOOTNOTE, "has a mark of a footnote"), (_SUFFIX, "has a letter behind it"))
    for mark, what in (*marks, (_REMARK, "has a remark in brackets")):
        if mark.search(text):
            return what, (mark.sub("", text).strip(),)
    return None


def only_year(text: str) -> str:
    """Year that a label with other words holds, where it is its only number; else ''."""
    found = _ONE_YEAR.findall(text)
    rest = _ONE_YEAR.sub("", text)
    return found[0] if len(found) == 1 and not _NOT_THAT_YEAR.search(rest) else ""


def _a_day(year: int, month: int, day: int) -> tuple[str, tuple[str, ...]]:
    """Say what a day may stand for: its month, or the quarter or year that it begins or ends."""
    if not 0 < month < 13:
        return "is no day", ()
    near = [f"{year}-{month:02d}"]
    ends = day > 20
    if month % 3 == (0 if ends else 1):
        near.append(f"{year}Q{(month + 2) // 3} for its quarter")
    if month == (12 if ends else 1):
        near.append(f"{year} for its year")
    return "is a day", tuple(near)


def _of_a_company(text: str) -> tuple[str, tuple[str, ...]] | None:
    """Say what a label is that names the end of a company's year or quarter."""
    for pattern in _MONTH_OF_END:
        if found := pattern.fullmatch(text):
            year, month = whole_year(found["year"]), int(found["month"])
            part = f"Q{found['part']}" if found.groupdict().get("part") else ""
            if 0 < month < 13:
                return "names the end of a company's year", (
                    f"FY{year}{part} and fiscal_year_end_month {month}",
                )
    if found := _YEAR_ENDED.fullmatch(text):
        year, month = int(found["year"] or found["year2"]), _month(found["month"] or found["month2"])
        if int(found["day"] or 31) <= 7:
            year, month = (year, month - 1) if month > 1 else (year - 1, 12)
        if month == 12:
            return "names a year by its end", (f"{year}",)
        return "names a company's year by its end", (f"FY{year} and fiscal_year_end_month {month}",)
    found = _QUARTER_ENDED.fullmatch(text) or _SHORT_QUARTER.fullmatch(text)
    if found is None:
        return None
    year, month = whole_year(found["year"]), _month(found["month"])
    # A year of 52 weeks may end its quarter in the first days of the next month.
    if int(found.groupdict().get("day") or 31) <= 7:
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
    if month % 3 == 0:
        return "names a quarter by its end", (f"{year}Q{month // 3}",)
    own = f"the company's own period, as FY{year}Q1, and the month in which its year ends"
    return "names a quarter that is none of the calendar's", (own,)
