"""A year of nights in one process, with figures arriving on their days: memory, disk and time of each."""

import csv
import os
import time
from contextlib import ExitStack, suppress
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path

import pandas as pd

from flows.runtime.preparation import prepare_state
from tests.endurance.light import DAY, light_night
from tests.endurance.nights import load, night, publish_figure, start_world
from tests.endurance.reader import Reader, reading
from tests.world.design import TODAY

FIRST = TODAY
# Every so many days somebody publishes a figure; between them a night is unchanged.
EVERY_DAYS = 3
# And as often a quarter of DRAM revenue is reported: an outcome, on which all forecasts before it are scored.
OUTCOME_DAYS = 90
# A reader opens what is served about ten times a second.
REST_SECONDS = 0.1
OUTCOMES_FROM = 50_000
"""Numbers of what is reported: from here on."""
DRAWS = 400
PAGE = os.sysconf("SC_PAGE_SIZE")
OUTCOME = {"metric": "dram_revenue", "kind": "actual"}


@dataclass(frozen=True)
class Cost:
    """What one night took: seconds in all, of a processor and of publishing; memory and disk held after it.

    Frozen forecasts are kept for good; the rest of the disk is to be bounded.
    """

    night: int
    is_new: bool
    seconds: float
    processor_seconds: float
    publish_seconds: float
    memory_mb: float
    warehouse_mb: float
    frozen_mb: float
    rest_mb: float
    folders: str


def run(
    place: Path, nights: int, light: bool = False, say: bool = True, until: float = float("inf")
) -> tuple[list[Cost], Reader]:
    """Run nights with a reader beside, until interrupted; their costs go to `soak.csv` in the folder as well.

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
    reader = Reader()
    with (place / "soak.csv").open("w", newline="", encoding="utf-8") as file, ExitStack() as beside:
        writer = csv.DictWriter(file, list(Cost.__dataclass_fields__))
        writer.writeheader()
        with suppress(KeyboardInterrupt):
            for i in range(nights):
                if time.time() > until:
                    break
                costs.append(_night(i, state, evidence, light))
                writer.writerow(asdict(costs[-1]))
                file.flush()
                if say and i % 10 == 0:
                    print(costs[-1], flush=True)
                if i == 0:
                    reader = beside.enter_context(reading(state, REST_SECONDS))
    return costs, reader


def _night(number: int, state: Path, evidence: Path, light: bool) -> Cost:
    """Publish what is to be published on the day, run its night, and see what it cost."""
    day = FIRST + timedelta(days=number)
    if is_new := number % EVERY_DAYS == 0:
        publish_figure(evidence, number, day, 3e10 + 1e7 * number)
    if number % OUTCOME_DAYS == 0:
        quarter = str(pd.Timestamp(day).to_period("Q") - 1)
        publish_figure(evidence, OUTCOMES_FROM + number, day, 9e10, **OUTCOME, period=quarter)
    began, began_processor = time.perf_counter(), time.process_time()
    if light:
        day = DAY + timedelta(days=number)
        is_new, outcome = True, light_night(state, number, day)
    else:
        outcome = night(state, evidence, day, DRAWS, refit_days=7)
    seconds, processor = time.perf_counter() - began, time.process_time() - began_processor
    assert outcome["status"] == "published", outcome
    return _cost(number, is_new, seconds, processor, outcome["seconds"]["publish"], state)


def _cost(
    number: int, is_new: bool, seconds: float, processor: float, publishing: float, state: Path
) -> Cost:
    held = int(Path("/proc/self/statm").read_text().split()[1]) * PAGE
    of_folder = {path.name: _bytes(path) / 2**20 for path in sorted(state.iterdir()) if path.is_dir()}
    frozen = of_folder.get("frozen", 0.0)
    return Cost(
        number,
        is_new,
        round(seconds, 2),
        round(processor, 2),
        round(publishing, 2),
        round(held / 2**20, 1),
        round((state / "warehouse.duckdb").stat().st_size / 2**20, 2),
        round(frozen, 2),
        round(_bytes(state) / 2**20 - frozen, 2),
        " ".join(f"{name}={size:.1f}" for name, size in of_folder.items()),
    )


def _bytes(folder: Path) -> int:
    """Sum up the files below a folder, one with several names once."""
    seen = {}
    for root, _, names in os.walk(folder):
        for name in names:
            found = os.stat(os.path.join(root, name), follow_symlinks=False)
            seen[found.st_ino] = found.st_size
    return sum(seen.values())


def table(costs: list[Cost], reader: Reader) -> str:
    """Sum up as a table in Markdown: means of a tenth of the nights each, and what is held at its end."""
    heads = "nights, unchanged s, with a figure s, publishing s, memory MB, warehouse MB, frozen MB, rest MB"
    lines = [f"| {heads.replace(', ', ' | ')} |", "|---|---|---|---|---|---|---|---|"]
    size = max(1, -(-len(costs) // 10))
    for at in range(0, len(costs), size):
        of = costs[at : at + size]
        unchanged = _mean([c.processor_seconds for c in of if not c.is_new])
        new = _mean([c.processor_seconds for c in of if c.is_new])
        last = of[-1]
        lines.append(
            f"| {of[0].night + 1} to {last.night + 1} | {unchanged} | {new} | "
            f"{_mean([c.publish_seconds for c in of])} | {last.memory_mb:.0f} | "
            f"{last.warehouse_mb:.1f} | {last.frozen_mb:.0f} | {last.rest_mb:.0f} |"
        )
    lines += ["", "Seconds of nights are of a processor, those of publishing by the clock. " + reader.line()]
    return "\n".join(lines)


def _mean(values: list[float]) -> str:
    return f"{sum(values) / len(values):.2f}" if values else ""
