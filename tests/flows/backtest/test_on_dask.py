"""Vintages on a Dask cluster of separate processes: the same posteriors as here, bit for bit."""

import pytest

from flows.backtest.fits import VintageFit
from flows.runtime.fan_out import DASK, THREADS, fan_out
from tests.flows.backtest.quick_fits import quickly_fitted
from tests.prefect_server import talking_to
from tests.world.generate import make_world


@pytest.mark.slow
def test_processes_give_what_threads_gave(tmp_path, prefect_url, monkeypatch):
    monkeypatch.setenv("HBMCAST_STATE", str(tmp_path))
    problem = make_world(1).problem
    asked = [VintageFit("trial", problem, seed, 40) for seed in (5, 6, 7)]
    here, there = {}, {}
    fan_out(quickly_fitted, asked, lambda i, found: here.update({i: found()}), THREADS, 2)
    with talking_to(prefect_url):
        fan_out(quickly_fitted, asked, lambda i, found: there.update({i: found()}), DASK, 2)
    assert len({int(there[i].statistics["process"][0, 0]) for i in there}) == 2
    for i, vintage in enumerate(asked):
        for name, values in here[i].raw.items():
            assert values.tobytes() == there[i].raw[name].tobytes(), (vintage.seed, name)
