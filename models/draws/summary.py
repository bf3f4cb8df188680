"""From joint draws to the tables of a run: forecast, binding, drivers, publishers, figures.

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
from models.draws.printed_scale import to_printed_scale
from models.draws.quantiles import LEVELS, OUTER_LEVELS, exact_quantiles
from models.draws.simulate import relief_shares
from models.evidence.mapping import GROWTH, LESS_ONE
from models.inference.observation import log_points, other_noise, printed
from models.inference.problem import Problem, quantity_rows, working_values
from models.vocabulary.drivers import DRIVERS
from models.vocabulary.market import Market
from models.vocabulary.periods import N_QUARTERS, QUARTERS, YEARS
from models.vocabulary.quantities import STAGES
from models.vocabulary.rows import rows_of

INTERVAL_KIND = "equal_tailed"
PERIOD_KINDS = ("quarter",) * N_QUARTERS + ("year",) * len(YEARS)
SHIPPED = 1.0
"""Units (GB, packages, wafers) that stand at least below the line of a ratio that is published."""
RARE = 0.05
"""A ratio is published where more than this part of the futures ships at least `SHIPPED`."""
DRIVER_LEVELS = (50, 250, 500, 750, 950)
PRIOR_DRAWS = 4000
FIGURE_DRAWS = 4000


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

    A stage binds as far as its relief would raise shipments (`models.draws.simulate.relief_shares`).

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
        theta = working_values(draws, problem.data())
        with np.errstate(over="ignore", under="ignore"):
            paths = drivers(np, theta, problem.fixed, problem.market)
        for name in DRIVERS:
            found = exact_quantiles(paths[name][:, :N_QUARTERS], DRIVER_LEVELS)
            columns = dict(zip(quantile_columns(DRIVER_LEVELS), found, strict=True))
            keys = {"run_id": run_id, "driver": name, "period": QUARTERS[:N_QUARTERS], "source": source}
            frames.append(pd.DataFrame({**keys, **columns}))
    return pd.concat(frames, ignore_index=True)


def publisher_bias(problem: Problem, raw: Mapping[str, np.ndarray], run_id: str) -> pd.DataFrame:
    """Bias of each publisher on the log (or logit) scale, with the number of figures it rests on.

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


def figure_fit(
    problem: Problem,
    raw: Mapping[str, np.ndarray],
    run_id: str,
    seed: int,
    resolved: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Compare what the model would have expected each publication to print with what it printed.

    The expectation is of *a figure of that kind*: with its publisher's bias, shared errors and noise.

    Parameters
    ----------
    problem : Problem
    raw : mapping of str to ndarray (posterior draw, ...)
    run_id : str
    seed : int
        Of the noise.
    resolved : DataFrame, optional
        All figures (`models.inference.fit.resolved_figures`); those without a quantity are added with their
        reason.

    Returns
    -------
    DataFrame
        ``run_id, figure_id, quantity, period, measure, per_quantity, unit, published_value, predicted_p05,
        predicted_p50, predicted_p95, pit, weight, used, reason`` in natural units; a growth rate as a
        fraction. A one-sided figure has no pit.
    """
    operator = problem.operator
    figures, obs = operator.figures, operator.arrays
    n = len(next(iter(raw.values())))
    at = np.unique(np.linspace(0, n - 1, min(n, FIGURE_DRAWS)).astype(int))
    theta = working_values({name: values[at] for name, values in raw.items()}, problem.data())
    points = log_points(np, quantity_rows(theta, problem), obs)
    expected = printed(points, theta, obs, np.random.default_rng(seed))
    one_sided = obs["censored"] != 0
    low, middle, high = (_natural(q, problem) for q in exact_quantiles(expected, OUTER_LEVELS))
    units = {} if resolved is None else dict(zip(resolved["figure_id"], resolved["unit"], strict=True))
    frame = pd.DataFrame(
        {
            "run_id": run_id,
            "figure_id": figures["figure_id"].to_numpy(),
            "quantity": figures["quantity"].to_numpy(),
            "period": figures["period"].to_numpy(),
            "measure": [measure_of(row.aggregation, row.per_quantity) for row in rows_of(figures)],
            "per_quantity": figures["per_quantity"].replace("", None).to_numpy(),
            "unit": [units.get(figure_id) for figure_id in figures["figure_id"]],
            "published_value": [_as_printed(value) for value in _natural(obs["y"], problem)],
            "predicted_p05": low,
            "predicted_p50": middle,
            "predicted_p95": high,
            "pit": np.where(one_sided, np.nan, (expected <= obs["y"]).mean(axis=0)),
            "weight": problem.weight,
            "used": problem.weight > 0,
            "reason": [
                _unused_reason(row.known_on, w, problem)
                for row, w in zip(rows_of(figures), problem.weight, strict=True)
            ],
        }
    )
    return pd.concat([frame, _left_out(problem, resolved, run_id)], ignore_index=True)


def measure_of(aggregation: str, per_quantity: str) -> str:
    """Say what a figure measures of its quantity: its level, its growth, or its ratio to another one.

    Growth of a ratio is growth; an excess (supply over demand less one) is a ratio.
    """
    if aggregation in GROWTH:
        return "growth"
    return "ratio" if per_quantity or aggregation in LESS_ONE else "level"


def _by_chain(draws: np.ndarray, n_chains: int, n_posterior: int) -> np.ndarray:
    """Series chain by chain, (series, chain, draw), of the first pass through the posterior."""
    length = min(len(draws), n_posterior) // n_chains
    first = draws[: length * n_chains]
    return np.ascontiguousarray(first.T).reshape(draws.shape[1], n_chains, length)


def _natural(working: np.ndarray, problem: Problem) -> np.ndarray:
    """Carry figures (..., figure) from the working scale to the printed one."""
    is_less_one = problem.operator.figures["aggregation"].isin(LESS_ONE).to_numpy()
    return to_printed_scale(working, problem.operator.arrays["is_logit"] > 0, is_less_one)


def _as_printed(value: float) -> float:
    """Give a printed number its digits back: on the working scale and back they gather dust at the 16th."""
    return float(f"{value:.12g}")


def _unused_reason(known_on: date, weight: float, problem: Problem) -> str | None:
    if weight > 0:
        return None
    if known_on > problem.as_of:
        return f"published after {problem.as_of}"
    return (
        "replaced by a newer figure of the same publisher for the same target, or its publisher is withheld"
    )


def _left_out(problem: Problem, resolved: pd.DataFrame | None, run_id: str) -> pd.DataFrame:
    """Figures that never became an observation, with the reason."""
    unused = problem.operator.unused
    rows: dict[str, tuple[str | None, ...]] = {
        f: (None, None, None, None, None, r)
        for f, r in zip(unused["figure_id"], unused["reason"], strict=True)
    }
    if resolved is not None:
        known = set(problem.operator.figures["figure_id"])
        for row in rows_of(resolved):
            if row.figure_id in known:
                continue
            found = row.unmapped_reason if not row.mapped else "informs no quantity of the chain"
            reason = rows[row.figure_id][-1] if row.figure_id in rows else found
            measure = measure_of(row.aggregation, row.per_quantity) if row.quantity else None
            told = (row.quantity, row.period, measure, row.per_quantity or None, row.unit)
            rows[row.figure_id] = (*told, reason or "not used")
    frame = pd.DataFrame(
        [(figure_id, *found) for figure_id, found in rows.items()],
        columns=["figure_id", "quantity", "period", "measure", "per_quantity", "unit", "reason"],
    )
    return frame.assign(
        run_id=run_id,
        published_value=np.nan,
        predicted_p05=np.nan,
        predicted_p50=np.nan,
        predicted_p95=np.nan,
        pit=np.nan,
        weight=0.0,
        used=False,
    )
