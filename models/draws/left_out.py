"""Each figure left out of the posterior in turn and placed in what the others predict, without a refit."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy.special import logsumexp

from models.inference.observation import log_density, log_points, residuals, student4_cdf
from models.inference.operator import KINDS, TOPICS
from models.inference.pymc_model import Problem, quantity_rows, working_values

PARETO_LIMIT = 0.7
LOO_DRAWS, LOO_BLOCK = 2_000, 250
LOO_COLUMNS = ("figure_id", "topic", "kind", "quantity", "pareto_k", "pit", "one_sided")


def left_out_one_by_one(problem: Problem, flat: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """Leave each figure out by Pareto-smoothed importance weights and place it in what the rest predict.

    Parameters
    ----------
    problem : Problem
    flat : mapping of str to ndarray (draw, ...)
        Parameters on their standard-normal scale.

    Returns
    -------
    DataFrame
        `LOO_COLUMNS`, figures with weight. ``pit`` of a one-sided figure is the probability that the others
        give to its statement.
    """
    from arviz_stats.base import array_stats

    obs = problem.operator.arrays
    n = len(next(iter(flat.values())))
    at = np.unique(np.linspace(0, n - 1, min(n, LOO_DRAWS)).astype(int))
    used = np.flatnonzero(problem.weight > 0)
    likelihood, below = [], []
    for first in range(0, len(at), LOO_BLOCK):
        block = {k: np.asarray(v)[at[first : first + LOO_BLOCK]] for k, v in flat.items()}
        theta = working_values(block, problem.data())
        points = log_points(np, quantity_rows(theta, problem), obs)
        z, scale = residuals(np, points, theta, obs)
        likelihood.append((problem.weight * log_density(np, z, scale, obs))[:, used])
        side = obs["censored"]
        below.append(student4_cdf(np, np.where(side == 0, z, -side * z))[:, used])
    density, inside = np.concatenate(likelihood), np.concatenate(below)
    rows = []
    figures = problem.operator.figures
    for j, i in enumerate(used):
        log_weight, k = array_stats.psislw(density[:, j])
        weight = np.exp(log_weight - logsumexp(log_weight))
        pit = float(np.clip((weight * inside[:, j]).sum(), 0.0, 1.0))
        topic, kind = TOPICS[obs["topic"][i]], KINDS[obs["kind"][i]]
        named = (figures["figure_id"].iloc[i], topic, kind, figures["quantity"].iloc[i])
        rows.append((*named, float(k), pit, bool(obs["censored"][i])))
    return pd.DataFrame(rows, columns=list(LOO_COLUMNS))
