"""A posterior without compiler and sampler: the Gaussian about its mode, by the model's own NumPy functions.

It takes seconds where compiling and sampling take minutes. That the compiled density is the written one is
tested in tests/models/inference, the sampler on a small density there, and both on this world in tests/slow.
"""

from typing import NamedTuple

import numpy as np

from models.inference.fit import Fit
from models.inference.observation import log_density, log_points, published, residuals
from models.inference.problem import Problem, parameter_shapes, quantity_rows, working_values

STEPS = 40
HELD_PRECISION = 400.0
"""A size drawn from its whole prior beside shocks that were fitted with its median would spread all paths."""
HELD = ("driver_log_volatility", "log_noise_kind", "log_noise_topic", "log_noise_other")
DIFFERENCE = 1e-4
DEGREES = 4.0
"""Of the figures' Student-t errors."""
LEAST_GAIN = 1e-3


class Local(NamedTuple):
    """Log posterior at one vector, and its first and (nearly) second derivatives."""

    value: float
    gradient: np.ndarray
    precision: np.ndarray


def compile_model(problem: Problem) -> tuple[np.ndarray, np.ndarray]:
    """Mode and precision, in place of the compiled model of `models.inference.fit.compile_model`."""
    return found_mode(problem)


def sample(
    compiled: tuple[np.ndarray, np.ndarray],
    problem: Problem,
    seed: int,
    draws: int,
    chains: int = 4,
    **_more: object,
) -> Fit:
    """Draw from the Gaussian, as `models.inference.fit.sample` does from the posterior.

    Asked for the mixture that lacks figures it draws from the same one.
    """
    mode, precision = compiled
    rng = np.random.default_rng(seed)
    normal = rng.standard_normal((chains * draws, len(mode)))
    # Solved with the triangle of the precision: its inverse's is never needed.
    vectors = mode + np.linalg.solve(np.linalg.cholesky(precision).T, normal.T).T
    raw = {
        name: block.reshape(chains, draws, *block.shape[1:]) for name, block in cut(vectors, problem).items()
    }
    statistics = {
        "diverging": np.zeros((chains, draws), bool),
        "energy": rng.standard_normal((chains, draws)),
    }
    return Fit(problem, raw, statistics, {"sample": 0.0})


def found_mode(problem: Problem) -> tuple[np.ndarray, np.ndarray]:
    """Find the mode by steps of Gauss and Newton, each halved until it gains; with the precision there.

    Sizes of errors and shocks are held at what they are assumed to be: the joint mode of an error and its
    size lies where both vanish.
    """
    at = np.zeros(sum(int(np.prod(s)) for s in shapes_of(problem).values()))
    scale = of_figures(at[None], problem)[1][0]
    here = local(at, scale, problem)
    for _ in range(STEPS):
        step = np.linalg.solve(here.precision, here.gradient)
        for halved in 0.5 ** np.arange(6):
            if density(at + halved * step, scale, problem) > here.value:
                break
        else:
            break
        at, before = at + halved * step, here.value
        here = local(at, scale, problem)
        if here.value - before < LEAST_GAIN:
            break
    return at, here.precision


def local(at: np.ndarray, scale: np.ndarray, problem: Problem) -> Local:
    """Log posterior about a vector, by differences of what is expected to be printed."""
    expected, _ = of_figures(np.concatenate([at[None], at + DIFFERENCE * np.eye(len(at))]), problem)
    moved = free(problem)[:, None] * (expected[1:] - expected[:1]) / DIFFERENCE
    up, down = (log_likelihood(expected[0] + sign * DIFFERENCE * scale, scale, problem) for sign in (1, -1))
    slope = (up - down) / (2 * DIFFERENCE * scale)
    # The weight that a figure so far off has; a bound that holds says nothing more.
    z = (problem.operator.arrays["y"] - expected[0]) / scale
    counted = problem.weight * (problem.operator.arrays["censored"] == 0) * (DEGREES + 1) / (DEGREES + z**2)
    precision = (
        np.diag(np.where(free(problem) > 0, 1.0, HELD_PRECISION)) + (moved * (counted / scale**2)) @ moved.T
    )
    value = log_likelihood(expected[0], scale, problem).sum() - 0.5 * (at**2).sum()
    return Local(float(value), moved @ slope - at, precision)


def density(at: np.ndarray, scale: np.ndarray, problem: Problem) -> float:
    """Log posterior at a vector."""
    expected, _ = of_figures(at[None], problem)
    return float(log_likelihood(expected[0], scale, problem).sum() - 0.5 * (at**2).sum())


def log_likelihood(expected: np.ndarray, scale: np.ndarray, problem: Problem) -> np.ndarray:
    """Weighted log density of each figure, (figure,)."""
    obs = problem.operator.arrays
    return problem.weight * log_density(np, (obs["y"] - expected) / scale, scale, obs)


def of_figures(vectors: np.ndarray, problem: Problem) -> tuple[np.ndarray, np.ndarray]:
    """What is expected to be printed, and the scale of its errors, each (vector, figure)."""
    obs = problem.operator.arrays
    theta = working_values(cut(vectors, problem), problem.data())
    points = log_points(np, quantity_rows(theta, problem), obs)
    return published(np, points, theta, obs), residuals(np, points, theta, obs)[1]


def shapes_of(problem: Problem) -> dict[str, tuple[int, ...]]:
    """Shapes of the parameters, in the order of the vectors here."""
    return parameter_shapes(problem.operator, problem.market)


def free(problem: Problem) -> np.ndarray:
    """One for each parameter that figures inform here, zero for those held at their priors."""
    shapes = shapes_of(problem).items()
    return np.concatenate([np.full(int(np.prod(shape)), float(name not in HELD)) for name, shape in shapes])


def cut(vectors: np.ndarray, problem: Problem) -> dict[str, np.ndarray]:
    """Cut vectors (vector, parameter) into the blocks of the model."""
    found, at = {}, 0
    for name, shape in shapes_of(problem).items():
        size = int(np.prod(shape))
        found[name] = vectors[:, at : at + size].reshape(-1, *shape)
        at += size
    return found
