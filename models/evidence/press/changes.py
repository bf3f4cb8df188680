"""Whether a number is a change: by its words, its sign, the list it stands in, and in which direction."""

import re
from typing import Final

from models.evidence.press.amounts import PERCENT, Amount, without
from models.evidence.press.parsed import Sentence
from models.evidence.press.vocabulary import Token, of_role

RISE, FALL, SHARE = "rise", "fall", "share"
"""What words of the role "form" mean."""
_SIGNS: Final = {"+": RISE, "-": FALL}
_CALLED_BEFORE: Final = re.compile(
    r"(?:\b(?:increas(?:e[sd]?|ing)|ris(?:es?|ing)|rose|growth|gr[eo]ws?|growing|gain(?:s|ed|ing)?"
    r"|drop(?:s|ped|ping)?|declin(?:e[sd]?|ing)|decreas(?:e[sd]?|ing)|f[ae]ll(?:s|ing)?|up|down|cut"
    r"|climb(?:s|ed|ing)?|jump(?:s|ed|ing)?|surg(?:e[sd]?|ing)|expand(?:s|ed|ing)?|expansion|add(?:s|ed|ing)?|additional|extra|another"
    r"|further|addition|additions)(?: of| by)?|\bby"
    r"|(?:再|新)?增(?:加|添)?|(?<![至最更不])[多少](?:出|了)?|高出|減少|减少|年增|季增|年減|季減|擴充|扩充|擴增|扩增)"
    r"\s?(?:(?:only|just|about|around|nearly|roughly|some|another|an additional|an extra) |約 ?|约 ?|近 ?)?$",
    re.I,
)
_CALLED_BEHIND: Final = re.compile(
    r"\s?(?:가량|이|원|정도)?\s?(?:증가|감소|늘|줄|더|多|的增|increase|decrease|more than)"
)
_TARGET: Final = re.compile(r"(?:至|到|\bto)(?: ?(?:about|around|roughly|約|约|20\d\d ?年的?|將近|近))* ?$")
_TARGET_BEHIND: Final = re.compile(r"(?:까지|으?로)(?!\w)")
_TOUCHES: Final = re.compile(r"\s?(?:가량|정도|이상|넘게|안팎)?\s?")
_LISTED: Final = re.compile(
    r"[\x00\s,、，;]*(?:in|for|by|and|及|與|与|和|[와과])?(?: another| a further)?"
    r"[\x00\s]*(?:and|to)?(?: in| by)?[\x00\s]*",
    re.I,
)
_POINTS: Final = re.compile(r"\s?(?:percentage points?|pp\b|off\b|個百分點|个百分点|포인트|%p)")
# Down 300 bps from 60%: what the points are counted from changed by points, not by itself.
_POINTS_BEFORE: Final = re.compile(
    r"(?:percentage points?|\bpp|\d ?bps?|basis points?)(?: lower| higher)? (?:from|than) (?:the )?$",
    re.I,
)


def counts_points(sentence: Sentence, amount: Amount) -> bool:
    """Whether an amount counts percentage points, or is what they are counted from."""
    text = sentence.text
    return bool(_POINTS.match(text, amount.end) or _POINTS_BEFORE.search(text[: amount.start]))


def is_called_change(sentence: Sentence, amount: Amount) -> bool:
    """Whether the words that touch an amount call it what something grew or fell by."""
    text = sentence.text
    return bool(_CALLED_BEFORE.search(text[: amount.start]) or _CALLED_BEHIND.match(text, amount.end))


def is_target(sentence: Sentence, amount: Amount) -> bool:
    """Whether something rises or falls to an amount, not by it."""
    return bool(
        _TARGET.search(sentence.text[: amount.start]) or _TARGET_BEHIND.match(sentence.text, amount.end)
    )


def change_touches(sentence: Sentence, amount: Amount) -> bool:
    """Whether the word right before an amount is one of a rise or a fall."""
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
    i = sentence.amounts.index(amount)
    # 3% 하락했으나 4% 상승: a Korean verb follows its number.
    before = [t for t in before if not (i and _is_verb_of(sentence, t, sentence.amounts[i - 1]))]
    if behind and _is_verb_of(sentence, behind[0], amount):
        return behind[0].means
    if before or behind:
        return (before[-1:] or behind[:1])[0].means
    goes_on = i and sentence.amounts[i - 1].unit == PERCENT and _goes_on(sentence, i)
    return direction(sentence, sentence.amounts[i - 1]) if goes_on else ""


def _is_verb_of(sentence: Sentence, form: Token, amount: Amount) -> bool:
    text = sentence.text
    is_korean = "가" <= text[form.start] <= "힣"
    return is_korean and bool(_TOUCHES.fullmatch(text, amount.end, form.start))


def _goes_on(sentence: Sentence, i: int) -> bool:
    """Whether an amount is the next of a list: by 11 % in 2026 and 9.5 % in 2027, from 52 % to 61 %."""
    start, end = sentence.amounts[i - 1].end, sentence.amounts[i].start
    between = without(sentence.text, [(m.start, m.end) for m in sentence.mentions])[start:end]
    return bool(_LISTED.fullmatch(between))
