"""The entity of an amount: a company, the industry, or left open."""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from models.evidence.press.amount_periods import bracket_of
from models.evidence.press.amounts import Amount
from models.evidence.press.assign import assigned
from models.evidence.press.changes import SHARE
from models.evidence.press.context import INDUSTRY
from models.evidence.press.parsed import LIST, Sentence
from models.evidence.press.rules import Reading, Rule
from models.evidence.press.vocabulary import OTHER, Token, of_role

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
_OF_ITS_OWN: Final = re.compile(r"\s?of (?:all )?(?:its|their|the (?:company|firm|maker|group)['’]s)\b", re.I)
_ITS_OWN: Final = re.compile(r"[占佔](?:其|自家|自身|該公司|该公司|公司)|자사|(?<![가-힣])회사 ")
_WITH_OTHERS: Final = re.compile(
    r"(?:['’]s)?,? (?:and|plus|(?:together |along )?with) (?:its |the |their |other )*"
    r"(?:partners?|subcontractors?|OSATs?|others|outsourcers|affiliates|peers|rivals|suppliers|allies)\b"
    r"|(?:及|與|与|和)?其?(?:他)?(?:夥伴|伙伴|協力廠|协力厂|委外|封測廠|封测厂)|等(?!級|级|待|於|于|比)"
    r"|(?:[와과] |및 )(?:협력사|외주|다른)| 등(?![급록])",
    re.I,
)
"""A company and others with it."""
SUPPLIER_SHARE: Final = "_supplier_share"
_OPINION: Final = re.compile(
    r"(?: [\w-]+){0,3} (?:forecast|estimate|projection|survey|outlook|research|analysis|model|data|tracker)",
    re.I,
)


def entity_of(sentence: Sentence, amount: Amount, rule: Rule, reading: Reading) -> str | None:
    """Whose the figure is: '' where the sentence leaves it open, None where it is nobody's of the rule.

    Parameters
    ----------
    sentence : Sentence
    amount : Amount
        One of the sentence's.
    rule : Rule
        Whose `entities` it may be about; those in brackets may be named beside it.
    reading : Reading
        Of the amount: its form and measures.
    """
    allowed = [name for name in rule.entities if not name.startswith("(")]
    aside = {name.strip("()") for name in rule.entities if name.startswith("(")}
    makers = [name for name in allowed if name != INDUSTRY]
    named = [t for t in of_role(sentence.tokens, "entity") if t.means not in aside]
    named = [t for t in named if t.means in makers or t.means != INDUSTRY or INDUSTRY in allowed]
    same = [a for a in sentence.amounts if a.unit == amount.unit]
    pairs = _pairs([t for t in named if t.means in makers], same, sentence.text)
    before = [t for t in named if t.end <= amount.start]
    if before and before[-1].means == OTHER:
        return None
    if len({t.means for t in named if t.means in makers}) > 1 and len(same) > 1:
        paired = pairs[same.index(amount)]
        return paired.means if paired is not None else None
    if _is_of_a_part(sentence, amount, rule, makers, aside):
        return None
    if any(_WITH_OTHERS.match(sentence.text, t.end) for t in named if t.means in makers):
        return None
    if len({t.means for t in named if t.means in makers and t.end <= amount.start}) > 1 and len(same) == 1:
        # A overtook B with 40 %: whose, a person says.
        return None if _TOGETHER.search(sentence.text) else ""
    if not any(t.means in makers for t in before) and _is_anothers(sentence, amount):
        return None
    if not before:
        behind = sentence.first_behind(amount, "entity")
        before = [t for t in behind if t in named]
    if before and sentence.company and reading.form == SHARE and before[-1].means == INDUSTRY:
        return ""  # a company's share of its own total, or of the market's
    if before:
        return _of_named([t.means for t in before], allowed)
    if "market" in reading.measures and INDUSTRY in allowed:
        return INDUSTRY
    is_open = of_role(sentence.tokens, "pronoun") or (reading.form == SHARE and sentence.company)
    if sentence.company and makers and reading.form != SHARE:
        return sentence.company if sentence.company in allowed else None
    if INDUSTRY not in allowed:
        return None
    return "" if (is_open and makers) or not of_role(sentence.tokens, "subject") else INDUSTRY


def _pairs(names: list[Token], amounts: list[Amount], text: str) -> list[Token | None]:
    """Give each amount its company: the one behind which its bracket stands, else by order."""
    opened = {a: bracket_of(text, a.start) for a in amounts}
    own = {a: t for a in amounts for t in names if t.end <= opened[a] and not text[t.end : opened[a]].strip()}
    rest = [a for a in amounts if a not in own]
    free = [t for t in names if t not in own.values()]
    if len(free) > 1 and rest and free[-1].end <= rest[0].start:
        # A and B have 1 and 2; A passed B, which fell to 1, with 2, is nobody's to guess.
        is_list = len(free) == len(rest) and all(
            LIST.fullmatch(text, a.end, b.start) for a, b in pairwise(rest)
        )
        others: list[Token | None] = [*free] if is_list else [None] * len(rest)
    else:
        others = assigned(free, rest)
    return [own[a] if a in own else others[rest.index(a)] for a in amounts]


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
    if rule.metric.endswith(SUPPLIER_SHARE) and (
        _OF_ITS_OWN.match(sentence.text, amount.end)
        or _ITS_OWN.search(sentence.text[start : amount.start])
        or any(sentence.text[t.start - 1 : t.start] in ("占", "佔") for t in here)
    ):
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
