"""A posterior for tonight's evidence, weighted from an earlier one where few figures are all that differs.

The draws of the earlier posterior are weighted by what the figures since say of them (importance weights,
their tail smoothed) and taken as often as their weight says. Where the weights rest on too few draws, or
more than figures has changed, there is none: the model is to be sampled anew.
"""

from dataclasses import dataclass

import numpy as np

from models.attribution.evidence_change import Stack, Version
from models.attribution.pooled import Sampled, State, log_densities, pooled
from models.inference.from_evidence import shared_operator
from models.inference.left_out import PARETO_LIMIT
from models.inference.parameter_names import axis_names
from models.inference.posterior import Posterior
from models.inference.problem import parameter_shapes
from models.inference.reweighting import carried_over, effective_share, resampled, smoothed_weights


@dataclass(frozen=True)
class Reweighted:
    """A weighted posterior, or why there is none.

    Attributes
    ----------
    posterior : Posterior or None
        As many draws as the earlier one, chain by chain, in the parameters of tonight's problem. Its sampler
        statistics are those of the draws that were sampled.
    refused : str
        Why there is none; empty where there is one.
    n_figures : int
        Figures that are new, revised or withdrawn.
    pareto_k : float
        Shape of the tail of the weights; minus infinity where all are the same.
    effective_share : float
        Effective number of weighted draws, as a share of their number.
    """

    posterior: Posterior | None
    refused: str
    n_figures: int = 0
    pareto_k: float = float("nan")
    effective_share: float = float("nan")


def reweighted(
    stack: Stack, sampled: Sampled, tonight: Version, seed: int, most_figures: int, least_share: float
) -> Reweighted:
    """Weight a sampled posterior so that it stands for other evidence.

    Parameters
    ----------
    stack : Stack
        Of the evidence of both, which differ in nothing but figures.
    sampled : Sampled
        The earlier posterior, with the evidence that it was sampled on.
    tonight : Version
        The evidence to stand for.
    seed : int
        Of the parameters that only tonight has, and of which draws are taken.
    most_figures : int
        Figures that may differ.
    least_share : float
        Least effective share of the draws.
    """
    n = len(stack.changes)
    if n > most_figures:
        return Reweighted(None, f"{n} figures differ, more than {most_figures}", n)
    pool = pooled(stack, [sampled], sampled.posterior.n_draws, seed)
    before, after = (State(0, member) for member in stack.member)
    density = log_densities(stack, pool, [before, after])
    weight, k = smoothed_weights(density[after.key] - density[before.key])
    share = effective_share(weight)
    refused = ""
    if k > PARETO_LIMIT:
        refused = f"the weights' Pareto k is {k:.2f}, above {PARETO_LIMIT:g}"
    elif share < least_share:
        refused = f"only {share:.0%} of the draws count, fewer than {least_share:.0%}"
    if refused:
        return Reweighted(None, refused, n, k, share)
    posterior = _taken(stack, pool.raw, sampled.posterior, weight, tonight, seed)
    return Reweighted(posterior, "", n, k, share)


def _taken(
    stack: Stack,
    raw: dict[str, np.ndarray],
    sampled: Posterior,
    weight: np.ndarray,
    tonight: Version,
    seed: int,
) -> Posterior:
    """Draws as often as their weight says, with the parameters that tonight's problem has."""
    at, chains = resampled(weight, sampled.n_chains, seed), sampled.n_chains
    market = stack.problems[0].market
    whole = {name: values[at].reshape(chains, -1, *values.shape[1:]) for name, values in raw.items()}
    stands_for = Posterior(whole, {}, axis_names(market, stack.operator))
    operator = shared_operator(tonight.evidence, tonight.as_of)
    names, shapes = axis_names(market, operator), parameter_shapes(operator, market)
    flat = carried_over(stands_for, shapes, names, seed)
    found = {name: values.reshape(chains, -1, *values.shape[1:]) for name, values in flat.items()}
    return Posterior(found, dict(sampled.statistics), names)
