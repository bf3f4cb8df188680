"""What one figure does to the forecast: the same draws, weighted as if it had never been published.

Nothing is fitted again: each draw is weighted by one over the figure's likelihood there (Pareto-smoothed), so
the answer holds as far as the weights do. The other figures keep their weights, copies of it among them, and
its publisher his bias.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from models.attribution.weighted_quantiles import COLUMNS, WeightedQuantiles, standard_error
from models.draws.joint import PERIODS, Draws
from models.inference.figure_residuals import figure_residuals
from models.inference.left_out import PARETO_LIMIT
from models.inference.problem import Problem
from models.inference.reweighting import smoothed_weights

BLOCKS = 16


@dataclass(frozen=True)
class WithoutFigure:
    """A forecast with and without one figure.

    Attributes
    ----------
    table : DataFrame
        ``quantity, period, unit``; ``p05, p50, p95`` as it is and ``without_p05`` .. ``without_p95``;
        ``moved_p50``, what the figure does to the median, and its standard error ``error_p50``.
    pareto_k : float
        Shape of the tail of the weights.
    """

    table: pd.DataFrame
    pareto_k: float

    @property
    def is_trusted(self) -> bool:
        """Whether the weights are even enough to go by."""
        return self.pareto_k <= PARETO_LIMIT


def without_figure(
    problem: Problem,
    raw: Mapping[str, np.ndarray],
    drawn: Draws,
    figure_id: str,
    quantities: Sequence[str],
    periods: Sequence[str],
) -> WithoutFigure:
    """Weight joint draws so that they stand for the evidence without one figure.

    Parameters
    ----------
    problem : Problem
    raw : mapping of str to ndarray (draw, ...)
        Parameters on their standard-normal scale.
    drawn : Draws
        The draws that these parameters give, in the same order.
    figure_id : str
    quantities, periods : sequence of str
        What to look at.

    Returns
    -------
    WithoutFigure

    Raises
    ------
    ValueError
        The figure is not among those that inform the chain.
    """
    rows = np.flatnonzero(problem.operator.figures["figure_id"].to_numpy() == figure_id)
    weights = problem.weight[rows]
    if not len(rows) or not weights.any():
        raise ValueError(
            f"{figure_id} does not inform the chain in this run: it is not used, or about a system"
        )
    log_likelihood = figure_residuals(problem, raw, rows).log_likelihood @ weights
    weight, pareto_k = smoothed_weights(-log_likelihood)
    keys = [(quantity, period) for quantity in quantities for period in periods]
    values = np.array([drawn[q][:, PERIODS.index(p)] for q, p in keys], float)
    block = np.arange(values.shape[1]) * BLOCKS // values.shape[1]
    read = WeightedQuantiles(values, block)
    even = np.full_like(weight, 1.0 / len(weight))
    before, after = read(even), read(weight)
    moved = before - after
    table = pd.DataFrame(keys, columns=["quantity", "period"])
    table["unit"] = [problem.market.by_name[quantity].unit for quantity, _ in keys]
    for i, level in enumerate(COLUMNS):
        table[level] = before[0, :, i]
        table[f"without_{level}"] = after[0, :, i]
    table["moved_p50"] = moved[0, :, 1]
    table["error_p50"] = standard_error(moved[1:])[:, 1]
    return WithoutFigure(table, pareto_k)
