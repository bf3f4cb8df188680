"""Of which period each amount of a sentence is."""

from dataclasses import replace
from typing import Final

from models.evidence.press.amounts import PERCENT
from models.evidence.press.assign import assigned
from models.evidence.press.mentions import Mention, preceding
from models.evidence.press.taken_apart import Sentence

_TOUCHING: Final = 4


def periods_of(sentence: Sentence) -> list[Mention | None]:
    """Give each amount its period; one that only says "a year earlier" is made whole.

    What stands in brackets is about what stands before them, and says nothing of what comes behind.
    """
    marks = _marks(sentence)
    inside = [bracket_of(sentence.text, place.start) for place in sentence.amounts]
    of_each: list[Mention | None] = [None] * len(inside)
    for bracket in dict.fromkeys(inside):
        counted = [i for i, place in enumerate(inside) if place == bracket]
        outside = [mark for mark in marks if 0 <= mark.end <= bracket]
        own = [mark for mark in marks if bracket_of(sentence.text, mark.start) == bracket]
        for i, mark in zip(
            counted, assigned(own, [sentence.amounts[i] for i in counted], sentence.cuts), strict=True
        ):
            of_each[i] = mark if mark is not None else next(iter(outside[-1:]), None)
    whole: list[Mention | None] = []
    for mark in of_each:
        if mark is not None and mark.months_back:
            last = next((m.label for m in reversed(whole) if m is not None), "")
            mark = replace(mark, label=preceding(last, mark.months_back) if last else "", is_end=False)
        whole.append(mark)
    return whole


def bracket_of(text: str, place: int) -> int:
    """Where the bracket opens that holds a place; -1 for none."""
    opened = text.rfind("(", 0, place)
    return opened if opened > text.rfind(")", 0, place) else -1


def _marks(sentence: Sentence) -> list[Mention]:
    """Periods that an amount may be about."""
    marks = []
    for mention in sentence.mentions:
        before = [a for a in sentence.amounts if a.end <= mention.start]
        behind = [a for a in sentence.amounts if 0 <= a.start - mention.end <= _TOUCHING]
        if not mention.label and not mention.months_back:
            continue
        if (mention.is_base and not behind) or (
            mention.months_back and not behind and (not before or before[-1].unit == PERCENT)
        ):
            continue
        marks.append(mention)
    return [] if all(mark.months_back for mark in marks) else marks
