"""What the model says of figures it has not seen: figures and publishers left out one at a time.

Leaving out by importance weights (Pareto-smoothed, PSIS; Vehtari, Gelman, Gabry 2017 and Vehtari et al. 2024)
is exact in the limit and good while the Pareto shape k of the weights stays below
`models.inference.left_out.PARETO_LIMIT`; beyond it the weights rest on a few draws, and the publisher is
left out of a fit of its own (`method` says which).
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import logsumexp

from models.inference.figure_residuals import figure_residuals
from models.inference.problem import Problem
from models.inference.reweighting import smoothed_log_weights
from models.scoring.scores import COVERAGE_LEVELS

DRAWS = 4_000
COLUMNS = ("publisher", "figure_id", "quantity", "period", "left_out", "method", "pareto_k", "pit", "elpd")


def figure_draws(problem: Problem, raw: Mapping[str, np.ndarray], seed: int) -> dict[str, np.ndarray]:
    """Log-likelihood and predictive draws of all figures of a problem.

    Parameters
    ----------
    problem : Problem
    raw : mapping of str to ndarray (posterior draw, ...)
    seed : int
        Of the noise.

    Returns
    -------
    dict of ndarray (draw, figure)
        ``log_likelihood``, weighted as in the fit, and ``predicted``, what a publication of that kind would
        have printed, on the working scale. At most `DRAWS` draws, spread evenly.
    """
    n = len(next(iter(raw.values())))
    at = np.unique(np.linspace(0, n - 1, min(n, DRAWS)).astype(int))
    every = np.arange(len(problem.weight))
    found = figure_residuals(problem, {name: values[at] for name, values in raw.items()}, every)
    return {
        "log_likelihood": problem.weight * found.log_likelihood,
        "predicted": found.printed(np.random.default_rng(seed)),
    }


def leave_out(problem: Problem, draws: Mapping[str, np.ndarray], groups: pd.Series) -> pd.DataFrame:
    """Leave groups of figures out by importance weights.

    Parameters
    ----------
    problem : Problem
    draws : mapping of str to ndarray (draw, figure)
        From `figure_draws`.
    groups : Series
        Label of each figure's group, in the order of ``problem.operator.figures``; figures that have no
        weight in this fit are skipped.

    Returns
    -------
    DataFrame
        Columns `COLUMNS`, a row per figure: ``left_out`` its group, ``pareto_k`` of the group's weights,
        ``pit`` of the printed value in the predictive distribution without the group (not a number for
        one-sided figures), ``elpd`` the log density of the figure there (not a number after a refit).
    """
    parts = []
    for label in dict.fromkeys(groups[problem.weight > 0]):
        members = np.flatnonzero((groups == label).to_numpy() & (problem.weight > 0))
        log_weight, k = smoothed_log_weights(-draws["log_likelihood"][:, members].sum(axis=1))
        parts.append(_rows(problem, draws, members, log_weight, label, "psis", k))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(COLUMNS))


def refitted(
    problem: Problem, draws: Mapping[str, np.ndarray], weight: np.ndarray, publisher: str
) -> pd.DataFrame:
    """Rows of the figures of a publisher that a fit of its own has not seen.

    Parameters
    ----------
    problem : Problem
        Of the fit without the publisher.
    draws : mapping
        From `figure_draws` of that fit.
    weight : ndarray (figure,)
        Weights in the fit of all figures: what had none there is no test here.
    publisher : str

    Returns
    -------
    DataFrame
        As `leave_out`; ``pareto_k`` and ``elpd`` are not numbers.
    """
    mine = (problem.operator.figures["publisher"] == publisher).to_numpy()
    members = np.flatnonzero(mine & (weight > 0))
    even = np.zeros(len(draws["predicted"]))
    return _rows(problem, draws, members, even, publisher, "refit", float("nan"))


def _rows(
    problem: Problem, draws: Mapping[str, np.ndarray], members: np.ndarray, log_weight: np.ndarray,
    label: Any, method: str, k: float,
) -> pd.DataFrame:  # fmt: skip
    obs = problem.operator.arrays
    figures = problem.operator.figures.iloc[members]
    normed = log_weight - logsumexp(log_weight)
    y, prints = obs["y"][members], draws["predicted"][:, members]
    below = (np.exp(normed)[:, None] * (prints <= y)).sum(axis=0)
    density = logsumexp(normed[:, None] + draws["log_likelihood"][:, members], axis=0)
    return pd.DataFrame(
        {
            **{name: figures[name].to_numpy() for name in ("publisher", "figure_id", "quantity", "period")},
            "left_out": label,
            "method": method,
            "pareto_k": k,
            "pit": np.where(obs["censored"][members] != 0, np.nan, np.clip(below, 0.0, 1.0)),
            "elpd": density if method == "psis" else np.nan,
        }
    )[list(COLUMNS)]


def coverage_by(rows: pd.DataFrame, column: str) -> pd.DataFrame:
    """Coverage of figures left out, per quantity or per publisher.

    Parameters
    ----------
    rows : DataFrame
        From `leave_out` and `refitted`.
    column : str
        Column to group by; a row 'all' is added.

    Returns
    -------
    DataFrame
        ``column, n, coverage_50, coverage_80, coverage_90, mean_pit, largest_k``, two-sided figures only.
    """
    two_sided = rows[rows["pit"].notna()]
    table = []
    for label, group in [("all", two_sided), *two_sided.groupby(column, sort=True)]:
        distance = (group["pit"] - 0.5).abs()
        covered = {f"coverage_{level}": (distance <= level / 200.0).mean() for level in COVERAGE_LEVELS}
        head = {column: label, "n": len(group), **covered}
        table.append(head | {"mean_pit": group["pit"].mean(), "largest_k": group["pareto_k"].max()})
    return pd.DataFrame(table)


def surprises(rows: pd.DataFrame, n: int = 20) -> pd.DataFrame:
    """Figures that surprise the model most: those farthest out in the distribution that has not seen them.

    Returns
    -------
    DataFrame
        Rows of `leave_out` with ``tail``, twice the smaller tail probability, ascending.
    """
    two_sided = rows[rows["pit"].notna()]
    tail = 2.0 * np.minimum(two_sided["pit"], 1.0 - two_sided["pit"])
    return two_sided.assign(tail=tail).sort_values(["tail", "figure_id"], ignore_index=True).head(n)
