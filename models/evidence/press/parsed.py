"""A parsed sentence: its words, periods and amounts, and what stands near what."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Final

from models.evidence.press.amounts import Amount
from models.evidence.press.mentions import Mention
from models.evidence.press.rules import unit_kind
from models.evidence.press.vocabulary import Token, of_role

_COMMAS: Final = re.compile(r"[,;:](?!\d)|(?<!\d)[,;:]|、|。|\b(?:while|whereas|but)\b|\((?!\d)")
_BYTES_AND_BITS: Final = ("GB", "Gb")
LIST: Final = re.compile(
    r"\s?(?:[,、/&]|,? ?and|,? ?및|與|与|和|及|[와과])*\s?(?:about|around|roughly|約|约|약)?\s?", re.I
)
"""What stands between the members of a list."""
_COUNTED_NEAR: Final = 26
_RATE_BEHIND: Final = re.compile(
    r"[^\d,;.]{0,16}?(?:\b(?:per|an?|each|every) |/ ?)(?:day|week|month|quarter)\b"
    r"|\s?\w{0,3}?/ ?[月季週周日]",
    re.I,
)
_RATE_BEFORE: Final = re.compile(
    r"(?:\b(?:monthly|quarterly|weekly|daily)\b|每[月季週周日]|[月季週]\s?(?:均|出貨|出货|銷|销|產|产)|매[월주일]|매\s?분기"
    r"|월\s?평균|월간|분기\s?평균|(?<!\d)월 ?$)",
    re.I,
)


@dataclass(frozen=True)
class Sentence:
    """A sentence taken apart.

    Attributes
    ----------
    text : str
    tokens : list of Token
    mentions : list of Mention
    amounts : list of Amount
        Those with a unit.
    title_subjects : frozenset of str
        Subjects that the page's title names.
    company : str
        Company that speaks, '' for anybody else.
    """

    text: str
    tokens: list[Token]
    mentions: list[Mention]
    amounts: list[Amount]
    title_subjects: frozenset[str] = frozenset()
    company: str = ""
    cuts: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        digits = [(a.start, a.end) for a in self.amounts]
        self.cuts.extend(
            cut.start()
            for cut in _COMMAS.finditer(self.text)
            if not any(start < cut.start() < end for start, end in digits)
        )

    def clause(self, amount: Amount) -> tuple[int, int]:
        """Place of the part between commas that holds an amount."""
        before = [cut for cut in self.cuts if cut < amount.start]
        behind = [cut for cut in self.cuts if cut >= amount.end]
        return (before[-1] if before else 0), (behind[0] if behind else len(self.text))

    def window(self, amount: Amount) -> tuple[int, int]:
        """Place between the amounts on both sides."""
        i = self.amounts.index(amount)
        start = self.amounts[i - 1].end if i else 0
        return start, (self.amounts[i + 1].start if i + 1 < len(self.amounts) else len(self.text))

    def within(self, place: tuple[int, int], *roles: str) -> list[Token]:
        """Tokens of some roles inside a place."""
        return [t for t in of_role(self.tokens, *roles) if place[0] <= t.start and t.end <= place[1]]

    def listed(self, amount: Amount) -> list[Amount]:
        """Amounts of one unit that are listed with an amount, itself among them: 62 % and 55 %."""
        i = self.amounts.index(amount)
        first, last = i, i
        while first and self._is_next(self.amounts[first - 1], self.amounts[first]):
            first -= 1
        while last + 1 < len(self.amounts) and self._is_next(self.amounts[last], self.amounts[last + 1]):
            last += 1
        return self.amounts[first : last + 1]

    def _is_next(self, one: Amount, other: Amount) -> bool:
        return one.unit == other.unit and bool(LIST.fullmatch(self.text, one.end, other.start))

    def last_before(self, amount: Amount, role: str) -> list[Token]:
        """All meanings of the last word of a role before an amount.

        Of as many words listed as amounts it is the one in the amount's place: HBM and DRAM reach 58 and 240.
        """
        group = self.listed(amount)
        found = [t for t in of_role(self.tokens, role) if t.end <= amount.start]
        places = sorted({(t.start, t.end) for t in found if t.end <= group[0].start})[-len(group) :]
        is_list = len(group) > 1 and all(
            LIST.fullmatch(self.text, one[1], other[0]) for one, other in pairwise(places)
        )
        if is_list and len(places) == len(group):
            return [t for t in found if t.start == places[group.index(amount)][0]]
        return [t for t in found if t.start == found[-1].start]

    def first_behind(self, amount: Amount, role: str) -> list[Token]:
        """All meanings of the first word of a role behind an amount, in its clause."""
        found = self.within((amount.end, self.clause(amount)[1]), role)
        return [t for t in found if t.start == found[0].start]

    def nearest(self, amount: Amount, role: str) -> list[Token]:
        """Return the last before, else the first behind."""
        return self.last_before(amount, role) or self.first_behind(amount, role)


def with_units(sentence: Sentence) -> Sentence:
    """Give amounts the unit that stands a word away, and leave out those that have none."""
    done: list[Amount] = []
    for i, amount in enumerate(sentence.amounts):
        unit = amount.unit or _unit_said(sentence, i, done)
        if unit in ("wafers", "units") or unit_kind(unit) == "money":
            unit = _per(sentence, amount, unit)
        if unit == "units" and _is_rate(sentence, amount):
            continue
        if unit:
            done.append(replace(amount, number=replace(amount.number, unit=unit)))
    return replace(sentence, amounts=done, cuts=[])


def _unit_said(sentence: Sentence, i: int, done: Sequence[Amount]) -> str:
    amount = sentence.amounts[i]
    end = sentence.amounts[i + 1].start if i + 1 < len(sentence.amounts) else len(sentence.text)
    counted = sentence.within((amount.end, min(end, amount.end + _COUNTED_NEAR)), "counted")
    if counted and amount.printed[-1:].isascii():
        return counted[0].means
    # 310K wafers per month and 440K: the same thing again.
    return (
        done[-1].unit if done and amount.number.scale and done[-1].number.scale == amount.number.scale else ""
    )


def _is_rate(sentence: Sentence, amount: Amount) -> bool:
    """Whether what is counted is counted by the month or the like, which is no number of a period."""
    before = sentence.text[max(sentence.clause(amount)[0], amount.start - 24) : amount.start]
    return bool(_RATE_BEHIND.match(sentence.text, amount.end) or _RATE_BEFORE.search(before))


def _per(sentence: Sentence, amount: Amount, unit: str) -> str:
    clause = sentence.clause(amount)
    near = (max(clause[0], amount.start - 40), min(clause[1], amount.end + 30))
    tokens = sentence.within(near, "per")
    said = {token.means for token in tokens}
    is_month = bool(re.search(r"(?<!\d)월 ?$", sentence.text[: amount.start])) or "month" in said
    if unit == "wafers" and is_month:
        return "wafers_per_month"
    if "GB" not in said or unit_kind(unit) != "money":
        return unit
    # Words are looked for in any case; a gigabit is an eighth of a gigabyte, and gb may be either.
    printed = {sentence.text[t.start : t.end][-2:] for t in tokens if t.means == "GB"}
    if any(sign.upper() == "GB" and sign not in _BYTES_AND_BITS for sign in printed):
        return unit
    return f"{unit}_per_{'Gb' if 'Gb' in printed else 'GB'}"
