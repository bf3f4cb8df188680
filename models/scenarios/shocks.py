"""Shocks: what one row of a scenario does to the paths of its driver, draw by draw.

A shock has an uncertain size. One standard normal a draw says how harsh the draw is; it depends on the seed
and the draw's number alone, so a draw is equally harsh in every scenario, and scenarios compare draw by draw.
Within a scenario a harsher draw is further from "no effect" in every row: what goes wrong goes wrong
together, which gives wider intervals than independent sizes would.
"""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from models.chain.drivers import LOGIT_DRIVERS
from models.draws.simulate import STREAM_DRAWS, Shock
from models.evidence.assumptions import Z95
from models.evidence.checks.scenarios import (
    CLASS_WEIGHT_PREFIX,
    DELAY,
    PRODUCT_MIX,
    SUBSTITUTION_DRIVERS,
    SUPPLIER_PREFIX,
    chain_drivers,
    window,
)
from models.vocabulary.drivers import DRIVERS
from models.vocabulary.market import Market
from models.vocabulary.periods import QUARTERS
from models.vocabulary.rows import records

HBM_CAPACITY = "hbm_tsv_capacity_wafers_per_month"
HBM_PRICE = "hbm_base_price_usd_per_gb"
SHARE_LIMIT = 0.999
"""A share can be multiplied up to this and no further."""
_SEVERITY_KEY = 11


def severity(draw: np.ndarray, seed: int) -> np.ndarray:
    """How harsh each draw is: a standard normal that depends on its number and the seed alone.

    Parameters
    ----------
    draw : ndarray of int (draw,)
    seed : int

    Returns
    -------
    ndarray (draw,)
    """
    out = np.empty(len(draw))
    for stream in np.unique(draw // STREAM_DRAWS):
        key = np.random.SeedSequence(seed, spawn_key=(_SEVERITY_KEY, int(stream)))
        normals = np.random.default_rng(key).standard_normal(STREAM_DRAWS)
        here = draw // STREAM_DRAWS == stream
        out[here] = normals[draw[here] % STREAM_DRAWS]
    return out


def shock_sizes(row: Mapping[str, Any], harsh: np.ndarray) -> np.ndarray:
    """Factor or delay of each draw: a lognormal with the row's p05 and p95.

    Parameters
    ----------
    row : mapping
        Row of scenarios.csv.
    harsh : ndarray (draw,)
        `severity`.

    Returns
    -------
    ndarray (draw,)
        A harsher draw has a longer delay, and a factor further below one where its median is below one.
    """
    low, high = np.log(float(row["p05"])), np.log(float(row["p95"]))
    middle, scale = (low + high) / 2, (high - low) / (2 * Z95)
    falls = row["operation"] != DELAY and middle < 0
    return np.exp(middle + (-scale if falls else scale) * harsh)


def ramp(start: float, last: int, ramp_quarters: float, n_quarters: int) -> np.ndarray:
    """Part of the shock that is felt in each quarter, 0 to 1, (quarter,).

    It grows in equal steps from the start on and ends, as a whole, after the last quarter; of a quarter that
    it starts within, only what remains feels it.

    Parameters
    ----------
    start, last : float and int
        As `models.evidence.checks.scenarios.window` gives them: quarters counted from the first of the grid.
    ramp_quarters : float
        Quarters until it is felt in full; less than one counts as one.
    n_quarters : int
        Quarters of the grid.
    """
    at = np.arange(n_quarters)
    grown = np.clip((at - start + 1) / max(1.0, ramp_quarters), 0.0, 1.0)
    return np.where(at <= last, grown, 0.0)


def delayed(log_values: np.ndarray, quarters: np.ndarray, part: np.ndarray, start: float) -> np.ndarray:
    """Move paths back in time: the value of quarter t becomes that of t - delay, between quarters in a line.

    Parameters
    ----------
    log_values : ndarray (draw, ..., quarter)
    quarters : ndarray (draw,)
        Delay of each draw.
    part : ndarray (quarter,)
        `ramp`.
    start : float
        Start of the shock, in quarters: a path stands still before it is late, and never goes back behind
        where it was at the start.

    Returns
    -------
    ndarray, shape of `log_values`
    """
    at = np.arange(log_values.shape[-1])
    late = np.minimum(quarters[:, None] * part, np.maximum(at - start + 1, 0))
    place = np.maximum(at - late, 0.0).reshape(len(quarters), *[1] * (log_values.ndim - 2), -1)
    place = np.broadcast_to(place, log_values.shape)
    below = np.floor(place).astype(int)
    above = np.minimum(below + 1, len(at) - 1)
    left, right = (np.take_along_axis(log_values, i, axis=-1) for i in (below, above))
    return left + (place - below) * (right - left)


def is_capacity(driver: str) -> bool:
    """Whether a driver is what can be processed a month, of the industry or of one maker of HBM."""
    return driver.startswith(SUPPLIER_PREFIX) or (driver in DRIVERS and "_capacity_" in driver)


def shocked_path(row: Mapping[str, Any], values: np.ndarray, harsh: np.ndarray, as_of: date) -> np.ndarray:
    """Apply one row to the paths of its driver.

    Parameters
    ----------
    row : mapping
    values : ndarray (draw, ..., quarter)
        Positive.
    harsh : ndarray (draw,)
    as_of : date

    Returns
    -------
    ndarray, shape and precision of `values`
        A capacity that is late is never more than it would have been, whatever it does on its own.
    """
    start, last = window(dict(row), as_of)
    part = ramp(start, last, float(row["ramp_quarters"]), values.shape[-1])
    size = shock_sizes(row, harsh)
    # What is not shocked stays bit for bit: only quarters of the window are computed anew.
    inside = slice(min(int(start), len(part)), min(last + 1, len(part)))
    out = np.array(values)
    if row["operation"] == DELAY:
        late = np.exp(delayed(np.log(values), size, part, start))
        # What is built late was not there before: that capacity falls, in some draws, is put off by nobody.
        late = np.minimum(late, values) if is_capacity(str(row["driver"])) else late
        out[..., inside] = late[..., inside]
    else:
        factor = np.exp(np.log(size)[:, None] * part).reshape(len(size), *[1] * (values.ndim - 2), -1)
        out[..., inside] = (values * factor)[..., inside]
    return out.astype(values.dtype)


def chain_shock(
    rows: pd.DataFrame, as_of: date, seed: int, market: Market, hbm_capacity: np.ndarray | None = None
) -> Shock:
    """Turn rows of one scenario into what `models.draws.simulate.simulate` applies to the drivers.

    Rows on domestic substitution are not the chain's: see `share_shock`. Those on single makers come in as
    `hbm_capacity`.

    Parameters
    ----------
    rows : DataFrame
        Rows of one scenario, with the columns of data/scenarios.csv.
    as_of : date
        Windows written ``as_of+1`` count from it.
    seed : int
        Of `severity`.
    market : Market
    hbm_capacity : ndarray (draw, quarter), optional
        What is left of the industry's TSV capacity, as a fraction of that without the shock, over the
        published quarters (`models.scenarios.makers`). None where no row names a maker.

    Raises
    ------
    ValueError
        A row's window lies off the grid.
    """
    wanted = [row for row in records(rows) if row["driver"] in chain_drivers(market)]
    for row in wanted:
        window(row, as_of)

    def shock(inputs: dict[str, Any], draw: np.ndarray) -> dict[str, Any]:
        out, harsh = dict(inputs), severity(draw, seed)
        if hbm_capacity is not None:
            out[HBM_CAPACITY] = _of_makers(_whole(out[HBM_CAPACITY]), hbm_capacity, draw)
        for row in wanted:
            name = str(row["driver"])
            key = "mix_log_weight" if name == PRODUCT_MIX or name.startswith(CLASS_WEIGHT_PREFIX) else name
            if key == "mix_log_weight":
                out[key] = _shocked_mix(row, out[key], harsh, as_of, market)
                continue
            out[key] = shocked_path(row, _whole(out[key]), harsh, as_of)
            if key == HBM_PRICE:
                # Its floor moves with it, so that the price falls by what the row says.
                ratio = _whole(out["hbm_price_floor_ratio"])
                whole = np.broadcast_to(ratio, out[key].shape)
                out["hbm_price_floor_ratio"] = shocked_path(row, whole, harsh, as_of)
            if key in LOGIT_DRIVERS:
                out[key] = np.minimum(out[key], out[key].dtype.type(SHARE_LIMIT))
        return out

    return shock


def share_shock(rows: pd.DataFrame, as_of: date, seed: int) -> Callable[[str, np.ndarray], np.ndarray]:
    """Turn rows on ``substitution.<segment>`` into what `models.systems.substitution.substitution` applies.

    Parameters
    ----------
    rows : DataFrame
        As for `chain_shock`; rows on other drivers do nothing here.
    as_of : date
    seed : int
        Of `severity`.

    Returns
    -------
    callable
        (driver name, shares (draw, quarter)) to shocked shares, as harsh in each draw as the chain's shocks.
    """
    wanted = [row for row in records(rows) if row["driver"] in SUBSTITUTION_DRIVERS]

    def shock(name: str, shares: np.ndarray) -> np.ndarray:
        harsh = severity(np.arange(len(shares)), seed)
        for row in wanted:
            if row["driver"] == name:
                shares = np.minimum(shocked_path(row, shares, harsh, as_of), SHARE_LIMIT)
        return shares

    return shock


def _shocked_mix(
    row: Mapping[str, Any], log_weight: Any, harsh: np.ndarray, as_of: date, market: Market
) -> np.ndarray:
    """Delay the whole mix or one class, or multiply the weight of one, on the log weights the chain takes."""
    start, last = window(dict(row), as_of)
    values = np.array(log_weight)
    part = ramp(start, last, float(row["ramp_quarters"]), values.shape[-1])
    size, inside = shock_sizes(row, harsh), slice(int(start), last + 1)
    if row["driver"] == PRODUCT_MIX:
        values[..., inside] = delayed(np.asarray(log_weight), size, part, start)[..., inside]
        return values
    at = market.class_names.index(str(row["driver"]).removeprefix(CLASS_WEIGHT_PREFIX))
    if row["operation"] == DELAY:
        # The others stay on their way, and take up what the late class leaves of the whole.
        values[:, at, inside] = delayed(np.asarray(log_weight)[:, at], size, part, start)[..., inside]
    else:
        values[:, at, inside] += (np.log(size)[:, None] * part)[:, inside]
    return values


def _of_makers(capacity: np.ndarray, left: np.ndarray, draw: np.ndarray) -> np.ndarray:
    """Multiply a capacity by what is left of it; the last quarter published stands for the hidden ones.

    A block of the engine may reach past the draws asked for; what becomes of those is thrown away.
    """
    factor = left[np.minimum(draw, len(left) - 1)]
    hidden = capacity.shape[-1] - factor.shape[-1]
    whole = np.concatenate([factor, np.repeat(factor[:, -1:], hidden, axis=1)], axis=1)
    return (capacity * whole).astype(capacity.dtype)


def _whole(values: Any) -> np.ndarray:
    """Give an input that is one number over all quarters its quarter axis."""
    values = np.asarray(values)
    shape = (*values.shape[:-1], len(QUARTERS))
    return values if values.shape == shape else np.broadcast_to(values, shape)
