"""What stands beside a figure: what its publisher said last, the same number from somebody else."""

import math
from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from typing import Any, Final, NamedTuple

import pandas as pd

from models.evidence.known import publication_dates
from models.vocabulary.periods import Period, PeriodError, parse_period
from models.vocabulary.rows import records
from models.vocabulary.units import to_metric_units

ECHO_DAYS: Final = 60
"""So many days apart the same number from two publishers is likely one statement."""
_SAME: Final = 1e-9
"""Numbers that differ by less are the same in two units."""


class ComparedFigure(NamedTuple):
    """A figure beside others.

    Attributes
    ----------
    row : mapping
        After `models.evidence.mapping.resolve`, in the metric's unit, with ``publisher``.
    period : Period
    number : float
        Its value, or the middle of its range, in the metric's unit.
    published : date
    """

    row: Mapping[str, Any]
    period: Period
    number: float
    published: date

    @property
    def figure_id(self) -> str:
        """Name of the figure."""
        return str(self.row["figure_id"])

    @property
    def printed(self) -> float:
        """Its number in the unit that was printed."""
        return float(f"{self.number / float(self.row['unit_factor']):.12g}")


type Kind = tuple[str, str, str]
"""Metric, entity and segment: what figures must share to be compared."""


def comparable_groups(
    resolved: pd.DataFrame, exchange_rates: pd.DataFrame, sources: pd.DataFrame
) -> dict[Kind, list[ComparedFigure]]:
    """Group figures that can be compared.

    Parameters
    ----------
    resolved : DataFrame
        Figures after `models.evidence.mapping.resolve`; those that nothing maps are left out.
    exchange_rates, sources : DataFrame

    Returns
    -------
    dict of list of ComparedFigure
        By metric, entity and segment; figures without a number or a date are left out.
    """
    mapped = resolved[resolved["mapped"].astype(bool)]
    groups: dict[Kind, list[ComparedFigure]] = defaultdict(list)
    if mapped.empty:
        return groups
    published = sources.set_index("source_id")[["publisher", "published_on", "published_precision"]]
    for row in records(to_metric_units(mapped, exchange_rates).join(published, on="source_id")):
        if (seen := _seen(row)) is not None:
            groups[row["metric"], row["entity"], row["segment"]].append(seen)
    return groups


def _seen(row: Mapping[str, Any]) -> ComparedFigure | None:
    number = row["value"] if not math.isnan(row["value"]) else (row["low"] + row["high"]) / 2.0
    if math.isnan(number):
        return None
    try:
        period = parse_period(row["period"], row["fiscal_year_end_month"])
        published = publication_dates(row["published_on"], row["published_precision"]).middle_on
    except PeriodError:
        return None
    return ComparedFigure(row, period, number, published)


def is_same_period(one: ComparedFigure, other: ComparedFigure) -> bool:
    """Whether two figures are about the same months, however the period is printed."""
    return (one.period.start, one.period.end) == (other.period.start, other.period.end)


def likely_echoes(seen: ComparedFigure, group: list[ComparedFigure]) -> list[ComparedFigure]:
    """Find the same number for the same period from somebody else, printed a few weeks before.

    Parameters
    ----------
    seen : ComparedFigure
    group : list of ComparedFigure
        Figures of its kind, itself among them or not.

    Returns
    -------
    list of ComparedFigure
        The oldest first; none of them is said to be of the same origin.
    """
    before = [
        other
        for other in group
        if math.isclose(other.number, seen.number, rel_tol=_SAME)
        and is_same_period(other, seen)
        and other.row["origin_id"] != seen.row["origin_id"]
        and other.row["publisher"] != seen.row["publisher"]
        and 0 <= (seen.published - other.published).days <= ECHO_DAYS
        and other.figure_id != seen.figure_id
    ]
    return sorted(before, key=lambda other: (other.published, other.figure_id))


def publishers_last(seen: ComparedFigure, group: list[ComparedFigure]) -> ComparedFigure | None:
    """Find what the same publisher said last of the same period, on an earlier day; None for nothing.

    Parameters
    ----------
    seen : ComparedFigure
    group : list of ComparedFigure
        Figures of its kind, itself among them or not.
    """
    earlier = [
        other
        for other in group
        if other.row["publisher"] == seen.row["publisher"]
        and is_same_period(other, seen)
        and other.published < seen.published
        and other.figure_id != seen.figure_id
    ]
    return max(earlier, key=lambda other: (other.published, other.figure_id), default=None)
