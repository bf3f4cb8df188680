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
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from models.evidence.assumptions import Z95, Prior, prior_named, read_priors
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
from models.systems import cowos_variant, packaging, supplier
from models.systems.logistic_normal import ANCHOR
from models.systems.reconcile import SHARE_YEAR, share_covariance
from models.systems.series import Series
from models.vocabulary.market import Market
from models.vocabulary.periods import (
    DATED_KINDS,
    FIRST_YEAR,
    Period,
    PeriodError,
    flow_weights,
    level_index,
)
from models.vocabulary.quantities import Quantity

HINDSIGHT = (
    "Outcomes of equipment and packaging are published amounts times the share that system_evidence.csv "
    "assumes, the same that the forecast rests on: they test growth and timing more than the level.",
    "system_evidence.csv carries no dates: which figure speaks of which item, and its range of shares, were "
    "written down when most of the figures were known.",
)

# Total of the chain -> the maker's amount of it, as measure and part.
AMOUNTS = {
    "hbm_revenue_usd": "usd/total",
    "hbm_bits_gb": "gb/total",
    "hbm_tsv_capacity_wafers_per_month": "wafers_per_month/total",
}


@dataclass(frozen=True)
class Rule:
    """How figures of one kind speak of a quantity.

    Attributes
    ----------
    quantity : str
    own : callable
        Kind of the figure to its own error (log, or logit where `is_logit`).
    per_year : float
        Further error per year of horizon left at publication.
    shift : float
        Added to the log of the figure.
    definition : str
        What the figure is about, where that is not the quantity itself.
    spread : callable
        Last month of the period to the error of the shift.
    is_level, is_logit : bool
    undated : float
        Error of a level that is printed for a year.
    """

    quantity: str
    own: Callable[[str], float]
    per_year: float
    shift: float = 0.0
    definition: str = ""
    spread: Callable[[int], float] = lambda _month: 0.0
    is_level: bool = False
    is_logit: bool = False
    undated: float = 0.0


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
    rules = [*_of_suppliers(evidence, errors, as_of), *_of_links(evidence, priors)]
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
    """Make a period of a series' quarters, (draw,): a year as `models.systems.series.yearly_values` does."""
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


def _of_suppliers(
    evidence: Evidence, errors: FigureErrors, as_of: date
) -> Iterator[tuple[tuple[str, str, str], Rule]]:
    priors = dict(errors.priors)
    table = supplier.known_suppliers(evidence.suppliers, as_of)
    if table.empty:
        return
    middle = partial(_middle, priors)
    premium = prior_named(priors, "supplier.price_premium").scale
    premium_walk = middle("supplier.price_premium_volatility")
    share_error = math.hypot(middle("supplier.share_error"), middle("supplier.publisher_error"))
    capacity_error = math.hypot(middle("supplier.capacity_error"), middle("supplier.capacity_common_error"))
    amount_error = middle("supplier.amount_error")
    # Half a year ahead, carried on in proportion: sayings about HBM's suppliers err as those about HBM.
    ahead = 2.0 * errors.ahead("hbm", "hbm", 0.5)

    def unsaid(month: int) -> float:
        years = abs(month // 3 - ANCHOR) / 4
        return 0.5 * math.hypot(premium, premium_walk * math.sqrt(years))

    share = partial(
        Rule,
        own=lambda _kind: share_error,
        per_year=middle("supplier.share_error_per_year"),
        is_logit=True,
    )
    amount = partial(Rule, own=lambda _kind: amount_error, per_year=ahead)
    level = partial(
        Rule,
        own=lambda _kind: capacity_error,
        per_year=ahead,
        is_level=True,
        undated=errors.undated,
    )
    for row in table.itertuples():
        name, entity = f"{supplier.SYSTEM}/{row.supplier}", str(row.figure_entity)
        for basis, mix in supplier.BASES.items():
            key = ("hbm_supplier_share", entity, basis)
            if mix == supplier.BASES["revenue"]:
                yield key, share(f"{name}/share/revenue")
            elif mix == supplier.BASES["bits"]:
                yield key, share(f"{name}/share/bits")
            elif mix == supplier.BASES[""]:
                yield key, share(f"{name}/share/revenue", definition="basis unsaid", spread=unsaid)
        for metric, (total, segments, _, is_level) in supplier.AMOUNTS.items():
            for segment in segments:
                yield (metric, entity, segment), (level if is_level else amount)(f"{name}/{AMOUNTS[total]}")


def _of_links(evidence: Evidence, priors: dict[str, Prior]) -> Iterator[tuple[tuple[str, str, str], Rule]]:
    """Rows 'observes' of system_evidence.csv: figure times share is the item."""
    links = evidence.system_evidence
    for link in links[links["relation"] == "observes"].to_dict("records"):
        system, (measure, _, part) = link["system"], str(link["measure"]).partition("_")
        low, high = math.log(float(link["share_p05"])), math.log(float(link["share_p95"]))
        sd = (high - low) / (2 * Z95)
        key = (str(link["metric"]), str(link["entity"]), str(link["segment"] or "").strip())
        yield (
            key,
            Rule(
                f"{system}/{link['item']}/{measure}/{part or 'total'}",
                partial(_packaging_error if system == packaging.SYSTEM else _vendor_error, priors, system),
                _middle(priors, f"{system}.noise_per_year"),
                shift=(low + high) / 2,
                definition=" ".join(key[1:]),
                spread=partial(_share_error, sd) if system != packaging.SYSTEM else partial(_constant, sd),
            ),
        )


def _vendor_error(priors: dict[str, Prior], system: str, kind: str) -> float:
    return _middle(priors, f"{system}.noise_{kind if kind in ('actual', 'estimate') else 'forecast'}")


def _packaging_error(priors: dict[str, Prior], system: str, _kind: str) -> float:
    # Its own error, and its publisher's scope, which the system takes to be as large.
    return math.sqrt(2.0) * _middle(priors, f"{system}.noise")


def _share_error(sd: float, month: int) -> float:
    """Error of a vendor's share in the year of a month: level, trend and what the year adds."""
    ago = FIRST_YEAR + (month + 1) / 12 - SHARE_YEAR
    covariance = share_covariance(*(np.array([x]) for x in ("", sd, month // 12, ago)))
    return math.sqrt(float(covariance[0, 0]))


def _constant(value: float, _month: int) -> float:
    return value


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


def _middle(priors: dict[str, Prior], name: str) -> float:
    """Median of a lognormal assumption."""
    return math.exp(prior_named(priors, name).loc)
