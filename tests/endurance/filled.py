"""A disk that fills up: at the start of each stage of a night so much is left, and no more.

Runs on a small file system of its own (a tmpfs), which it fills. What was served must stay whole, the night
must end in one line that names the disk, and once there is room the next night must publish unaided. The
report comes after publishing: there the night's own forecast is served.
"""

import logging
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from flows.night.record import Night, Stage, Stages
from flows.night.stages import REAL
from flows.runtime.errors import one_line
from flows.runtime.preparation import prepare_state
from flows.runtime.progress import Report
from flows.runtime.settings import Settings
from tests.endurance.checked import figures_in_force, looked_at
from tests.endurance.nights import DRAWS, load, night, publish_figure, start_world
from tests.world.design import TODAY

# What is larger is nobody's to fill.
LARGEST_BYTES = 2**30
FILLED_STAGES = ("ingest", "fit", "simulate", "check", "news", "publish", "report")
FREE_KB = (0, 60, 400, 1_500, 4_000)


@dataclass(frozen=True)
class Filled:
    """One night on a full disk: where and how full, how it ended, and what is wrong with that."""

    stage: str
    free_kb: int
    ended: str
    faults: list[str]


def run(
    place: Path, stages: Sequence[str] = FILLED_STAGES, free: Sequence[int] = FREE_KB, say: bool = True
) -> list[Filled]:
    """Run nights whose disk fills up, and after each one with room.

    Parameters
    ----------
    place : Path
        Empty folder on a small file system.
    stages : sequence of str
        At whose start it fills up.
    free : sequence of int
        KB that are left then.
    say : bool
        Whether to print each night.

    Raises
    ------
    ValueError
        The file system is too large to be filled.
    """
    if shutil.disk_usage(place).total > LARGEST_BYTES:
        raise ValueError(f"{place} lies on a large disk: mount -t tmpfs -o size=300m tmpfs FOLDER")
    load()
    logging.disable(logging.WARNING)
    disk = _Disk(place)
    assert disk.night() == "published"
    found = []
    for stage in stages:
        for left in free:
            found.append(disk.filled_night(stage, left))
            if say:
                print(found[-1], flush=True)
    return found


class _Disk:
    """A state folder with a world's evidence on a disk of its own."""

    def __init__(self, place: Path) -> None:
        self.state, self.filler, self.number = place / "state", place / "filler", 0
        self.evidence = start_world(place)
        prepare_state(self.state)

    def night(self, stages: Stages = REAL) -> str:
        """Run a night in which somebody has published a figure; 'published', or why not."""
        self.number += 1
        day = TODAY + timedelta(days=self.number)
        publish_figure(self.evidence, self.number, day, 3e10 + 1e7 * self.number)
        try:
            return str(night(self.state, self.evidence, day, DRAWS, stages=stages)["status"])
        except Exception as error:
            return one_line(error)

    def filled_night(self, stage: str, free_kb: int) -> Filled:
        """Run a night whose disk fills up at a stage, look at it, make room and run the next."""
        before, accepted = looked_at(self.state, DRAWS).run_id, figures_in_force(self.state)
        changed = {stage: self._filled_before(getattr(REAL, stage), free_kb)}
        ended, faults = self.night(REAL._replace(**changed)), []
        left = looked_at(self.state, DRAWS)
        is_out = left.run_id != before
        if left.fault:
            faults.append(f"not whole: {left.fault}")
        if is_out != (ended == "published"):
            faults.append(f"ended with {ended!r}, served {left.run_id}")
        if stage == "report" and not is_out:
            faults.append("the report kept the forecast back")
        if ended != "published" and ("\n" in ended or not any(w in ended for w in ("disk", "space"))):
            faults.append("the line does not name the disk")
        self.filler.unlink(missing_ok=True)
        if (after := self.night()) != "published":
            faults.append(f"next night: {after}")
        elif fault := looked_at(self.state, DRAWS).fault:
            faults.append(f"next night: {fault}")
        if lost := accepted - figures_in_force(self.state):
            faults.append(f"lost: {sorted(lost)[:3]}")
        if leftover := list(self.state.rglob("*.building*")):
            faults.append(f"left over: {leftover[0].relative_to(self.state)}")
        return Filled(stage, free_kb, ended, faults)

    def _filled_before(self, stage: Stage, free_kb: int) -> Stage:
        def run_filled(settings: Settings, night: Night, report: Report) -> Night:
            room = shutil.disk_usage(self.state).free - 1024 * free_kb
            with self.filler.open("wb") as file:
                for _ in range(max(0, room) // 4096):
                    file.write(bytes(4096))
            return stage(settings, night, report)

        return run_filled


def table(nights: Sequence[Filled]) -> str:
    """Sum up as a table in Markdown."""
    lines = ["| filled at | nights | failed | published | faults |", "|---|---|---|---|---|"]
    for stage in dict.fromkeys(one.stage for one in nights):
        of = [one for one in nights if one.stage == stage]
        published = sum(one.ended == "published" for one in of)
        faults = sum(bool(one.faults) for one in of)
        lines.append(f"| {stage} | {len(of)} | {len(of) - published} | {published} | {faults} |")
    return "\n".join(lines)
