"""What does not fit in the January 2024 report: its sixty inconsistencies, recomputed from its own figures.

A finding that is arithmetic names a formula, the figures that go in and the figures that state the result;
nothing is taken from the finding's own text. What can only be read (a label, a name, a lost heading) is
marked 'reading', with the figures it is about where there are any.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import pandas as pd

from models.systems.report_2024.replica import Link, figure_range
from models.vocabulary.periods import FIRST_YEAR, parse_period
from models.vocabulary.rows import records
from models.vocabulary.systems import ARITHMETIC, COINCIDENCE, CONFLICT, FINDING_CHECKS, READING

FINDING_COLUMNS = (
    *("finding_id", "topic_group", "check", "formula", "stated_low", "stated_high", "recomputed_low"),
    *("recomputed_high", "unit", "stands"),
)
LEAST_GAP = 0.005
"""Relative gap from which a computed number counts as different: half a per cent, less than any finding's."""
SEVERAL = 3.0
"""Least number that 'several' can mean: our reading."""


class Term(NamedTuple):
    """One figure in a formula.

    Attributes
    ----------
    low, high : float
        The range printed; a value is both.
    first_month : int
        Where its period begins, in months since January 2021.
    """

    low: float
    high: float
    first_month: int

    @property
    def year(self) -> int:
        """Calendar year in which the period begins."""
        return FIRST_YEAR + self.first_month // 12


Span = tuple[float, float]


def _each(formula: Callable[..., float]) -> Callable[..., Span]:
    """Apply a formula to the low ends and to the high ends.

    Right where the result grows with every input that has a range; in each use below the inputs in
    denominators are single numbers.
    """
    return lambda *terms: (formula(*(t.low for t in terms)), formula(*(t.high for t in terms)))


def _union(*terms: Term) -> Span:
    return min(t.low for t in terms), max(t.high for t in terms)


def _yearly_growth(end: Term, start: Term) -> Span:
    """Give growth a year from the start's year to the end's, and if it began a year later."""
    years, ratio = end.year - start.year, end.low / start.low
    return ratio ** (1 / years) - 1, ratio ** (1 / (years - 1)) - 1


def _back_cast(end: Term, growth: Term, start: Term) -> Span:
    value = end.low / (1 + growth.low) ** (end.year - start.year)
    return value, value


def _interpolated_share(start: Term, end: Term, whole: Term) -> Span:
    """Part of a whole that a market has, its size on the constant-growth line in the whole's year."""
    at = (whole.year - start.year) / (end.year - start.year)
    value = start.low * (end.low / start.low) ** at / whole.low
    return value, value


def _storage_share(*t: Term) -> Span:
    """Cost of the drives over the server price that the CPU line and the DRAM line imply, USD both."""
    drives, drive_gb, usd_per_tb, cpus, cpu_usd, cpu_share, modules, module_gb, usd_per_gb, dram_share = (
        term.low for term in t
    )
    storage = drives * drive_gb / 1000 * usd_per_tb
    prices = (cpus * cpu_usd / cpu_share, modules * module_gb * usd_per_gb / dram_share)
    return storage / max(prices), storage / min(prices)


def _quarters(start: Term, end: Term) -> Span:
    """Quarters from the one to the other, both counted."""
    count = float(end.first_month // 3 - start.first_month // 3 + 1)
    return count, count


def _revenue(
    servers_2023: float, servers_2025: float, share: float, each: float, gb: float, usd: float
) -> float:
    return Link(math.sqrt(servers_2023 * servers_2025), share, each, gb, usd).hbm_revenue_usd


FORMULAS: Mapping[str, Callable[..., Span]] = {
    "value": _union,
    "upper_end": lambda a: (a.high, a.high),
    "whole": lambda: (1.0, 1.0),
    "several": lambda: (SEVERAL, SEVERAL),
    "sum": _each(lambda *a: sum(a)),
    "ratio": _each(lambda a, b: a / b),
    "growth": _each(lambda new, old: new / old - 1),
    "growth_over_two_years": _each(lambda new, old: math.sqrt(new / old) - 1),
    "growth_after_revision": _each(
        lambda level, growth, revised, later: math.sqrt(later / (level / (1 + growth) * (1 + revised))) - 1
    ),
    "growth_a_year": _yearly_growth,
    "back_cast": _back_cast,
    "product": _each(lambda a, b: a * b),
    "product_over_last": _each(lambda a, b, c: a * b / c),
    "first_over_product": _each(lambda a, b, c: a / (b * c)),
    "sum_of_products": _each(lambda a, b, c, d: a * b + c * d),
    "drive_value_multiple": _each(
        lambda a, b, c, d, n, gb, usd_per_tb: (a * b + c * d) / (n * gb / 1000 * usd_per_tb)
    ),
    "hbm_revenue": _each(_revenue),
    "interpolated_share": _interpolated_share,
    "storage_share": _storage_share,
    "to_or_by": lambda a: (a.low, 1 + a.high),
    "quarters": _quarters,
}


def recompute_findings(findings: pd.DataFrame, figures: pd.DataFrame) -> pd.DataFrame:
    """Recompute every finding from the figures.

    Parameters
    ----------
    findings : DataFrame
        Rows of report_findings.csv; its own stated and recomputed numbers are not looked at.
    figures : DataFrame
        ``figure_id, value, low, high, period, fiscal_year_end_month``; numbers in the units of the page, or
        with the ``unit_factor`` they were multiplied by.

    Returns
    -------
    DataFrame
        `FINDING_COLUMNS`. ``stands``: an arithmetic finding or a conflict still differs, a coincidence
        still lies in what is stated. A finding with nothing stated stands as long as it can be computed, a
        reading as long as its figures exist.

    Raises
    ------
    ValueError
        A finding names an unknown check, formula or figure, or a formula with the wrong number of figures.
    """
    known = {row["figure_id"]: row for row in records(figures)}
    rows = []
    for finding in records(findings.fillna("")):
        try:
            stated, found = _numbers(finding, known)
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"report_findings.csv, finding {finding['finding_id']}: {error}") from error
        rows.append(
            {
                **{name: finding[name] for name in ("finding_id", "topic_group", "check", "formula", "unit")},
                **dict(zip(("stated_low", "stated_high"), stated, strict=True)),
                **dict(zip(("recomputed_low", "recomputed_high"), found, strict=True)),
                "stands": _stands(str(finding["check"]), stated, found),
            }
        )
    return pd.DataFrame(rows, columns=list(FINDING_COLUMNS))


def _numbers(finding: Mapping[str, Any], known: Mapping[str, Any]) -> tuple[Span, Span]:
    nothing = (math.nan, math.nan)
    if finding["check"] not in FINDING_CHECKS:
        raise ValueError(f"unknown check {finding['check']!r}; use one of {', '.join(FINDING_CHECKS)}")
    _terms(finding["other_figure_ids"], known)
    spans = []
    for formula, ids in (
        (finding["stated_formula"], finding["stated_figure_ids"]),
        (finding["formula"], finding["input_figure_ids"]),
    ):
        terms = _terms(ids, known)
        if formula and formula not in FORMULAS:
            raise ValueError(f"unknown formula {formula!r}; use one of {', '.join(FORMULAS)}")
        low, high = FORMULAS[formula](*terms) if formula else nothing
        spans.append((min(low, high), max(low, high)) if formula else nothing)
    if finding["check"] != READING and not finding["formula"]:
        raise ValueError(f"a finding with check {finding['check']!r} needs a formula")
    return spans[0], spans[1]


def _terms(ids: str, known: Mapping[str, Any]) -> list[Term]:
    out = []
    for name in filter(None, str(ids).split(";")):
        if name not in known:
            raise KeyError(f"figure {name!r} is not in the collection")
        row = known[name]
        period = parse_period(str(row["period"]), row.get("fiscal_year_end_month"))
        out.append(Term(*figure_range(pd.Series(row)), period.start))
    return out


def _stands(check: str, stated: Span, found: Span) -> bool:
    if check == READING:
        return True
    if not all(math.isfinite(v) for v in found):
        return False
    if not all(math.isfinite(v) for v in stated):
        return check == ARITHMETIC
    if check == COINCIDENCE:
        return stated[0] * (1 - LEAST_GAP) <= found[0] and found[1] <= stated[1] * (1 + LEAST_GAP)
    # Years that differ by one conflict, and half a per cent of a year is ten.
    if check == CONFLICT:
        return stated != found
    return max(abs(a - b) / max(abs(a), abs(b)) for a, b in zip(stated, found, strict=True)) > LEAST_GAP
