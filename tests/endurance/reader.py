"""Somebody who reads beside the nights: opens what is served again and again, in a process of its own."""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Event
from pathlib import Path

from tests.endurance.checked import looked_at_quickly

CONTEXT = get_context("forkserver")
CONTEXT.set_forkserver_preload(["tests.endurance.preloaded"])


@dataclass
class Reader:
    """What was seen: how often it was opened, how many runs were served in turn, what was blocked or half."""

    opens: int = 0
    runs: int = 0
    slowest: float = 0.0
    faults: list[str] = field(default_factory=list)

    def line(self) -> str:
        """Sum up in a line."""
        return (
            f"Readers meanwhile: {self.opens:,} opens, {self.runs} runs served in turn, {len(self.faults)} "
            f"blocked or half, the slowest {self.slowest:.1f} s."
        )


@contextmanager
def reading(state: Path, rest_seconds: float = 0.01) -> Iterator[Reader]:
    """Open what is served all the while; the reader that is handed out is filled in at the end.

    Parameters
    ----------
    state : Path
    rest_seconds : float
        Between two opens.
    """
    reader, stop, (hears, tells) = Reader(), CONTEXT.Event(), CONTEXT.Pipe(duplex=False)
    process = CONTEXT.Process(target=_read_on, args=(state, rest_seconds, stop, tells))
    process.start()
    tells.close()
    try:
        yield reader
    finally:
        stop.set()
        vars(reader).update(vars(hears.recv()))
        process.join()


def _read_on(state: Path, rest_seconds: float, stop: Event, told: Connection) -> None:
    """Open what is served until told to stop, and by nothing else: who asked then still hears of it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    seen, asked_by, runs = Reader(), parent_process(), set()
    while not stop.wait(rest_seconds) and (asked_by is None or asked_by.is_alive()):
        started = time.monotonic()
        try:
            served = looked_at_quickly(state)
            runs.add(served.run_id)
            if served.fault:
                seen.faults.append(served.fault)
        except Exception as error:
            seen.faults.append(f"{type(error).__name__}: {error}")
        seen.opens += 1
        seen.slowest = max(seen.slowest, time.monotonic() - started)
    seen.runs = len(runs)
    told.send(seen)
