"""When each maker brings each HBM generation to mass production, and what a launch shifts."""

from datetime import date

import numpy as np
import pandas as pd

from models.draws.joint import Draws
from models.evidence.assumptions import Prior, prior_named
from models.evidence.known import known_by, newest_of_each
from models.systems.figure_rows import visible_rows
from models.systems.series import Series
from models.vocabulary.market import Market
from models.vocabulary.periods import FIRST_YEAR, N_QUARTERS, parse_period

SYSTEM = "roadmap"
ASSUMPTIONS = (
    "roadmap.launch_slip_quarters",
    "roadmap.launch_lead_quarters",
    "roadmap.launch_lag_quarters",
    "roadmap.cadence_quarters",
)
PRODUCTION = ("production", "launch")
LAG = "roadmap.launch_lag_quarters"
_YEAR = 4


def launch_shifts(drawn: Draws, products: pd.DataFrame, market: Market) -> list[Series]:
    """Say what changed between the year before and the year from a generation's first accelerator.

    Parameters
    ----------
    drawn : Draws
    products : DataFrame
        Known products.
    market : Market

    Returns
    -------
    list of Series
        Item ``launch_<generation>``: change of each generation's share of bits (``share_change``), of GB per
        accelerator and of the HBM price per GB (``log_change``). The same number stands in every quarter.
        Generations whose first accelerator has no whole year on both sides inside the grid are left out.
    """
    first = first_accelerators(products, market)
    bits = drawn.quarters("hbm_bits_gb")
    out = []
    for generation in market.generation_names:
        start = first.get(generation)
        if start is None or start < _YEAR or start + _YEAR > N_QUARTERS:
            continue
        before, after = slice(start - _YEAR, start), slice(start, start + _YEAR)
        item = f"launch_{generation}"
        for other in market.generation_names:
            name = f"hbm_bits_{other}_gb"
            own = drawn.quarters(name)
            change = own[:, after].sum(axis=1) / bits[:, after].sum(axis=1)
            change = change - own[:, before].sum(axis=1) / bits[:, before].sum(axis=1)
            out.append(_constant(item, "share_change", other, "fraction", change, (name, "hbm_bits_gb")))
        for above, below, part in (
            ("hbm_content_gb", "accelerator_shipments", "hbm_gb_per_accelerator"),
            ("hbm_revenue_usd", "hbm_bits_gb", "hbm_price_usd_per_gb"),
        ):
            ratio = [
                drawn[above][:, at].sum(axis=1, dtype=float) / drawn[below][:, at].sum(axis=1, dtype=float)
                for at in (before, after)
            ]
            change = np.log(ratio[1] / ratio[0])
            out.append(_constant(item, "log_change", part, "log", change, (above, below)))
    return out


def first_accelerators(products: pd.DataFrame, market: Market) -> dict[str, int]:
    """Quarter (0 is 2021Q1, may be negative) in which the first known accelerator of a generation ships."""
    found: dict[str, int] = {}
    for quarter, text in zip(products["launch_quarter"], products["hbm_generation"], strict=True):
        generation = market.generation_of.get(str(text).strip().upper())
        if generation is not None:
            at = parse_period(str(quarter)).start // 3
            found[generation] = min(found.get(generation, at), at)
    return found


def launch_series(
    figures: pd.DataFrame,
    products: pd.DataFrame,
    suppliers_table: pd.DataFrame,
    priors: dict[str, Prior],
    market: Market,
    as_of: date,
    n_draws: int,
    rng: np.random.Generator,
) -> list[Series]:
    """Date each maker's mass production of each generation, with its uncertainty.

    A printed actual date is uniform over its period (two that differ: either); guidance slips; without a
    date a maker follows the first maker of the generation by ``roadmap.launch_lag_quarters.<supplier>``, or
    by the general lag where it has none. That a maker may leave a generation out is not modelled.

    Parameters
    ----------
    figures : DataFrame
        Resolved figures; those of launches are read, as far as they were known by ``as_of``.
    products : DataFrame
        Columns of data/products.csv: accelerators, whose launches a generation comes before.
    suppliers_table : DataFrame
        Columns of data/suppliers.csv.
    priors : dict of str to Prior
        Needs `ASSUMPTIONS`.
    market : Market
        Its generations are dated.
    as_of : datetime.date
    n_draws : int
    rng : numpy.random.Generator

    Returns
    -------
    list of Series
        Item ``<supplier>_<generation>``: ``launch_year`` (a date as a decimal year, the same in every
        quarter) and ``launched`` (1 from the quarter of the launch on: its mean is the probability).
    """
    makers = newest_of_each(known_by(suppliers_table, as_of), ["supplier"])
    rows = milestones(figures, market, as_of)
    slip, lead, lag, cadence = (prior_named(priors, name) for name in ASSUMPTIONS)
    out = []
    first = _first_launches(products, market, lead, cadence, n_draws, rng)
    for supplier, entity in zip(makers["supplier"], makers["figure_entity"], strict=True):
        for generation in market.generation_names:
            about = rows[(rows["entity"] == entity) & (rows["generation"] == generation)]
            # The same numbers are taken whatever is known, so that scenarios stay paired.
            uniform, choice = rng.random(n_draws), rng.random(n_draws)
            normal = rng.standard_normal(n_draws)
            if len(about):
                periods = list(about["parsed"])
                at = np.minimum((choice * len(periods)).astype(int), len(periods) - 1)
                start = np.array([p.start for p in periods])[at] / 3
                length = np.array([p.n_months for p in periods])[at] / 3
                guided = (about["kind"] != "actual").to_numpy()[at]
                quarter = start + uniform * length
                quarter = quarter + guided * (slip.loc + slip.scale * normal)
            else:
                own = priors.get(f"{LAG}.{supplier}", lag)
                quarter = first[generation] + np.exp(own.loc + own.scale * normal)
            ids = tuple(about["figure_id"].astype(str))
            item = f"{supplier}_{generation}"
            year = FIRST_YEAR + quarter / _YEAR
            launched = (np.arange(1, N_QUARTERS + 1) > quarter[:, None]).astype(np.float32)
            out.append(_constant(item, "launch_year", "mass_production", "year", year, ASSUMPTIONS, ids))
            out.append(
                Series(
                    SYSTEM, item, "launched", "mass_production", "fraction", "end", launched, len(ids),
                    ASSUMPTIONS, ids,
                )
            )  # fmt: skip
    return out


def milestones(figures: pd.DataFrame, market: Market, as_of: date) -> pd.DataFrame:
    """Visible statements about mass production.

    Parameters
    ----------
    figures : DataFrame
        Resolved figures.
    market : Market
        Says with which words a segment of each generation begins.
    as_of : datetime.date

    Returns
    -------
    DataFrame
        As `models.systems.figure_rows.visible_rows` gives it, with the name of the ``generation`` and the
        period as a `models.vocabulary.periods.Period`, ``parsed``.
    """
    rows = visible_rows(figures, ("milestone_year",), as_of)
    segments = rows["segment"].astype(str)
    starts = market.generation_of_milestone
    generation = segments.map(lambda s: next((g for start, g in starts.items() if s.startswith(start)), ""))
    is_production = segments.map(lambda s: any(word in s for word in PRODUCTION))
    rows = rows.assign(generation=generation)[is_production.astype(bool) & (generation != "")]
    parsed = [parse_period(str(p)) for p in rows["period"]]
    return rows.assign(parsed=pd.Series(parsed, index=rows.index, dtype=object))


def _first_launches(
    products: pd.DataFrame,
    market: Market,
    lead: Prior,
    cadence: Prior,
    n_draws: int,
    rng: np.random.Generator,
) -> dict[str, np.ndarray]:
    """First maker's mass production of each generation, in quarters from 2021Q1, (draw,)."""
    found, known = {}, first_accelerators(products, market)
    before = np.full(n_draws, float(min(known.values(), default=0)))
    for generation in market.generation_names:
        step = np.exp(cadence.loc + cadence.scale * rng.standard_normal(n_draws))
        ahead = lead.loc + lead.scale * rng.standard_normal(n_draws)
        before = known[generation] - ahead if generation in known else before + step
        found[generation] = before
    return found


def _constant(
    item: str,
    measure: str,
    part: str,
    unit: str,
    values: np.ndarray,
    inputs: tuple[str, ...],
    ids: tuple[str, ...] = (),
) -> Series:
    """One number a draw, the same in every quarter."""
    repeated = np.repeat(values.astype(np.float32)[:, None], N_QUARTERS, axis=1)
    return Series(SYSTEM, item, measure, part, unit, "end", repeated, len(ids), inputs, ids)
