"""A process that comes to a stop in the middle of publishing, to be killed there."""

import multiprocessing
import time
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

import tests.warehouse.synthetic_warehouse as synthetic
from warehouse import builds

# Libraries are loaded once, into a server that is forked for every case.
CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["tests.warehouse.synthetic_warehouse", "pytest"])


def publish_and_stop(state: Path, name: str, when: str, told: Connection) -> None:
    """Publish night-3 and stop at one function of the build: before it, or when it has returned."""
    real = getattr(builds, name)

    def stop(*given: object) -> None:
        if when == "after":
            real(*given)
        told.send("stopped")
        time.sleep(600)

    setattr(builds, name, stop)
    synthetic.publish(state, "night-3")


def start_stopped(state: Path, name: str, when: str) -> BaseProcess:
    """Start such a process and wait until it stands still."""
    hears, told = CONTEXT.Pipe(duplex=False)
    process = CONTEXT.Process(target=publish_and_stop, args=(state, name, when, told), daemon=True)
    process.start()
    told.close()
    # Raises EOFError where the process ends instead.
    assert hears.recv() == "stopped"
    return process
