"""Checks of the systems' catalogues: one description a file, one function for all of them."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from models.evidence.checks.reference import BASES
from models.evidence.checks.rows import Collector, known_date, number, one_of, required, unique
from models.vocabulary.periods import PeriodError, date_precision, parse_period
from models.vocabulary.quantities import CLASS_NAMES
from models.vocabulary.systems import (
    ALL_SEGMENTS,
    FINDING_CHECKS,
    FINDING_GROUPS,
    PARTS,
    RELATIONS,
    STATUSES,
    SYSTEM_NAMES,
    VARIANTS,
    system_items,
)

ANY_NUMBER: Final = (-math.inf, math.inf)
POSITIVE: Final = (math.ulp(0.0), math.inf)
SHARE: Final = (0.0, 1.0)
GROWTH: Final = (-1.0, 10.0)
WHOLE_TOLERANCE: Final = 0.005
"""Shares printed to two digits may miss one by so much."""


@dataclass(frozen=True)
class Catalogue:
    """How one CSV of the systems is read.

    Attributes
    ----------
    columns : tuple of str
        Header, in any order.
    keys : tuple of str
        Columns that name a row together.
    required : tuple of str
        Columns that must be filled.
    numbers : mapping of str to (least, most)
        Columns that hold numbers, with what is possible in their unit; empty is allowed unless required.
    words : mapping of str to tuple of str
        Columns that take one of a few words; empty is allowed unless required.
    dates : tuple of str
        Columns with a printed date, YYYY-MM-DD, YYYY-MM or YYYY, not in the future.
    periods : tuple of str
        Columns with a date or a period, 2023-11 or 2023H1.
    ordered : tuple of (str, str)
        Pairs of number columns of which the first may not lie above the second.
    sources : tuple of str
        Columns with a source_id of sources.csv.
    figures : tuple of str
        Columns with figure_ids, semicolons between them.
    paths : tuple of str
        Columns with items as system/item, semicolons between them.
    sum_to_one : tuple of str
        Shares that make up a whole.
    """

    columns: tuple[str, ...]
    keys: tuple[str, ...]
    required: tuple[str, ...] = ()
    numbers: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    dates: tuple[str, ...] = ()
    periods: tuple[str, ...] = ()
    ordered: tuple[tuple[str, str], ...] = ()
    sources: tuple[str, ...] = ()
    figures: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    sum_to_one: tuple[str, ...] = ()


SUPPLY_CHAIN_COLUMNS: Final = (
    *("company_en", "company", "country", "segment", "process_step", "product", "status", "as_of"),
    *("system_item", "known_since", "source_id", "note"),
)
FINDING_COLUMNS: Final = (
    *("finding_id", "topic_group", "check", "statement", "formula", "input_figure_ids", "stated_formula"),
    *("stated_figure_ids", "other_figure_ids", "stated_low", "stated_high", "recomputed_low"),
    *("recomputed_high", "unit", "note"),
)
_SINCE: Final = ("known_since", "basis", "source", "note")
CATALOGUES: Final[dict[str, Catalogue]] = {
    "process": Catalogue(
        (
            *("step", "part", "category", "touches", "route", "passes_p05", "passes_p95"),
            *("equipment", "material", "cost_share_of_via_middle_tsv", *_SINCE),
        ),
        keys=("step", "known_since"),
        required=(
            "step",
            "part",
            "category",
            "touches",
            "passes_p05",
            "passes_p95",
            "equipment",
            *_SINCE[:3],
        ),
        numbers={"passes_p05": POSITIVE, "passes_p95": POSITIVE, "cost_share_of_via_middle_tsv": SHARE},
        words={"part": PARTS, "basis": BASES},
        dates=("known_since",),
        ordered=(("passes_p05", "passes_p95"),),
    ),
    "materials": Catalogue(
        ("material", "part", "form", "touches", "route", "intensity", "price", *_SINCE),
        keys=("material", "part", "form", "known_since"),
        required=("material", "part", "touches", "intensity", "price", *_SINCE[:3]),
        words={"part": PARTS, "basis": BASES},
        dates=("known_since",),
    ),
    "system_evidence": Catalogue(
        (
            *("metric", "entity", "segment", "system", "item", "measure", "relation"),
            *("share_p05", "share_p95", "basis", "note"),
        ),
        keys=("metric", "entity", "segment", "system", "item", "measure"),
        required=("metric", "entity", "system", "item", "measure", "relation", "basis"),
        numbers={"share_p05": POSITIVE, "share_p95": POSITIVE},
        words={"relation": RELATIONS, "system": SYSTEM_NAMES, "basis": BASES},
        ordered=(("share_p05", "share_p95"),),
    ),
    "suppliers": Catalogue(
        (
            *("supplier", "figure_entity", "bits_ratio_p05", "bits_ratio_p95"),
            *("basis", "source", "known_since", "note"),
        ),
        keys=("supplier", "known_since"),
        required=(
            "supplier",
            "figure_entity",
            "bits_ratio_p05",
            "bits_ratio_p95",
            "basis",
            "source",
            "known_since",
        ),
        numbers={"bits_ratio_p05": POSITIVE, "bits_ratio_p95": POSITIVE},
        words={"basis": BASES},
        dates=("known_since",),
        ordered=(("bits_ratio_p05", "bits_ratio_p95"),),
    ),
    "server_content": Catalogue(
        (
            *("server", "component", "p05", "p95", "unit", "growth_per_year_p05", "growth_per_year_p95"),
            *("figure_ids", *_SINCE),
        ),
        keys=("server", "component", "known_since"),
        required=("server", "component", "unit", *_SINCE[:3]),
        numbers={
            **{"p05": POSITIVE, "p95": POSITIVE},
            **{"growth_per_year_p05": GROWTH, "growth_per_year_p95": GROWTH},
        },
        words={"unit": ("GB", "USD", "chain"), "basis": BASES},
        dates=("known_since",),
        ordered=(("p05", "p95"), ("growth_per_year_p05", "growth_per_year_p95")),
        figures=("figure_ids",),
    ),
    "cowos_variants": Catalogue(
        ("class", *VARIANTS, "basis", "source", "known_since", "note"),
        keys=("class", "known_since"),
        required=("class", *VARIANTS, "basis", "source", "known_since"),
        numbers=dict.fromkeys(VARIANTS, SHARE),
        words={"class": CLASS_NAMES, "basis": BASES},
        dates=("known_since",),
        sum_to_one=VARIANTS,
    ),
    "supply_chain": Catalogue(
        SUPPLY_CHAIN_COLUMNS,
        keys=("company_en", "segment", "process_step", "product", "known_since"),
        required=("company_en", "country", "segment", "process_step", "status", "known_since", "source_id"),
        words={"status": STATUSES, "segment": ALL_SEGMENTS},
        dates=("known_since",),
        periods=("as_of",),
        sources=("source_id",),
        paths=("system_item",),
    ),
    "report_findings": Catalogue(
        FINDING_COLUMNS,
        keys=("finding_id",),
        required=("finding_id", "topic_group", "check", "statement"),
        numbers=dict.fromkeys(("stated_low", "stated_high", "recomputed_low", "recomputed_high"), ANY_NUMBER),
        words={"topic_group": tuple(FINDING_GROUPS), "check": tuple(FINDING_CHECKS)},
        ordered=(("stated_low", "stated_high"), ("recomputed_low", "recomputed_high")),
        figures=("input_figure_ids", "stated_figure_ids", "other_figure_ids"),
    ),
}


def check_catalogue(
    catalogue: Catalogue,
    rows: list[dict],
    source_ids: set[str],
    figure_ids: set[str],
    collector: Collector,
) -> list[dict]:
    """Check the rows of one catalogue.

    Parameters
    ----------
    catalogue : Catalogue
    rows : list of dict
        Rows as text, with `file` and `row`.
    source_ids : set of str
        Accepted rows of sources.csv.
    figure_ids : set of str
        Figures that were read, accepted or not.
    collector : Collector
        Takes the rows put aside, each with file, row, field, value, problem and remedy.

    Returns
    -------
    list of dict
        Good rows, numbers as floats (nan where empty).
    """
    rows = unique(rows, catalogue.keys, collector)
    for row in rows:
        required(row, catalogue.required, collector)
        values = _numbers(catalogue, row, collector)
        for column, allowed in catalogue.words.items():
            if row[column]:
                one_of(row, column, allowed, collector, "the words stand in models/")
        for column in catalogue.dates:
            if row[column]:
                _check_date(row, column, collector)
        for column in catalogue.periods:
            if row[column]:
                _check_period(row, column, collector)
        for columns, known, where in (
            (catalogue.sources, source_ids, "sources.csv"),
            (catalogue.figures, figure_ids, "figures/"),
        ):
            for column in columns:
                for name in filter(None, row[column].split(";")):
                    if name.strip() not in known:
                        problem = f"{column} names {name.strip()!r}, which is no row of {where}"
                        collector.reject(row, column, problem, f"add it to {where}, or mend the name")
        for column in catalogue.paths:
            try:
                system_items(row[column])
            except ValueError as error:
                remedy = "write equipment/tcb, several with a semicolon between"
                collector.reject(row, column, str(error), remedy)
        if collector.is_good(row):
            row.update(values)
    return collector.kept(rows)


def _numbers(catalogue: Catalogue, row: dict, collector: Collector) -> dict[str, float]:
    """Read the numbers of a row: each possible, pairs in order, shares of a whole adding up."""
    values = {c: _bounded(row, c, *bounds, collector) for c, bounds in catalogue.numbers.items()}
    for low, high in catalogue.ordered:
        if values[low] > values[high]:
            problem = f"{low} {values[low]:g} lies above {high} {values[high]:g}"
            collector.reject(row, low, problem, "swap the two, or mend the one that is wrong")
    whole = [values[column] for column in catalogue.sum_to_one]
    if whole and abs(math.fsum(whole) - 1) > WHOLE_TOLERANCE:
        problem = f"{' + '.join(catalogue.sum_to_one)} is {math.fsum(whole):g}, not 1"
        collector.reject(row, catalogue.sum_to_one[0], problem, "mend the shares so that they add up to 1")
    return values


def _bounded(row: dict, column: str, least: float, most: float, collector: Collector) -> float:
    value = number(row, column, collector)
    if value < least or value > most:
        problem = f"{column} {value:g} is outside what is possible, {least:g} to {most:g}"
        remedy = "look at the unit in the name of the column, and mend the number"
        collector.reject(row, column, problem, remedy)
    return value


def _check_date(row: dict, column: str, collector: Collector) -> None:
    try:
        known_date(row, column, date_precision(row[column]), collector)
    except PeriodError as error:
        collector.reject(row, column, str(error), "write YYYY-MM-DD, YYYY-MM or YYYY")


def _check_period(row: dict, column: str, collector: Collector) -> None:
    try:
        parse_period(row[column])
    except PeriodError:
        try:
            date_precision(row[column])
        except PeriodError as error:
            collector.reject(
                row, column, str(error), "write a date or a period: 2023-11-13, 2023-11, 2023H1, 2023"
            )
