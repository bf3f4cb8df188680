"""What the words around an amount say it is: of what, of whom, when, and whether a level or a change."""

import re
from typing import Final

from models.evidence.press.amounts import PERCENT, Amount
from models.evidence.press.changes import (
    SHARE,
    change_touches,
    counts_points,
    direction,
    is_called_change,
    is_target,
)
from models.evidence.press.factuality import is_not_meant, is_part_of_level
from models.evidence.press.parsed import Sentence
from models.evidence.press.rules import Reading
from models.evidence.press.vocabulary import OTHER, Token, of_role

OWN: Final = "own"
"""Subject of a company's own statement that names none: the company as a whole."""
INDUSTRY: Final = "industry"
WITHOUT: Final = "without"
_OF_YEAR: Final = ("annual", "full-year", "full year", "全年", "一年", "연간")
_NAME_BEFORE: Final = re.compile(r"(?:[A-Z][A-Za-z]*|[A-Za-z]*\d[A-Za-z\d]*) ?$")
_NEAR: Final = 8
_BEHIND: Final = 5
_OR: Final = re.compile(r",? or (?:about |around |some |nearly |roughly )?$")
_OF_ALL: Final = re.compile(
    r"\d\s?[\w%/]*(?: out)? of (?:the |a |an |its |their |all |some |about |total ){0,2}$"
)
_OF: Final = re.compile(r"\s?of\b")
_OF_THE: Final = re.compile(r"\s?of (?:the |all |total )*")
_NARROWER: Final = re.compile(
    r"(?:\b[\w]+-(?:based|equipped|end|range|level|cooled|powered|class|type|grade|bound|driven|mounted) "
    r"|(?:高階|高端|中階|中端|入門|低階|高阶|中阶|搭載 ?\w+ ?的?|搭载 ?\w+ ?的?|液冷)\s?"
    r"|(?:고성능|하이엔드|고급|중급|보급형|수랭식|\w+ ?기반(?:의)?|\w+ ?탑재) )$",
    re.I,
)
"""Words that make of a subject a part of it: GPU-based AI servers, 高階AI伺服器."""


def reading(sentence: Sentence, amount: Amount, is_multiple: bool) -> list[Reading]:
    """Say what an amount is, where its sentence speaks of a whole and not of what is left without HBM.

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
    found = _reading(sentence, amount, is_multiple)
    if not any(token.means == WITHOUT for token in of_role(sentence.tokens, "aside")):
        return found
    return [said for said in found if said.parts["segment"] or any("price" in m for m in said.measures)]


def _reading(sentence: Sentence, amount: Amount, is_multiple: bool) -> list[Reading]:
    """Say what an amount is, in the ways its words allow, the nearest words first."""
    is_percent = amount.unit == PERCENT
    if counts_points(sentence, amount) or is_not_meant(sentence, amount) or _repeats(sentence, amount):
        return []
    if not is_percent:
        is_no_level = is_called_change(sentence, amount) or is_part_of_level(sentence, amount)
        return [] if is_no_level else _near(sentence, amount, "level")
    if not is_multiple and (form := _shortness(sentence, amount)):
        return _near(sentence, amount, form)
    if not is_multiple and _is_share(sentence, amount):
        return _shares(sentence, amount)
    return _near(sentence, amount, "growth") if is_multiple or direction(sentence, amount) else []


def _repeats(sentence: Sentence, amount: Amount) -> bool:
    """Whether an amount is the change before it in another unit, or what the one before it is a part of."""
    if _OF_ALL.search(sentence.text[: amount.start]):
        return True
    i = sentence.amounts.index(amount)
    if not i:
        return False
    before = sentence.amounts[i - 1]
    between = sentence.text[before.end : amount.start]
    is_change = before.unit == PERCENT and amount.unit != PERCENT and bool(direction(sentence, before))
    return is_change and bool(_OR.fullmatch(between))


def _shortness(sentence: Sentence, amount: Amount) -> str:
    measured = {t.means for t in sentence.within(sentence.clause(amount), "measure")}
    return next((form for form in ("shortage", "surplus") if form in measured), "")


def _is_share(sentence: Sentence, amount: Amount) -> bool:
    clause, window = sentence.clause(amount), sentence.window(amount)
    place = (max(clause[0], window[0]), min(clause[1], window[1]))
    if _OF.match(sentence.text, amount.end) or any(t.means == SHARE for t in sentence.within(place, "form")):
        return not change_touches(sentence, amount)
    # 52%, 40% and 8%: the word stands with the first or behind the last.
    i = sentence.amounts.index(amount)
    others = [a for a in sentence.amounts if a.unit == PERCENT and a is not amount]
    if not others or (direction(sentence, amount) and not is_target(sentence, amount)):
        return False
    said = [t for t in of_role(sentence.tokens, "form") if t.means == SHARE]
    return bool(said) and (i == 0 or sentence.amounts[i - 1].unit == PERCENT or len(others) > 1)


def is_of_year(sentence: Sentence, amount: Amount) -> bool:
    """Whether the words before a level call it a year's: the annual forecast of 1.7 million."""
    start = max(sentence.clause(amount)[0], sentence.window(amount)[0])
    before = sentence.text[start : amount.start].casefold()
    return any(word in before for word in _OF_YEAR)


def _near(sentence: Sentence, amount: Amount, form: str) -> list[Reading]:
    subjects = sentence.nearest(amount, "subject")
    if any(_NARROWER.search(sentence.text[: t.start]) for t in subjects):
        return []
    measures = _measures(sentence, amount)
    said = {t.means for t in _with_touching(sentence, subjects)}
    if OTHER in measures or OTHER in said:
        return []
    parts = _parts(sentence, amount)
    if not said and (
        _is_of_a_part(sentence, amount) or (not sentence.company and _names_later(sentence, amount))
    ):
        return []
    found = [frozenset(said)] if said else _unsaid_subjects(sentence)
    before = {t.means for t in of_role(sentence.tokens, "subject") if t.end <= amount.start}
    if said and len(before) > 1:
        found.append(frozenset(before))
    return [Reading(subject, measures, form, amount.unit, parts) for subject in found]


def _with_touching(sentence: Sentence, subjects: list[Token]) -> list[Token]:
    """Subjects, and those that touch them from before: the test equipment of HBM test equipment is HBM's."""
    found = list(subjects)
    for token in reversed(of_role(sentence.tokens, "subject")):
        if found and token.end <= found[-1].start and not sentence.text[token.end : found[-1].start].strip():
            found.append(token)
    return found


def _names_later(sentence: Sentence, amount: Amount) -> bool:
    """Whether a subject that stands in a later part may be what an amount is about."""
    return any(t.start >= amount.end for t in of_role(sentence.tokens, "subject"))


def _is_of_a_part(sentence: Sentence, amount: Amount) -> bool:
    """Whether a name that is no company's stands before the measure: H20 revenue, Automotive sales."""
    for measure in sentence.nearest(amount, "measure")[:1]:
        word = _NAME_BEFORE.search(sentence.text[: measure.start])
        if word is None or (not word.start() and word[0].strip().isalpha()):
            return False
        known = [(m.start, m.end) for m in sentence.mentions]
        known += [(t.start, t.end) for t in of_role(sentence.tokens, "entity")]
        return not any(start < word.end() and word.start() < end for start, end in known)
    return False


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
        if OTHER in subjects or OTHER in measures or _is_of_a_generation(sentence, amount):
            return []
        found = [subjects] if subjects else _unsaid_subjects(sentence)
        parts = _parts(sentence, amount)
        readings += [Reading(s, measures, SHARE, amount.unit, parts) for s in found]
    return readings


def _is_of_a_generation(sentence: Sentence, amount: Amount) -> bool:
    """Whether a share is of one generation only, and nobody's of the makers: 70 % of HBM4 shipments."""
    return not of_role(sentence.tokens, "entity") and bool(_named_of(sentence, amount, "generation"))


def _named_of(sentence: Sentence, amount: Amount, role: str) -> list[Token]:
    """Words of a role that follow an amount and its "of"."""
    of = _OF_THE.match(sentence.text, amount.end)
    return [t for t in of_role(sentence.tokens, role) if of is not None and t.start == of.end()]


def _parts(sentence: Sentence, amount: Amount) -> dict[str, str]:
    parts = {}
    for role in ("segment", "generation"):
        found = _named_of(sentence, amount, role) or sentence.nearest(amount, role)
        parts[role] = found[0].means if found else ""
    said = sentence.within(sentence.clause(amount), "basis_of_share")
    parts["basis_of_share"] = said[0].means if said else ""
    return parts


def bound(sentence: Sentence, amount: Amount) -> str:
    """Whether an amount is only a bound: low, high, or '' where it is not."""
    before = [t for t in of_role(sentence.tokens, "bound") if 0 <= amount.start - t.end <= _NEAR]
    behind = [t for t in of_role(sentence.tokens, "bound_after") if 0 <= t.start - amount.end <= _BEHIND]
    return (before[-1:] or behind[:1] or [Token(0, 0, "", "")])[0].means
