"""Whose figure an amount is: a company's, the industry's, or left open."""

import re
from collections.abc import Sequence
from typing import Final

from models.evidence.press.amounts import Amount
from models.evidence.press.assign import assigned
from models.evidence.press.context import INDUSTRY, SHARE
from models.evidence.press.rules import Reading, Rule
from models.evidence.press.taken_apart import Sentence
from models.evidence.press.vocabulary import OTHER, of_role

_OWNER: Final = re.compile(
    r"\b(?!(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*['’])[A-Z][\w&.-]+(?:['’]s|s['’]) "
    r"(?:[a-z-]+ ){0,2}$"
)
_PLACE: Final = re.compile(
    r"(?:中國|中国|北美|美國|美国|歐洲|欧洲|日本|韓國|韩国|台灣|台湾|大陸|大陆|東南亞|东南亚|印度"
    r"|중국|미국|북미|유럽|일본|대만|한국|국내"
    r"|\b(?:Chin(?:a|ese)|U\.?S\.?|(?:North )?America(?:n|s)?|Europe(?:an)?|Japan(?:ese)?"
    r"|Korean?|Taiwan(?:ese)?|Indian?))(?:['’]s|的|의)?\s?$"
)
_TOGETHER: Final = re.compile(
    r"\b(?:together|jointly|combined|in total)\b|合計|合计|共計|共计|합계|합산|합쳐|합친|합해", re.I
)
_SITE: Final = re.compile(
    r"\b(?:plants?|campus|lines?|site)\b|(?<![A-Za-z])(?:AP|P|M|Fab ?|F)\d{1,2}[A-Z]?(?![A-Za-z\d])"
    r"|廠區|厂区|新廠|新厂|廠房|厂房|공장|캠퍼스|팹\b"
)
"""One plant of several: AP8, M15X."""
_OF_SOMEBODY: Final = re.compile(r"\s?of (?:the |all )?")
SUPPLIER_SHARE: Final = "_supplier_share"
_OPINION: Final = re.compile(
    r"(?: [\w-]+){0,3} (?:forecast|estimate|projection|survey|outlook|research|analysis|model|data|tracker)",
    re.I,
)


def entity_of(sentence: Sentence, amount: Amount, rule: Rule, said: Reading) -> str | None:
    """Whose the figure is: '' where the sentence leaves it open, None where it is nobody's of the rule."""
    allowed = [name for name in rule.entities if not name.startswith("(")]
    aside = {name.strip("()") for name in rule.entities if name.startswith("(")}
    makers = [name for name in allowed if name != INDUSTRY]
    named = [t for t in of_role(sentence.tokens, "entity") if t.means not in aside]
    named = [t for t in named if t.means in makers or t.means != INDUSTRY or INDUSTRY in allowed]
    pairs = assigned(
        [t for t in named if t.means in makers], [a for a in sentence.amounts if a.unit == amount.unit]
    )
    same = [a for a in sentence.amounts if a.unit == amount.unit]
    before = [t for t in named if t.end <= amount.start]
    if before and before[-1].means == OTHER:
        return None
    if len({t.means for t in named if t.means in makers}) > 1 and len(same) > 1:
        paired = pairs[same.index(amount)]
        return paired.means if paired is not None else None
    if _is_of_a_part(sentence, amount, rule, makers, aside):
        return None
    if len({t.means for t in named if t.means in makers and t.end <= amount.start}) > 1 and len(same) == 1:
        # A overtook B with 40 %: whose, a person says.
        return None if _TOGETHER.search(sentence.text) else ""
    if not any(t.means in makers for t in before) and _is_anothers(sentence, amount):
        return None
    if not before:
        behind = sentence.first_behind(amount, "entity")
        before = [t for t in behind if t in named]
    if before and sentence.company and said.form == SHARE and before[-1].means == INDUSTRY:
        return ""  # a company's share of its own total, or of the market's
    if before:
        return _of_named([t.means for t in before], allowed)
    if "market" in said.measures and INDUSTRY in allowed:
        return INDUSTRY
    is_open = of_role(sentence.tokens, "pronoun") or (said.form == SHARE and sentence.company)
    if sentence.company and makers and said.form != SHARE:
        return sentence.company if sentence.company in allowed else None
    if INDUSTRY not in allowed:
        return None
    return "" if (is_open and makers) or not of_role(sentence.tokens, "subject") else INDUSTRY


def _is_of_a_part(
    sentence: Sentence, amount: Amount, rule: Rule, makers: Sequence[str], aside: set[str]
) -> bool:
    """Whether an amount is of a part of another's: 67 % of supply at NVIDIA, 38 % of Micron's bits."""
    here = sentence.within(sentence.clause(amount), "entity")
    if any(t.means not in {*makers, *aside, INDUSTRY, OTHER} for t in here if makers):
        return True
    start, end = sentence.clause(amount)
    if amount.unit in ("wafers", "wafers_per_month") and _SITE.search(sentence.text[start:end]):
        return True
    of = _OF_SOMEBODY.match(sentence.text, amount.end)
    if of is None or not rule.metric.endswith(SUPPLIER_SHARE):
        return False
    return any(t.start == of.end() for t in here)


def _is_anothers(sentence: Sentence, amount: Amount) -> bool:
    """Whether what a number is about is a place's, or somebody's whose name is not known: Inspur's."""
    for subject in sentence.last_before(amount, "subject")[:1]:
        before = sentence.text[: subject.start]
        if _PLACE.search(before):
            return True
        return bool(_OWNER.search(before)) and not _OPINION.match(sentence.text, subject.end)
    return False


def _of_named(names: Sequence[str], allowed: Sequence[str]) -> str | None:
    """Take the last name; none where it is not allowed, or a company and its industry are named."""
    last = names[-1]
    if last not in allowed or (last == INDUSTRY and any(name != INDUSTRY for name in names)):
        return None
    return last
