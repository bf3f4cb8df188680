"""Checks of what the market is made of: product classes and HBM generations.

One row that can't be used stops the run (`models.evidence.validation.validate`): a class left out would move
the place of every class after it, and quantities would lose their names.
"""

import re
from collections.abc import Collection, Mapping
from functools import partial
from typing import Any

from models.evidence.checks.cells import CellError
from models.evidence.checks.row_model import Known, Rule, judged_rows
from models.evidence.checks.rows import Collector
from models.evidence.tables.described import BY_NAME
from models.vocabulary.market import CLASS_TABLE, GENERATION_TABLE, REVENUE_CUSTOMER, words_of

_NAME = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)


def check_classes(rows: list[dict], collector: Collector) -> list[dict]:
    """Check the product classes.

    Parameters
    ----------
    rows : list of dict of str
        Rows of product_classes.csv, with `file` and `row`.
    collector : Collector

    Returns
    -------
    list of dict
        Good rows, `position` as a number.
    """
    rules = [Rule((column,), partial(_name, column)) for column in ("class", "family", "customer")]
    judged = judged_rows(BY_NAME[CLASS_TABLE], rows, collector, rules=rules)
    customer_of: dict[str, str] = {}
    for row in judged:
        if customer_of.setdefault(row["family"], row["customer"]) != row["customer"]:
            problem = f"family {row['family']} has customer {customer_of[row['family']]} in a row above"
            collector.reject(row, "customer", problem, "give the class a family of its own")
    _positions(judged, collector)
    if judged and REVENUE_CUSTOMER not in customer_of.values():
        problem = f"no class has the customer {REVENUE_CUSTOMER}, whose revenue the chain computes"
        collector.reject(judged[0], "customer", problem, f"add a class of {REVENUE_CUSTOMER}")
    return collector.kept(judged)


def check_generations(rows: list[dict], assumptions: Collection[str], collector: Collector) -> list[dict]:
    """Check the HBM generations.

    Parameters
    ----------
    rows : list of dict of str
        Rows of hbm_generations.csv, with `file` and `row`.
    assumptions : collection of str
        Names in assumptions.csv.
    collector : Collector

    Returns
    -------
    list of dict
        Good rows, `position` as a number.
    """
    known: Known = {"assumptions": assumptions}
    rules = [Rule(("generation",), partial(_name, "generation"))]
    judged = judged_rows(BY_NAME[GENERATION_TABLE], rows, collector, known, rules)
    for column in ("words", "milestones"):
        owner: dict[str, str] = {}
        for row in judged:
            for word in words_of(row[column].upper()):
                if (first := owner.setdefault(word, row["generation"])) != row["generation"]:
                    problem = f"{word} belongs to {first} already"
                    collector.reject(row, column, problem, "give every word to one generation")
    _positions(judged, collector)
    measures = [row for row in judged if not row["premium"]]
    if judged and len(measures) != 1:
        named = ", ".join(row["generation"] for row in measures) or "none"
        problem = f"one generation measures prices and has no premium, not {len(measures)}: {named}"
        remedy = "name the assumption about the premium of every other generation"
        collector.reject((measures or judged)[-1], "premium", problem, remedy)
    return collector.kept(judged)


def _name(column: str, values: Mapping[str, Any]) -> None:
    """Names become parts of the names of quantities."""
    if not _NAME.fullmatch(values[column]):
        remedy = "use small letters, digits and underscores, beginning with a letter"
        raise CellError(column, f"{column} {values[column]!r} is not a name", remedy)


def _positions(judged: list[dict], collector: Collector) -> None:
    """Positions are given once each."""
    taken: dict[float, dict] = {}
    for row in collector.kept(judged):
        other = taken.setdefault(row["position"], row)
        if other is not row:
            problem = f"position {row['position']:g} is that of row {other['row']} already"
            collector.reject(row, "position", problem, "give it a number of its own, as 4.5")
