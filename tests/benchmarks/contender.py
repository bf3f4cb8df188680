"""Run one contender in a process of its own and print what it took as JSON."""

import argparse
import json
import resource
import time
from collections.abc import Callable

import numpy as np

from models.chain.drivers import block_shapes, drivers
from models.chain.equations import chain
from models.draws.simulate import simulate
from models.inference.problem import Problem, working_values
from models.vocabulary.periods import N_QUARTERS
from tests.benchmarks.streamed_quantiles import NINE_LEVELS, stream_quantiles
from tests.benchmarks.world import SEED, world, yearly_float64
from tests.market import MARKET

Result = dict[str, np.ndarray]
YEARS_ONLY = slice(N_QUARTERS, None)
PERCENTILES = [level / 10 for level in NINE_LEVELS]


def engine(problem: Problem, n_draws: int) -> Result:
    """hbmcast: blocks in threads, float32, streamed histograms."""
    blocks = simulate(problem, {}, n_draws, SEED, fresh_blocks=tuple(block_shapes(MARKET)))
    return stream_quantiles(blocks, NINE_LEVELS, YEARS_ONLY)[0]


def whole_arrays(problem: Problem, n_draws: int) -> Result:
    """Plain NumPy: the same lines on whole float64 arrays, `numpy.quantile`."""
    generator = np.random.default_rng(SEED)
    raw = {name: generator.standard_normal((n_draws, *shape)) for name, shape in block_shapes(MARKET).items()}
    theta = working_values(raw, problem.data())
    del raw
    values = yearly_float64(_named(chain(np, drivers(np, theta, problem.fixed, MARKET), MARKET)))
    levels = np.array(NINE_LEVELS) / 1000
    # Along contiguous rows: over the first axis of a slice `numpy.quantile` takes longer.
    years = {name: np.ascontiguousarray(draws[:, YEARS_ONLY].T) for name, draws in values.items()}
    return {name: np.quantile(rows, levels, axis=1) for name, rows in years.items()}


def squigglepy(problem: Problem, n_draws: int) -> Result:
    """Squigglepy: its distributions for every input, sampled as arrays, its percentiles.

    The arithmetic between is the same NumPy lines on its sample arrays. Its other way, a Python function
    called once a draw, is hundreds of times slower.
    """
    import squigglepy as sq

    sq.set_seed(SEED)
    theta = {}
    for name, shape in block_shapes(MARKET).items():
        loc, scale = (np.broadcast_to(part[name], shape).ravel() for part in (problem.loc, problem.scale))
        # Each sample stays whole in memory, as it was drawn: columns of a table take longer, here and later.
        samples = np.empty((loc.size, n_draws))
        for i in range(loc.size):
            samples[i] = sq.sample(sq.norm(mean=float(loc[i]), sd=float(scale[i])), n_draws)
        theta[name] = np.moveaxis(samples.reshape(*shape, n_draws), -1, 0)
    values = yearly_float64(_named(chain(np, drivers(np, theta, problem.fixed, MARKET), MARKET)))
    out = {}
    for name, draws in values.items():
        found = [sq.get_percentiles(year, PERCENTILES) for year in draws[:, YEARS_ONLY].T]
        out[name] = np.array([list(f.values()) for f in found]).T
    return out


CONTENDERS: dict[str, Callable[[Problem, int], Result]] = {
    "engine": engine,
    "numpy": whole_arrays,
    "squigglepy": squigglepy,
}


def _named(rows: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    out = dict(rows)
    for block, members in MARKET.members.items():
        out |= {block.format(member): rows[block][..., i, :] for i, member in enumerate(members)}
    return out


def main() -> None:
    """Build the world, warm up, run, and report."""
    parser = argparse.ArgumentParser()
    parser.add_argument("contender", choices=CONTENDERS)
    parser.add_argument("n_draws", type=int)
    options = parser.parse_args()
    np.seterr(all="ignore")
    problem, run = world(), CONTENDERS[options.contender]
    before = time.perf_counter()
    run(problem, 512)  # imports, and Numba's compilation for the engine
    warm_up = time.perf_counter() - before
    wall, cpu = time.perf_counter(), time.process_time()
    found = run(problem, options.n_draws)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(
        json.dumps(
            {
                "contender": options.contender,
                "n_draws": options.n_draws,
                "seconds": wall,
                "cpu_seconds": cpu,
                "warm_up_seconds": warm_up,
                "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
                "hbm_revenue_usd_2026": found["hbm_revenue_usd"][:, 5].tolist(),
            }
        )
    )


if __name__ == "__main__":
    main()
