"""Vintages on a Dask cluster of separate processes: the same posteriors as here, bit for bit.

Without fast arithmetic: with it, code that comes from the cache of compiled code rounds the last digit of a
gradient otherwise than code compiled anew, for LLVM contracts what it finds side by side.
"""

import pytest

from flows.backtest.fits import VintageFit
from flows.runtime.fan_out import fan_out
from flows.runtime.task_runner_settings import DASK, THREADS
from tests.flows.backtest.quick_fits import DeadlyFit, fitted_at_the_second_try, quickly_fitted
from tests.prefect_server import talking_to
from tests.world.generate import make_world

SEEDS = (5, 6, 7, 8)
EXACT = "numba__fastmath=False"
"""For the workers, which import PyTensor anew."""


@pytest.mark.slow
def test_processes_of_which_one_is_killed_give_what_threads_gave(tmp_path, prefect_url, monkeypatch):
    import pytensor

    monkeypatch.setenv("HBMCAST_STATE", str(tmp_path))
    monkeypatch.setenv("PYTENSOR_FLAGS", EXACT)
    problem, killed = make_world(1).problem, tmp_path / "killed"
    asked = [VintageFit("trial", problem, seed, 40) for seed in SEEDS]
    deadly = [DeadlyFit(fit, str(killed) if fit.seed == SEEDS[1] else "") for fit in asked]
    here, there = {}, {}
    with pytensor.config.change_flags(numba__fastmath=False):
        fan_out(quickly_fitted, asked, lambda i, found: here.update({i: found()}), THREADS, 2)
    with talking_to(prefect_url):
        fan_out(fitted_at_the_second_try, deadly, lambda i, found: there.update({i: found()}), DASK, 2)
    assert killed.exists()
    assert len({int(there[i].statistics["process"][0, 0]) for i in there}) >= 2
    assert here.keys() == there.keys() == set(range(len(SEEDS)))
    for i, vintage in enumerate(asked):
        for name, values in here[i].raw.items():
            assert values.tobytes() == there[i].raw[name].tobytes(), (vintage.seed, name)
