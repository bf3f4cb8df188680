"""What a change is counted from: last year, last quarter, or something that makes it no figure."""

from dataclasses import replace
from typing import Final

from models.evidence.press.amount_periods import from_title
from models.evidence.press.amounts import Amount
from models.evidence.press.context import is_of_year
from models.evidence.press.mentions import DECEMBER, Mention, Speaker, preceding
from models.evidence.press.parsed import Sentence
from models.evidence.press.rules import Reading
from models.evidence.press.vocabulary import OTHER

_BASES: Final = {"yoy": "growth", "qoq": "sequential"}


def with_basis(
    sentence: Sentence,
    amount: Amount,
    reading: Reading,
    mark: Mention | None,
    title_period: str,
    speaker: Speaker,
) -> tuple[Reading | None, str]:
    """Say over what a change goes, and of which period the amount is.

    Parameters
    ----------
    sentence : Sentence
    amount : Amount
    reading : Reading
    mark : Mention or None
        The amount's period, None where its sentence names none.
    title_period : str
        The page's title's.
    speaker : Speaker

    Returns
    -------
    tuple of Reading and str
        The reading with its form made whole, None where what it is counted from makes it no figure.
    """
    period = mark.label if mark is not None else ""
    titled = from_title(title_period, sentence, speaker) if mark is None else ""
    if reading.form == "level":
        period = period or titled
        return reading, "" if "Q" in period and is_of_year(sentence, amount) else period
    if reading.form != "growth":
        return reading, period
    if mark is not None and mark.is_span:
        return None, period
    if "-" in period and not (mark is not None and mark.is_end):
        return None, period  # a change over a month is none over a quarter or a year
    over = basis(sentence, amount)
    is_contract = "contract_price" in reading.measures
    if over == OTHER:
        return None, period
    if not over:
        is_part = "Q" in (period or titled)
        if (is_part and not is_contract) or (not period and not is_contract):
            return None, period
        over = "qoq" if is_contract and ("hbm" not in reading.subjects) else "yoy"
    if over == "yoy" and not period and _is_since_long_ago(sentence, speaker):
        return None, period
    form = _BASES[over]
    if form == "sequential":
        period = period or titled
    return replace(reading, form=form), period


def _is_since_long_ago(sentence: Sentence, speaker: Speaker) -> bool:
    """Whether a sentence without a period counts from a year before last year: three times 2024's."""
    since = [int(m.label) for m in sentence.mentions if m.is_base and m.label.isdigit()]
    return bool(since) and max(since) < speaker.published.year - 1


def basis(sentence: Sentence, amount: Amount) -> str:
    """Say what a change is counted from: yoy, qoq, other, or '' where nothing says so."""
    clause, window = sentence.clause(amount), sentence.window(amount)
    place = (max(clause[0], window[0]), min(clause[1], window[1]))
    if near := sentence.within(place, "basis"):
        return near[-1].means
    for start, end in (place, clause):
        here = [m for m in sentence.mentions if start <= m.start < end]
        if said := next(filter(None, (_basis_of(m, sentence.mentions) for m in here)), ""):
            return said
    return ""


def _basis_of(base: Mention, others: list[Mention]) -> str:
    """Say it of a period that is only compared with: from 2025, over the previous quarter, from 3Q25."""
    if base.months_back:
        return "yoy" if base.months_back == DECEMBER else "qoq"
    if not base.is_base or not base.label:
        return ""
    is_quarter = "Q" in base.label
    labels = [m.label for m in others if m.label and not m.is_base and ("Q" in m.label) == is_quarter]
    if not labels and base.label.removeprefix("FY").isdigit():
        return "yoy"
    spans = {months for months in (3, DECEMBER) for label in labels if preceding(label, months) == base.label}
    return {3: "qoq", DECEMBER: "yoy"}[spans.pop()] if len(spans) == 1 else OTHER
