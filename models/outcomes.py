"""What came to pass: one later value per quantity and period, by one rule for all.

The rule, applied alike to every quantity, publisher and opponent:

1. A period that is not over has no outcome. Only two-sided figures of the quantity itself count (no bounds,
   no ratios to another quantity), and only those published no earlier than the period's beginning.
2. A figure's own uncertainty (standard deviation of the log) is put together from the *assumptions*, never
   from how well a forecast does: the noise of its kind, half the width of a published range, the topic's
   street error and own error per year of the horizon left at publication, the noise of an undated level, and,
   for a figure of another definition, the spread of the stated correction (the correction itself is applied).
   Above `MAX_LOG_SD` a figure is no outcome.
3. Figures of the quantity's own definition outrank corrected ones; then actuals outrank what is settled
   (published when at most `SETTLED_DAYS` of the period were left), and that outranks what was published while
   the period ran.
4. Each publisher's latest counts, once per origin, if it is at most `WINDOW_DAYS` older than the newest. The
   outcome is their median, its uncertainty the larger of their typical own one and their spread.
5. A growth figure counts as growth times the outcome of the year before, with the uncertainties of both,
   where its publisher gave no level as recent. Growth over the preceding period never counts.
6. A year without an actual of its own is the sum of its quarters where all four have actuals.

A figure that an opponent published is fair for all alike; nobody is scored from the day on which a figure
that the outcome is made of was visible (`known_on`).
"""

import math
from collections.abc import Hashable, Mapping
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit, logit

from models.periods import Period, effective_date, horizon_years, parse_period
from models.priors import Prior, prior_named, read_priors
from models.quantities import BY_NAME, Quantity

SCORED = (
    "hbm_revenue_usd",
    "hbm_bits_gb",
    "hbm_bits_demand_gb",
    "hbm_price_usd_per_gb",
    "hbm_tsv_capacity_wafers_per_month",
    "hbm_share_of_dram_revenue",
    "hbm_share_of_dram_bits",
    "hbm_share_of_dram_wafer_capacity",
    "hbm_generation_share_hbm3",
    "hbm_generation_share_hbm3e",
    "hbm_generation_share_hbm4",
    "dram_revenue_usd",
    "server_shipments",
    "ai_server_shipments",
    "ai_server_penetration",
    "hbm_server_shipments",
    "accelerator_shipments",
    "accelerator_shipments_nvidia",
    "accelerator_shipments_google",
    "accelerator_shipments_aws",
    "nvidia_datacenter_revenue_usd",
    "cowos_capacity_tsmc_wafers_per_month",
    "cowos_capacity_wafers_per_month",
    "cowos_wafers",
    "cowos_wafers_demand",
    "cowos_wafers_supply",
    "cowos_wafers_nvidia",
    "cowos_wafers_amd",
    "cowos_wafers_google",
)
MAX_LOG_SD = 0.40
SETTLED_DAYS = 31
WINDOW_DAYS = 548
NORMAL_MAD = 1.4826
RANKS = ("actual", "settled", "running")
KEY = ["quantity", "period"]
STATEMENT_COLUMNS = (
    *("quantity", "period", "start", "end", "figure_id", "origin_id", "publisher", "kind", "definition"),
    *("known_on", "first_on", "middle_on", "horizon", "log_value", "log_sd", "is_growth"),
)
OUTCOME_COLUMNS = (
    *("quantity", "period", "start", "end", "value", "log_sd", "rank", "n_publishers", "figure_ids"),
    *("known_on", "is_growth"),
)


def is_level(quantity: Quantity) -> bool:
    """Say whether the quantity is a level at the end of a period, or a ratio of such levels."""
    return quantity.yearly == "end" or (
        quantity.yearly == "ratio" and BY_NAME[quantity.numerator].yearly == "end"
    )


def target_period(quantity: Quantity, period: Period) -> str:
    """Label under which figures about the same thing meet.

    Levels at a quarter's end get that quarter whatever the print says (`2024`, `2024-12`, `2024Q4`); calendar
    flows keep their calendar label, other spans (fiscal ones) their own text.
    """
    if is_level(quantity) and period.end % 3 == 2:
        return f"{2021 + period.end // 12}Q{period.end % 12 // 3 + 1}"
    year, month = 2021 + period.start // 12, period.start % 12
    if period.n_months == 12 and month == 0:
        return str(year)
    if period.n_months == 3 and month % 3 == 0:
        return f"{year}Q{month // 3 + 1}"
    return period.text


def statements(
    figures: pd.DataFrame, priors: Mapping[str, Prior], quantities: tuple[str, ...] = SCORED
) -> pd.DataFrame:
    """Read two-sided figures as what they say about a quantity, corrected for their definition.

    Parameters
    ----------
    figures : DataFrame
        Usable figures of `models.fit.usable_figures` (base units).
    priors : mapping of str to Prior
        Assumptions as known at the date of the reading: corrections, noises.
    quantities : tuple of str

    Returns
    -------
    DataFrame
        Columns `STATEMENT_COLUMNS`; ``log_value`` is the log of the level, or of 1 + growth;
        ``first_on``, ``middle_on`` and ``known_on`` are the first, middle and last day on which the figure
        may have appeared; ``log_sd`` its own uncertainty.
    """
    of_its_own = figures["per_quantity"].fillna("") == ""
    kept = figures[of_its_own & figures["quantity"].isin(quantities)]
    # Plain dicts: rows of an empty frame have no attributes to read.
    rows = [_statement(row, priors) for row in kept.to_dict("records")]
    return pd.DataFrame([row for row in rows if row is not None], columns=list(STATEMENT_COLUMNS))


def _statement(figure: Mapping[Hashable, Any], priors: Mapping[str, Prior]) -> dict[str, Any] | None:
    if figure["aggregation"] == "sequential_growth":
        return None
    month = figure["fiscal_year_end_month"]
    period = parse_period(str(figure["period"]), None if pd.isna(month) or month == "" else int(month))
    growth = figure["aggregation"] == "growth"
    read = read_log_value(figure, 1.0 if growth else 0.0)
    definition = str(figure["definition"] or "")
    name = f"definition_offset.{definition}"
    if read is None or (definition and name not in priors):
        return None
    log_value, half_width = read
    definition_sd = 0.0
    if definition:
        log_value, definition_sd = _corrected(log_value, priors[name])
    quantity = BY_NAME[str(figure["quantity"])]
    first, middle, last = publication_dates(str(figure["published_on"]), str(figure["published_precision"]))
    horizon = 0.0 if figure["kind"] == "actual" else horizon_years(middle, period)
    rate = math.hypot(_median(priors, f"street.{quantity.topic}"), _median(priors, "noise.horizon_per_year"))
    undated = is_level(quantity) and period.kind not in ("month", "quarter", "fiscal_quarter") and not growth
    parts = (
        _median(priors, f"noise.{figure['kind']}"),
        rate * horizon,
        half_width,
        definition_sd,
        _median(priors, "noise.undated_level") if undated else 0.0,
    )
    return {
        "quantity": quantity.name,
        "period": target_period(quantity, period),
        # A level belongs to the quarter it ends, whatever span the print names.
        "start": period.end - 2 if is_level(quantity) and period.end % 3 == 2 else period.start,
        "end": period.end,
        **{column: figure[column] for column in ("figure_id", "origin_id", "publisher", "kind")},
        "definition": definition,
        "known_on": last,
        "first_on": first,
        "middle_on": middle,
        "horizon": horizon,
        "log_value": log_value,
        "log_sd": math.hypot(*parts),
        "is_growth": growth,
    }


def read_log_value(figure: Mapping[Hashable, Any], shift: float) -> tuple[float, float] | None:
    """Read the log of a figure (plus `shift`, 1 for growth) and half the log-width of its range.

    None for a bound.
    """
    value, low, high = (float(figure[name]) + shift for name in ("value", "low", "high"))
    half_width = 0.0
    if low > 0 and high > 0:
        half_width = (math.log(high) - math.log(low)) / 2.0
        value = value if value > 0 else math.sqrt(low * high)
    return (math.log(value), half_width) if value > 0 else None


def _corrected(log_value: float, offset: Prior) -> tuple[float, float]:
    """Take the stated correction off; the standard deviation comes back on the log scale."""
    if offset.shape == "lognormal":
        return log_value - offset.loc, offset.scale
    share = float(expit(logit(math.exp(log_value)) - offset.loc))
    return math.log(share), offset.scale * (1.0 - share)


def _median(priors: Mapping[str, Prior], name: str) -> float:
    prior = prior_named(dict(priors), name)
    return float(prior.natural(np.array(prior.loc)))


def publication_dates(published_on: str, precision: str) -> tuple[date, date, date]:
    """First, middle and last day on which a publication may have appeared."""
    last = effective_date(published_on, precision)
    first = {"day": last, "month": last.replace(day=1), "year": date(last.year, 1, 1)}[precision]
    # The middle as the likelihood counts it (models.evidence).
    return first, last - timedelta(days={"day": 0, "month": 15, "year": 183}[precision]), last


def outcomes(
    figures: pd.DataFrame,
    assumptions: pd.DataFrame,
    today: date,
    quantities: tuple[str, ...] = SCORED,
    ranks: tuple[str, ...] = RANKS,
) -> pd.DataFrame:
    """Choose the outcome of every quantity and period that has one, by the rule of this module.

    Parameters
    ----------
    figures : DataFrame
        Usable figures of `models.fit.usable_figures`, those that count as published; a figure dated to the
        year counts although the year is not over (it has been read, so it was published).
    assumptions : DataFrame
        Columns of data/assumptions.csv; as known on `today`.
    today : date
        Periods that end later have no outcome.
    quantities : tuple of str
    ranks : tuple of str
        Ranks of figures that may be outcomes, of `RANKS`.

    Returns
    -------
    DataFrame
        Columns `OUTCOME_COLUMNS`: ``value`` in the quantity's unit, ``log_sd`` its uncertainty,
        ``figure_ids`` joined by spaces, ``known_on`` the day on which the first of them was visible.
    """
    return outcomes_of(statements(figures, read_priors(assumptions, today), quantities), today, ranks)


def outcomes_of(said: pd.DataFrame, today: date, ranks: tuple[str, ...] = RANKS) -> pd.DataFrame:
    """Choose outcomes from statements, whatever they are about: rules 1, 3, 4 and 5 of this module.

    Parameters
    ----------
    said : DataFrame
        Columns `STATEMENT_COLUMNS`, as `statements` gives them.
    today, ranks
        As in `outcomes`.

    Returns
    -------
    DataFrame
        Columns `OUTCOME_COLUMNS`.
    """
    said = _ranked(said[said["end"] <= _month_index(today)], today)
    said = said[said["rank"].isin(ranks)]
    chosen: dict[tuple[str, int, int], dict[str, Any]] = {}
    # Quarters first: a year may be their sum. Then by time: growth needs the outcome of the year before.
    said = said.assign(span=said["end"] - said["start"])
    for (_, _, quantity, _), group in said.groupby(["span", "end", "quantity", "period"], sort=True):
        start, end = int(group["start"].iloc[0]), int(group["end"].iloc[0])
        base = chosen.get((str(quantity), start - 12, end - 12))
        row = _chosen(_as_levels(group, base))
        total = _sum_of_quarters(chosen, str(quantity), start, end)
        if total is not None and (row is None or row["rank"] != RANKS[0]):
            row = {**total, "period": group["period"].iloc[0]}
        if row is not None:
            chosen[str(quantity), start, end] = row
    for quantity, start in sorted({(quantity, end // 12 * 12) for quantity, _, end in chosen}):
        total = _sum_of_quarters(chosen, quantity, start, start + 11)
        if total is not None:
            chosen.setdefault((quantity, start, start + 11), {**total, "period": str(2021 + start // 12)})
    table = pd.DataFrame(list(chosen.values()), columns=list(OUTCOME_COLUMNS))
    return table.sort_values(["quantity", "end", "start"], ignore_index=True)


def _sum_of_quarters(
    chosen: Mapping[tuple[str, int, int], dict[str, Any]], quantity: str, start: int, end: int
) -> dict[str, Any] | None:
    """Outcome of a year as the sum of its quarters' actuals; None where there are not four."""
    known = BY_NAME.get(quantity)
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
    month = (today.year - 2021) * 12 + today.month - 1
    return month if (today + timedelta(days=1)).month != today.month else month - 1


def _ranked(said: pd.DataFrame, today: date) -> pd.DataFrame:
    begin = [date(2021 + s // 12, s % 12 + 1, 1) for s in said["start"]]
    soon_enough = [f >= b for f, b in zip(said["first_on"], begin, strict=True)]
    kept = said[np.array(soon_enough, bool) & (said["first_on"] <= today).to_numpy(bool)]
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
    group = group[group["log_sd"] <= MAX_LOG_SD]
    if group.empty:
        return None
    order = 3 * (group["definition"] != "") + group["rank"].map(RANKS.index)
    group = group[order == order.min()].sort_values(["middle_on", "figure_id"], kind="stable")
    newest = group.groupby("publisher")["middle_on"].transform("max")
    group = group[group["middle_on"] == newest].drop_duplicates("origin_id", keep="first")
    last = group["middle_on"].max()
    group = group[np.array([(last - day).days <= WINDOW_DAYS for day in group["middle_on"]], bool)]
    by_publisher = group.groupby("publisher")[["log_value", "log_sd"]].median()
    # Robust: one publisher far off (another perimeter, an old edition) must not make the others worthless.
    spread = NORMAL_MAD * float(
        (by_publisher["log_value"] - by_publisher["log_value"].median()).abs().median()
    )
    return {
        **{name: group[name].iloc[0] for name in ("quantity", "period", "start", "end", "rank")},
        "value": math.exp(float(by_publisher["log_value"].median())),
        "log_sd": max(float(by_publisher["log_sd"].median()), spread),
        "n_publishers": len(by_publisher),
        "figure_ids": " ".join(group["figure_id"]),
        "known_on": group["known_on"].min(),
        "is_growth": bool(group["is_growth"].any()),
    }
