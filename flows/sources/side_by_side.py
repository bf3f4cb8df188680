"""Questions to several servers at a time, and to each of them one after another, with a pause between two."""

import threading
import time
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final
from urllib.parse import urlsplit

MOST_AT_ONCE: Final = 8
"""Servers that are asked at the same time."""


class Pace:
    """Keeps the questions to a server a while apart, counted from the beginning of each.

    Parameters
    ----------
    seconds : float
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._next = 0.0

    def wait(self, most: float = float("inf")) -> None:
        """Wait until the next question may be asked, but no longer than so many seconds."""
        time.sleep(max(0.0, min(self._next - time.monotonic(), most)))
        self._next = time.monotonic() + self.seconds


def host_of(url: str) -> str:
    """Server of an address, with its port where it names one; '' for a path."""
    return urlsplit(url).netloc.lower() if "://" in url else ""


def side_by_side[T](
    jobs: Sequence[tuple[Collection[str], Callable[[], T]]], stop: Callable[[], None] = lambda: None
) -> list[T]:
    """Do jobs at the same time, those that ask a common server one after another.

    Parameters
    ----------
    jobs : sequence of (collection of str, callable)
        The servers that a job asks, and the job.
    stop : callable
        Called where a job fails or the night is interrupted, before the other jobs are waited for.

    Returns
    -------
    list
        What each job gave, in the order of the jobs.

    Raises
    ------
    BaseException
        What a job raised; jobs that had not begun then are not done.
    """
    groups = _groups([set(hosts) for hosts, _ in jobs])
    results: dict[int, T] = {}
    halted = threading.Event()

    def do(group: list[int]) -> None:
        for i in group:
            if halted.is_set():
                return
            results[i] = jobs[i][1]()

    with ThreadPoolExecutor(min(MOST_AT_ONCE, max(len(groups), 1))) as threads:
        running = [threads.submit(do, group) for group in groups]
        try:
            for one in running:
                one.result()
        except BaseException:
            halted.set()
            stop()
            raise
    return [results[i] for i in range(len(jobs))]


def _groups(hosts: list[set[str]]) -> list[list[int]]:
    """Sort jobs into groups that have no server in common."""
    groups: list[tuple[set[str], list[int]]] = []
    for i, asked in enumerate(hosts):
        joined = [group for group in groups if group[0] & asked]
        groups = [group for group in groups if not group[0] & asked]
        of_all = set().union(asked, *(group[0] for group in joined))
        groups.append((of_all, sorted([*(at for group in joined for at in group[1]), i])))
    return [members for _, members in groups]
