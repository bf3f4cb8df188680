"""Fits a minute on one and on two processes of a Dask cluster: python -m tests.benchmarks.on_dask.

Whole fits of the synthetic world through the seam that a backtest uses. Each process first fits something, so
that starting and compiling, which each does once, are told apart from what more processes divide.
"""

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

from flows.runtime.preparation import prepare_environment
from flows.runtime.settings import STATE_VARIABLE


def main() -> int:
    """Fit as often with so many processes, and print how long it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--fits", type=int, default=12)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ[STATE_VARIABLE] = folder
        prepare_environment(Path(folder))
        from tests.prefect_server import shared_server, talking_to

        with shared_server(Path(folder)) as url, talking_to(url):
            rates = [fits_a_minute(workers, options.fits) for workers in options.workers]
    for workers, rate in zip(options.workers[1:], rates[1:], strict=True):
        print(f"{workers} against {options.workers[0]}: {rate / rates[0]:.2f} times")
    return 0


def fits_a_minute(workers: int, fits: int) -> float:
    """Start so many processes, let each compile, and fit; fits a minute from then on."""
    from distributed import LocalCluster

    from flows.backtest.fits import VintageFit
    from flows.runtime.fan_out import fan_out
    from tests.flows.backtest.quick_fits import quickly_fitted
    from tests.world.generate import make_world

    problem, by_process = make_world(1).problem, {}

    def take(_: int, found) -> None:
        statistics = found().statistics
        by_process.setdefault(int(statistics["process"][0, 0]), []).append(float(statistics["seconds"][0, 0]))

    def fit(n: int) -> float:
        started = time.perf_counter()
        asked = [VintageFit("trial", problem, seed, 40) for seed in range(n)]
        fan_out(quickly_fitted, asked, take, cluster.scheduler_address, workers)
        return time.perf_counter() - started

    with LocalCluster(
        n_workers=workers, threads_per_worker=1, host="127.0.0.1", dashboard_address=None
    ) as cluster:
        started = time.perf_counter()
        while len(by_process) < workers:
            fit(2 * workers)
        compiling = time.perf_counter() - started
        by_process.clear()
        seconds = fit(fits)
    each = ", ".join(f"{len(of)} of {sum(of) / len(of):.1f} s" for of in by_process.values())
    print(
        f"{workers} processes: first fits with compiling {compiling:.0f} s; {fits} fits {seconds:.1f} s, "
        f"{60 * fits / seconds:.1f} a minute (by process {each}); load {os.getloadavg()[0]:.1f}",
        flush=True,
    )
    return 60 * fits / seconds


if __name__ == "__main__":
    sys.exit(main())
