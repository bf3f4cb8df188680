"""From joint draws to the tables of a run: forecast, binding, drivers, publishers.

Monte Carlo errors count the posterior's autocorrelation: each series is looked at chain by chain. Where more
draws were simulated than the posterior has, the errors rest on the first pass through the posterior, which
has every posterior draw once: they are then too large rather than too small.
"""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import numpy as np
import pandas as pd

from models.chain.drivers import block_shapes, drivers
from models.draws.convergence import convergence
from models.draws.joint import PERIODS, Draws
from models.draws.quantiles import LEVELS, OUTER_LEVELS, exact_quantiles
from models.draws.relief import relief_shares
from models.inference.observation import other_noise
from models.inference.problem import Problem, working_values
from models.vocabulary.drivers import DRIVERS
from models.vocabulary.market import Market
from models.vocabulary.periods import N_QUARTERS, QUARTERS, YEARS
from models.vocabulary.quantities import STAGES

INTERVAL_KIND = "equal_tailed"
PERIOD_KINDS = ("quarter",) * N_QUARTERS + ("year",) * len(YEARS)
SHIPPED = 1.0
"""Units (GB, packages, wafers) that stand at least below the line of a ratio that is published."""
RARE = 0.05
"""A ratio is published where more than this part of the futures ships at least `SHIPPED`."""
DRIVER_LEVELS = (50, 250, 500, 750, 950)
PRIOR_DRAWS = 4000
_DRAWS_AT_ONCE = 512


def quantile_columns(levels: tuple[int, ...]) -> list[str]:
    """Column names of per-mille levels: 50 is 'p05'."""
    return [f"p{level // 10:02d}" for level in levels]


def forecast_frames(
    drawn: Draws,
    market: Market,
    n_chains: int,
    n_posterior: int,
    run_id: str,
    as_of: date,
    workers: int = 2,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Summarise every quantity and period.

    Parameters
    ----------
    drawn : Draws
    market : Market
        Gives the units.
    n_chains, n_posterior : int
        Chains and draws of the posterior under them.
    run_id : str
    as_of : date
    workers : int
        Threads.

    Returns
    -------
    forecast : DataFrame
        One row per quantity and period, of a ratio only where `defined`: quantiles, mean, Monte Carlo errors,
        ``n_draws``, ``ess`` (the smaller of bulk and tail).
    mixing : DataFrame
        ``quantity, period, ess_bulk, ess_tail, rhat`` for the gate.
    """
    lengths = n_chains, n_posterior

    def of(name: str) -> tuple[pd.DataFrame, pd.DataFrame]:
        return _of_quantity(name, drawn, market, lengths, run_id, as_of)

    # Each quantity has too few periods to be shared among threads.
    with ThreadPoolExecutor(workers) as pool:
        forecasts, mixing = zip(*pool.map(of, drawn.by_quantity), strict=True)
    return pd.concat(forecasts, ignore_index=True), pd.concat(mixing, ignore_index=True)


def _of_quantity(
    name: str, drawn: Draws, market: Market, lengths: tuple[int, int], run_id: str, as_of: date
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows of one quantity in both tables of `forecast_frames`."""
    draws = drawn[name]
    found = convergence(_by_chain(draws, *lengths), workers=1)
    keys = {"quantity": name, "period": PERIODS}
    mixing = pd.DataFrame({**keys, **{k: found[k] for k in ("ess_bulk", "ess_tail", "rhat")}})
    forecast = pd.DataFrame(
        {
            "run_id": run_id,
            "as_of": as_of,
            **keys,
            "period_kind": PERIOD_KINDS,
            "unit": market.by_name[name].unit,
            **dict(zip(quantile_columns(LEVELS), exact_quantiles(draws, LEVELS), strict=True)),
            "mean": draws.mean(axis=0, dtype=float),
            **{k: found[k] for k in ("mcse_p05", "mcse_p50", "mcse_p95", "mcse_mean")},
            "n_draws": len(draws),
            "ess": np.fmin(found["ess_bulk"], found["ess_tail"]),
            "interval_kind": INTERVAL_KIND,
        }
    )
    return forecast[defined(drawn, market.by_name[name].denominator)], mixing


def defined(drawn: Draws, denominator: str) -> np.ndarray:
    """Periods in which a ratio says something: HBM4 has no price in 2024, when nobody shipped any.

    Parameters
    ----------
    drawn : Draws
    denominator : str
        Quantity below the line; empty for what is no ratio.

    Returns
    -------
    ndarray of bool (period,)
        True where more than `RARE` of the draws have at least `SHIPPED` below the line.
    """
    if not denominator:
        return np.ones(len(PERIODS), dtype=bool)
    return (drawn[denominator] >= SHIPPED).mean(axis=0) > RARE


def binding_frame(drawn: Draws, n_chains: int, n_posterior: int, run_id: str) -> pd.DataFrame:
    """Probability that each stage binds, per quarter, and per year as the mean over its quarters.

    A stage binds as far as its relief would raise shipments (`models.draws.relief.relief_shares`).

    Parameters
    ----------
    drawn : Draws
        Needs the supplies and demands of `models.draws.relief.LIMITS`.
    n_chains, n_posterior : int
        Chains, and draws of all of them together, of the posterior under them.
    run_id : str

    Returns
    -------
    DataFrame
        ``run_id, period, stage, probability, mcse``; probabilities of a period sum to one.
    """
    relief = relief_shares(drawn)
    frames = []
    for i, stage in enumerate(STAGES):
        quarter = relief[:, i]
        share = np.concatenate([quarter, quarter.reshape(len(quarter), len(YEARS), -1).mean(axis=2)], axis=1)
        errors = convergence(_by_chain(share, n_chains, n_posterior))["mcse_mean"]
        frames.append(
            pd.DataFrame(
                {
                    "run_id": run_id,
                    "period": PERIODS,
                    "stage": stage,
                    "probability": share.mean(axis=0),
                    "mcse": errors,
                }
            )
        )
    return pd.concat(frames, ignore_index=True)


def posterior_drivers(
    problem: Problem, raw: Mapping[str, np.ndarray], run_id: str, seed: int
) -> pd.DataFrame:
    """Drivers in natural units before and after the figures were seen.

    Parameters
    ----------
    problem : Problem
    raw : mapping of str to ndarray (posterior draw, ...)
    run_id : str
    seed : int
        Of the prior draws.

    Returns
    -------
    DataFrame
        ``run_id, driver, period, source`` and quantiles; source 'prior' or 'posterior'.
    """
    shapes, generator = block_shapes(problem.market), np.random.default_rng(seed)
    prior = {name: generator.standard_normal((PRIOR_DRAWS, *shape)) for name, shape in shapes.items()}
    frames = []
    for source, draws in (("prior", prior), ("posterior", {name: raw[name] for name in shapes})):
        paths = _driver_paths(problem, draws)
        for name in DRIVERS:
            found = exact_quantiles(paths[name], DRIVER_LEVELS)
            columns = dict(zip(quantile_columns(DRIVER_LEVELS), found, strict=True))
            keys = {"run_id": run_id, "driver": name, "period": QUARTERS[:N_QUARTERS], "source": source}
            frames.append(pd.DataFrame({**keys, **columns}))
    return pd.concat(frames, ignore_index=True)


def _driver_paths(problem: Problem, draws: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Paths of the drivers alone, (draw, quarter), a few draws at a time: all else there is would be much."""
    data, n = problem.data(), len(next(iter(draws.values())))
    parts = []
    for i in range(0, n, _DRAWS_AT_ONCE):
        theta = working_values({name: values[i : i + _DRAWS_AT_ONCE] for name, values in draws.items()}, data)
        with np.errstate(over="ignore", under="ignore"):
            inputs = drivers(np, theta, problem.fixed, problem.market)
        parts.append({name: inputs[name][:, :N_QUARTERS] for name in DRIVERS})
    return {name: np.concatenate([part[name] for part in parts]) for name in DRIVERS}


def publisher_bias(problem: Problem, raw: Mapping[str, np.ndarray], run_id: str) -> pd.DataFrame:
    """Bias of each publisher on the log (or logit) scale, with the number of figures it rests on.

    Parameters
    ----------
    problem : Problem
    raw : mapping of str to ndarray (posterior draw, ...)
        Needs ``publisher_bias`` and ``log_noise_other``.
    run_id : str

    Returns
    -------
    DataFrame
        ``run_id, publisher, topic, n`` and quantiles; the topic is empty, a publisher has one bias for all.
    """
    theta = working_values({k: raw[k] for k in ("publisher_bias", "log_noise_other")}, problem.data())
    bias = other_noise(np, theta, "publisher.bias_sd") * theta["publisher_bias"]
    publishers = problem.operator.publishers[1:]
    used = problem.operator.figures.loc[problem.weight > 0, "biased_by"].value_counts()
    found = exact_quantiles(bias[:, 1:], OUTER_LEVELS)
    return pd.DataFrame(
        {
            "run_id": run_id,
            "publisher": publishers,
            "topic": None,
            "n": [int(used.get(p, 0)) for p in publishers],
            **dict(zip(quantile_columns(OUTER_LEVELS), found, strict=True)),
        }
    )


def _by_chain(draws: np.ndarray, n_chains: int, n_posterior: int) -> np.ndarray:
    """Series chain by chain, (series, chain, draw), of the first pass through the posterior."""
    length = min(len(draws), n_posterior) // n_chains
    first = draws[: length * n_chains]
    return np.ascontiguousarray(first.T).reshape(draws.shape[1], n_chains, length)
