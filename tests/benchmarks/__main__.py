"""Measure the engine against its rivals: python -m tests.benchmarks (make bench).

Every contender simulates the same chain from the same priors: each input drawn afresh for every draw, 28
quarters and 7 years of every quantity, nine quantiles per quantity and year. Each runs in a process of its
own, in turns; imports and Numba's compilation are left out (shown as warm-up).
"""

import argparse
import json
import os
import subprocess
import sys

from models.draws.joint import PERIODS
from tests.benchmarks.world import WHOLE_ARRAY_BYTES, n_inputs
from tests.market import MARKET

TARGETS = {"squigglepy": 10.0, "numpy": 3.0}


def main() -> int:
    """Run the contenders in turns and print rates, ratios and peak memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=1_000_000, help="draws of the engine")
    parser.add_argument("--rival-draws", type=int, help="draws of the rivals; by default what memory holds")
    parser.add_argument("--repeats", type=int, default=2)
    parser.add_argument(
        "--large", type=int, default=3_000_000, help="draws that must fit the same memory; 0: skip"
    )
    options = parser.parse_args()
    free = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    rival_draws = options.rival_draws or min(
        options.draws, int(0.6 * free / WHOLE_ARRAY_BYTES) // 10_000 * 10_000
    )
    print(
        f"{n_inputs()} random inputs a draw, {len(MARKET.quantities)} quantities x {len(PERIODS)} periods, "
        f"nine quantiles per quantity and year; {os.cpu_count()} cores"
    )
    if rival_draws < options.draws:
        print(f"the rivals hold everything in memory: {rival_draws} draws fit")
    draws = {"engine": options.draws, "numpy": rival_draws, "squigglepy": rival_draws}
    best: dict[str, float] = {}
    for _ in range(options.repeats):
        for name, n_draws in draws.items():
            rate = _run(name, n_draws)
            best[name] = max(rate, best.get(name, 0.0))
    missed = 0
    for rival, target in TARGETS.items():
        ratio = best["engine"] / best[rival]
        missed += ratio < target
        verdict = "" if ratio >= target else "  MISSED"
        print(f"engine against {rival}: {ratio:.1f} times (wanted {target:g}){verdict}")
    if options.large:
        _run("engine", options.large)
    return int(missed > 0)


def _run(name: str, n_draws: int) -> float:
    """Run one contender and print its line; returns draws a second of wall time."""
    command = [sys.executable, "-m", "tests.benchmarks.contender", name, str(n_draws)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    found = json.loads(done.stdout.splitlines()[-1])
    rate = n_draws / found["seconds"]
    median = found["hbm_revenue_usd_2026"][4] / 1e9
    print(
        f"{name:>11} {n_draws:>9} draws {found['seconds']:7.1f} s  {rate:>9,.0f} draws/s  "
        f"{found['cpu_seconds'] / n_draws * 1e6:6.1f} us of CPU a draw  peak {found['peak_mb']:>6,.0f} MB  "
        f"(warm-up {found['warm_up_seconds']:.1f} s; prior median of 2026 HBM revenue {median:.1f} bn USD)",
        flush=True,
    )
    return rate


if __name__ == "__main__":
    sys.exit(main())
