"""One function over many items: in threads and on Dask the same results, in whatever order they come."""

import os
import signal
import time
from pathlib import Path

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from flows.runtime import task_runner_settings
from flows.runtime.errors import HbmcastError
from flows.runtime.fan_out import fan_out
from flows.runtime.once import forget, once
from flows.runtime.task_runner_settings import DASK, THREADS, task_runner_setting
from tests.prefect_server import talking_to


def simulated(seed: int) -> np.ndarray:
    """Something that takes a while and rests on nothing but its item."""
    if seed < 0:
        raise ValueError(f"{seed} is no seed")
    return np.random.default_rng(seed).standard_normal((3, seed)) @ np.ones(seed)


def gathered(items: list[int], runner: str, workers: int = 2) -> dict[int, np.ndarray | str]:
    """Result of each item, or why it has none."""
    found: dict[int, np.ndarray | str] = {}

    def take(position, result):
        try:
            found[position] = result()
        except ValueError as error:
            found[position] = str(error)

    fan_out(simulated, iter(items), take, runner, workers)
    return found


@pytest.fixture(scope="module")
def cluster():
    """A Dask cluster in this process: where it lies makes no difference to who talks to it."""
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=1, threads_per_worker=2, processes=False, protocol="tcp", dashboard_address=None
    ) as here:
        yield here.scheduler_address


def test_on_a_cluster_the_results_are_those_of_threads_bit_for_bit(cluster, prefect_url):
    items = [40, 7, -1, 300, 12, 55, 80]
    expected = gathered(items, THREADS)
    with talking_to(prefect_url):
        found = gathered(items, cluster)
    assert found.keys() == expected.keys() == set(range(len(items)))
    assert found.pop(2) == expected.pop(2) == "-1 is no seed"
    assert all(found[i].tobytes() == expected[i].tobytes() for i in expected)


def test_a_worker_with_other_code_computes_nothing(cluster, prefect_url, monkeypatch):
    hashes = iter(["what is asked for", "what is there"])
    monkeypatch.setattr("flows.runtime.fingerprint.code_hash", lambda *_: next(hashes))
    with talking_to(prefect_url), pytest.raises(HbmcastError, match="runs another version of hbmcast"):
        gathered([1], cluster)


def test_matrix_products_run_in_one_thread_wherever_an_item_is_computed(cluster, prefect_url, monkeypatch):
    found, asked = {}, []

    def limited(**given):
        asked.append(given)
        return threadpool_limits(**given)

    # Tests have one thread from the beginning (tests/conftest.py): that it is asked for is seen here alone.
    monkeypatch.setattr("threadpoolctl.threadpool_limits", limited)
    forget("threads of BLAS")
    fan_out(blas_threads, [0], lambda _, result: found.update(here=result()), THREADS, 2)
    with talking_to(prefect_url):
        fan_out(blas_threads, [0], lambda _, result: found.update(there=result()), cluster, 2)
    assert set(found["here"]) == set(found["there"]) == {1}
    assert asked == [{"limits": 1, "user_api": "blas"}] * 2


def blas_threads(_: int) -> list[int]:
    """Threads of each BLAS of this process."""
    return [one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"]


@pytest.mark.parametrize("workers", [1, 3])
def test_items_are_made_as_workers_get_free(workers):
    made, taken = [], []

    def items():
        for item in range(1, 21):
            made.append(item)
            assert len(made) - len(taken) <= 2 * workers + 1
            yield item

    fan_out(simulated, items(), lambda position, _: taken.append(position), THREADS, workers)
    assert sorted(taken) == list(range(20))


def test_a_fault_ends_it_and_drops_what_has_not_begun():
    begun = []

    def work(item):
        begun.append(item)
        raise ValueError("the light went out")

    with pytest.raises(ValueError, match="light went out"):
        fan_out(work, range(100), lambda _, result: result(), THREADS, 1)
    assert len(begun) < 100


def test_what_is_made_once_is_made_anew_under_another_name():
    made = []

    def make():
        made.append(1)
        return len(made)

    assert [once("trial", name, make) for name in ("a", "a", "b", "b", "a")] == [1, 1, 2, 2, 3]
    forget("trial")
    assert once("trial", "a", make) == 4
    forget("trial")


@pytest.mark.parametrize(
    ("said", "meant"), [("", THREADS), (" threads", THREADS), ("dask", DASK), ("tcp://a:1", "tcp://a:1")]
)
def test_the_setting(said, meant, monkeypatch):
    monkeypatch.setenv("HBMCAST_TASK_RUNNER", said)
    assert task_runner_setting() == meant


def test_a_setting_that_can_not_be_is_refused_with_what_can(monkeypatch):
    monkeypatch.setenv("HBMCAST_TASK_RUNNER", "spark")
    with pytest.raises(HbmcastError, match="tcp://HOST:8786"):
        task_runner_setting()
    monkeypatch.setenv("HBMCAST_TASK_RUNNER", "dask")
    monkeypatch.setattr(task_runner_settings, "find_spec", lambda name: None)
    with pytest.raises(HbmcastError, match=r"hbmcast\[dask\]"):
        task_runner_setting()


def killed_once(asked: tuple[int, str]) -> np.ndarray:
    """End the worker's process at the first call of the third item: as a machine that goes down."""
    item, trace = asked
    if item == 3 and not Path(trace).exists():
        Path(trace).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(0.2)
    return simulated(10 * item)


@pytest.mark.slow
def test_a_worker_killed_in_the_middle_costs_no_result(tmp_path, prefect_url):
    found = {}
    items = [(item, str(tmp_path / "killed")) for item in range(1, 9)]
    with talking_to(prefect_url):
        fan_out(killed_once, items, lambda i, result: found.update({i: result()}), DASK, 2)
    assert (tmp_path / "killed").exists()
    for position, (item, _) in enumerate(items):
        assert found[position].tobytes() == simulated(10 * item).tobytes()
