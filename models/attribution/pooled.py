"""Draws of several posteriors as one sample that can be weighted to stand for any evidence between them."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp

from models.attribution.evidence_change import Stack, Version
from models.draws.joint import PERIODS
from models.draws.simulate import simulate
from models.inference.figure_residuals import figure_residuals
from models.inference.parameter_names import axis_names
from models.inference.posterior import Posterior
from models.inference.problem import parameter_shapes
from models.inference.reweighting import carried_over

BLOCKS = 16
"""Stretches of each posterior: quarters of its chains where it has four."""
ITERATIONS, TOLERANCE = 1_000, 1e-10


@dataclass(frozen=True)
class Sampled:
    """A posterior that was sampled, with the evidence it was sampled on."""

    version: Version
    posterior: Posterior


@dataclass(frozen=True)
class State:
    """Evidence on the way from one run to another: the place of its rules, and the figures known."""

    rules: int
    member: np.ndarray

    @property
    def key(self) -> Hashable:
        """The same for the same evidence."""
        return self.rules, self.member.tobytes()


@dataclass(frozen=True)
class Pool:
    """Draws of all sources, one after the other.

    Attributes
    ----------
    raw : dict of ndarray (draw, ...)
        In the order of the stack's parameters.
    source, block : ndarray of int (draw,)
        Which posterior, and which of the `BLOCKS` of it.
    """

    raw: dict[str, np.ndarray]
    source: np.ndarray
    block: np.ndarray


def pooled(stack: Stack, sources: Sequence[Sampled], most: int, seed: int) -> Pool:
    """Put the draws of posteriors together, at most so many of each, spread evenly over its chains.

    Parameters
    ----------
    stack : Stack
        Its first problem says which parameters a draw has, and in which order.
    sources : sequence of Sampled
    most : int
        Draws of each posterior.
    seed : int
        Of the first posterior's parameters that are missing, drawn from their prior; one more for each next.

    Raises
    ------
    ValueError
        A posterior is of another model.
    """
    problem = stack.problems[0]
    shapes = parameter_shapes(problem.operator, problem.market)
    names = axis_names(problem.market, problem.operator)
    raws, source, block = [], [], []
    for i, sampled in enumerate(sources):
        n = sampled.posterior.n_draws
        at = np.unique(np.linspace(0, n - 1, min(n, most)).astype(int))
        raws.append(carried_over(sampled.posterior, shapes, names, seed + i, at))
        source.append(np.full(len(at), i))
        block.append(np.arange(len(at)) * BLOCKS // len(at))
    raw = {name: np.concatenate([r[name] for r in raws]) for name in shapes}
    return Pool(raw, np.concatenate(source), np.concatenate(block))


def log_densities(stack: Stack, pool: Pool, states: Sequence[State]) -> dict[Hashable, np.ndarray]:
    """Log density of the pool's draws under each state, up to what all of them share, by `State.key`.

    The prior of the parameters on their standard-normal scale is the same for all, and so are figures that
    count alike in every state under the same rules.

    Parameters
    ----------
    stack : Stack
    pool : Pool
    states : sequence of State
        Those with the same key are one.

    Returns
    -------
    dict of hashable to ndarray (draw,)
    """
    distinct = {state.key: state for state in states}
    weight = np.array([stack.weights(state.member) for state in distinct.values()])
    alone = np.array([stack.without_bias(state.member) for state in distinct.values()])
    rules = np.array([state.rules for state in distinct.values()])
    used = (weight > 0).any(axis=0)
    if len(set(rules)) == 1:
        used &= (np.ptp(weight, axis=0) > 0) | (alone & (weight > 0)).any(axis=0)
    at, lonely = np.flatnonzero(used), np.flatnonzero(used & alone.any(axis=0))
    out = {}
    for rule in set(rules):
        problem = stack.problems[rule]
        biased = figure_residuals(problem, pool.raw, at).log_likelihood
        unbiased = figure_residuals(problem, pool.raw, lonely, alone=True).log_likelihood
        for (key, state), w, a in zip(distinct.items(), weight, alone, strict=True):
            if state.rules == rule:
                out[key] = biased @ np.where(a, 0.0, w)[at] + unbiased @ np.where(a, w, 0.0)[lonely]
    return out


def log_mixture(densities: np.ndarray, source: np.ndarray) -> np.ndarray:
    """Log density of the mixture of all sources that the draws come from, (draw,), up to a constant.

    The sources' normalising constants are those under which each source's weights sum to one (Shirts and
    Chodera 2008).

    Parameters
    ----------
    densities : ndarray (source, draw)
        Log densities of the sources, not normalised.
    source : ndarray of int (draw,)
        Which source each draw comes from.
    """
    share = np.log(np.bincount(source, minlength=len(densities)) / len(source))[:, None]
    # A good start: each source's density is near its mean over its own draws.
    log_norm = np.array([d[source == i].mean() for i, d in enumerate(densities)])
    mixture = logsumexp(densities + share - log_norm[:, None], axis=0)
    for _ in range(ITERATIONS if len(densities) > 1 else 0):
        found = logsumexp(densities - mixture, axis=1) - np.log(len(source))
        moved = np.abs(np.diff(found - log_norm)).max()
        log_norm = found
        mixture = logsumexp(densities + share - log_norm[:, None], axis=0)
        if moved < TOLERANCE:
            break
    return mixture


def yearly(stack: Stack, pool: Pool, rules: int, keys: Sequence[tuple[str, str]], seed: int) -> np.ndarray:
    """Draws of quantities in periods under some rules.

    Parameters
    ----------
    stack : Stack
    pool : Pool
    rules : int
        Place of the rules in `Stack.problems`.
    keys : sequence of (str, str)
        Quantity and period.
    seed : int

    Returns
    -------
    ndarray (key, draw)
        In the units of the quantities.
    """
    n = len(pool.source)
    blocks = simulate(stack.problems[rules], pool.raw, n, seed)
    at = [(quantity, PERIODS.index(period)) for quantity, period in keys]
    found = [[block[quantity][:, i] for quantity, i in at] for block in blocks]
    return np.concatenate(found, axis=1).astype(float)
