"""What the prior says and what the figures say: power-scaling of their parts by importance weights.

Each part of the log density (priors of a kind of assumption, the likelihood of a topic's figures) is raised
to a power near one; how far a target's distribution moves, per doubling of the power, is its sensitivity
(Kallioinen, Paananen, Buerkner and Vehtari, Stat. Comput. 34, 57, 2024; computed with ArviZ). No refit.
Limits: it is local, about powers near one; and scaling the prior scales level and width at once.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from models.inference.figure_residuals import by_blocks
from models.inference.observation import log_likelihood, log_points
from models.inference.operator import TOPICS
from models.inference.parameter_names import BLOCKS
from models.inference.problem import Problem
from models.inference.reweighting import smoothed_log_weights
from models.vocabulary.results.systems import SYSTEMS as SYSTEM_RESULTS
from models.vocabulary.tables import made_columns

PRIOR_PARTS: Mapping[str, tuple[str, ...]] = {
    part: tuple(name for name, block in BLOCKS.items() if block.part == part)
    for part in dict.fromkeys(block.part for block in BLOCKS.values() if block.part)
}
"""Blocks that hold assumptions. Shocks, publisher biases and street errors are what the volatilities and
error scales are about: scaling them as well would scale the model's structure, not an assumption."""
ALL = "all"
PRIOR, LIKELIHOOD = "prior", "likelihood"
ALPHAS = (0.99, 1.01)
NOTABLE = 0.05
"""Sensitivity from which the method's authors call a prior or a likelihood influential."""
SHUFFLES = 3
CHANCE_FACTOR = 2.0
"""A sensitivity counts from twice what weights without any tie to the target give."""
THIN_TO = 6000
SCALING_COLUMNS = made_columns(SYSTEM_RESULTS, "power_scalings")


def thinned(n: int, wanted: int = THIN_TO) -> np.ndarray:
    """Pick draws evenly spread over the posterior: indices, (at most `wanted`,)."""
    return np.arange(min(n, wanted)) * n // min(n, wanted)


def log_parts(
    problem: Problem, raw: Mapping[str, np.ndarray], draws: np.ndarray
) -> dict[tuple[str, str], np.ndarray]:
    """Log density of the parts of prior and likelihood, draw by draw.

    Parameters
    ----------
    problem : Problem
    raw : mapping of str to ndarray (posterior draw, ...)
        All blocks of `models.inference.problem.parameter_shapes`.
    draws : ndarray of int
        Which draws.

    Returns
    -------
    dict of (component, part) to ndarray (draw,)
        Components 'prior' and 'likelihood', parts of `PRIOR_PARTS` and the topics that have figures, and
        'all'. Up to constants.
    """
    out: dict[tuple[str, str], np.ndarray] = {}
    for part, blocks in PRIOR_PARTS.items():
        squares = [
            (np.asarray(raw[b], float)[draws].reshape(len(draws), -1) ** 2).sum(axis=1) for b in blocks
        ]
        out[PRIOR, part] = -0.5 * np.sum(squares, axis=0)
    out[PRIOR, ALL] = np.sum([out[PRIOR, part] for part in PRIOR_PARTS], axis=0)
    by_topic = _likelihood(problem, {name: np.asarray(values)[draws] for name, values in raw.items()})
    for i, topic in enumerate(TOPICS):
        if (problem.weight[problem.operator.arrays["topic"] == i] > 0).any():
            out[LIKELIHOOD, topic] = by_topic[:, i]
    out[LIKELIHOOD, ALL] = by_topic.sum(axis=1)
    return out


def power_scaling(
    parts: Mapping[tuple[str, str], np.ndarray],
    targets: Mapping[str, Mapping[str, np.ndarray]],
) -> pd.DataFrame:
    """Sensitivity of each target to each part of prior and likelihood.

    Parameters
    ----------
    parts : mapping of (component, part) to ndarray (draw,)
    targets : mapping of year to mapping of target to ndarray (draw,)
        Positive; the same draws.

    Returns
    -------
    DataFrame
        `SCALING_COLUMNS`. ``sensitivity``: cumulative Jensen-Shannon distance per doubling of the power;
        ``by_chance``: the same with the weights shuffled; ``notable``: above both `NOTABLE` and twice that.
        ``shift_per_doubling_sd``: derivative of the mean log target by the log2 of the power, in posterior
        standard deviations, ``ln 2 cov(log target, log part) / sd``, with its Monte Carlo error as if draws
        were independent. ``pareto_k`` of the weights: above 0.7 they can't be trusted.

    Raises
    ------
    ValueError
        Draws that don't match.
    """
    from arviz_stats.base import array_stats

    rows, rng = [], np.random.default_rng(0)
    for (component, part), density in parts.items():
        if density.std() == 0:
            continue
        weights = [np.exp(array_stats.power_scale_lw(density, alpha=a)) for a in ALPHAS]
        pair = np.stack([w / w.sum() for w in weights])
        shuffled = [pair] + [pair[:, rng.permutation(len(density))] for _ in range(SHUFFLES)]
        k = max(smoothed_log_weights((1 - a) * density)[1] for a in ALPHAS)
        for year, wanted in targets.items():
            for name, values in wanted.items():
                if len(values) != len(density):
                    raise ValueError(f"target {name} has {len(values)} draws, the densities {len(density)}")
                logs = np.log(np.asarray(values, float))
                # As one chain: ArviZ 1.3 takes three arrays without a chain axis for arrays with one.
                found, *chance = (
                    float(array_stats.power_scale_sense(logs[None], low[None], high[None], *ALPHAS))
                    for low, high in shuffled
                )
                by_chance = float(np.mean(chance))
                notable = found > max(NOTABLE, CHANCE_FACTOR * by_chance)
                shift = _shift(logs, density)
                rows.append((name, year, component, part, found, by_chance, notable, *shift, k, len(density)))
    return pd.DataFrame(rows, columns=list(SCALING_COLUMNS))


def _shift(logs: np.ndarray, density: np.ndarray) -> tuple[float, float]:
    product = np.log(2.0) * (logs - logs.mean()) * (density - density.mean()) / logs.std()
    return float(product.mean()), float(product.std() / np.sqrt(len(product)))


def _likelihood(problem: Problem, raw: Mapping[str, np.ndarray]) -> np.ndarray:
    """Weighted log likelihood of each topic's figures, (draw, topic)."""
    obs = problem.operator.arrays

    def summed(rows: np.ndarray, theta: dict[str, np.ndarray]) -> np.ndarray:
        each = log_likelihood(np, log_points(np, rows, obs), theta, obs) * problem.weight
        return np.stack([each[:, obs["topic"] == i].sum(axis=1) for i in range(len(TOPICS))], axis=1)

    return np.concatenate(by_blocks(problem, raw, summed))
