"""Rates of exchange against their neighbours: what moved too far is put aside until a person confirms it."""

import math
from collections import defaultdict
from typing import Final

from models.evidence.checks.rows import Collector
from models.vocabulary.units import BASE_CURRENCY

LARGEST_MOVE: Final = 0.25
"""Share by which a yearly average may differ from that of the year before or after; the yen's fall of 2022,
the largest since 2019 among the currencies of the table, was 16 %."""
CONFIRMED: Final = "confirmed:"
"""A note that begins so says that a person looked, and why it is right."""


def is_confirmed(note: str) -> bool:
    """Say whether a person confirmed a surprising row."""
    return note.strip().lower().startswith(CONFIRMED)


def check_rates(rows: list[dict], collector: Collector) -> list[dict]:
    """Put aside rates that lie far from those of both nearest years.

    A wrong one differs from both, a right one near it from one only. Of two years alone nobody can tell which
    is wrong: both are put aside.

    Parameters
    ----------
    rows : list of dict
        Checked rows of exchange_rates.csv: currency, year, usd_per_unit as numbers, note.
    collector : Collector

    Returns
    -------
    list of dict
        Good rows.
    """
    by_currency: dict[str, list[dict]] = defaultdict(list)
    for row in rows:
        if row["currency"] == BASE_CURRENCY and row["usd_per_unit"] != 1:
            problem = f"usd_per_unit {row['usd_per_unit']:g} of {BASE_CURRENCY} itself, which is 1"
            remedy = "delete the row, or give the currency it is meant for"
            collector.reject(row, "usd_per_unit", problem, remedy)
            continue
        by_currency[row["currency"]].append(row)
    for series in by_currency.values():
        for row in series:
            others = [other for other in series if other is not row]
            nearest = sorted(others, key=lambda other: abs(other["year"] - row["year"]))[:2]
            moves = [_move(row, other) for other in nearest]
            if moves and min(moves) > 1 and not is_confirmed(row["note"]):
                _reject(row, nearest[moves.index(min(moves))], collector)
    return collector.kept(rows)


def _move(row: dict, other: dict) -> float:
    """How far two rates lie apart, in what their distance in years allows."""
    years = abs(row["year"] - other["year"])
    return abs(math.log(row["usd_per_unit"] / other["usd_per_unit"])) / (years * math.log1p(LARGEST_MOVE))


def _reject(row: dict, other: dict, collector: Collector) -> None:
    ratio = row["usd_per_unit"] / other["usd_per_unit"]
    problem = f"usd_per_unit {row['usd_per_unit']:g} is {ratio:.3g} times that of {other['year']}"
    remedy = f"if it is right, begin its note with '{CONFIRMED}' and say why"
    for factor in (10, 100, 1000, 10_000):
        if abs(math.log(ratio / factor)) < math.log1p(LARGEST_MOVE):
            remedy = f"a rate per {factor} units? write {row['usd_per_unit'] / factor:.6g}; {remedy}"
    inverse = row["usd_per_unit"] * other["usd_per_unit"]
    if abs(math.log(inverse)) < math.log1p(LARGEST_MOVE):
        remedy = f"units per US dollar? write {1 / row['usd_per_unit']:.6g}; {remedy}"
    collector.reject(row, "usd_per_unit", problem, remedy)
