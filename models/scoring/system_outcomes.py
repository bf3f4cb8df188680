"""What came to pass of the systems around the chain (rule of `models.scoring.outcomes`), and our draws of it.

A quantity of a system is named as its series is (`Series.name`), by the columns that name a row of
`system_forecast`: ``supplier/sk_hynix/share/revenue``, ``equipment/tcb/usd/total``.

Figures are read by the rules that the systems themselves read them by; which becomes an outcome, and from
when, is the chain's rule (`models.scoring.outcomes`), its limit on uncertainty included. What is read:

- suppliers: shares of revenue and of bits, revenue, bits and TSV capacity of single makers. A share whose
  basis is unsaid counts, as another definition, as one of revenue: the system reads it halfway between bits
  and revenue, so half of a maker's price premium lies between, which widens its error and shifts nothing;
- equipment, materials and packaging: rows 'observes' of data/system_evidence.csv. A vendor's or market's
  figure times the share stated there is the item. **The outcome so rests on the system's own assumption**:
  its middle shifts outcome and forecast alike, its width goes into the outcome's uncertainty;
- CoWoS: customers' shares of the wafers, read as the chain reads them.

Bounds are no outcomes. An error on the logit scale is one of ``1 - share`` times it on the log scale.
"""

import math
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from models.evidence.assumptions import Prior, read_priors
from models.evidence.evidence import Evidence
from models.evidence.figure_errors import FigureErrors
from models.evidence.readings import (
    STATEMENT_COLUMNS,
    FigureError,
    first_and_last_month,
    read_figure,
    statements,
    target_period,
)
from models.scoring.outcome_rules import Rule, rules_of_links, rules_of_suppliers
from models.systems import cowos_variant
from models.systems.series import Series
from models.vocabulary.market import Market
from models.vocabulary.periods import DATED_KINDS, FIRST_YEAR, Period, PeriodError, flow_weights, level_index
from models.vocabulary.quantity import Quantity

HINDSIGHT = (
    "Outcomes of equipment and packaging are published amounts times the share that system_evidence.csv "
    "assumes, the same that the forecast rests on: they test growth and timing more than the level.",
    "system_evidence.csv carries no dates: which figure speaks of which item, and its range of shares, were "
    "written down when most of the figures were known.",
)


def system_statements(
    evidence: Evidence, as_of: date, scales: Mapping[str, float] | None = None
) -> pd.DataFrame:
    """Read what figures say about quantities of the systems.

    Parameters
    ----------
    evidence : Evidence
        'figures' (resolved, in base units), 'assumptions', 'suppliers', 'system_evidence', and the market's
        tables.
    as_of : date
        Assumptions and suppliers as known then; *all* figures given are read (``known_on`` says since when
        each was visible).
    scales : mapping of str to float, optional
        As in `models.scoring.outcomes.outcomes`.

    Returns
    -------
    DataFrame
        Columns of `models.evidence.readings.statements`.
    """
    priors = read_priors(evidence.assumptions, as_of)
    figures = evidence.figures
    figures = figures[figures["not_used_reason"].fillna("").astype(str).str.strip() == ""]
    segment = figures["segment"].fillna("").astype(str).str.strip()
    by_key = dict(list(figures.groupby([figures["metric"], figures["entity"], segment])))
    errors = FigureErrors(priors, scales or {})
    rules = [*rules_of_suppliers(evidence, errors, as_of), *rules_of_links(evidence, priors)]
    readings = [
        _statement(figure, rule)
        for key, rule in rules
        for figure in (by_key[key].to_dict("records") if key in by_key else ())
    ]
    rows = pd.DataFrame([row for row in readings if row is not None], columns=list(STATEMENT_COLUMNS))
    customers = _of_customers(figures, priors, evidence.market, errors.scales)
    every = pd.concat([rows, customers], ignore_index=True)
    # Where one of the two is empty its columns have no type.
    return every.astype({"is_growth": bool, "start": int, "end": int, "log_value": float, "log_sd": float})


def system_log_draws(series: Sequence[Series], targets: pd.DataFrame) -> np.ndarray:
    """Compute the logs of the targets in every draw.

    Parameters
    ----------
    series : sequence of Series
    targets : DataFrame
        Columns ``quantity, start, end`` (months since January 2021).

    Returns
    -------
    ndarray of float32 (draw, target)
        Not a number where no series is the target's; minus infinity where a draw has nothing.
    """
    by_name = {one.name: one for one in series}
    out = np.full((len(series[0].values) if series else 0, len(targets)), np.nan, np.float32)
    for i, (name, start, end) in enumerate(targets[["quantity", "start", "end"]].itertuples(index=False)):
        if name in by_name:
            with np.errstate(divide="ignore"):
                out[:, i] = np.log(over_period(by_name[name], Period("", "", int(start), int(end))))
    return out


def over_period(series: Series, period: Period) -> np.ndarray:
    """Make a period of a series' quarters, (draw,): a year as `models.systems.series.yearly_values` does.

    Raises
    ------
    ValueError
        A ratio without its numerator and denominator.
    """
    at, weight = flow_weights(period)

    def made(values: np.ndarray | None, rule: str) -> np.ndarray:
        if values is None:
            raise ValueError(f"{series.name}: a ratio needs its numerator and denominator")
        if rule == "end":
            return values[:, level_index(period)].astype(float)
        return values[:, at].astype(float) @ (weight / weight.sum() if rule == "mean" else weight)

    if series.yearly != "ratio":
        return made(series.values, series.yearly)
    return made(series.numerator, series.ratio_of) / made(series.denominator, series.ratio_of)


def _of_customers(
    figures: pd.DataFrame, priors: dict[str, Prior], market: Market, scales: Mapping[str, float]
) -> pd.DataFrame:
    """Read customers' shares of CoWoS wafers, ratios of two quantities of the chain, by its own rule."""
    names = {
        f"cowos_wafers_{c}": f"{cowos_variant.SYSTEM}/customer_{c}/share/allocation" for c in market.customers
    }
    of_wafers = figures["mapped"].astype(bool) & (figures["per_quantity"] == "cowos_wafers")
    readings = statements(figures[of_wafers].assign(per_quantity=""), priors, market, tuple(names), scales)
    return readings.assign(quantity=readings["quantity"].map(names))


def _statement(figure: Mapping[Any, Any], rule: Rule) -> dict[str, Any] | None:
    """Read one figure; None for a bound, growth, a share where an amount is meant, no period."""
    try:
        reading = read_figure(figure)
    except (PeriodError, FigureError):
        return None
    if reading.censored or reading.is_growth or reading.is_logit != rule.is_logit:
        return None
    period = reading.period
    parts = (
        rule.own(str(figure["kind"])),
        rule.per_year * reading.horizon,
        rule.spread(period.end),
        rule.undated if period.kind not in DATED_KINDS else 0.0,
    )
    scale = 1.0 - math.exp(reading.log_value) if rule.is_logit else 1.0
    return {
        "quantity": rule.quantity,
        "period": _label(period, rule.is_level),
        **first_and_last_month(period, rule.is_level),
        **{column: figure[column] for column in ("figure_id", "origin_id", "publisher", "kind")},
        "definition": rule.definition,
        **{name: getattr(reading, name) for name in ("known_on", "first_on", "middle_on", "horizon")},
        "log_value": reading.log_value + rule.shift,
        "log_sd": math.hypot(scale * math.hypot(*parts), reading.log_half_width),
        "is_growth": False,
    }


def _label(period: Period, is_level: bool) -> str:
    """Label of a period; months where vendors' fiscal years of one name would end in different ones."""
    label = target_period(Quantity("", "", "end" if is_level else "sum", "", ""), period)
    if not label.startswith("FY"):
        return label
    return "/".join(f"{FIRST_YEAR + m // 12}-{m % 12 + 1:02d}" for m in (period.start, period.end))
