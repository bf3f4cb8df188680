"""Vintages a minute of a backtest, with one compiled model and with one compiled for each.

python -m tests.benchmarks.vintages: fits a few month ends on the evidence of data/ as a backtest does,
several at a time. The named alternative compiles the model for each vintage.
"""

import argparse
import os
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

from flows.backtest.plan import CHAINS, DRAWS
from flows.runtime.preparation import prepare_environment

DATES = (date(2023, 9, 30), date(2024, 6, 30), date(2025, 3, 31), date(2025, 12, 31))
SEED = 20260101


def main() -> int:
    """Fit vintages both ways and print how many a minute makes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--state", type=Path, help="State folder with warm caches; default: cold ones.")
    parser.add_argument("--draws", type=int, default=DRAWS, help="Draws of each vintage.")
    options = parser.parse_args()
    prepare_environment(options.state or Path(tempfile.mkdtemp()))
    from models.inference.compiling import compile_model, import_compilers
    from models.inference.fit import sample
    from models.inference.from_evidence import problem_from_evidence, shared_operator
    from tests.benchmarks.world import evidence

    known = evidence()
    operator = shared_operator(known, max(DATES))
    problems = [problem_from_evidence(known, day, operator) for day in DATES]
    each = -(-options.draws // CHAINS)
    started = time.perf_counter()
    import_compilers()
    importing = time.perf_counter() - started
    started = time.perf_counter()
    compile_model(problems[0])
    cold = time.perf_counter() - started
    started = time.perf_counter()
    compiled = compile_model(problems[0])
    compiling = time.perf_counter() - started
    started = time.perf_counter()
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(lambda p: sample(compiled, p, SEED, each, CHAINS, cores=1), problems))
    fitting = time.perf_counter() - started
    shared = 60.0 * len(problems) / fitting
    alone = 60.0 * len(problems) / (fitting + compiling * len(problems))
    print(f"loading libraries {importing:.0f} s; compiling: first {cold:.0f} s, again {compiling:.0f} s")
    print(f"{len(problems)} vintages of {options.draws} draws, {os.cpu_count()} at a time: {fitting:.0f} s")
    print(f"one compiled model: {shared:.2f} vintages a minute; one for each (warm): {alone:.2f}")
    print(f"sharing against compiling anew: {shared / alone:.1f} times")
    return 0


if __name__ == "__main__":
    sys.exit(main())
