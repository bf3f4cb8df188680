"""What holds for every test."""

import gc
import importlib
import importlib.util
import os
import ssl
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from hypothesis import HealthCheck, settings
from threadpoolctl import threadpool_limits

from tests.prefect_server import shared_server
from tests.shared import folder_of_the_run

# As in a real night, here and in the processes that tests start, before any of these libraries is loaded.
os.environ.setdefault("NUMBA_OPT", "1")
os.environ.setdefault("MPLBACKEND", "Agg")
# As where items are computed side by side (`flows.runtime.fan_out`): the threads of a matrix product wait for
# each other by counting, which cost as much as half of all else where other processes want the cores too.
for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(name, "1")
importlib.import_module("flows.runtime.texts")
# Modules are compiled once, and not anew in each of some fifty processes.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
# Each client of a server reads all certificates of the world, which none of the servers here shows.
ssl.create_default_context = cache(ssl.create_default_context)
# While modules are loaded nothing becomes garbage, and to look for it costs a quarter of the loading.
gc.disable()

# How long an example takes says how busy the machine is, not whether the code is right.
settings.register_profile("any_machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any_machine")


# One process should not begin the longest files when the other is done.
FIRST = ("tests/test_end_to_end.py", "tests/flows/backtest/", "tests/warehouse/", "tests/flows/")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the costly files first, so that both processes end together."""
    items.sort(key=lambda item: next((i for i, name in enumerate(FIRST) if item.nodeid.startswith(name)), 9))


# What some files need and most do not costs seconds in each process that loads it: these go to one of them.
TOGETHER = {
    "what scores": ("tests/flows/backtest/", "tests/flows/night/test_frozen.py", "tests/models/scoring/"),
    "what compiles the model": ("tests/models/inference/", "tests/models/chain/"),
    "what draws pages": ("tests/test_end_to_end.py", "tests/dashboards/"),
}


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Hand out files, and those that load the same together."""
    if config.getvalue("dist") != "loadfile":
        return None
    from xdist.scheduler import LoadFileScheduling

    class Together(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = super()._split_scope(nodeid)
            return next((what for what, names in TOGETHER.items() if file.startswith(names)), file)

    return Together(config, log)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a process of the run whether its libraries are new: no module of theirs was compiled yet."""
    pandas = importlib.util.find_spec("pandas")
    compiled = importlib.util.cache_from_source(str(pandas and pandas.origin))
    node.workerinput["is_new"] = not Path(compiled).exists()


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Iterator[None]:
    """Load what is new in one process after the other: side by side each compiles every module itself."""
    is_new = getattr(session.config, "workerinput", {}).get("is_new", False)
    with FileLock(session.config.cache.mkdir("new") / "lock") if is_new else nullcontext():
        return (yield)


# Take seconds to load, which only what scores, what draws charts of the sampler and what asks a cluster does.
NOT_FOR_COLLECTING = ("scoringrules", "arviz_plots", "distributed")


def pytest_collection_finish() -> None:
    """Refuse to compute while tests are collected; look for garbage again, seldom, and not in modules."""
    if early := [name for name in NOT_FOR_COLLECTING if name in sys.modules]:
        raise pytest.UsageError(
            f"{', '.join(early)} was loaded while tests were collected, which every process of a run does: "
            "let a fixture compute, or load, what a module of tests does at its head"
        )
    # Without processes of its own pytest has loaded NumPy before the variables above were set.
    threadpool_limits(limits=1, user_api="blas")
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    gc.enable()


@pytest.fixture(scope="session", autouse=True)
def duckdb_in_one_thread() -> None:
    """Let each process of tests read and build with one thread: their tables are a page long."""
    from warehouse import connect

    connect.CONFIG["threads"] = 1


@pytest.fixture(scope="session")
def prefect_url(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Iterator[str]:
    """Address of a Prefect server that all processes of this run share."""
    kept = pytestconfig.cache.mkdir("prefect") if pytestconfig.cache else None
    with shared_server(folder_of_the_run(tmp_path_factory), kept) as url:
        yield url
