"""Factuality: numbers that a sentence says and does not mean: supposed, denied, older, or part of another."""

import re
from typing import Final

from models.evidence.press.amounts import Amount
from models.evidence.press.parsed import Sentence
from models.evidence.press.vocabulary import of_role

_SCENARIO: Final = "scenario"
# Inverted conditions: should tariffs return, had they been imposed, were prices to fall.
_INVERTED: Final = re.compile(
    r"(?:^|[,;:(] ?|\b(?:and|but|that) )(?:Should|Had|Were) "
    r"(?!(?:been?|hit|reach|grow|rise|climb|exceed|come|total|fall|stay|remain|double|increase|expand|account|make|see)\b)\w",
    re.I,
)
# What was thought some time ago: a year ago they saw 49 for 2026.
_TOLD_BEFORE: Final = re.compile(
    r"(?:^|[,;] )(?:a|one|two|three|four|five|six|several|\d+|back)"
    r" (?:(?:years?|months?|quarters?|weeks?) ago|in 20\d\d)\b"
    r".*\b(?:saw|seen|thought|forecast|predicted|expected|estimated|projected|guided|put|said)\b"
    r"|\b(?:saw|thought|forecast|predicted|expected|estimated|projected|guided|said)\b(?: \w+){0,3}"
    r" (?:years?|months?|quarters?|weeks?) ago\b"
    r"|(?:(?:[一二三兩两半幾几數数]|(?<!\d)\d\d?)\s?(?:年|個?个?月)前).*(?:預|预|估|看好|認為|认为)"
    r"|(?:(?:몇|수|(?<!\d)\d\d?) ?(?:년|개월|주) ?전(?! ?(?:세계|대비|보다|분기)))"
    r".*(?:봤|전망|예상|예측|추정|제시)",
    re.I,
)
_PART: Final = re.compile(
    r"\b(?:of|among) (?:which|that|these|those|them)\b|其中|(?<![가-힣])[이그] ?(?:중|가운데)(?![가-힣])"
)
_NOT: Final = re.compile(
    r"(?:\bnot(?: the| a| an)? |\b(?:earlier|before|once) "
    r"|(?:預期|预期|預估|预估|原估)的 ?|而非 ?|而不是 ?|不是 ?)$",
    re.I,
)


def is_not_meant(sentence: Sentence, amount: Amount) -> bool:
    """Whether the words around an amount say that it is supposed, denied or an older one.

    Parameters
    ----------
    sentence : Sentence
    amount : Amount
    """
    if _is_superseded(sentence, amount):
        return True
    if any(token.means == _SCENARIO for token in of_role(sentence.tokens, "superseded")):
        return True
    return bool(_INVERTED.search(sentence.text) or _NOT.search(sentence.text[: amount.start]))


def _is_superseded(sentence: Sentence, amount: Amount) -> bool:
    """Whether a word of its part says that a number is an older one, or of those before without a number.

    The previous forecast, issued in December, put it at 49.
    """
    here = sentence.clause(amount)
    if _TOLD_BEFORE.search(sentence.text[: here[1]]):
        return True
    before = [other for other in sentence.amounts if other.end <= here[0]]
    start = sentence.clause(before[-1])[1] if before else 0
    return bool(sentence.within((start, here[1]), "superseded"))


def is_part_of_level(sentence: Sentence, amount: Amount) -> bool:
    """Whether an amount is a part of the one before, and nothing says whose: of which 60K are CoWoS-L."""
    start = sentence.clause(amount)[0]
    if (part := _PART.search(sentence.text, start, amount.start)) is None:
        return False
    return not sentence.within((part.end(), amount.start), "entity", "subject")
