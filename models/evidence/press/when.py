"""Of which period each amount of a sentence is."""

import re
from dataclasses import replace
from typing import Final

from models.evidence.press.amounts import PERCENT
from models.evidence.press.assign import assigned
from models.evidence.press.mentions import Mention, preceding
from models.evidence.press.taken_apart import Sentence

OPEN: Final = Mention(-1, -1, "")
"""Of an amount whose period the sentence leaves open, whatever other periods it names."""
_OF: Final = re.compile(r"(?:'s|’s|年?度?的|의)? ?(?:about |around |some |約 ?|约 ?|월 ?)?")
_COMPARED_BEFORE: Final = re.compile(
    r"(?:\b(?:from|versus|vs\.?|compared (?:with|to)|against|compares (?:with|to))|[較较由從从自])"
    r"(?: ?(?:the|a|an|about|around|roughly|some|nearly|an estimated|約|约))* ?$",
    re.I,
)
_COMPARED_BEHIND: Final = re.compile(r"\s?(?:에서|보다|대비|에 비해)")


def periods_of(sentence: Sentence) -> list[Mention | None]:
    """Give each amount its period; one that only says "a year earlier" is made whole.

    What stands in brackets is about what stands before them, and says nothing of what comes behind. What
    an amount is compared with, a period or an amount of one, says nothing of the amounts beside it.
    """
    of_each = compared(sentence)
    taken = [mark for mark in of_each.values() if mark is not OPEN]
    marks = [mark for mark in _marks(sentence) if mark not in taken and not mark.is_base]
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
        whole.append(OPEN if mark is not None and mark.is_span else mark)
    return whole


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
        behind = [m for m in named if amount.end <= m.start < end and not m.is_base]
        found[i] = next(iter([*before[-1:], *behind[:1]]), OPEN)
    return found


def bracket_of(text: str, place: int) -> int:
    """Where the bracket opens that holds a place; -1 for none."""
    opened = text.rfind("(", 0, place)
    return opened if opened > text.rfind(")", 0, place) else -1


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
