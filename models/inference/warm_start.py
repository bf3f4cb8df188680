"""What a run of the sampler learned, for the next one to begin with: whitening, places and size of a step.

Kept by block and name as the posterior is, so that a figure, a publisher or a cell of the street's error more
or less is carried over: a parameter that the earlier run did not have is not whitened, and begins at draws of
its prior. A whitening changes how fast the sampler moves, not what it samples
(`models.inference.whitening`).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from models.inference.packing import joined, padded_shape, split
from models.inference.whitening import unwhiten, whiten

FIRST_STEP = 0.1
"""Where the search for the size of a step begins when nothing is known of it: nutpie's own."""
PLACES = 64
"""Places kept: chains that begin at some of them are as far apart as draws are."""


@dataclass(frozen=True)
class Beginning:
    """Where the chains of a run begin, in the vector of a compiled model.

    Attributes
    ----------
    whitening : dict of ndarray
        As `models.inference.whitening.unwhiten` takes it.
    places : ndarray (place, parameter)
        In whitened parameters.
    step : float
        Size of a step there.
    """

    whitening: dict[str, np.ndarray]
    places: np.ndarray
    step: float = FIRST_STEP


@dataclass(frozen=True)
class WarmStart:
    """What a run learned, by block.

    Attributes
    ----------
    rows : dict of ndarray (row, ...)
        The center of the whitening, its directions, and places, in the parameters as sampled.
    shrink : ndarray (direction,)
    step : float
        As in `Beginning`.
    """

    rows: dict[str, np.ndarray]
    shrink: np.ndarray
    step: float


def spread(draws: np.ndarray, n: int = PLACES) -> np.ndarray:
    """Take so many of the draws (draw, parameter), spread evenly."""
    return draws[np.linspace(0, len(draws) - 1, n).astype(int)]


def warm_start(beginning: Beginning, shapes: Mapping[str, tuple[int, ...]]) -> WarmStart:
    """Put what a run learned under the names of its blocks, whose shapes are given without padding."""
    whitening = beginning.whitening
    places = unwhiten(np, beginning.places, whitening)
    rows = np.concatenate([whitening["center"][None], whitening["direction"], places])
    blocks = split(rows, {name: padded_shape(name, shape) for name, shape in shapes.items()})
    kept = {name: blocks[name][:, : shape[0]] for name, shape in shapes.items()}
    return WarmStart(kept, whitening["shrink"], beginning.step)


def begun(start: WarmStart) -> Beginning:
    """Take up a warm start whose blocks are in the order of the problem to sample."""
    vectors = joined({name: _padded(name, rows) for name, rows in start.rows.items()})
    rank = len(start.shrink)
    whitening = {"center": vectors[0], "direction": vectors[1 : 1 + rank], "shrink": start.shrink}
    places = whiten(vectors[1 + rank :], whitening)
    # Of these only the prior is known. At its middle, where the gradient is zero, no chain begins.
    is_new = ~vectors.any(axis=0)
    places[:, is_new] = np.random.default_rng(len(is_new)).standard_normal((len(places), is_new.sum()))
    return Beginning(whitening, places, start.step)


def _padded(name: str, rows: np.ndarray) -> np.ndarray:
    """Pad a block to the capacity of the compiled model."""
    missing = padded_shape(name, rows.shape[1:])[0] - rows.shape[1]
    return np.pad(rows, [(0, 0), (0, missing), *[(0, 0)] * (rows.ndim - 2)])
