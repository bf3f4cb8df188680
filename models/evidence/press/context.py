"""What the words around an amount say it is: of what, of whom, when, and whether a level or a change."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from models.evidence.press.amounts import PERCENT, Amount
from models.evidence.press.mentions import Mention
from models.evidence.press.rules import Reading, unit_kind
from models.evidence.press.vocabulary import OTHER, Token, of_role

OWN: Final = "own"
"""Subject of a company's own statement that names none: the company as a whole."""
INDUSTRY: Final = "industry"
RISE, FALL, SHARE = "rise", "fall", "share"
_COMMAS: Final = re.compile(r"[,;:]\s|、|。|\b(?:while|whereas|but)\b|\((?!\d)")
MONTHS: Final = 12
_SIGNS: Final = {"+": RISE, "-": FALL}
_NEAR: Final = 8
_BEHIND: Final = 5
_COUNTED_NEAR: Final = 26
_CHANGE_BEFORE: Final = re.compile(
    r"(?:\b(?:increase[sd]?|rise|rose|growth|grew|gain|drop|decline|decrease|fell|fall|up|down|cut)"
    r"(?: of| by)?"
    r"|增加|減少|减少|年增|季增|年減|季減)\s?(?:about |around |nearly |some |約 ?|约 ?)?$",
    re.I,
)
_CHANGE_BEHIND: Final = re.compile(
    r"\s?(?:가량|이|원|정도)?\s?(?:증가|감소|늘|줄|더|多|的增|increase|decrease|more than)"
)
_TARGET: Final = re.compile(r"(?:至|到|\bto)(?: ?(?:about|around|roughly|約|约|20\d\d ?年的?|將近|近))* ?$")
_TARGET_BEHIND: Final = re.compile(r"(?:까지|으?로)(?!\w)")
_OF: Final = re.compile(r"\s?of\b")
_POINTS: Final = re.compile(r"\s?(?:percentage points?|pp\b|個百分點|个百分点|포인트|%p)")


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

    def last_before(self, amount: Amount, role: str) -> list[Token]:
        """All meanings of the last word of a role before an amount."""
        found = [t for t in of_role(self.tokens, role) if t.end <= amount.start]
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


def _per(sentence: Sentence, amount: Amount, unit: str) -> str:
    clause = sentence.clause(amount)
    near = (max(clause[0], amount.start - 40), min(clause[1], amount.end + 30))
    said = {token.means for token in sentence.within(near, "per")}
    is_month = bool(re.search(r"(?<!\d)월 ?$", sentence.text[: amount.start])) or "month" in said
    if unit == "wafers" and is_month:
        return "wafers_per_month"
    return f"{unit}_per_GB" if "GB" in said and unit_kind(unit) == "money" else unit


def reading(sentence: Sentence, amount: Amount, is_multiple: bool) -> list[Reading]:
    """Say what an amount is, in the ways its words allow, the nearest words first.

    Parameters
    ----------
    sentence : Sentence
    amount : Amount
    is_multiple : bool
        Whether it stands for a word such as "doubled".

    Returns
    -------
    list of Reading
        Empty where its words say that it is something else, or too little.
    """
    is_percent = amount.unit == PERCENT
    if _POINTS.match(sentence.text, amount.end) or sentence.within(sentence.clause(amount), "superseded"):
        return []
    if not is_percent and (
        _CHANGE_BEFORE.search(sentence.text[: amount.start])
        or _CHANGE_BEHIND.match(sentence.text, amount.end)
    ):
        return []
    if not is_percent:
        return _near(sentence, amount, "level")
    if not is_multiple and (form := _shortness(sentence, amount)):
        return _near(sentence, amount, form)
    if not is_multiple and _is_share(sentence, amount):
        return _shares(sentence, amount)
    return _near(sentence, amount, "growth") if is_multiple or direction(sentence, amount) else []


def _shortness(sentence: Sentence, amount: Amount) -> str:
    measured = {t.means for t in sentence.within(sentence.clause(amount), "measure")}
    return next((form for form in ("shortage", "surplus") if form in measured), "")


def _is_share(sentence: Sentence, amount: Amount) -> bool:
    clause, window = sentence.clause(amount), sentence.window(amount)
    place = (max(clause[0], window[0]), min(clause[1], window[1]))
    if _OF.match(sentence.text, amount.end) or any(t.means == SHARE for t in sentence.within(place, "form")):
        return not _change_touches(sentence, amount)
    # 52%, 40% and 8%: the word stands with the first or behind the last.
    i = sentence.amounts.index(amount)
    others = [a for a in sentence.amounts if a.unit == PERCENT and a is not amount]
    if not others or (direction(sentence, amount) and not _is_target(sentence, amount)):
        return False
    said = [t for t in of_role(sentence.tokens, "form") if t.means == SHARE]
    return bool(said) and (i == 0 or sentence.amounts[i - 1].unit == PERCENT or len(others) > 1)


def _is_target(sentence: Sentence, amount: Amount) -> bool:
    """Whether something rises or falls to an amount, not by it."""
    return bool(
        _TARGET.search(sentence.text[: amount.start]) or _TARGET_BEHIND.match(sentence.text, amount.end)
    )


def _change_touches(sentence: Sentence, amount: Amount) -> bool:
    before = [t for t in of_role(sentence.tokens, "form") if t.end <= amount.start]
    return bool(before) and before[-1].means != SHARE and amount.start - before[-1].end <= 1


def direction(sentence: Sentence, amount: Amount) -> str:
    """Whether a change is a rise or a fall; '' where no word or sign says so."""
    if sentence.text[amount.start : amount.start + 1] in _SIGNS:
        return _SIGNS[sentence.text[amount.start]]
    clause, window = sentence.clause(amount), sentence.window(amount)
    place = (max(clause[0], window[0]), min(clause[1], window[1]))
    found = [t for t in sentence.within(place, "form") if t.means in (RISE, FALL)]
    before = [t for t in found if t.end <= amount.start]
    behind = [t for t in found if t.start >= amount.end]
    return before[-1].means if before else behind[0].means if behind else ""


def basis(sentence: Sentence, amount: Amount) -> str:
    """Say what a change is counted from: yoy, qoq, other, or '' where nothing says so."""
    clause, window = sentence.clause(amount), sentence.window(amount)
    place = (max(clause[0], window[0]), min(clause[1], window[1]))
    if near := sentence.within(place, "basis"):
        return near[-1].means
    return next(filter(None, (_basis_of(m) for m in sentence.mentions if place[0] <= m.start < place[1])), "")


def _basis_of(mention: Mention) -> str:
    """Say it of a period that is only compared with: from 2025, over the previous quarter."""
    if mention.months_back:
        return "yoy" if mention.months_back == MONTHS else "qoq"
    if not mention.is_base or not mention.label:
        return ""
    return "qoq" if "Q" in mention.label else "yoy"


def _near(sentence: Sentence, amount: Amount, form: str) -> list[Reading]:
    subjects = sentence.nearest(amount, "subject")
    measures = _measures(sentence, amount)
    said = {t.means for t in subjects}
    if OTHER in measures or OTHER in said:
        return []
    parts = _parts(sentence, amount)
    found = [frozenset(said)] if said else _unsaid_subjects(sentence)
    before = {t.means for t in of_role(sentence.tokens, "subject") if t.end <= amount.start}
    if said and len(before) > 1:
        found.append(frozenset(before))
    return [Reading(subject, measures, form, amount.unit, parts) for subject in found]


def _unsaid_subjects(sentence: Sentence) -> list[frozenset[str]]:
    if sentence.company:
        return [frozenset({OWN})]
    return [sentence.title_subjects] if len(sentence.title_subjects) == 1 else [frozenset()]


def _measures(sentence: Sentence, amount: Amount) -> frozenset[str]:
    touching = [
        t
        for t in sentence.first_behind(amount, "measure")
        if t.start - amount.end <= _NEAR and t.means in (OTHER, "shortage", "surplus")
    ]
    nearest = touching or sentence.nearest(amount, "measure")
    said = {t.means for t in nearest}
    if said == {"bits"}:
        kinds = [
            t for t in of_role(sentence.tokens, "measure") if t.means in ("demand", "supply", "shipments")
        ]
        before = [t for t in kinds if t.end <= amount.start]
        said |= {t.means for t in before[-1:] or sentence.first_behind(amount, "measure")}
    short = {t.means for t in sentence.within(sentence.clause(amount), "measure")} & {"shortage", "surplus"}
    return frozenset(short or said)


def _shares(sentence: Sentence, amount: Amount) -> list[Reading]:
    """Read a share: its whole is what its part of the sentence names, else what the sentence names."""
    readings: list[Reading] = []
    window = sentence.window(amount)
    percents = [a for a in sentence.amounts if a.unit == PERCENT]
    whole = (
        0,
        len(sentence.text) if amount is percents[-1] or len(percents) == len(sentence.amounts) else window[1],
    )
    near = frozenset(t.means for t in sentence.within(window, "measure"))
    for place in (window, whole):
        subjects = frozenset(t.means for t in sentence.within(place, "subject"))
        measures = near or frozenset(t.means for t in sentence.within(place, "measure"))
        if OTHER in subjects or OTHER in measures:
            return []
        found = [subjects] if subjects else _unsaid_subjects(sentence)
        parts = _parts(sentence, amount)
        readings += [Reading(s, measures, SHARE, amount.unit, parts) for s in found]
    return readings


def _parts(sentence: Sentence, amount: Amount) -> dict[str, str]:
    parts = {}
    for role in ("segment", "generation"):
        found = sentence.nearest(amount, role)
        parts[role] = found[0].means if found else ""
    said = sentence.within(sentence.clause(amount), "basis_of_share")
    parts["basis_of_share"] = said[0].means if said else ""
    return parts


def bound(sentence: Sentence, amount: Amount) -> str:
    """Whether an amount is only a bound: low, high, or '' where it is not."""
    before = [t for t in of_role(sentence.tokens, "bound") if 0 <= amount.start - t.end <= _NEAR]
    behind = [t for t in of_role(sentence.tokens, "bound_after") if 0 <= t.start - amount.end <= _BEHIND]
    return (before[-1:] or behind[:1] or [Token(0, 0, "", "")])[0].means
