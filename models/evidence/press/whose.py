"""Whose figure an amount is: a company's, the industry's, or left open."""

from collections.abc import Sequence

from models.evidence.press.amounts import Amount
from models.evidence.press.assign import assigned
from models.evidence.press.context import INDUSTRY, SHARE
from models.evidence.press.rules import Reading, Rule
from models.evidence.press.taken_apart import Sentence
from models.evidence.press.vocabulary import OTHER, of_role


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


def _of_named(names: Sequence[str], allowed: Sequence[str]) -> str | None:
    """Take the last name; none where it is not allowed, or a company and its industry are named."""
    last = names[-1]
    if last not in allowed or (last == INDUSTRY and any(name != INDUSTRY for name in names)):
        return None
    return last
