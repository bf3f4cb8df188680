"""What came to pass: one later value per quantity and period, by one rule for all.

The rule, applied alike to every quantity, publisher and opponent:

1. A period that is not over has no outcome. Only two-sided figures of the quantity itself count (no bounds,
   no ratios to another quantity), and only those published no earlier than the period's beginning.
2. A figure's own uncertainty (standard deviation of the log) is put together from what the last vintage's
   posterior learned of how figures of its kind and topic err (`models.evidence.figure_errors`; by assumption
   where there is none), never from how well a forecast does: the noise of its kind, half the width of a
   published range, the error per year of the horizon left at publication, the noise of an undated level, and,
   for a figure of another definition, the spread of the stated correction (the correction itself is applied).
   Above `MAX_LOG_SD`, or more than half a year ahead, a figure is no outcome.
3. Figures of the quantity's own definition outrank corrected ones; then actuals outrank what is settled
   (published when at most `SETTLED_DAYS` of the period were left), and that outranks what was published while
   the period ran.
4. Each publisher's latest counts, once per origin, if it is at most `WINDOW_DAYS` older than the newest. The
   outcome is their median, its uncertainty the larger of their typical own one and their spread.
5. A growth figure counts as growth times the outcome of the year before, with the uncertainties of both,
   where its publisher gave no level as recent. Growth over the preceding period never counts.
6. A year without an actual of its own is the sum of its quarters where all four have actuals.

A figure that an opponent published is fair for all alike; nobody is scored from the day on which a figure
that the outcome is made of was visible (`known_on`), be it an earlier print of the same result.
"""

import math
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from models.evidence.assumptions import read_priors
from models.evidence.readings import statements
from models.vocabulary.market import Market
from models.vocabulary.periods import FIRST_YEAR

MAX_LOG_SD = 0.40
MAX_HORIZON_YEARS = 0.5
SETTLED_DAYS = 31
WINDOW_DAYS = 548
NORMAL_MAD = 1.4826
RANKS = ("actual", "settled", "running")
OUTCOME_COLUMNS = (
    *("quantity", "period", "start", "end", "value", "log_sd", "rank", "n_publishers", "figure_ids"),
    *("known_on", "is_growth"),
)


def outcomes(
    figures: pd.DataFrame,
    assumptions: pd.DataFrame,
    today: date,
    market: Market,
    scales: Mapping[str, float] | None = None,
) -> pd.DataFrame:
    """Choose the outcome of every quantity of the chain and period that has one, by the rule of this module.

    Parameters
    ----------
    figures : DataFrame
        Usable figures of `models.inference.from_evidence.usable_figures`, those that count as published; a
        figure dated to the year counts although the year is not over (it has been read, so it was published).
    assumptions : DataFrame
        Columns of data/assumptions.csv; as known on `today`.
    today : date
        Periods that end later have no outcome.
    market : Market
    scales : mapping of str to float, optional
        Scales of errors as a posterior learned them, by the names of the assumptions.

    Returns
    -------
    DataFrame
        Columns `OUTCOME_COLUMNS`: ``value`` in the quantity's unit, ``log_sd`` its uncertainty,
        ``figure_ids`` joined by spaces, ``known_on`` the day on which the first of them was visible.
    """
    readings = statements(figures, read_priors(assumptions, today), market, scales=scales)
    return outcomes_of(readings, today, market)


def outcomes_of(readings: pd.DataFrame, today: date, market: Market) -> pd.DataFrame:
    """Choose outcomes from statements, whatever they are about: rules 1, 3, 4 and 5 of this module.

    Parameters
    ----------
    readings : DataFrame
        Columns `STATEMENT_COLUMNS`, as `statements` gives them.
    today, market
        As in `outcomes`.

    Returns
    -------
    DataFrame
        Columns `OUTCOME_COLUMNS`.
    """
    readings = _ranked(readings[readings["end"] <= _month_index(today)], today)
    chosen: dict[tuple[str, int, int], dict[str, Any]] = {}
    # Quarters first: a year may be their sum. Then by time: growth needs the outcome of the year before.
    readings = readings.assign(span=readings["end"] - readings["start"])
    for (_, _, quantity, _), group in readings.groupby(["span", "end", "quantity", "period"], sort=True):
        start, end = int(group["start"].iloc[0]), int(group["end"].iloc[0])
        base = chosen.get((str(quantity), start - 12, end - 12))
        row = _chosen(_as_levels(group, base))
        total = _sum_of_quarters(chosen, str(quantity), start, end, market)
        if total is not None and (row is None or row["rank"] != RANKS[0]):
            row = {**total, "period": group["period"].iloc[0]}
        if row is not None:
            chosen[str(quantity), start, end] = row
    for quantity, start in sorted({(quantity, end // 12 * 12) for quantity, _, end in chosen}):
        total = _sum_of_quarters(chosen, quantity, start, start + 11, market)
        if total is not None:
            chosen.setdefault(
                (quantity, start, start + 11), {**total, "period": str(FIRST_YEAR + start // 12)}
            )
    table = pd.DataFrame(list(chosen.values()), columns=list(OUTCOME_COLUMNS))
    return table.sort_values(["quantity", "end", "start"], ignore_index=True)


def _sum_of_quarters(
    chosen: Mapping[tuple[str, int, int], dict[str, Any]],
    quantity: str,
    start: int,
    end: int,
    market: Market,
) -> dict[str, Any] | None:
    """Outcome of a year as the sum of its quarters' actuals; None where there are not four."""
    known = market.by_name.get(quantity)
    if end - start != 11 or known is None or known.yearly != "sum":
        return None
    quarters = [chosen.get((quantity, first, first + 2)) for first in range(start, end, 3)]
    found = [row for row in quarters if row is not None and row["rank"] == RANKS[0]]
    if len(found) < 4:
        return None
    return {
        **found[-1],
        **{"start": start, "end": end, "value": sum(row["value"] for row in found)},
        # One publisher's quarters err together.
        "log_sd": max(row["log_sd"] for row in found),
        "n_publishers": min(row["n_publishers"] for row in found),
        "figure_ids": " ".join(row["figure_ids"] for row in found),
        # The sum is known when the last quarter is.
        "known_on": max(row["known_on"] for row in found),
        "is_growth": False,
    }


def _month_index(today: date) -> int:
    """Last month that is over."""
    month = (today.year - FIRST_YEAR) * 12 + today.month - 1
    return month if (today + timedelta(days=1)).month != today.month else month - 1


def _ranked(readings: pd.DataFrame, today: date) -> pd.DataFrame:
    begin = [date(FIRST_YEAR + s // 12, s % 12 + 1, 1) for s in readings["start"]]
    soon_enough = [f >= b for f, b in zip(readings["first_on"], begin, strict=True)]
    kept = readings[np.array(soon_enough, bool) & (readings["first_on"] <= today).to_numpy(bool)]
    settled = kept["horizon"] <= SETTLED_DAYS / 365.25
    rank = np.where((kept["kind"] == "actual") & settled, "actual", np.where(settled, "settled", "running"))
    return kept.assign(rank=rank)


def _as_levels(group: pd.DataFrame, base: dict[str, Any] | None) -> pd.DataFrame:
    """Turn growth into levels where the year before has an outcome, and leave it out where not."""
    levels, growing = group[~group["is_growth"]], group[group["is_growth"]]
    if base is None or growing.empty:
        return levels
    newest = levels.groupby("publisher")["middle_on"].max().to_dict()
    newer = [row.middle_on > newest.get(row.publisher, date.min) for row in growing.itertuples()]
    growing = growing[newer]
    growing = growing.assign(
        log_value=growing["log_value"] + math.log(base["value"]),
        log_sd=np.hypot(growing["log_sd"], base["log_sd"]),
    )
    return pd.concat([levels, growing]) if len(levels) else growing


def _chosen(group: pd.DataFrame) -> dict[str, Any] | None:
    """Choose the outcome of one target; None where no figure is certain enough."""
    group = group[(group["log_sd"] <= MAX_LOG_SD) & (group["horizon"] <= MAX_HORIZON_YEARS)]
    if group.empty:
        return None
    order = 3 * (group["definition"] != "") + group["rank"].map(RANKS.index)
    group = readings = group[order == order.min()].sort_values(["middle_on", "figure_id"], kind="stable")
    newest = group.groupby("publisher")["middle_on"].transform("max")
    group = group[group["middle_on"] == newest].drop_duplicates("origin_id", keep="first")
    last = group["middle_on"].max()
    group = group[np.array([(last - day).days <= WINDOW_DAYS for day in group["middle_on"]], bool)]
    by_publisher = group.groupby("publisher")[["log_value", "log_sd"]].median()
    # Robust: one publisher far off (another perimeter, an old edition) must not make the others worthless.
    spread = NORMAL_MAD * float(
        (by_publisher["log_value"] - by_publisher["log_value"].median()).abs().median()
    )
    rank = group["rank"].iloc[0]
    # A result is known from its first print on, and so is a figure whose origin was seen before.
    first = readings if rank == RANKS[0] else readings[readings["origin_id"].isin(group["origin_id"])]
    return {
        **{name: group[name].iloc[0] for name in ("quantity", "period", "start", "end")},
        "rank": rank,
        "value": math.exp(float(by_publisher["log_value"].median())),
        "log_sd": max(float(by_publisher["log_sd"].median()), spread),
        "n_publishers": len(by_publisher),
        "figure_ids": " ".join(group["figure_id"]),
        "known_on": first["known_on"].min(),
        "is_growth": bool(group["is_growth"].any()),
    }
