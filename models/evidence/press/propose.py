"""From the text of a page to proposed rows of figures.

Precision before recall: an amount that is tied to no one metric is not proposed, and a cell that the sentence
leaves open stays empty, for a person to fill before the row is accepted.
"""

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from models.evidence.press.amount_periods import bracket_of, compared, periods_of, revised
from models.evidence.press.amounts import PERCENT, Amount, amounts, without
from models.evidence.press.bases import basis, with_basis
from models.evidence.press.changes import FALL, direction
from models.evidence.press.context import INDUSTRY, bound, reading
from models.evidence.press.entities import entity_of
from models.evidence.press.mentions import DECEMBER, Mention, Speaker, mentions
from models.evidence.press.multiples import multiples_of
from models.evidence.press.parsed import Sentence, with_units
from models.evidence.press.reference import Vocabulary, is_plausible
from models.evidence.press.rules import Reading, Rule, fitting, unit_kind
from models.evidence.press.sentences import plain_sentence, sentences
from models.evidence.press.vocabulary import OTHER, of_role
from models.evidence.proposals import Page, Proposal
from models.vocabulary.periods import parse_period
from models.vocabulary.printed_numbers import HIGH, LOW
from models.vocabulary.publication_dates import effective_date

READ: Final = "read from a page that nobody has read"
"""Why a proposal waits."""
SEVERAL: Final = "the sentence says several numbers of this period"
_GROWTH: Final = "_growth"
_BESIDE: Final = 24
"""Signs between a level and the bracket with its change: room for "units in 2026"."""


@dataclass(frozen=True)
class _PageContext:
    page: Page
    vocabulary: Vocabulary
    company: str
    speaker: Speaker
    title_subjects: frozenset[str]
    title_period: str


def proposals_of(text: str, page: Page, vocabulary: Vocabulary) -> list[Proposal]:
    """Propose rows of figures from the text of a page.

    Parameters
    ----------
    text : str
    page : Page
        Its publication's day decides what "next year" is, its publisher whose results are spoken of.
    vocabulary : Vocabulary

    Returns
    -------
    list of Proposal
        In the order of the text, the same row once; cells that the sentence leaves open are empty.
    """
    context = _context(page, vocabulary)
    found: dict[str, Proposal] = {}
    for sentence in sentences(text):
        for proposal in _of_sentence(sentence, context):
            found.setdefault(proposal.proposal_id, proposal)
    rows = list(found.values())
    return [row for row in rows if not any(_is_said_whole(row, other) for other in rows)]


def _is_said_whole(row: Proposal, other: Proposal) -> bool:
    """Whether another sentence says a row with the cells that its own leaves open: one opinion, not two."""
    cells, whole = row.cells, other.cells
    return cells != whole and all(cells[name] in ("", whole[name]) for name in cells)


def pages_proposals(
    text: str, page: Page, vocabulary: Vocabulary, *, is_dated: bool, changed_since: str
) -> list[Proposal]:
    """Propose as `proposals_of`, and say what of the page itself is doubtful.

    Parameters
    ----------
    text : str
    page : Page
    vocabulary : Vocabulary
    is_dated : bool
        Whether anybody named the page's day.
    changed_since : str
        Day of the reading whose text was another, '' at the first.
    """
    doubts = (
        [] if is_dated else [f"the page names no day: {page.published_on}, when it was first read, stands in"]
    )
    doubts += [f"the page changed since {changed_since}"] if changed_since else []
    return [
        replace(proposal, why_it_waits="; ".join([proposal.why_it_waits, *doubts]))
        for proposal in proposals_of(text, page, vocabulary)
    ]


def _context(page: Page, vocabulary: Vocabulary) -> _PageContext:
    published = effective_date(page.published_on, page.published_precision)
    named = {t.means for t in of_role(vocabulary.words.tokens(page.publisher), "entity")} - {OTHER, INDUSTRY}
    company = named.pop() if len(named) == 1 else ""
    months = vocabulary.fiscal_year_end_months.get(company, DECEMBER)
    speaker = Speaker(published, months, is_company=bool(company))
    title = plain_sentence(page.title)
    subjects = frozenset(t.means for t in of_role(vocabulary.words.tokens(title), "subject"))
    periods = [m.label for m in mentions(title, speaker) if m.label and not m.is_end]
    return _PageContext(
        page, vocabulary, company, speaker, subjects - {OTHER}, periods[0] if len(set(periods)) == 1 else ""
    )


def _of_sentence(text: str, context: _PageContext) -> list[Proposal]:
    named = mentions(text, context.speaker)
    places = [(m.start, m.end) for m in named]
    tokens = context.vocabulary.words.tokens(without(text, places))
    plain = Sentence(text, tokens, named, amounts(text, places), context.title_subjects, context.company)
    sentence = with_units(plain)
    multiples = multiples_of(text, tokens, named)
    everything = sorted([*sentence.amounts, *multiples], key=lambda amount: amount.start)
    sentence = replace(sentence, amounts=everything, cuts=[])
    periods = periods_of(sentence)
    bases = compared(sentence).values()
    named = [replace(mention, is_base=mention.is_base or mention in bases) for mention in named]
    sentence = replace(sentence, mentions=named, cuts=[])
    found: list[Proposal] = []
    listed: dict[str, list[Amount]] = {}
    level: tuple[Amount, Proposal] | None = None
    older = revised(sentence)
    for i, (amount, period) in enumerate(zip(everything, periods, strict=True)):
        if i in older or (period is not None and period.is_sum) or _is_translation(sentence, amount):
            continue
        proposal = _proposal(sentence, amount, period, amount in multiples, context)
        if proposal is None and level is not None:
            proposal = _growth_of_level(sentence, amount, *level, context)
        if proposal is not None:
            found.append(proposal)
            listed[proposal.proposal_id] = sentence.listed(amount)
            level = (amount, proposal)
    return _one_number_each(found, listed)


def _one_number_each(found: list[Proposal], listed: dict[str, list[Amount]]) -> list[Proposal]:
    """Leave the period of rows open of which a sentence says several numbers: 54.6 by one, 61 by another.

    Those of one list are of things that no word told apart: PC and server DRAM rise 5 % and 8 %.
    """

    def what(row: Proposal) -> tuple[str, ...]:
        return row.metric, row.entity, row.segment, row.period, row.fiscal_year_end_month, row.unit

    said: dict[tuple[str, ...], set[tuple[str, ...]]] = {}
    for row in found:
        said.setdefault(what(row), set()).add((row.value, row.low, row.high))
    return [
        replace(row, period="", fiscal_year_end_month="", kind="", why_it_waits=f"{READ}; {SEVERAL}")
        if row.period and len(said[what(row)]) > 1
        else row
        for row in found
        if len(said[what(row)]) == 1 or len(listed[row.proposal_id]) == 1
    ]


def _growth_of_level(
    sentence: Sentence, amount: Amount, level: Amount, proposed: Proposal, context: _PageContext
) -> Proposal | None:
    """Read a change in brackets right behind a level as that level's: 2.35 million units (+21.5% YoY)."""
    opened = bracket_of(sentence.text, amount.start)
    is_beside = 0 <= opened - level.end <= _BESIDE and sentence.text[opened + 1 : amount.start].strip() == ""
    grown = f"{proposed.metric}{_GROWTH}"
    known = {rule.metric for rule in context.vocabulary.rules if rule.form == "growth"}
    is_growth = amount.unit == PERCENT and direction(sentence, amount) and basis(sentence, amount) == "yoy"
    if not (is_beside and is_growth and grown in known and proposed.value):
        return None
    numbers = _numbers(sentence, amount, Reading(frozenset(), frozenset(), "growth", PERCENT, {}))
    cells = {name: _plain(number) for name, number in numbers.items()}
    return replace(
        proposed,
        metric=grown,
        unit=PERCENT,
        value=cells.get("value", ""),
        low=cells.get(LOW, ""),
        high=cells.get(HIGH, ""),
        why_it_waits=f"{proposed.why_it_waits}; the same statement as the level beside it",
    )


def _is_translation(sentence: Sentence, amount: Amount) -> bool:
    """Whether it says the amount before it again, in brackets and in another currency."""
    i = sentence.amounts.index(amount)
    if not i or unit_kind(amount.unit) != "money" or bracket_of(sentence.text, amount.start) < 0:
        return False
    before = sentence.amounts[i - 1]
    return unit_kind(before.unit) == "money" and before.unit != amount.unit


def _proposal(
    sentence: Sentence, amount: Amount, mark: Mention | None, is_multiple: bool, context: _PageContext
) -> Proposal | None:
    for said in reading(sentence, amount, is_multiple):
        formed, period = with_basis(sentence, amount, said, mark, context.title_period, context.speaker)
        if formed is None:
            continue
        for rule in fitting(context.vocabulary.rules, formed):
            entity = entity_of(sentence, amount, rule, formed)
            if entity is not None:
                is_end = mark is not None and mark.is_end
                return _row(sentence, amount, rule, formed, entity, period, context, is_end=is_end)
    return None


def _row(
    sentence: Sentence,
    amount: Amount,
    rule: Rule,
    said: Reading,
    entity: str,
    period: str,
    context: _PageContext,
    *,
    is_end: bool,
) -> Proposal | None:
    metric = rule.metric
    if is_end and metric not in context.vocabulary.levels:
        period = period[:4]
    numbers = _numbers(sentence, amount, said)
    months = context.vocabulary.fiscal_year_end_months.get(entity, DECEMBER)
    fiscal = str(months) if period.startswith("FY") else ""
    day = parse_period(period, fiscal).end_date if period else context.speaker.published
    if not is_plausible(numbers.values(), amount.unit, metric, day.year, context.vocabulary):
        return None
    return Proposal(
        page=context.page,
        sentence=sentence.text,
        metric=metric,
        entity=entity,
        segment=rule.segment_of(said),
        period=period,
        fiscal_year_end_month=fiscal,
        unit=amount.unit,
        kind=_kind(sentence, entity, period, fiscal, amount.unit, context),
        why_it_waits=READ if period else f"{READ}; the sentence leaves its period open",
        **{name: _plain(number) for name, number in numbers.items()},
    )


def _numbers(sentence: Sentence, amount: Amount, said: Reading) -> dict[str, Decimal]:
    """Cells of the number, a fall and a shortage negative."""
    number = amount.number
    cells = {"value": number.value, LOW: number.low, HIGH: number.high}
    given = {name: value for name, value in cells.items() if value is not None}
    if number.value is not None and (side := bound(sentence, amount)):
        given = {side: number.value}
    is_change = said.form in ("growth", "sequential")
    if said.form == "shortage" or (is_change and direction(sentence, amount) == FALL):
        swapped = {LOW: HIGH, HIGH: LOW}
        given = {swapped.get(name, name): -abs(value) for name, value in given.items()}
    return given


def _kind(sentence: Sentence, entity: str, period: str, fiscal: str, unit: str, context: _PageContext) -> str:
    if not period or (context.company and not entity):
        return ""  # of a period or of somebody that the sentence leaves open
    parsed = parse_period(period, fiscal)
    is_own = entity == context.company != ""
    if parsed.end_date > context.speaker.published:
        return "guidance" if is_own else "forecast"
    if is_own:
        return "actual"
    said = {t.means for t in of_role(sentence.tokens, "kind")}
    is_short = parsed.n_months < DECEMBER
    return "actual" if is_short and "estimate" not in said and unit_kind(unit) == "money" else "estimate"


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"
