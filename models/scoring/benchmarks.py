"""Whom the forecast must beat: point forecasts that could have been had on the same dates.

Latest published figure, median of the last year's figures, no change, persistence of growth, the report of
January 2024, and each publisher. `models.scoring.dressing` makes distributions of them.

All see only what was published by the date, with the corrections of definitions known by then, and are read
by the same lines as the outcomes (`models.evidence.readings.statements`). A growth figure counts as growth
times the newest published figure of the year before (its publisher's own, else anybody's). As with the
outcomes, figures of the quantity's own definition are taken where there are any, corrected ones only where
not: nobody loses because another perimeter was read for theirs.
"""

import math
from collections.abc import Iterable
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from models.evidence.assumptions import read_priors
from models.evidence.known import known_by
from models.evidence.readings import statements
from models.scoring.dressing import Views
from models.scoring.outcomes import outcomes_of
from models.systems.report_2024.replica import REPORT_PUBLISHED, report_january_2024
from models.vocabulary.market import Market
from models.vocabulary.opponents import (
    GROWTH_PERSISTS,
    LATEST,
    MEDIAN,
    MEDIAN_DAYS,
    NO_CHANGE,
    PUBLISHER_PREFIX,
    REPORT,
)

MINIMUM_RESOLVED = 5
"""A publisher needs figures for this many resolved targets to be an opponent of its own."""
POINT_COLUMNS = ("quantity", "period", "opponent", "value", "n_figures")


def opponent_views(
    figures: pd.DataFrame, assumptions: pd.DataFrame, as_of: date, targets: pd.DataFrame, market: Market
) -> Views:
    """Give the views of every opponent on targets of the chain as of a date, and what had come out by then.

    Parameters
    ----------
    figures : DataFrame
        Usable figures of `models.inference.from_evidence.usable_figures`; those published later are not
        looked at.
    assumptions : DataFrame
        Columns of data/assumptions.csv; those known later are not looked at.
    as_of : date
    targets : DataFrame
        From `models.scoring.scores.open_targets`.
    market : Market

    Returns
    -------
    Views
        Points with columns `POINT_COLUMNS`, values in the quantity's unit; an opponent without a view on a
        target has no row. All publishers are there: who has too few resolved figures is left out by the
        scoreboard. What had come out is of all quantities.
    """
    readings = statements(figures, read_priors(assumptions, as_of), market)
    return views_of(readings, as_of, targets, market)


def views_of(readings: pd.DataFrame, as_of: date, targets: pd.DataFrame, market: Market) -> Views:
    """Give the views of every opponent from statements, whatever they are about.

    Parameters
    ----------
    readings : DataFrame
        As `models.evidence.readings.statements` gives them; those known later are not looked at.
    as_of, targets, market
        As in `opponent_views`.
    """
    readings = known_by(readings, as_of, "known_on")
    views, past = _levels(readings), outcomes_of(readings, as_of, market)
    rows: list[dict[str, Any]] = []
    for target in targets.itertuples(index=False):
        key = {"quantity": target.quantity, "period": target.period}
        about = views[(views["quantity"] == target.quantity) & (views["period"] == target.period)]
        found = [*_street(about, as_of), *_carried_on(past, target), *_report(as_of, target)]
        rows += [{**key, "opponent": name, "value": value, "n_figures": n} for name, value, n in found]
    return Views(targets, pd.DataFrame(rows, columns=list(POINT_COLUMNS)), past)


def _levels(readings: pd.DataFrame) -> pd.DataFrame:
    """Statements as levels: growth is applied to the newest level of the year before."""
    levels, growing = readings[~readings["is_growth"]], readings[readings["is_growth"]]
    known = levels.sort_values(["known_on", "middle_on"], kind="stable")
    rows = []
    # Earlier periods first, so that growth upon growth finds its base.
    for row in growing.sort_values(["end", "known_on"], kind="stable").to_dict("records"):
        base = known[(known["quantity"] == row["quantity"]) & (known["end"] == row["end"] - 12)]
        base = base[base["start"] == row["start"] - 12]
        own = base[base["publisher"] == row["publisher"]]
        base = own if len(own) else base
        same = levels[(levels["quantity"] == row["quantity"]) & (levels["period"] == row["period"])]
        beside = same[(same["publisher"] == row["publisher"]) & (same["known_on"] >= row["known_on"])]
        # A publisher's level says it directly; its growth beside it would count the same view twice.
        if base.empty or len(beside):
            continue
        row["log_value"] += float(base["log_value"].iloc[-1])
        rows.append(row)
        known = pd.concat([known, pd.DataFrame([row])])
        known = known.sort_values(["known_on", "middle_on"], kind="stable")
    return pd.concat([levels, pd.DataFrame(rows, columns=readings.columns)]) if rows else levels


def _street(about: pd.DataFrame, as_of: date) -> Iterable[tuple[str, float, int]]:
    """Latest figure, median of the last year, and each publisher's latest."""
    if about.empty:
        return []
    plain = about[about["definition"] == ""]
    by_publisher = _last_of_each(about).groupby("publisher")["log_value"]
    about = plain if len(plain) else about
    newest = about[about["known_on"] == about["known_on"].max()]
    found = [(LATEST, _median(newest), len(newest))]
    last_of_each = _last_of_each(about)
    age = np.array([(as_of - day).days for day in last_of_each["known_on"]])
    recent = last_of_each[age <= MEDIAN_DAYS]
    if len(recent):
        each = recent.groupby("publisher")["log_value"].median()
        found.append((MEDIAN, math.exp(float(each.median())), len(each)))
    found += [
        (f"{PUBLISHER_PREFIX}{name}", math.exp(float(values.median())), len(values))
        for name, values in by_publisher
    ]
    return found


def _last_of_each(about: pd.DataFrame) -> pd.DataFrame:
    return about[about["known_on"] == about.groupby("publisher")["known_on"].transform("max")]


def _median(rows: pd.DataFrame) -> float:
    return math.exp(float(rows["log_value"].median()))


def _carried_on(past: pd.DataFrame, target: Any) -> Iterable[tuple[str, float, int]]:
    """Last known value of the same kind of period: as it is, and carried on by its growth.

    No change needs one known value, persistence of growth two that lie a year apart; it starts from the last
    value that has one a year before, which may be an older one.
    """
    months = target.end - target.start
    same = past[(past["quantity"] == target.quantity) & (past["end"] - past["start"] == months)]
    value = dict(zip(same["end"], same["value"], strict=True))
    ends = sorted(end for end in value if end < target.end)
    found = [(NO_CHANGE, value[ends[-1]], 1)] if ends else []
    if growing := [end for end in ends if end - 12 in value]:
        last = growing[-1]
        years = (target.end - last) / 12.0
        found.append((GROWTH_PERSISTS, value[last] * (value[last] / value[last - 12]) ** years, 2))
    return found


def _report(as_of: date, target: Any) -> Iterable[tuple[str, float, int]]:
    value = report_january_2024().get((target.quantity, target.period))
    return [(REPORT, value, 1)] if value is not None and as_of >= REPORT_PUBLISHED else []
