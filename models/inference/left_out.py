"""Each figure left out of the posterior in turn and placed in what the others predict.

Most figures are left out by Pareto-smoothed importance weights on the posterior's own draws (PSIS; Vehtari,
Gelman and Gabry 2017). Where one figure holds the posterior so much that its weights rest on a few draws, a
second run samples the mixture of all posteriors that each lack one such figure (Silva and Zanella 2022,
"Robust leave-one-out cross-validation for high-dimensional Bayesian models"): the weight of a draw for any
one of them is bounded there.
"""

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
from scipy.special import logsumexp

from models.inference.figure_residuals import figure_residuals
from models.inference.operator import KINDS, TOPICS
from models.inference.problem import Problem
from models.inference.reweighting import smoothed_weights

PARETO_LIMIT = 0.7
LOO_DRAWS = 2_000
LOO_COLUMNS = ("figure_id", "topic", "kind", "quantity", "pareto_k", "pit", "one_sided", "method")
BY_WEIGHTS, BY_MIXTURE = "weights", "mixture"


def left_out(
    problem: Problem,
    flat: Mapping[str, np.ndarray],
    sample_mixture: Callable[[np.ndarray], Mapping[str, np.ndarray]],
) -> pd.DataFrame:
    """Leave each figure out: by weights, and where they can't be trusted by a run over the mixture.

    Parameters
    ----------
    problem : Problem
    flat : mapping of str to ndarray (draw, ...)
        Posterior draws on their standard-normal scale.
    sample_mixture : callable
        Draws, as `flat`, of the posterior with these ``left_out_share`` (figure,).

    Returns
    -------
    DataFrame
        `LOO_COLUMNS`, figures with weight; ``method`` says how each was left out.
    """
    found, log_share = _by_weights(problem, flat)
    difficult = found.index[~(found["pareto_k"] <= PARETO_LIMIT)].to_numpy()
    if not len(difficult):
        return found
    at = np.flatnonzero(problem.weight > 0)[difficult]
    share = np.zeros_like(problem.weight)
    share[at] = np.exp(log_share[difficult])
    residuals = figure_residuals(problem, sample_mixture(share), at)
    density, inside = problem.weight[at] * residuals.log_likelihood, residuals.probability
    # Every part of the mixture: the posterior of all figures, and those that lack one.
    lacking = log_share[difficult] - density
    mixture = logsumexp(np.column_stack([np.zeros(len(density)), lacking]), axis=1)
    for j, row in enumerate(difficult):
        weight, k = smoothed_weights(lacking[:, j] - mixture)
        pit = np.clip(weight @ inside[:, j], 0.0, 1.0)
        found.loc[row, ["pareto_k", "pit", "method"]] = [k, pit, BY_MIXTURE]
    return found


def left_out_by_weights(problem: Problem, flat: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """Leave each figure out by importance weights and place it in what the rest predict.

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
    return _by_weights(problem, flat)[0]


def _by_weights(problem: Problem, flat: Mapping[str, np.ndarray]) -> tuple[pd.DataFrame, np.ndarray]:
    """Figures left out by weights, and for each the log of one over its mean inverse likelihood."""
    n = len(next(iter(flat.values())))
    at = np.unique(np.linspace(0, n - 1, min(n, LOO_DRAWS)).astype(int))
    used = np.flatnonzero(problem.weight > 0)
    residuals = figure_residuals(problem, {k: np.asarray(v)[at] for k, v in flat.items()}, used)
    density, inside = problem.weight[used] * residuals.log_likelihood, residuals.probability
    obs, figures = problem.operator.arrays, problem.operator.figures
    rows = []
    for j, i in enumerate(used):
        weight, k = smoothed_weights(-density[:, j])
        pit = float(np.clip(weight @ inside[:, j], 0.0, 1.0))
        topic, kind = TOPICS[obs["topic"][i]], KINDS[obs["kind"][i]]
        named = (figures["figure_id"].iloc[i], topic, kind, figures["quantity"].iloc[i])
        rows.append((*named, k, pit, bool(obs["censored"][i]), BY_WEIGHTS))
    return pd.DataFrame(rows, columns=list(LOO_COLUMNS)), np.log(len(at)) - logsumexp(-density, axis=0)
