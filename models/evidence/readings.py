"""What a published figure says about a quantity: one line per figure, corrected for its definition.

Outcomes, opponents and the systems' outcomes are all read by these lines, so that nobody is judged by a
reading of his own.
"""

import math
from collections.abc import Hashable, Mapping
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit, logit

from models.evidence.assumptions import Prior, prior_named
from models.inference.terms import is_undated
from models.vocabulary.periods import Period, effective_date, horizon_years, parse_period
from models.vocabulary.quantities import BY_NAME, Quantity, is_level

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
STATEMENT_COLUMNS = (
    *("quantity", "period", "start", "end", "figure_id", "origin_id", "publisher", "kind", "definition"),
    *("known_on", "first_on", "middle_on", "horizon", "log_value", "log_sd", "is_growth"),
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
        Usable figures of `models.inference.fit.usable_figures` (base units).
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
    undated = is_undated(quantity, period) and not growth
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
    # The middle as the likelihood counts it (models.inference.operator).
    return first, last - timedelta(days={"day": 0, "month": 15, "year": 183}[precision]), last
