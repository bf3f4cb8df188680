"""What proposals rest on besides the page: words, rules, and what is known of metrics and companies."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

import pandas as pd

from models.evidence.press.rules import Rule, read_rules
from models.evidence.press.vocabulary import Words
from models.vocabulary.rows import records
from models.vocabulary.units import UnitError, factor, rate_table


@dataclass(frozen=True)
class Vocabulary:
    """All that proposals rest on besides the page.

    Attributes
    ----------
    words : Words
    rules : list of Rule
    limits : dict of str to list
        By metric: unit, lower and upper of each of its rules.
    levels : frozenset of str
        Metrics that are measured at a moment.
    fiscal_year_end_months : dict of str to int
        By company.
    rates : dict
        Exchange rates (`models.vocabulary.units.rate_table`).
    """

    words: Words
    rules: list[Rule]
    limits: Mapping[str, list[tuple[str, float, float]]]
    levels: frozenset[str]
    fiscal_year_end_months: Mapping[str, int]
    rates: dict[tuple[str, int], float]


def read_vocabulary(tables: Mapping[str, pd.DataFrame]) -> Vocabulary:
    """Read the words and what is known of metrics and companies.

    Parameters
    ----------
    tables : dict of DataFrame
        Accepted rows: press_words, press_metrics, metrics, exchange_rates, and filers where there are any.
    """
    limits: dict[str, list[tuple[str, float, float]]] = {}
    for row in records(tables["metrics"]):
        limits.setdefault(row["metric"], []).append((row["unit"], float(row["lower"]), float(row["upper"])))
    filers = records(tables["filers"]) if "filers" in tables else []
    return Vocabulary(
        Words(tables["press_words"].fillna("")),
        read_rules(tables["press_metrics"]),
        limits,
        frozenset(row["metric"] for row in records(tables["metrics"]) if row["aggregation"] == "end"),
        {row["entity"]: int(row["fiscal_year_end_month"]) for row in filers},
        rate_table(tables["exchange_rates"]),
    )


def is_plausible(
    numbers: Iterable[Decimal], unit: str, metric: str, year: int, vocabulary: Vocabulary
) -> bool:
    """Say whether numbers lie inside the bounds of some rule of a metric.

    Parameters
    ----------
    numbers : iterable of Decimal
        In `unit`.
    unit, metric : str
    year : int
        Whose exchange rates count.
    vocabulary : Vocabulary
    """
    given = [float(number) for number in numbers]
    for wanted, lower, upper in vocabulary.limits.get(metric, []):
        try:
            size = factor(unit, wanted, year, vocabulary.rates)
        except UnitError:
            continue
        if all(lower <= number * size <= upper for number in given):
            return True
    return False
