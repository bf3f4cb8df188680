"""The period of each amount of a sentence."""

import re
from dataclasses import replace
from typing import Final

from models.evidence.press.amounts import PERCENT, Amount
from models.evidence.press.assign import assigned
from models.evidence.press.mentions import Mention, Speaker, preceding
from models.evidence.press.parsed import Sentence
from models.vocabulary.periods import parse_period

OPEN: Final = Mention(-1, -1, "")
"""Of an amount whose period the sentence leaves open, whatever other periods it names."""
SPAN: Final = Mention(-1, -1, "", is_span=True)
"""Of an amount of several periods: a change over them, or in each of them, is that of none."""
_OF: Final = re.compile(r"(?:'s|’s|年?度?的|의)? ?(?:about |around |some |約 ?|约 ?|월 ?)?")
_COMPARED_BEFORE: Final = re.compile(
    r"(?:\b(?:from|versus|vs\.?|compared (?:with|to)|against|compares (?:with|to))|[較较由從从自])"
    r"(?: ?(?:the|a|an|about|around|roughly|some|nearly|an estimated|約|约))* ?$",
    re.I,
)
_JOINED: Final = re.compile(r"\s?(?:,|、|,? ?and|&|\+|與|与|和|及|및|[와과])\s?(?:the )?", re.I)
_REVISED: Final = re.compile(
    r"\b(?:rais|lift|upgrad|hik|boost|cut|trim|lower|reduc|downgrad|slash|revis|adjust)\w*"
    r"|\bmov(?:es?|ed|ing) (?:up|down)\b"
    r"|上修|下修|上調|下調|上调|下调|調高|調降"
    r"|调高|调降|修正|상향|하향|높였|높인|낮췄|낮춘|올려 잡|내려 잡|조정",
    re.I,
)
_FORECAST: Final = re.compile(
    r"\b(?:forecast|estimate|projection|outlook|guidance|target|view|call|budget)s?\b|預算|预算|예산|預估|预估|預測|预测|財測|财测|目標|目标|預期|预期"
    r"|漲幅|涨幅|跌幅|전망|추정|예상|목표|가이던스|상승폭|하락폭",
    re.I,
)
_AHEAD: Final = re.compile(
    r"\b(?:expect|anticipat|forecast|project|guid|outlook|target|plan)\w*|\bwill\b"
    r"|\bto (?:be|reach|hit|total)\b"
    r"|預計|预计|預估|预估|預期|预期|可望|有望|展望|將|将|전망|예상|계획|목표|가이던스",
    re.I,
)
_NOW: Final = re.compile(
    r"(?:\b(?:now|currently|at present|today)(?: at| about| around| some| roughly| stands at| standing at)*"
    r"|[現现](?:[為为有])?|目前(?:[為为約约])*|현재(?: 약| 월)*) ?$",
    re.I,
)
_IN: Final = re.compile(r" (?:for|in|by|at|as of)(?: the)? ", re.I)
_COMPARED_BEHIND: Final = re.compile(r"\s?(?:에서|보다|대비|에 비해)")


def periods_of(sentence: Sentence) -> list[Mention | None]:
    """Give each amount its period; one that only says "a year earlier" is made whole.

    What stands in brackets is about what stands before them, and says nothing of what comes behind. What
    an amount is compared with, a period or an amount of one, says nothing of the amounts beside it.
    """
    of_each = compared(sentence)
    taken = [mark for mark in of_each.values() if mark is not OPEN]
    marks = [mark for mark in _marks(sentence) if mark not in taken and not mark.is_base]
    marks = _joined(marks, sentence)
    inside = {
        i: bracket_of(sentence.text, place.start)
        for i, place in enumerate(sentence.amounts)
        if i not in of_each
    }
    for bracket in dict.fromkeys(inside.values()):
        counted = [i for i, place in inside.items() if place == bracket]
        outside = [mark for mark in marks if 0 <= mark.end <= bracket]
        own = [mark for mark in marks if bracket_of(sentence.text, mark.start) == bracket]
        for i, mark in zip(
            counted, assigned(own, [sentence.amounts[i] for i in counted], sentence.cuts), strict=True
        ):
            of_each[i] = mark if mark is not None else next(iter(outside[-1:]), None)
    whole: list[Mention | None] = []
    for mark in (of_each[i] for i in range(len(sentence.amounts))):
        if mark is not None and mark.months_back:
            last = next((m.label for m in reversed(whole) if m is not None), "")
            mark = replace(mark, label=preceding(last, mark.months_back) if last else "", is_end=False)
        whole.append(SPAN if mark is not None and mark.is_span and not mark.is_sum else mark)
    return [
        OPEN if mark is not None and _is_now(sentence, amount, mark) else mark
        for amount, mark in zip(sentence.amounts, whole, strict=True)
    ]


def _is_now(sentence: Sentence, amount: Amount, mark: Mention) -> bool:
    """Whether an amount is today's and its period another's: now 95,000, and 120,000 by 2027's end."""
    text = sentence.text
    if mark.start < amount.end or _IN.fullmatch(text, amount.end, mark.start):
        return False
    return bool(_NOW.search(text[: amount.start]))


def compared(sentence: Sentence) -> dict[int, Mention | None]:
    """Amounts that others are compared with, by place, and their periods: last year's 338 in 562 after 338.

    Theirs is the period that touches them, or else stands behind them before the next amount.
    """
    found: dict[int, Mention | None] = {}
    for i, amount in enumerate(sentence.amounts):
        text = sentence.text
        named = [m for m in sentence.mentions if m.is_period]
        before = [m for m in named if m.end <= amount.start and _OF.fullmatch(text, m.end, amount.start)]
        # "Than 2025 66%" says by how much, "2025's 66%" and "2025 $33 billion" how much it was.
        is_of_base = (
            bool(before)
            and before[-1].is_base
            and (amount.unit != PERCENT or bool(text[before[-1].end : amount.start].strip()))
        )
        if not (
            is_of_base
            or _COMPARED_BEFORE.search(text[: amount.start])
            or _COMPARED_BEHIND.match(text, amount.end)
        ):
            continue
        end = sentence.window(amount)[1]
        # 由21.4%升至2026年的31%: the year touches the next amount, and is that one's.
        behind = [
            m
            for m in named
            if amount.end <= m.start < end
            and not m.is_base
            and not (end < len(text) and _OF.fullmatch(text, m.end, end))
        ]
        found[i] = next(iter([*before[-1:], *behind[:1]]), OPEN)
    return found


def from_title(label: str, sentence: Sentence, speaker: Speaker) -> str:
    """Period of a title for an amount without one; '' where it is over and the sentence looks ahead.

    Parameters
    ----------
    label : str
        Period of the title, '' for none.
    sentence : Sentence
        The one with the amount.
    speaker : Speaker
        Says on which day the page was published, and when a fiscal year ends.
    """
    if not (label and _AHEAD.search(sentence.text)):
        return label
    months = str(speaker.fiscal_year_end_month) if label.startswith("FY") else ""
    return "" if parse_period(label, months).end_date <= speaker.published else label


def revised(sentence: Sentence) -> set[int]:
    """Amounts, by place, that a forecast was before it was changed: cut from US$62 billion to 58."""
    if not (_REVISED.search(sentence.text) and _FORECAST.search(sentence.text)):
        return set()
    older = {
        i
        for i, amount in enumerate(sentence.amounts)
        if _COMPARED_BEFORE.search(sentence.text[: amount.start])
        or _COMPARED_BEHIND.match(sentence.text, amount.end)
    }
    # To 54-57 from 51 to 55: where the new one was said before, the range behind "from" is the old one's.
    ends = {i + 1 for i in older if i and i + 1 < len(sentence.amounts) and i - 1 not in older}
    text, amounts = sentence.text, sentence.amounts
    return older | {i for i in ends if text[amounts[i - 1].end : amounts[i].start].strip() == "to"}


def bracket_of(text: str, place: int) -> int:
    """Where the bracket opens that holds a place; -1 for none."""
    opened = text.rfind("(", 0, place)
    return opened if opened > text.rfind(")", 0, place) else -1


def _joined(marks: list[Mention], sentence: Sentence) -> list[Mention]:
    """Take listed periods, more of them than amounts, as one: 150 billion in 2026 and 2027."""
    groups: list[list[Mention]] = []
    for mark in marks:
        if groups and _JOINED.fullmatch(sentence.text, groups[-1][-1].end, mark.start):
            groups[-1].append(mark)
        else:
            groups.append([mark])
    return [
        mark
        for group in groups
        for mark in (
            [replace(group[0], label="", end=group[-1].end, months_back=0, is_span=True)]
            if len(group) > max(1, len(sentence.amounts))
            else group
        )
    ]


def _marks(sentence: Sentence) -> list[Mention]:
    """Periods that an amount may be about."""
    marks = []
    for mention in sentence.mentions:
        before = [a for a in sentence.amounts if a.end <= mention.start]
        if not mention.is_period:
            continue
        if mention.months_back and (not before or before[-1].unit == PERCENT):
            continue
        marks.append(mention)
    return [] if all(mark.months_back for mark in marks) else marks
