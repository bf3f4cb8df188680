"""Nights stopped at many instants, each looked at as if the night had been killed there.

A night is halted (SIGSTOP) at instants spread over the processor time it takes, or right before each of its
operations on files, and its state folder is copied: that is what SIGKILL leaves at this instant, since the
system frees its locks and runs nothing of it. In every copy what is served must be whole and every figure
accepted before must be in force; in every n-th the next night is run, and must publish unaided. Between such
nights some are really killed. Another process opens what is served all the while.
"""

import logging
import os
import random
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

from flows.runtime import journal
from flows.runtime.preparation import prepare_state
from tests.endurance.checked import figures_in_force, looked_at
from tests.endurance.light import DRAWS as LIGHT_DRAWS
from tests.endurance.light import light_night
from tests.endurance.nights import DRAWS, night, publish_figure, start_world
from tests.endurance.reader import CONTEXT, Reader, reading
from tests.world.design import TODAY

CLOCK, OPERATION = "clock", "operation"
CHANGES = {"os.rename", "os.link", "os.remove", "os.rmdir", "os.mkdir", "os.chmod", "os.utime"}
STAGES = ("start", "ingest", "fit", "simulate", "check", "news", "publish", "prune", "report")
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT
# Never written again once they have this name: a copy may be a second name.
_FINISHED = (".duckdb", ".parquet")
_TICK = 1 / os.sysconf("SC_CLK_TCK")


@dataclass
class Halt:
    """One instant: where, whether the new run was served by then, whether the next night was run; faults."""

    how: str
    stage: str
    is_new: bool
    is_followed: bool
    faults: list[str]


def run_child(state: Path, number: int, halts: bool, told: Connection) -> None:
    """Run a night; if asked to it halts before each of its operations on files. Tells its processor time.

    It is light, but where the state folder holds a world's evidence.
    """
    logging.disable(logging.WARNING)

    def hook(event: str, arguments: tuple) -> None:
        opened = event == "open" and isinstance(arguments[2], int) and arguments[2] & _WRITES
        if (opened or event in CHANGES) and str(arguments[0]).startswith(str(state)):
            os.kill(os.getpid(), signal.SIGSTOP)

    if halts:
        sys.addaudithook(hook)
    started = time.process_time()
    if (evidence := evidence_folder(state)).exists():
        night(state, evidence, TODAY + timedelta(days=number), DRAWS)
    else:
        light_night(state, number)
    told.send(time.process_time() - started)


def evidence_folder(state: Path) -> Path:
    """Folder of the world's evidence: inside the state folder, so that a copy has its own."""
    return state / "evidence"


def processor_seconds(child: BaseProcess) -> float:
    """Processor time of a living process, as the system counts it."""
    fields = Path(f"/proc/{child.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) * _TICK


def is_stopped(child: BaseProcess) -> bool:
    """Whether a process stands still, by its own or another's wish."""
    try:
        return Path(f"/proc/{child.pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "T"
    except OSError:
        return False


def left_at(state: Path, copy: Path) -> Path:
    """Copy a state folder as it is now; what is never written again gets a second name."""
    for folder, _, names in os.walk(state):
        target = copy / Path(folder).relative_to(state)
        target.mkdir(parents=True)
        for name in names:
            source = Path(folder) / name
            finished = source.suffix in _FINISHED and "work" not in source.parts
            (os.link if finished else shutil.copy2)(source, target / name)
    return copy


class Harness:
    """One state folder and the nights in it."""

    def __init__(
        self, place: Path, follow: int, until: float, say: bool, seed: int = 0, real: bool = False
    ) -> None:
        self.until, self.say = until, say
        self.place, self.state, self.number = place, place / "state", 0
        self.follow, self.seconds = follow, 0.0
        self.halts: list[Halt] = []
        self.random, self.draws = random.Random(seed), DRAWS if real else LIGHT_DRAWS
        prepare_state(self.state)
        if real:
            start_world(self.state)

    def start(self, state: Path, halts: bool = False) -> tuple[Connection, BaseProcess]:
        """Start a night in a process of its own."""
        self.number += 1
        if (evidence := evidence_folder(state)).exists():
            day = TODAY + timedelta(days=self.number)
            publish_figure(evidence, self.number, day, 3e10 + 1e7 * self.number)
        hears, tells = CONTEXT.Pipe(duplex=False)
        child = CONTEXT.Process(target=run_child, args=(state, self.number, halts, tells))
        child.start()
        tells.close()
        return hears, child

    def whole_night(self, state: Path) -> str:
        """Run a night to its end; '' where it published."""
        hears, child = self.start(state)
        child.join()
        if child.exitcode != 0:
            return f"the next night ended with {child.exitcode}"
        self.seconds = hears.recv()
        return ""

    def killed_night(self, share: float) -> None:
        """Really kill a night after a share of its time, and look at it like at any other."""
        before = self._before()
        _, child = self.start(self.state)
        while child.is_alive() and processor_seconds(child) < share * self.seconds:
            time.sleep(_TICK)
        child.kill()
        child.join()
        self.halts.append(self._looked("SIGKILL", self.state, before, follow=False))

    def halted_night(self, how: str, instants: int) -> None:
        """Halt a night again and again, and look at what it would leave if it were killed there."""
        before = self._before()
        hears, child = self.start(self.state, halts=how == OPERATION)
        for at, _ in enumerate(self._instants(child, how, instants)):
            if time.time() > self.until:
                child.kill()
                child.join()
                return
            copy = left_at(self.state, self.place / "copy")
            self.halts.append(self._looked(how, copy, before, follow=at % self.follow == self.follow // 2))
            shutil.rmtree(copy)
            if self.say and len(self.halts) % 20 == 0:
                bad = [halt for halt in self.halts if halt.faults]
                print(f"{len(self.halts)} instants, {len(bad)} faults {bad[:3]}", flush=True)
        child.join()
        assert child.exitcode == 0, f"the halted night ended with {child.exitcode}"
        hears.close()

    def _instants(self, child: BaseProcess, how: str, instants: int) -> Iterator[None]:
        """Hand over whenever the night stands still, and let it go on afterwards."""
        assert child.pid is not None
        for at in range(instants) if how == CLOCK else iter(int, 1):
            due = (at + self.random.random()) * self.seconds / instants
            while child.is_alive() and not is_stopped(child):
                if how == CLOCK and processor_seconds(child) >= due:
                    os.kill(child.pid, signal.SIGSTOP)
                time.sleep(_TICK / 5)
            if not child.is_alive():
                return
            yield
            os.kill(child.pid, signal.SIGCONT)
            time.sleep(_TICK / 5)

    def _before(self) -> tuple[str, set[str], str]:
        last = journal.entries(self.state)[-1].run_id
        return looked_at(self.state, self.draws).run_id, figures_in_force(self.state), last

    def _looked(self, how: str, state: Path, before: tuple[str, set[str], str], follow: bool) -> Halt:
        served, accepted, last = before
        faults, left = [], looked_at(state, self.draws)
        if left.fault:
            faults.append(f"not whole: {left.fault}")
        if lost := accepted - figures_in_force(state):
            faults.append(f"lost: {sorted(lost)[:3]}")
        is_new, entry = left.run_id != served, journal.entries(state)[-1]
        stage = "start" if entry.run_id == last else "report" if entry.status != "running" else entry.stage
        if stage == "publish" and is_new:
            stage = "prune"
        if follow:
            faults += self._next_night(state, left.run_id, accepted)
        return Halt(how, stage, is_new, follow, faults)

    def _next_night(self, state: Path, served: str, accepted: set[str]) -> list[str]:
        if failed := self.whole_night(state):
            return [failed]
        after, faults = looked_at(state, self.draws), []
        if after.fault or after.run_id == served:
            faults.append(f"next night: {after.fault or 'not served'}")
        if lost := accepted - figures_in_force(state):
            faults.append(f"lost after the next night: {sorted(lost)[:3]}")
        # Files begun by who was killed go once nobody can be writing them, a build at once.
        if leftover := list(state.rglob("*.building*")):
            faults.append(f"left over: {leftover[0].relative_to(state)}")
        return faults


def run(
    place: Path,
    instants: int,
    follow: int = 8,
    say: bool = True,
    until: float = float("inf"),
    seed: int = 0,
    real: bool = False,
) -> tuple[list[Halt], Reader]:
    """Halt nights at instants spread over them, with a reader beside.

    Parameters
    ----------
    place : Path
        Empty folder.
    instants : int
        By the clock or before an operation; in all.
    follow : int
        The next night is run in every so many copies.
    say : bool
        Whether to print how far it is.
    until : float
        Moment (`time.time`) after which it ends.
    seed : int
        Other instants for another.
    real : bool
        Nights of the synthetic world, with the product's own stages.

    Returns
    -------
    halts : list of Halt
    reader : Reader
    """
    harness = Harness(place, follow, until, say, seed, real)
    for _ in range(2):
        assert not harness.whole_night(harness.state)
    with reading(harness.state) as reader:
        while len(harness.halts) < instants and time.time() < until:
            # A run that was killed is to be noted at the next start.
            harness.killed_night(harness.random.random())
            is_first = not any(halt.how == OPERATION for halt in harness.halts)
            how, left = OPERATION if is_first else CLOCK, instants - len(harness.halts)
            harness.halted_night(how, min(100, left))
    return harness.halts, reader


def table(halts: list[Halt], reader: Reader) -> str:
    """Sum up as a table in Markdown."""
    ways = (CLOCK, OPERATION, "SIGKILL")
    lines = [
        "| stage | by the clock | before an operation | killed | new run served | next nights | faults |",
        "|---|---|---|---|---|---|---|",
    ]
    for stage in (*STAGES, "all"):
        of = [halt for halt in halts if stage in (halt.stage, "all")]
        counts = [sum(halt.how == how for halt in of) for how in ways]
        counts += [sum(h.is_new for h in of), sum(h.is_followed for h in of), sum(bool(h.faults) for h in of)]
        if of:
            lines.append(f"| {stage} | {' | '.join(map(str, counts))} |")
    return "\n".join([*lines, "", reader.line()])
