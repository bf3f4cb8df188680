"""Draws of one posterior made to stand for another: named parameters carried over, figures weighed.

The errors that figures share (publisher biases, definition offsets, the street's errors of a year and of a
half-year) are parameters, so figures are independent given a draw: one more of them multiplies its weight by
that figure's likelihood there. A shared error that no figure had before is drawn from its prior, which is
what the old posterior says of it.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from scipy.special import logsumexp

from models.inference.parameter_names import BLOCKS
from models.inference.posterior import Posterior

ALIKE = 0.01
"""Log of a weight over the mean of all: below it no draw counts for more than another."""


def carried_over(
    posterior: Posterior,
    shapes: Mapping[str, tuple[int, ...]],
    names: Mapping[str, Sequence[str]],
    seed: int,
    at: np.ndarray | slice = slice(None),
) -> dict[str, np.ndarray]:
    """Bring the draws of a posterior into the order of another problem's parameters.

    Parameters
    ----------
    posterior : Posterior
    shapes : mapping of str to tuple of int
        Of the other problem (`models.inference.problem.parameter_shapes`).
    names : mapping of str to sequence of str
        Names along its axes (`models.inference.parameter_names.axis_names`).
    seed : int
        Of the parameters that the posterior does not have: they are drawn from their prior.
    at : ndarray of int or slice
        Which draws, of all chains one after the other.

    Returns
    -------
    dict of str to ndarray (draw, ...)

    Raises
    ------
    ValueError
        A block without names has another shape, or the posterior lacks one: it is of another model.
    """
    unknown = np.random.default_rng(seed).standard_normal
    taken = {block: values[at] for block, values in posterior.flat().items()}
    return in_order(taken, posterior.names, shapes, names, unknown)


def in_order(
    blocks: Mapping[str, np.ndarray],
    old_names: Mapping[str, Sequence[str]],
    shapes: Mapping[str, tuple[int, ...]],
    names: Mapping[str, Sequence[str]],
    unknown: Callable[[tuple[int, ...]], np.ndarray],
) -> dict[str, np.ndarray]:
    """Bring blocks of parameters (row, ...) into the order of another problem's.

    Parameters
    ----------
    blocks, old_names : mapping
        With the names along their axes.
    shapes, names : mapping
        As in `carried_over`.
    unknown : callable
        Gives, for a shape, the values of parameters that the blocks do not have.

    Raises
    ------
    ValueError
        As `carried_over`.
    """
    out = {}
    for block, found in blocks.items():
        if block not in shapes:
            raise ValueError(f"the posterior has a block {block!r} that the model does not know")
        for axis, dim in enumerate(BLOCKS[block].dims):
            wanted = shapes[block][axis]
            if dim in names:
                found = _along(found, axis + 1, old_names[dim], names[dim], unknown)
            elif found.shape[axis + 1] != wanted:
                raise ValueError(f"block {block!r}: {found.shape[axis + 1]} {dim} instead of {wanted}")
        out[block] = found
    if missing := [block for block in shapes if block not in out]:
        raise ValueError(f"the posterior lacks the block {missing[0]!r}")
    return out


def _along(
    values: np.ndarray,
    axis: int,
    old: Sequence[str],
    new: Sequence[str],
    unknown: Callable[[tuple[int, ...]], np.ndarray],
) -> np.ndarray:
    """Order one axis by names."""
    if tuple(old) == tuple(new):
        return values
    place = {name: i for i, name in enumerate(old)}
    shape = (*values.shape[:axis], len(new), *values.shape[axis + 1 :])
    out = np.moveaxis(unknown(shape), axis, 0)
    source = np.moveaxis(values, axis, 0)
    for i, name in enumerate(new):
        if name in place:
            out[i] = source[place[name]]
    return np.moveaxis(out, 0, axis)


def smoothed_weights(log_ratio: np.ndarray) -> tuple[np.ndarray, float]:
    """Weights of draws from the log of target over source, the largest smoothed (PSIS).

    Parameters
    ----------
    log_ratio : ndarray (draw,)

    Returns
    -------
    weight : ndarray (draw,)
        Sum one.
    pareto_k : float
        Shape of the tail of the weights, minus infinity where the largest are all the same.
    """
    log_weight, k = smoothed_log_weights(log_ratio)
    return np.exp(log_weight), k


def smoothed_log_weights(log_ratio: np.ndarray) -> tuple[np.ndarray, float]:
    """Give the logs of the weights of `smoothed_weights`, (draw,), and the shape of their tail."""
    from arviz_stats.base import array_stats

    n = len(log_ratio)
    largest = np.sort(log_ratio)[-int(min(n / 5, 3 * np.sqrt(n))) :]
    log_sum = logsumexp(log_ratio)
    # Weights that reach a bound have no tail, and ArviZ refuses them: where two posteriors have nothing in
    # common, each draw of their mixture tells of one alone. The tail of weights that are all alike, of a
    # figure that says nothing, has a shape as well, but no draw counts for more than another.
    if np.ptp(largest) < 1e-12 or largest[-1] - (log_sum - np.log(n)) < ALIKE:
        return log_ratio - log_sum, float("-inf")
    # psislw takes the log-likelihood of what is left out, and weights by its inverse.
    log_weight, k = array_stats.psislw(-log_ratio)
    return log_weight - logsumexp(log_weight), float(k)


def effective_share(weight: np.ndarray) -> float:
    """Kish's effective number of weighted draws, as a share of their number."""
    return float(weight.sum() ** 2 / (weight**2).sum() / len(weight))


def resampled(weight: np.ndarray, n_chains: int, seed: int) -> np.ndarray:
    """Draws to take so that each appears as often as its weight says, (draw,): as many as there were.

    Chain by chain and in their order (systematic resampling): a draw taken twice stands beside itself, so
    that effective sample sizes and Monte Carlo errors, which count what neighbours have in common, count it.

    Parameters
    ----------
    weight : ndarray (chain * draw,)
        Chain by chain.
    n_chains : int
    seed : int
    """
    rng = np.random.default_rng(seed)
    taken = []
    for chain, of_chain in enumerate(weight.reshape(n_chains, -1)):
        n = len(of_chain)
        edges = np.cumsum(of_chain / of_chain.sum()) * n
        edges[-1] = n
        taken.append(chain * n + np.searchsorted(edges, np.arange(n) + rng.random(), side="right"))
    return np.minimum(np.concatenate(taken), len(weight) - 1)
