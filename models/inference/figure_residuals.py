"""How far figures lie from what each draw of a posterior expects of them: the one loop over its draws."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from models.inference.observation import log_density, log_points, residuals, student4_cdf, with_noise
from models.inference.packing import of_figures
from models.inference.problem import Problem, quantity_rows, working_values

BLOCK_DRAWS = 125
"""Draws at once in each of two threads: the chain's rows of both blocks stay in the processor's cache."""


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
    if not len(at):
        nothing = np.empty((len(next(iter(flat.values()))), 0))
        return FigureResiduals(nothing, nothing, obs)
    if alone:
        obs["publisher"] = np.zeros_like(obs["publisher"])
    found = by_blocks(problem, flat, lambda rows, theta: residuals(np, log_points(np, rows, obs), theta, obs))
    z, scale = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return FigureResiduals(z, scale, obs)


def by_blocks[T](
    problem: Problem,
    flat: Mapping[str, np.ndarray],
    each: Callable[[np.ndarray, dict[str, np.ndarray]], T],
    workers: int = 2,
) -> list[T]:
    """Run the chain on a few draws at a time, and apply a function to them.

    Parameters
    ----------
    problem : Problem
    flat : mapping of str to ndarray (draw, ...)
        As for `figure_residuals`.
    each : callable
        Takes the chain's rows (draw, row, quarter) of `models.inference.problem.quantity_rows` and the
        parameters on their working scales, of one block. Called in threads, in no order.
    workers : int
        Threads.

    Returns
    -------
    list
        What it returned, in the order of the draws.
    """
    data = problem.data()

    def block(first: int) -> T:
        some = {name: np.asarray(values)[first : first + BLOCK_DRAWS] for name, values in flat.items()}
        theta = working_values(some, data)
        return each(quantity_rows(theta, problem), theta)

    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(block, range(0, len(next(iter(flat.values()))), BLOCK_DRAWS)))
