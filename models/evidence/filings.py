"""Figures from the company facts of a filer (XBRL as JSON, as the SEC serves them).

What a fact calls its fiscal year and period belongs to the filing it stands in, not to the fact, so periods
follow from first and last day only. A fact repeated in later filings is one figure, known from the first; a
changed one is a new figure, known from the day of the filing that changed it.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, NamedTuple

import pandas as pd

from models.evidence.filing_facts import (
    QUARTER_DAYS,
    YEAR_DAYS,
    FilingFact,
    figure_row,
    fiscal_label,
    source_row,
    table_of,
)
from models.evidence.filing_neighbours import stands_out
from models.vocabulary.periods import FIRST_YEAR, parse_period

LARGEST_RESTATEMENT: Final = 1.5
"""A value that another concept would change by more than this factor is no restatement of the first."""
SLIP: Final = 10.0
"""Nor is one that differs from the first by this factor: thousands were taken for units, or the reverse."""
SEPARATOR: Final = ";"


class FilingError(ValueError):
    """The answer as a whole is not what was asked for."""


class Refused(NamedTuple):
    """A fact or a period that is put aside: what stands there, what is wrong, how to mend it."""

    field: str
    value: str
    problem: str
    remedy: str


@dataclass
class FilerFigures:
    """What the facts of a filer give.

    Attributes
    ----------
    figures, sources : DataFrame of str
        With the columns of their tables.
    refused : list of Refused
    n_facts : int
        Facts of the concepts asked for, in the currency asked for.
    n_other : int
        Facts among them of other periods than quarters and years, or before the grid, or repeated.
    """

    figures: pd.DataFrame
    sources: pd.DataFrame
    refused: list[Refused] = field(default_factory=list)
    n_facts: int = 0
    n_other: int = 0


def figures_of_filer(facts: object, filer: Mapping[str, str]) -> FilerFigures:
    """Read figures from company facts.

    Parameters
    ----------
    facts : object
        The JSON as parsed; nothing is taken for granted about it.
    filer : mapping of str to str
        A row of filers.csv.

    Returns
    -------
    FilerFigures

    Raises
    ------
    FilingError
        It is no company facts, or those of another company.
    """
    facts = _checked_company(facts, filer)
    found = FilerFigures(pd.DataFrame(), pd.DataFrame())
    by_label: dict[str, list[FilingFact]] = {}
    concepts = [word.strip() for word in filer["concepts"].split(SEPARATOR) if word.strip()]
    for concept in concepts:
        for raw in _facts_of(facts, concept, filer["currency"]):
            found.n_facts += 1
            fact = _read_fact(raw, concept, filer, found)
            if fact is not None:
                by_label.setdefault(fact.label, []).append(fact)
    if not found.n_facts:
        found.refused.append(_nothing_said(facts, concepts, filer))
    versions = [
        version
        for label in sorted(by_label)
        for version in _versions(by_label[label], concepts, filer, found)
    ]
    kept = _beside_the_others(versions, filer, found)
    found.figures = table_of("figures", [figure_row(fact, remark, filer) for fact, remark in kept])
    filings = {fact.accession: source_row(fact, filer) for fact, _ in kept}
    found.sources = table_of("sources", list(filings.values()))
    return found


def _nothing_said(facts: dict[str, Any], concepts: list[str], filer: Mapping[str, str]) -> Refused:
    """Say that an answer has no fact that was asked for, and what it has of the concepts."""
    said = []
    for concept in concepts:
        taxonomy, _, name = concept.partition("/")
        of_taxonomy = facts["facts"].get(taxonomy)
        about = of_taxonomy.get(name) if isinstance(of_taxonomy, dict) else None
        units = about.get("units") if isinstance(about, dict) else None
        said += [f"{concept} in {unit}" for unit in units] if isinstance(units, dict) else []
    has = f"; it has {', '.join(said)[:120]}" if said else ""
    problem = f"the answer has no fact of these concepts in {filer['currency']}{has}"
    remedy = "Look at concepts and currency of its row in filers.csv"
    return Refused("concepts", SEPARATOR.join(concepts), problem, remedy)


def _beside_the_others(
    versions: list[tuple[FilingFact, str]], filer: Mapping[str, str], found: FilerFigures
) -> list[tuple[FilingFact, str]]:
    """Put aside what stands out among the periods around it: an element of the total, or another scale."""
    first = list({fact.label: fact for fact, _ in reversed(versions)}.values())
    kept = []
    for fact, remark in versions:
        out = stands_out(fact, first, filer["fiscal_year_end_month"])
        if out is None:
            kept.append((fact, remark))
            continue
        other = f" of {out.concept}" if out.concept != fact.concept else ""
        problem = (
            f"{fact.label} in {fact.accession}: {fact.concept} says {fact.printed}, "
            f"the periods around it some {out.usual:.6g}{other}: a part of the total, or another scale"
        )
        remedy = "Read the filing; if it is right, type it in"
        found.refused.append(Refused(fact.concept, fact.printed, problem, remedy))
    return kept


def _checked_company(facts: object, filer: Mapping[str, str]) -> dict[str, Any]:
    if not isinstance(facts, dict) or not isinstance(facts.get("facts"), dict):
        raise FilingError("the answer is no company facts: it has no object 'facts'")
    month = filer["fiscal_year_end_month"]
    if month not in map(str, range(1, 13)):
        raise FilingError(f"fiscal_year_end_month {month!r} of its row in filers.csv is no month (1 to 12)")
    name, cik, asked = str(facts.get("entityName", "")), facts.get("cik"), _plain(filer["registered_name"])
    is_asked = re.fullmatch(r"\d{1,10}", str(cik)) is not None and int(str(cik)) == int(filer["cik"])
    if not is_asked or not asked or asked not in _plain(name):
        raise FilingError(
            f"the answer is about {name!r} (CIK {facts.get('cik')}), not about {filer['registered_name']!r} "
            f"(CIK {filer['cik']})"
        )
    return facts


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.casefold())


def _facts_of(facts: dict[str, Any], concept: str, currency: str) -> Iterable[Any]:
    taxonomy, _, name = concept.partition("/")
    place: Any = facts["facts"]
    for key in (taxonomy, name, "units", currency):
        place = place.get(key) if isinstance(place, dict) else None
    return place if isinstance(place, list) else ()


def _read_fact(raw: Any, concept: str, filer: Mapping[str, str], found: FilerFigures) -> FilingFact | None:
    """Read one fact; None where it is of no quarter or year on the grid, or can't be read, which is told."""
    try:
        if not isinstance(raw, dict):
            raise ValueError("it is no object")
        if "start" not in raw:
            found.n_other += 1  # of a day, not of a period
            return None
        start, end, filed = (date.fromisoformat(raw[key]) for key in ("start", "end", "filed"))
        value, accession = raw["val"], str(raw["accn"])
        # A word that is shown: what can't be printed could not be kept either.
        form = "".join(sign for sign in str(raw.get("form", "")) if sign.isprintable())[:20]
        if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e18:
            raise ValueError(f"val {str(value)[:40]!r} is no number")
        if not start < end <= filed:
            raise ValueError("start, end and filed are not in their order")
        if end.year == date.max.year:
            raise ValueError(f"end {end} lies beyond all filings")
        if not re.fullmatch(r"\d{10}-\d\d-\d{6}", accession):
            raise ValueError(f"accn {accession[:40]!r} is no number of a filing")
    except (KeyError, TypeError, ValueError) as error:
        said = f"no {error}" if isinstance(error, KeyError) else str(error)
        remedy = "Nothing to do here: the filer's next filing, or the SEC, mends it"
        found.refused.append(Refused(concept, str(raw)[:80], f"a fact can't be read: {said}", remedy))
        return None
    days = (end - start).days + 1
    if end.year < FIRST_YEAR or (days not in QUARTER_DAYS and days not in YEAR_DAYS):
        found.n_other += 1
        return None
    label = fiscal_label(end, days in QUARTER_DAYS, int(filer["fiscal_year_end_month"]))
    if label is None:
        problem = f"a period of {days} days that ends on {end} is no quarter or year of this filer"
        remedy = f"Look at fiscal_year_end_month ({filer['fiscal_year_end_month']}) of its row in filers.csv"
        found.refused.append(Refused("fiscal_year_end_month", str(end), problem, remedy))
        return None
    period = parse_period(label, filer["fiscal_year_end_month"])
    if period.start < 0:
        found.n_other += 1
        return None
    return FilingFact(concept, label, days, float(value), str(value), filed, accession, form)


def _versions(
    facts: list[FilingFact], concepts: list[str], filer: Mapping[str, str], found: FilerFigures
) -> list[tuple[FilingFact, str]]:
    """List what filings said of one period, without repetitions; a remark beside each."""
    versions: list[tuple[FilingFact, str]] = []
    filings = sorted({(fact.filed, fact.accession) for fact in facts})
    for _, accession in filings:
        said = [fact for fact in facts if fact.accession == accession]
        found.n_other += len(said) - 1  # one of them is told or kept
        chosen = min(said, key=lambda fact: concepts.index(fact.concept))
        values = {fact.value for fact in said if fact.concept == chosen.concept}
        where = f"{chosen.label} in {accession}"
        if len(values) > 1:
            shown = " and ".join(f"{value:.12g}" for value in sorted(values))
            problem = f"{where}: {chosen.concept} has two values, {shown}"
            found.refused.append(Refused(chosen.concept, shown, problem, "Read the filing, and type it in"))
            continue
        rival = max(said, key=lambda fact: fact.value)
        if rival.value > chosen.value:
            problem = (
                f"{where}: {rival.concept} ({rival.printed}) is more than {chosen.concept} ({chosen.printed})"
            )
            remedy = (
                "Name the concept that is the total first in concepts of filers.csv; they are never added"
            )
            found.refused.append(Refused("concepts", filer["concepts"], problem, remedy))
            continue
        before = versions[-1][0] if versions else None
        if before is not None and before.value == chosen.value:
            found.n_other += 1
            continue
        remark = ""
        if before is not None and before.value and not 1 / SLIP < abs(chosen.value / before.value) < SLIP:
            problem = (
                f"{where}: {chosen.printed} where {before.printed} stood: a slip of scale, no restatement"
            )
            remedy = "Read the filing; if it is right, type it in"
            found.refused.append(Refused(chosen.concept, chosen.printed, problem, remedy))
            continue
        if before is not None:
            ratio = chosen.value / before.value if before.value else 0.0
            is_other = chosen.concept != before.concept
            if is_other and not 1 / LARGEST_RESTATEMENT < ratio < LARGEST_RESTATEMENT:
                problem = (
                    f"{where}: {chosen.concept} says {chosen.printed} where {before.concept} said "
                    f"{before.printed}: another thing, no restatement"
                )
                remedy = "Take the concept that is no total out of concepts in filers.csv"
                found.refused.append(Refused("concepts", filer["concepts"], problem, remedy))
                continue
            remark = f"; restates {before.printed} of {before.filed}"
        versions.append((chosen, remark))
    return versions
