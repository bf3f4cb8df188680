"""The pilot run: from nothing but the compiled density to the whitening that it is sampled in.

In three stages, each a short run. Of the first two the curvature at positions is taken: the first is in the
plain parameters, where a draw costs a hundred steps; the second in the variables that the first made rounder,
where it costs a third of that, and whose positions are good enough for a whitening
(`models.inference.whitening`). The draws of the third say where that is too narrow. The most likely point is
no place to begin: noises collapse there, and with them every scale.
"""

import ctypes
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from models.inference.problem import Problem
from models.inference.pymc_model import packed_data
from models.inference.warm_start import Beginning, spread
from models.inference.whitening import (
    curvature,
    no_whitening,
    stretched,
    unwhiten,
    whiten,
    whitening_from_curvature,
)

if TYPE_CHECKING:
    from nutpie.compile_pymc import CompiledPyMCModel

Whitening = dict[str, np.ndarray]
PILOT_CHAINS = 2
FIRST_TUNING, FIRST_DRAWS, FIRST_POSITIONS = 120, 8, 4
PILOT_TUNING, PILOT_DRAWS, PILOT_POSITIONS = 100, 60, 24
STRETCH_CHAINS, STRETCH_DRAWS = 4, 250
ALL_TUNING_DRAWS = {"early_window_switch_freq": 1_000_000, "window_switch_freq": 1_000_000}
"""For nutpie, where chains begin in the posterior: all draws that tune it say how it scales parameters. Left
to itself it lets go of the first ones, which are thought to be on their way."""


def find_beginning(compiled: "CompiledPyMCModel", problem: Problem, seed: int, cores: int) -> Beginning:
    """Whitening of a problem's posterior from the curvature at draws of a short pilot run, which begin it.

    Parameters
    ----------
    compiled : nutpie compiled model
        From `compile_model`, of a problem with the same shapes.
    problem : Problem
        Its data replace the compiled model's.
    seed : int
        Of each of the three stages.
    cores : int

    Returns
    -------
    Beginning
        Its places are draws of the last stage.

    Raises
    ------
    FloatingPointError
        The log density is not finite where its curvature is taken.
    """
    plain = compiled.with_data(**packed_data(problem, no_whitening(compiled.n_dim)))

    def draws_of(run: "CompiledPyMCModel", tune: int, draws: int, chains: int, **asked: int) -> np.ndarray:
        found = sampled(run, draws=draws, tune=tune, chains=chains, cores=cores, seed=seed, **asked)
        return np.asarray(found.posterior["white"].values).reshape(-1, compiled.n_dim)

    def begun(beginning: Beginning) -> "CompiledPyMCModel":
        return starting_at(compiled.with_data(**packed_data(problem, beginning.whitening)), beginning.places)

    def by_curvature(white: np.ndarray, before: Whitening, n: int) -> Beginning:
        vectors = unwhiten(np, white, before)
        positions = spread(vectors, n)
        whitening = whitening_from_curvature(mean_curvature(plain, positions, cores), vectors.mean(axis=0))
        return Beginning(whitening, whiten(positions, whitening))

    first = draws_of(plain, FIRST_TUNING, FIRST_DRAWS, PILOT_CHAINS)
    rough = by_curvature(first, no_whitening(compiled.n_dim), FIRST_POSITIONS)
    second = draws_of(begun(rough), PILOT_TUNING, PILOT_DRAWS, PILOT_CHAINS)
    narrow = by_curvature(second, rough.whitening, PILOT_POSITIONS)
    third = draws_of(begun(narrow), PILOT_TUNING, STRETCH_DRAWS, STRETCH_CHAINS, **ALL_TUNING_DRAWS)
    whitening = stretched(narrow.whitening, third)
    return Beginning(whitening, whiten(unwhiten(np, spread(third), narrow.whitening), whitening))


def sampled(compiled: "CompiledPyMCModel", **asked: Any) -> Any:
    """Run the sampler to its end, or stop it and raise what came in between.

    Left to itself it takes Ctrl-C for a wish to go on with the draws that there are.

    Parameters
    ----------
    compiled : nutpie compiled model
    **asked : object
        Arguments of `nutpie.sample`.

    Raises
    ------
    BaseException
        What ended the wait, Ctrl-C as well as an error of the sampler, once it is told to stop.
    """
    import nutpie

    sampler = nutpie.sample(compiled, blocking=False, progress_bar=False, **asked)
    try:
        return sampler.wait()
    except BaseException:
        sampler.cancel()
        raise


def starting_at(compiled: "CompiledPyMCModel", places: np.ndarray) -> "CompiledPyMCModel":
    """Let each chain of a compiled model begin at one of these places, (place, parameter), by its seed."""
    places = np.ascontiguousarray(places, dtype=float)

    def place(seed: int) -> np.ndarray:
        return places[np.random.default_rng(seed).integers(len(places))].copy()

    return replace(compiled, initial_point_func=place)


def mean_curvature(
    compiled: "CompiledPyMCModel", positions: Sequence[np.ndarray] | np.ndarray, cores: int
) -> np.ndarray:
    """Hessian of minus the log density, averaged over positions, (parameter, parameter).

    Parameters
    ----------
    compiled : nutpie compiled model
    positions : sequence of ndarray (parameter,)
        In the variables of the compiled model: whitened, unless its data hold the identity.
    cores : int
        Positions at a time.

    Raises
    ------
    FloatingPointError
        The log density is not finite at a position or a step beside it.
    """

    def at_position(position: np.ndarray) -> np.ndarray:
        return curvature(gradient_function(compiled), position)

    # Summed in the order of the positions: the same to the digit whatever the number of cores.
    with ThreadPoolExecutor(cores) as threads:
        each = threads.map(at_position, positions)
        return sum(each, np.zeros((compiled.n_dim, compiled.n_dim))) / len(positions)


def gradient_function(compiled: "CompiledPyMCModel") -> Callable[[np.ndarray], np.ndarray]:
    """Gradient of the compiled log density, by the very function the sampler calls; for one thread.

    Returns
    -------
    callable
        Takes and gives an ndarray (parameter,).

    Raises
    ------
    FloatingPointError
        From what is returned, not from here: the log density is not finite at a vector.
    """
    function, user_data, size = compiled.compiled_logp_func.ctypes, compiled.user_data, compiled.n_dim
    doubles = ctypes.POINTER(ctypes.c_double)
    out, value = np.zeros(size), np.zeros(())

    def gradient(x: np.ndarray) -> np.ndarray:
        x = np.ascontiguousarray(x, dtype=float)
        code = function(
            size,
            x.ctypes.data_as(doubles),
            out.ctypes.data_as(doubles),
            value.ctypes.data_as(doubles),
            user_data.ctypes.data_as(ctypes.c_void_p),
        )
        if code:
            raise FloatingPointError(f"the log density is not finite at a pilot draw (code {code})")
        return out.copy()

    return gradient
