"""How far figures lie from what each draw of a posterior expects of them: the one loop over its draws."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from models.inference.observation import log_density, log_points, residuals, student4_cdf, with_noise
from models.inference.packing import of_figures
from models.inference.problem import Problem, quantity_rows, working_values

BLOCK_DRAWS = 250
"""Draws at once: the chain's rows of one block stay in the processor's cache."""


@dataclass(frozen=True)
class FigureResiduals:
    """Residuals of some figures under each draw.

    Attributes
    ----------
    z : ndarray (draw, figure)
        Distance of the print from what was to be printed, in the figure's own noise.
    scale : ndarray (draw, figure)
        That noise.
    obs : dict of ndarray
        The operator's arrays of these figures.
    """

    z: np.ndarray
    scale: np.ndarray
    obs: dict[str, np.ndarray]

    @property
    def log_likelihood(self) -> np.ndarray:
        """Log-likelihood of each figure, unweighted, (draw, figure)."""
        return log_density(np, self.z, self.scale, self.obs)

    @property
    def probability(self) -> np.ndarray:
        """Probability below the print; of a one-sided figure that of its statement, (draw, figure)."""
        side = self.obs["censored"]
        return student4_cdf(np, np.where(side == 0, self.z, -side * self.z))

    def printed(self, rng: np.random.Generator) -> np.ndarray:
        """Draw what publications of these kinds would print, on the working scale, (draw, figure)."""
        return with_noise(self.obs["y"] - self.z * self.scale, self.scale, rng)


def figure_residuals(
    problem: Problem, flat: Mapping[str, np.ndarray], at: np.ndarray, alone: bool = False
) -> FigureResiduals:
    """Residuals of some figures of a problem under each draw.

    Parameters
    ----------
    problem : Problem
    flat : mapping of str to ndarray (draw, ...)
        Parameters on their standard-normal scale, in the problem's order.
    at : ndarray of int (figure,)
        Rows of the problem's figures.
    alone : bool
        Without the bias of their publisher: as if it had too few figures to have one.
    """
    obs = of_figures(problem.operator.arrays, at)
    n = len(next(iter(flat.values())))
    z, scale = np.empty((n, len(at))), np.empty((n, len(at)))
    if not len(at):
        return FigureResiduals(z, scale, obs)
    if alone:
        obs["publisher"] = np.zeros_like(obs["publisher"])
    data = problem.data()
    for first in range(0, n, BLOCK_DRAWS):
        block = slice(first, first + BLOCK_DRAWS)
        theta = working_values({name: np.asarray(values)[block] for name, values in flat.items()}, data)
        points = log_points(np, quantity_rows(theta, problem), obs)
        z[block], scale[block] = residuals(np, points, theta, obs)
    return FigureResiduals(z, scale, obs)
