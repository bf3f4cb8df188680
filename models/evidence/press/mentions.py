"""The periods that a sentence names, as the evidence writes them; "next year" counts from the publication.

A quarter without a year is the one nearest to the publication; where two are about as near, it is none.
"""

import re
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from models.evidence.press.period_forms import FORMS
from models.vocabulary.periods import parse_period

MONTHS_NEAR: Final = 5.0
"""A quarter without a year whose end lies farther than this from the publication may be another year's."""
DECEMBER: Final = 12
_ORDINALS: Final = {
    **{word: str(i + 1) for i, word in enumerate(("first", "second", "third", "fourth"))},
    **{word: word[0] for word in ("1st", "2nd", "3rd", "4th")},
    **{word: str(i + 1) for i, word in enumerate("一二三四")},
    **{word: word for word in "1234"},
    **{"上": "1", "下": "2", "상": "1", "하": "2"},
}
_YEARS_ON: Final = {
    **dict.fromkeys(("this year", "the year", "current year", "今", "올해", "금년", "本"), 0),
    **dict.fromkeys(("next year", "the coming year", "明", "내년"), 1),
    **dict.fromkeys(("last year", "去", "지난해", "작년"), -1),
    **dict.fromkeys(("two years ago", "前", "재작년"), -2),
    **dict.fromkeys(("後", "后", "내후년"), 2),
    "three years ago": -3,
}
_MONTH_NUMBER: Final = {
    name: i + 1
    for i, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
    )
}
_MONTHS_BACK: Final = {"back": DECEMBER, "backquarter": 3, "ahead": -DECEMBER}
_BASE_BEFORE: Final = re.compile(
    r"(?:\b(?:from|over|than|versus|vs\.?|compared (?:with|to)|against|since|relative to)(?: in)?(?: the)?"
    r"|\b(?:equal to|close to|match(?:es|ing)?|rival(?:s|ing)?|on (?:a )?par with|similar to)"
    r"(?: all of| the whole of)?"
    r"|相當於|相当于|逼近|媲美|追平"
    r"|[較较比由從从自]|相[比較较][於于]?)\s*$",
    re.I,
)
_BASE_BEHIND: Final = re.compile(
    r"\s?(?:연간|전체|한 해)?\s?(?:규모|수준|실적|매출)?[에과와]\s?(?:육박|맞먹|해당|버금|근접|준하|비슷)"
    r"|\s?(?:동기\s?)?(?:보다|대비|에 비해|[와과] 비교|부터|相比|相[較较]|起)"
)
# 今年比去年: 比 behind a period says that it is the one compared; only 與去年比 makes it the base.
_WITH: Final = re.compile(r"[與与跟和同]\s*$")
_COMPARED: Final = re.compile(r"\s?比")
_TO: Final = re.compile(r"\s?(?:through|until|to|[-–—~〜～至到]|부터|에서)\s?(?:the )?", re.I)
_AND: Final = re.compile(r"\s?(?:and|與|与|和)\s?(?:the )?", re.I)
_BETWEEN: Final = re.compile(r"(?:\bbetween(?: the)?|介[於于]) ?$", re.I)
_SHORT_TO: Final = re.compile(r"\s?[-–—/~]\s?\d\d(?![\d%])")
_STATED_IN: Final = re.compile(
    r"\b(?:raised|lifted|cut|lowered|revised|updated|issued|published|released)(?: \w+){0,2} in $", re.I
)


@dataclass(frozen=True, slots=True)
class Mention:
    """A period that a sentence names.

    Attributes
    ----------
    start, end : int
        Where it stands.
    label : str
        As `models.vocabulary.periods` takes it; '' where it names a day, or leaves its year open.
    is_end : bool
        Whether the end of a year is meant: the label is its December.
    is_base : bool
        Whether it only says what something is compared with.
    months_back : int
        How many months before the sentence's other period, where it says only that; negative for behind it.
    is_span : bool
        Whether several periods are named as one, 2025 to 2027: no period has what is said of them.
    is_sum : bool
        Whether what is said of them is their sum so far, which is no figure: the first nine months.
    """

    start: int
    end: int
    label: str
    is_end: bool = False
    is_base: bool = False
    months_back: int = 0
    is_span: bool = False
    is_sum: bool = False

    @property
    def is_period(self) -> bool:
        """Whether something may be said of it: days and open years are none."""
        return bool(self.label or self.months_back or self.is_span)


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who speaks, and when: what an unsaid year follows from.

    Attributes
    ----------
    published : date
    fiscal_year_end_month : int
        Of a company that speaks of its own results; 12 for everybody else.
    is_company : bool
        Whether a fiscal year that it names is its own; of anybody else's nobody can say which it is.
    """

    published: date
    fiscal_year_end_month: int = DECEMBER
    is_company: bool = True


def mentions(sentence: str, speaker: Speaker) -> list[Mention]:
    """Find the periods of a sentence.

    Parameters
    ----------
    sentence : str
        Plain text.
    speaker : Speaker

    Returns
    -------
    list of Mention
        In their order; days and open years among them with an empty label.
    """
    text, found = sentence, []
    for form in FORMS:
        for match in form.finditer(text):
            mention = _mention(match, speaker)
            text = text[: mention.start] + "\x00" * (mention.end - mention.start) + text[mention.end :]
            if "month" in match.groupdict() and _STATED_IN.search(sentence[: mention.start]):
                mention = replace(mention, label="")  # when it was said
            is_base = _is_base(sentence, mention) and not (mention.months_back or mention.is_sum)
            found.append(replace(mention, is_base=is_base))
    return _spans(sorted(found, key=lambda mention: mention.start), sentence)


def _is_base(sentence: str, mention: Mention) -> bool:
    before = sentence[: mention.start]
    return bool(
        _BASE_BEFORE.search(before)
        or _BASE_BEHIND.match(sentence, mention.end)
        or (_WITH.search(before) and _COMPARED.match(sentence, mention.end))
    )


def _spans(mentions: list[Mention], sentence: str) -> list[Mention]:
    """Join the ends of a span; of two periods that follow one another the first is what is compared with."""
    found: list[Mention] = []
    for mention in mentions:
        first = found[-1] if found else None
        if short := _SHORT_TO.match(sentence, mention.end) if len(mention.label) == len("2025") else None:
            found.append(replace(mention, label="", end=short.end(), is_span=True))
        elif first is not None and mention.is_sum and not sentence[first.end : mention.start].strip():
            found[-1] = replace(mention, start=first.start)  # from 2025 through 2026
        elif first is None or not _is_to(sentence, first, mention):
            found.append(mention)
        elif first.label in (preceding(mention.label, months) for months in (3, DECEMBER)):
            found[-1:] = [replace(first, is_base=True), mention]
        else:
            found[-1] = replace(first, label="", end=mention.end, is_base=False, is_span=True)
    return found


def _is_to(sentence: str, first: Mention, mention: Mention) -> bool:
    if not (first.label and mention.label):
        return False
    between = sentence[first.end : mention.start]
    is_between = _BETWEEN.search(sentence[: first.start]) and _AND.fullmatch(between)
    return bool(is_between or _TO.fullmatch(between))


def _mention(match: re.Match[str], speaker: Speaker) -> Mention:
    parts = {name: text for name, text in match.groupdict().items() if text is not None}
    end = match.start() + len(match[0].rstrip())
    if "day" in parts:
        return Mention(match.start(), end, "")
    if months := next((months for name, months in _MONTHS_BACK.items() if name in parts), 0):
        return Mention(match.start(), end, "", months_back=months)
    if "sum" in parts:
        return Mention(match.start(), end, "", is_span=True, is_sum=True)
    if "months" in parts:
        return Mention(match.start(), end, "", is_span=True)
    said = f"{parts.get('fiscal', 'calendar')}{parts.get('fiscal2', '')}".lower()
    is_fiscal = "fiscal" in said or said.startswith("fy") or parts.get("fiscal") == ""
    if is_fiscal and not speaker.is_company:
        return Mention(match.start(), end, "", is_span=True)
    year = _year(parts, speaker)
    if "end" in parts:
        year = speaker.published.year if year is None else year
        return Mention(match.start(), end, f"{year}-12", is_end=True)
    if "month" in parts or "monthnumber" in parts:
        month = int(parts.get("monthnumber") or _MONTH_NUMBER[parts["month"][:3].lower()])
        year = _nearest_year(month, speaker) if year is None else year
        return Mention(match.start(), end, f"{year}-{month:02d}" if 1 <= month <= DECEMBER else "")
    return Mention(match.start(), end, _label(parts, year, speaker))


def _year(parts: dict[str, str], speaker: Speaker) -> int | None:
    if "year" in parts:
        return int(parts["year"])
    if "short" in parts:
        return 2000 + int(parts["short"])
    if "on" in parts:
        return speaker.published.year + _YEARS_ON[parts["on"].lower()]
    return None


def _label(parts: dict[str, str], year: int | None, speaker: Speaker) -> str:
    said = f"{parts.get('fiscal', '')}{parts.get('fiscal2', '')}".lower()
    own_year = speaker.fiscal_year_end_month != DECEMBER
    is_fiscal = (
        "calendar" not in said and own_year and ("fiscal" in parts or "fiscal2" in parts or year is None)
    )
    if "n" not in parts:
        return f"{'FY' * is_fiscal}{year}" if year else ""
    letter = "H" if parts.get("what", "q").lower() in ("half", "h", "半", "반기") else "Q"
    part = f"{letter}{_ORDINALS[parts['n'].lower()]}"
    if year is not None:
        return f"{'FY' * is_fiscal}{year}{part}"
    return _nearest(part, is_fiscal, speaker)


def _nearest(part: str, is_fiscal: bool, speaker: Speaker) -> str:
    """Give the quarter or half of that number whose end is nearest to the publication."""

    def months_away(label: str) -> float:
        end = parse_period(label, speaker.fiscal_year_end_month).end_date
        return abs((end - speaker.published).days) / 30.44

    year = speaker.published.year
    labels = [f"{'FY' * is_fiscal}{y}{part}" for y in range(year - 1, year + 3)]
    nearest = min(labels, key=months_away)
    return nearest if months_away(nearest) <= MONTHS_NEAR else ""


def _nearest_year(month: int, speaker: Speaker) -> int:
    """Year of the month of that number that is nearest to the publication."""
    day = speaker.published
    away = (month - day.month + DECEMBER // 2) % DECEMBER - DECEMBER // 2
    return day.year + (day.month - 1 + away) // DECEMBER


def preceding(label: str, months_back: int) -> str:
    """Label of the period so many months before; '' where the form of the label does not say it."""
    fiscal, plain = ("FY", label[2:]) if label.startswith("FY") else ("", label)
    year = int(plain[:4])
    if abs(months_back) == DECEMBER:
        return f"{fiscal}{year - months_back // DECEMBER}{plain[4:]}"
    if found := re.fullmatch(r"Q([1-4])", plain[4:]):
        quarter = int(found[1])
        return f"{fiscal}{year - (quarter == 1)}Q{quarter - 1 or 4}"
    return ""
