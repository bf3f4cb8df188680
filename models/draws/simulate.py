"""The engine: posterior draws carried through the NumPy chain, in blocks, in bounded memory.

Draws are computed in stream blocks of a fixed size, each with a random stream of its own. A chunk that a
caller asks for is put together from whole stream blocks, so the same seed gives the same draws, bit for bit,
whatever the chunk size, the number of workers, or how many draws follow.
"""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from models.chain.drivers import block_shapes, drivers
from models.chain.equations import chain
from models.draws.innermost import draws_innermost, normals, one_a_draw
from models.draws.joint import PERIODS
from models.inference.problem import Problem, working_values
from models.vocabulary.drivers import CLASS_ATTRIBUTES
from models.vocabulary.market import Market
from models.vocabulary.periods import N_QUARTERS, YEARS
from models.vocabulary.quantities import SINGLES

# Draws are neighbours in memory, so each step of the chain goes along this many at once. A class array of
# them is 0.9 MB and fits a core's second-level cache; with fewer the interpreter's own work counts. Part of
# what a draw is: another size gives other draws for the same seed.
STREAM_DRAWS = 512
BLOCK_DRAWS = STREAM_DRAWS
_CYCLE_KEY, _FRESH_KEY = 1, 2
# Of what is fixed, what meets numbers without quarters (`one_a_draw`): one left out costs time, no digit.
_REPEATED = (
    "years",
    "quarter",
    "generation_age_quarters",
    "generation_superseded_years",
    *(f"class_{name}" for name in CLASS_ATTRIBUTES),
)

Block = dict[str, np.ndarray]
"""Some of the draws on their way, {quantity: (draw, period)}; all of them are `models.draws.joint.Draws`."""
Shock = Callable[[dict[str, Any], np.ndarray], dict[str, Any]]
"""What a scenario does: (drivers of one stream block, numbers of its draws) to shocked drivers. It must
depend on nothing else, so that the draws stay the same whatever the chunks and workers."""


@dataclass(frozen=True)
class _Plan:
    """Everything the workers share: inputs in the working precision, and which draw uses what."""

    market: Market
    data: dict[str, np.ndarray]
    fixed: dict[str, np.ndarray]
    raw: dict[str, np.ndarray]
    n_draws: int
    n_posterior: int
    seed: int
    fresh_shapes: dict[str, tuple[int, ...]]
    dtype: np.dtype
    shock: Shock | None = None


def simulate(
    problem: Problem,
    raw: Mapping[str, np.ndarray],
    n_draws: int,
    seed: int,
    block_draws: int = BLOCK_DRAWS,
    workers: int = 2,
    dtype: DTypeLike = np.float32,
    fresh_blocks: tuple[str, ...] = (),
    shock: Shock | None = None,
) -> Iterator[Block]:
    """Simulate joint draws of every quantity, block by block and in order.

    Draw i rests on posterior draw i. Where fewer draws are wanted than the posterior has, they are spread
    evenly over it; where more are wanted, the posterior is used again in a random order, which adds
    information only through `fresh_blocks`.

    Parameters
    ----------
    problem : Problem
    raw : mapping of str to ndarray (posterior draw, ...)
        Free parameters on their standard-normal scale; at least the blocks of
        `models.chain.drivers.block_shapes` that are not fresh.
    n_draws : int
    seed : int
    block_draws : int
        Draws a block. Changes memory, not draws.
    workers : int
        Threads. Changes time, not draws.
    dtype : dtype
        Precision in which the chain is computed, float32 or float64; blocks are float32.
    fresh_blocks : tuple of str
        Parameter blocks drawn afresh from their priors for every draw: what the data say nothing about.
    shock : callable, optional
        Applied to the drivers before the chain (`models.scenarios.run.chain_shock`): the same posterior
        draws,
        the same fresh draws, other drivers.

    Yields
    ------
    dict of str to ndarray (draw, period)
        All of `Market.quantities`, float32, periods as `PERIODS`. In every draw a summed one's
        year is the sum of its quarters and a ratio is the ratio of its parts, to float32 rounding.

    Raises
    ------
    ValueError
        No draws wanted, an unknown fresh block, or a parameter block missing from `raw`.
    """
    plan = _plan(problem, raw, n_draws, seed, dtype, fresh_blocks, shock)
    if block_draws < 1 or workers < 1:
        raise ValueError(f"block_draws and workers must be at least 1, not {block_draws} and {workers}")
    return _blocks(plan, block_draws, workers)


def carried(
    problem: Problem, raw: Mapping[str, np.ndarray], n_draws: int, dtype: DTypeLike = np.float32
) -> dict[str, np.ndarray]:
    """Cut a posterior down to what `simulate` carries of it: another machine gets no more than that.

    Parameters
    ----------
    problem : Problem
    raw : mapping of str to ndarray (posterior draw, ...)
    n_draws : int
        Draws that will be simulated.
    dtype : dtype
        As in `simulate`.

    Returns
    -------
    dict of str to ndarray (draw, ...)
        From it `simulate` makes the same draws, bit for bit.
    """
    plan = _plan(problem, raw, n_draws, 0, dtype, (), None)
    if n_draws >= plan.n_posterior:
        return plan.raw
    at = _posterior_index(plan, np.arange(n_draws))
    return {name: values[at] for name, values in plan.raw.items()}


def _plan(
    problem: Problem,
    raw: Any,
    n_draws: int,
    seed: int,
    dtype: Any,
    fresh: tuple[str, ...],
    shock: Shock | None,
) -> _Plan:
    shapes, dtype = block_shapes(problem.market), np.dtype(dtype)
    if n_draws < 1:
        raise ValueError(f"n_draws must be at least 1, not {n_draws}")
    if unknown := set(fresh) - set(shapes):
        raise ValueError(f"unknown fresh blocks {sorted(unknown)}; known: {', '.join(shapes)}")
    needed = [name for name in shapes if name not in fresh]
    if missing := [name for name in needed if name not in raw]:
        raise ValueError(f"parameter block {missing[0]!r} is missing from the posterior")
    kept = {name: np.asarray(raw[name], dtype) for name in needed}
    lengths = {len(values) for values in kept.values()}
    if len(lengths) > 1 or 0 in lengths:
        raise ValueError(
            f"parameter blocks of the posterior have {sorted(lengths)} draws; want one number above 0"
        )
    keys = [f"{prefix}_{name}" for prefix in ("loc", "scale") for name in shapes]
    data = problem.data()
    fixed = {name: np.asarray(values, dtype) for name, values in problem.fixed.items()}
    return _Plan(
        problem.market,
        {key: np.asarray(data[key], dtype) for key in keys},
        fixed | {name: one_a_draw(fixed[name], STREAM_DRAWS) for name in _REPEATED},
        kept,
        n_draws,
        lengths.pop() if lengths else 1,
        seed,
        {name: shape for name, shape in shapes.items() if name in fresh},
        dtype,
        shock,
    )


def _blocks(plan: _Plan, block_draws: int, workers: int) -> Iterator[Block]:
    """Compute blocks in threads (NumPy frees the interpreter) and hand them on in order, few at a time."""
    starts = iter(range(0, plan.n_draws, block_draws))
    with ThreadPoolExecutor(workers) as pool:
        waiting: deque[Future[Block]] = deque()

        def submit() -> None:
            start = next(starts, None)
            if start is not None:
                waiting.append(pool.submit(_block, plan, start, min(start + block_draws, plan.n_draws)))

        try:
            for _ in range(workers + 1):
                submit()
            while waiting:
                block = waiting.popleft().result()
                submit()
                yield block
        finally:
            for future in waiting:
                future.cancel()


def _block(plan: _Plan, start: int, stop: int) -> Block:
    """Draws start to stop, from whole stream blocks."""
    names = tuple(plan.market.by_name)
    out = np.empty((len(names), len(PERIODS), stop - start), np.float32)
    for stream in range(start // STREAM_DRAWS, -(-stop // STREAM_DRAWS)):
        first = stream * STREAM_DRAWS
        inner = slice(max(start - first, 0), min(stop - first, STREAM_DRAWS))
        at = slice(first + inner.start - start, first + inner.stop - start)
        # Held until the next ones are computed: freeing all would hand the memory back to the system, and
        # touching new memory costs more than the arithmetic.
        rows = _rows(plan, stream)
        _fill(out[:, :, at], rows, inner, plan.market)
    return {name: out[i].T for i, name in enumerate(names)}


def _rows(plan: _Plan, stream: int) -> dict[str, np.ndarray]:
    """Run the chain for one stream block: the draws it holds never depend on what was asked for."""
    raw = {}
    draw = np.arange(stream * STREAM_DRAWS, (stream + 1) * STREAM_DRAWS)
    if plan.raw:
        at = _posterior_index(plan, draw)
        raw = {name: draws_innermost(values[at]) for name, values in plan.raw.items()}
    key = np.random.SeedSequence(plan.seed, spawn_key=(_FRESH_KEY, stream))
    generator = np.random.Generator(np.random.SFC64(key))
    for name, shape in plan.fresh_shapes.items():
        raw[name] = np.moveaxis(normals(generator, (*shape, STREAM_DRAWS), plan.dtype), -1, 0)
    # A class long before its launch has exp(-large): a weight of zero is meant.
    with np.errstate(over="ignore", under="ignore"):
        inputs = drivers(np, working_values(raw, plan.data), plan.fixed, plan.market)
        if plan.shock is not None:
            inputs = plan.shock(inputs, draw)
        return chain(np, inputs, plan.market)


def _posterior_index(plan: _Plan, draw: np.ndarray) -> np.ndarray:
    """Posterior draw behind each draw; the first use is in order, so that chains stay side by side."""
    if plan.n_draws <= plan.n_posterior:
        return np.minimum(draw, plan.n_draws - 1) * plan.n_posterior // plan.n_draws
    cycle, place = np.divmod(draw, plan.n_posterior)
    index = place.copy()
    for c in np.unique(cycle[cycle > 0]):
        index[cycle == c] = _order(plan.seed, int(c), plan.n_posterior)[place[cycle == c]]
    return index


@lru_cache(maxsize=4)
def _order(seed: int, cycle: int, n_posterior: int) -> np.ndarray:
    """Order in which the posterior is used again: a new one in each cycle."""
    key = np.random.SeedSequence(seed, spawn_key=(_CYCLE_KEY, cycle))
    return np.random.default_rng(key).permutation(n_posterior)


def _fill(out: np.ndarray, rows: dict[str, np.ndarray], inner: slice, market: Market) -> None:
    """Write one stream block into (quantity, period, draw): quarters, years, then ratios of both."""
    at = {name: i for i, name in enumerate(market.by_name)}
    computed = {**{name: rows[name] for name in SINGLES}, **_members(rows, market)}
    for i, quantity in enumerate(market.quantities):
        if quantity.yearly == "ratio":
            continue
        out[i, :N_QUARTERS] = computed[quantity.name][inner, :N_QUARTERS].T
        quarters = out[i, :N_QUARTERS].reshape(len(YEARS), 4, -1)
        if quantity.yearly == "end":
            out[i, N_QUARTERS:] = quarters[:, 3]
        else:
            # Added up from the rounded quarters, so that the identity holds in what is stored.
            years = np.add(quarters[:, 0], quarters[:, 1], out=out[i, N_QUARTERS:])
            years += quarters[:, 2] + quarters[:, 3]
    # A ratio of nothing to nothing stays not-a-number: the gate counts them.
    with np.errstate(invalid="ignore", divide="ignore"):
        for i, quantity in enumerate(market.quantities):
            if quantity.yearly == "ratio":
                np.divide(out[at[quantity.numerator]], out[at[quantity.denominator]], out=out[i])


def _members(rows: dict[str, np.ndarray], market: Market) -> dict[str, np.ndarray]:
    """Rows of the blocks by their own names."""
    return {
        block.format(member): rows[block][..., i, :]
        for block, members in market.members.items()
        for i, member in enumerate(members)
    }
