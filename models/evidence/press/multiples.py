"""Changes said by a word: doubled, 翻倍, 두 배."""

import re
from decimal import Decimal
from typing import Final

from models.evidence.press.amounts import PERCENT, Amount
from models.evidence.press.mentions import Mention
from models.evidence.press.vocabulary import Token, of_role
from models.vocabulary.printed_amounts import PrintedNumber

_NEARLY: Final = re.compile(r"(?:close to|nearly|almost|about|around|近|將近|将近|거의|약) ?$", re.I)
_NEARLY_BEHIND: Final = re.compile(r"\s?(?:가까이|가까운|가량|정도|남짓|左右|上下)")
_THAT_OF: Final = re.compile(r" (?:that|those|what|the|its|their|as (?:many|much))\b")
_WHOSE: Final = re.compile(r"[의的] ?$")


def multiples_of(text: str, tokens: list[Token], named: list[Mention]) -> list[Amount]:
    """Read words such as "doubled" as changes in percent.

    Parameters
    ----------
    text : str
        The sentence.
    tokens : list of Token
    named : list of Mention
        Its periods.
    """
    return [
        Amount(
            t.start, t.end, PrintedNumber((Decimal(t.means) - 1) * 100, unit=PERCENT), text[t.start : t.end]
        )
        for t in of_role(tokens, "multiple")
        if not (_NEARLY.search(text[: t.start]) or _NEARLY_BEHIND.match(text, t.end))
        and not _is_of_another(text, t, named)
    ]


def _is_of_another(text: str, multiple: Token, named: list[Mention]) -> bool:
    """Whether something is twice another thing, not twice what it was: double that of DDR5, D램의 두 배."""
    if _THAT_OF.match(text, multiple.end):
        return True
    of = _WHOSE.search(text[: multiple.start])
    return of is not None and not any(mention.end >= of.start() for mention in named if mention.is_period)
