"""China's domestic share by segment, as a fraction and in USD, and what rows of the supply chain refer to.

Who is exposed to which interval is one join of the warehouse (view ``supply_chain_exposure``).

The domestic share is a driver of its own, with no feedback on the world's HBM: the report of January 2024
names slower substitution as a risk to its Chinese companies, not to the market. It is the share of what
buyers in China spend on a segment's items for HBM and 2.5D packaging that goes to Chinese suppliers. No
figure of the collection measures it, so it is as wide as its assumptions, and says so. In USD it is, draw by
draw and quarter by quarter,

    bought in China = demand for the item x China's part of it;   from Chinese suppliers = that x share

with the item's forecast demand of the same draw. China's part is an assumption too, one for all items.
"""

from collections.abc import Callable, Sequence
from datetime import date

import numpy as np
import pandas as pd
from scipy.special import expit

from models.draws.joint import Draws
from models.evidence.assumptions import Prior, prior_named, read_priors
from models.evidence.evidence import Evidence
from models.evidence.known import known_by
from models.systems.series import Series, make_series
from models.vocabulary.periods import N_QUARTERS, QUARTERS
from models.vocabulary.systems import CHAIN, SEGMENTS, SUBSTITUTION_PREFIX, system_items

SYSTEM = "substitution"
REFERENCE_QUARTER = "2023Q4"
"""Quarter of the assumed level: the information cut-off of the report of January 2024."""
WHOLE = {
    "equipment": ("equipment", "all_categories"),
    "material": ("materials", "all_materials"),
    "packaging": ("packaging", "high_end"),
    "chips": (CHAIN, "hbm_revenue_usd"),
}
"""What a segment sells altogether, as (system, item): the demand its share is a share of."""
HOME = "China"
CHINA_PART = f"{SUBSTITUTION_PREFIX}china_part"
ShareShock = Callable[[str, np.ndarray], np.ndarray]


def substitution(
    drawn: Draws,
    evidence: Evidence,
    as_of: date,
    rng: np.random.Generator,
    shock: ShareShock | None = None,
    demand: Sequence[Series] = (),
) -> list[Series]:
    """Draw the domestic share of each segment over time, and what it is in USD.

    ``logit share(t) = level + drift (t - t0) + volatility W(t - t0)``, W a Brownian path in years on both
    sides of t0, the reference quarter: own equation, a random walk with drift on the odds. Level, drift and
    volatility come from assumptions ``substitution.<segment>.level|drift`` and ``substitution.volatility``.

    Parameters
    ----------
    drawn : Draws
        Their number counts, and HBM revenue where `demand` is given.
    evidence : Evidence
        'assumptions', and 'supply_chain' where `demand` is given.
    as_of : date
    rng : numpy.random.Generator
    shock : callable, optional
        (driver name, shares (draw, 28)) to shocked shares: `models.scenarios.shocks.share_shock`.
    demand : sequence of Series
        Totals of the systems (`models.systems.series.usd_totals`), on the same draws.

    Returns
    -------
    list of Series
        System 'substitution': a share per segment, a year being the mean of its quarters; and where `demand`
        is given, in USD, what is bought in China ('china') and what of it from Chinese suppliers
        ('domestic'), items named segment.item. Empty before the assumptions were known.
    """
    priors = read_priors(evidence.assumptions, as_of)
    if not any(name.startswith(SUBSTITUTION_PREFIX) for name in priors):
        return []
    n = drawn.n_draws
    years = (np.arange(N_QUARTERS) - QUARTERS.index(REFERENCE_QUARTER)) / 4
    out = []
    for segment in SEGMENTS:
        name = f"{SUBSTITUTION_PREFIX}{segment}"
        inputs = (f"{name}.level", f"{name}.drift", f"{SUBSTITUTION_PREFIX}volatility")
        level, drift, volatility = (_drawn(prior_named(priors, i), n, rng) for i in inputs)
        odds = level + drift * years + np.exp(volatility) * _walk(n, years, rng)
        shares = expit(odds).astype(np.float32)
        if shock is not None:
            shares = shock(name, shares)
        out.append(
            Series(
                SYSTEM, segment, "share", "total", "fraction", "mean", shares.astype(np.float32),
                inputs=inputs, trust="assumed",
            )
        )  # fmt: skip
    if not demand:
        return out
    part = expit(_drawn(prior_named(priors, CHINA_PART), n, rng))
    rows = known_by(evidence.supply_chain, as_of)
    # What no Chinese company makes may be bought in China, but from nobody there.
    rows = rows[rows["country"] == HOME]
    return out + _in_usd({one.item: one for one in out}, part, _demand(drawn, demand), rows)


def _demand(
    drawn: Draws, demand: Sequence[Series]
) -> dict[tuple[str, str], tuple[np.ndarray, tuple[str, ...]]]:
    """Demand in USD by system and item: (draw, quarter), and what it rests on."""
    found = {(s.system, s.item): (s.values, s.inputs) for s in demand}  # noqa: PD011 (no pandas)
    name = WHOLE["chips"][1]
    return {**found, WHOLE["chips"]: (drawn.quarters(name), (name,))} if name in drawn.by_quantity else found


def _in_usd(
    shares: dict[str, Series],
    part: np.ndarray,
    demand: dict[tuple[str, str], tuple[np.ndarray, tuple[str, ...]]],
    rows: pd.DataFrame,
) -> list[Series]:
    """Bought in China, and from Chinese suppliers: of each segment's whole, and of each item it serves."""
    served = [
        (segment, pair)
        for segment, cell in zip(rows["segment"], rows["system_item"].fillna(""), strict=True)
        for pair in system_items(cell)
        if segment in shares
    ]
    found = []
    for segment, pair in dict.fromkeys([*WHOLE.items(), *served]):
        if pair not in demand:
            continue  # not in USD: dies, wafers, packages
        share, (wanted, inputs) = shares[segment], demand[pair]
        bought = wanted * part
        for name, values, more in (
            ("china", bought, ()),
            ("domestic", bought * share.values, share.inputs),  # noqa: PD011 (no pandas)
        ):
            item, rests = f"{segment}.{pair[1]}", (CHINA_PART, *more, *inputs)
            found.append(
                make_series(SYSTEM, item, "usd", name, "USD", "sum", values, (), rests, trust="assumed")
            )
    return found


def _drawn(prior: Prior, n: int, rng: np.random.Generator) -> np.ndarray:
    """Draw on the working scale, (draw, 1)."""
    return prior.loc + prior.scale * rng.standard_normal((n, 1))


def _walk(n: int, years: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Brownian path through zero at time zero, (draw, quarter)."""
    steps = rng.standard_normal((n, len(years))) * np.sqrt(np.diff(years, prepend=years[0] - 0.25))
    path = np.cumsum(steps, axis=1)
    return path - path[:, [int(np.argmin(np.abs(years)))]]
