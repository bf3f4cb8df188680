"""One function over many items, several at a time: in threads here, or on a Dask cluster through Prefect.

On Dask an item goes to its worker by value and the result comes back by value: no worker sees the state
folder of who asks. The same function on the same items gives the same results, bit for bit, in threads and in
processes, on one core and on many; only another type of processor may round differently.
"""

import pickle
import socket
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from functools import partial
from queue import SimpleQueue
from typing import Any, Protocol

from flows.runtime.errors import HbmcastError
from flows.runtime.once import once
from flows.runtime.task_runner_settings import DASK, THREADS

# Items on their way for each worker: one being computed, one that waits, so that no worker does.
_AHEAD = 2
PATIENCE_SECONDS = 120.0
"""A cluster may take so long until its first worker is there."""


class Outcome[Result](Protocol):
    """Gives the result of one item, or raises what its function raised."""

    def __call__(self) -> Result:
        """Give the result."""


def fan_out[Item, Result](
    function: Callable[[Item], Result],
    items: Iterable[Item],
    take: Callable[[int, Outcome[Result]], None],
    runner: str,
    workers: int,
) -> None:
    """Call a function with each item, and hand over each result as soon as it is there.

    Parameters
    ----------
    function : callable
        Of a module, where it is to run on Dask.
    items : iterable
        Taken as workers get free, so that few are held at a time.
    take : callable
        Called in this thread with the number of an item and what gives its result.
    runner : str
        From `flows.runtime.task_runner_settings.task_runner_setting`.
    workers : int
        Threads, or processes of a Dask cluster of this machine; a cluster elsewhere has its own.

    Raises
    ------
    Exception
        Whatever `take` raises; items that have not begun are dropped then.
    """
    if runner == THREADS:
        pool = ThreadPoolExecutor(max_workers=workers)
        try:
            with _one_blas_thread():
                _windowed(lambda item: pool.submit(function, item), items, take, _AHEAD * workers)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
    else:
        _on_dask(function, items, take, runner, workers)


def _windowed(submit: Callable[[Any], Any], items: Iterable[Any], take: Any, window: int) -> None:
    """Submit items, at most so many at a time, and hand over what is done in the order in which it is."""
    done: SimpleQueue[tuple[int, Any]] = SimpleQueue()

    def hand_over() -> None:
        position, future = done.get()
        take(position, future.result)

    under_way = 0
    for position, item in enumerate(items):
        if under_way == window:
            hand_over()
            under_way -= 1
        submit(item).add_done_callback(partial(_note, done, position))
        under_way += 1
    for _ in range(under_way):
        hand_over()


def _note(done: SimpleQueue[tuple[int, Any]], position: int, future: Any) -> None:
    done.put((position, future))


def _on_dask(
    function: Callable[[Any], Any], items: Iterable[Any], take: Any, runner: str, workers: int
) -> None:
    """Submit the items as tasks of a Prefect flow whose task runner is Dask's."""
    from prefect import flow, task
    from prefect.cache_policies import NO_CACHE
    from prefect.context import FlowRunContext
    from prefect_dask import DaskTaskRunner

    from flows.runtime.fingerprint import code_hash

    code = code_hash(function.__module__)
    part = task(name=function.__name__, cache_policy=NO_CACHE, persist_result=False)(_on_worker)

    def spread() -> None:
        here = FlowRunContext.get()
        client = here.task_runner.client if here else None  # type: ignore[attr-defined]
        if client is None:
            raise HbmcastError(f"no Dask cluster at {runner}")
        client.wait_for_workers(1, timeout=PATIENCE_SECONDS)
        threads = sum(client.nthreads().values())

        def submit(item: Any) -> Any:
            # As bytes: Prefect walks through all that it is handed, and copies it.
            return part.submit(pickle.dumps((function, item)), code)

        def unpacked(position: int, result: Outcome[bytes]) -> None:
            take(position, lambda: pickle.loads(result()))

        _windowed(submit, items, unpacked, _AHEAD * threads)

    # Its futures are Dask's; Prefect's types know only its own.
    task_runner: Any = (
        DaskTaskRunner(cluster_kwargs=_local_cluster(workers))
        if runner == DASK
        else DaskTaskRunner(address=runner)
    )
    flow(name="on dask", task_runner=task_runner, persist_result=False)(spread)()


def _on_worker(packed: bytes, code: str) -> bytes:
    """Call a function with an item, on a worker: it reads and writes nothing but its cache of compiled code.

    Raises
    ------
    HbmcastError
        The worker would compute with other code than who asks.
    """
    from flows.runtime.preparation import prepare_environment
    from flows.runtime.settings import state_folder

    # Before the libraries that compile are imported, which unpickling does not do.
    prepare_environment(state_folder())
    function, item = pickle.loads(packed)
    from flows.runtime.fingerprint import code_hash

    if code_hash(function.__module__) != code:
        raise HbmcastError(
            f"the Dask worker on {socket.gethostname()} runs another version of hbmcast, or of its libraries",
            "Install the same version and lock there, and start its workers again",
        )
    # For good: a limit that one thread lifts at its end is gone for the others too.
    once("threads of BLAS", "one", _one_blas_thread)
    return pickle.dumps(function(item))


def _one_blas_thread() -> AbstractContextManager[object]:
    """Let matrix products run in one thread: in two they are added up in another order, to other last digits.

    Besides, as many items as there are cores are computed at a time.
    """
    # SciPy brings a BLAS of its own; what is loaded later is not limited.
    import scipy.linalg  # noqa: F401
    from threadpoolctl import threadpool_limits

    return threadpool_limits(limits=1, user_api="blas")


def _local_cluster(workers: int) -> dict[str, Any]:
    """Separate processes of this machine, one thread each, that no one else can reach."""
    return {
        "n_workers": workers,
        "threads_per_worker": 1,
        "processes": True,
        "host": "127.0.0.1",
        "dashboard_address": None,
        "worker_dashboard_address": None,
    }
