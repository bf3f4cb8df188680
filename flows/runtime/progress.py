"""Progress that a person can follow: a bar on a terminal, dated lines everywhere else."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Protocol

# Without a terminal: a line when a stage has come this much further, this long after the last line, or when
# it turns to something else.
_STEP = 0.25
_SECONDS = 20.0


class Report(Protocol):
    """What a stage calls to say how far it is: a fraction from 0 to 1, and a few words."""

    def __call__(self, fraction: float, words: str = "") -> None:
        """Say how far the stage is."""


class Progress:
    """Shows the stages of a night one after the other.

    Parameters
    ----------
    log : callable, optional
        Also told about every stage that ends (Prefect's log).
    shown : bool
        Whether anything is written to standard error.
    """

    def __init__(self, log: Callable[[str], None] | None = None, shown: bool = True) -> None:
        self.log = log
        self.shown = shown
        self.seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str, describes: str) -> Iterator[Report]:
        """Show one stage from its start to its end, and keep how long it took."""
        started = time.perf_counter()
        try:
            if not self.shown:
                yield _silent
            elif sys.stderr.isatty():
                with _bar(describes) as report:
                    yield report
            else:
                yield _lines(describes)
        finally:
            took = time.perf_counter() - started
            self.seconds[name] = self.seconds.get(name, 0.0) + took
        self.say(f"{describes}: done in {took:.1f} s")

    def say(self, line: str) -> None:
        """Write one line to whoever follows."""
        if self.shown:
            print(f"{datetime.now():%H:%M:%S}  {line}", file=sys.stderr, flush=True)
        if self.log:
            self.log(line)


def _silent(fraction: float, words: str = "") -> None:
    pass


@contextmanager
def _bar(describes: str) -> Iterator[Report]:
    from rich.console import Console
    from rich.progress import BarColumn, SpinnerColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as RichProgress

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description:<34}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[words]}"),
    )
    with RichProgress(*columns, console=Console(stderr=True), transient=True) as shown:
        bar = shown.add_task(describes, total=None, words="")

        def report(fraction: float, words: str = "") -> None:
            shown.update(bar, total=1.0, completed=min(max(fraction, 0.0), 1.0), words=words)

        yield report


def _lines(describes: str) -> Report:
    print(f"{datetime.now():%H:%M:%S}  {describes} ...", file=sys.stderr, flush=True)
    last_fraction, last_at, last_words = 0.0, time.monotonic(), ""

    def report(fraction: float, words: str = "") -> None:
        nonlocal last_fraction, last_at, last_words
        at = time.monotonic()
        if fraction - last_fraction >= _STEP or at - last_at >= _SECONDS or words != last_words:
            last_fraction, last_at, last_words = fraction, at, words
            line = f"{datetime.now():%H:%M:%S}  {describes}: {fraction:.0%} {words}"
            print(line.rstrip(), file=sys.stderr, flush=True)

    return report
