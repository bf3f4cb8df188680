"""A year of nights in one process, with figures arriving on their days: memory, disk and time of each."""

import csv
import os
import time
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path

from flows.runtime.settings import prepare_state
from tests.endurance.light import DAY, light_stages
from tests.endurance.light import DRAWS as LIGHT_DRAWS
from tests.endurance.nights import load, night, publish_figure, start_world
from tests.world.design import TODAY

FIRST = TODAY
# Every so many days somebody publishes a figure; between them a night is unchanged.
EVERY_DAYS = 3
DRAWS = 400
PAGE = os.sysconf("SC_PAGE_SIZE")
FOLDERS = ("builds", "draws", "drawn", "posterior", "reports", "frozen", "work", "runs", "history")


@dataclass(frozen=True)
class Cost:
    """What one night took: seconds in all and of publishing, memory held after it, disk by folder."""

    night: int
    is_new: bool
    seconds: float
    publish_seconds: float
    memory_mb: float
    warehouse_mb: float
    state_mb: float
    folders: str


def run(
    place: Path, nights: int, light: bool = False, say: bool = True, until: float = float("inf")
) -> list[Cost]:
    """Run nights; their costs go to `soak.csv` in the folder as well.

    Parameters
    ----------
    place : Path
        Empty folder.
    nights : int
    light : bool
        Nights of `tests.endurance.light`, which all have something new; else those of the synthetic world.
    say : bool
        Whether to print now and then.
    until : float
        Moment (`time.time`) at which to stop in any case.
    """
    load()
    state, evidence = place / "state", start_world(place)
    prepare_state(state)
    costs: list[Cost] = []
    with (place / "soak.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(Cost.__dataclass_fields__))
        writer.writeheader()
        for i in range(nights):
            if time.time() > until:
                break
            day = FIRST + timedelta(days=i)
            if is_new := i % EVERY_DAYS == 0:
                publish_figure(evidence, i, day, 3e10 + 1e7 * i)
            began = time.perf_counter()
            if light:
                is_new, outcome = True, night(state, state, DAY, LIGHT_DRAWS, stages=light_stages(i))
            else:
                outcome = night(state, evidence, day, DRAWS, refit_days=7)
            took = time.perf_counter() - began
            assert outcome["status"] == "published", outcome
            cost = _cost(i, is_new, took, outcome["seconds"]["publish"], state)
            costs.append(cost)
            writer.writerow(asdict(cost))
            file.flush()
            if say and i % 10 == 0:
                print(cost, flush=True)
    return costs


def _cost(number: int, is_new: bool, seconds: float, publishing: float, state: Path) -> Cost:
    held = int(Path("/proc/self/statm").read_text().split()[1]) * PAGE
    by_folder = {name: _bytes(state / name) for name in FOLDERS}
    return Cost(
        number,
        is_new,
        round(seconds, 2),
        round(publishing, 2),
        round(held / 2**20, 1),
        round((state / "warehouse.duckdb").stat().st_size / 2**20, 2),
        round(_bytes(state) / 2**20, 2),
        " ".join(f"{name}={size / 2**20:.1f}" for name, size in by_folder.items()),
    )


def _bytes(folder: Path) -> int:
    """Sum up the files below a folder, one with several names once."""
    seen = {}
    for root, _, names in os.walk(folder):
        for name in names:
            found = os.stat(os.path.join(root, name), follow_symlinks=False)
            seen[found.st_ino] = found.st_size
    return sum(seen.values())


def table(costs: list[Cost]) -> str:
    """Sum up as a table in Markdown: means of a tenth of the nights each."""
    lines = [
        "| nights | unchanged, s | with a figure, s | publishing, s | memory, MB | database, MB | state, MB |"
    ]
    lines.append("|---|---|---|---|---|---|---|")
    size = max(1, -(-len(costs) // 10))
    for at in range(0, len(costs), size):
        of = costs[at : at + size]
        unchanged = _mean([c.seconds for c in of if not c.is_new])
        new = _mean([c.seconds for c in of if c.is_new])
        lines.append(
            f"| {of[0].night + 1} to {of[-1].night + 1} | {unchanged} | {new} | "
            f"{_mean([c.publish_seconds for c in of])} | {of[-1].memory_mb:.0f} | "
            f"{of[-1].warehouse_mb:.1f} | {of[-1].state_mb:.0f} |"
        )
    return "\n".join(lines)


def _mean(values: list[float]) -> str:
    return f"{sum(values) / len(values):.2f}" if values else ""
