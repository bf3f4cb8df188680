"""Publish many nights and see that the last cost what the first did: python -m tests.benchmarks.growth.

The nights are synthetic, with tables as large as those of a real one and few draws: what is measured is what
grows with history, in seconds of CPU, which a busy machine leaves alone. Every third night brings new
numbers; the others say what the night before said.
"""

import argparse
import statistics
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

import pandas as pd

import tests.warehouse.synthetic_systems as systems
import tests.warehouse.synthetic_warehouse as synthetic

FIRST = date(2026, 1, 2)
CHANGED_EVERY = 3
# How often rows are repeated, so that a night has about as many as a real one.
LARGER = {"system_forecast": 24, "system_lineage": 24}
DRAWS = 40


def main() -> int:
    """Publish nights one after another; print what each cost, and late against early ones."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nights", type=int, default=64)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        nights = publish_nights(Path(folder), options.nights)
    for number, night in enumerate(nights):
        if number % 8 < CHANGED_EVERY + 1:
            print(
                f"night {number + 1:3}: {night['seconds']:6.2f} s of CPU, {night['kb']:+9,.0f} KB, "
                f"{night['kind']}"
            )
    print(summary(nights))
    return 0


def publish_nights(state: Path, n: int) -> list[dict]:
    """Publish so many nights; seconds, growth of the state folder without its draws, and kind of each."""
    evidence = synthetic.with_more_figures(synthetic.evidence()) | systems.evidence()
    synthetic.ingest(state, evidence, synthetic.rejected(), "night-0", synthetic.INGESTED_AT)
    nights, before, draws = [], size_of(state), synthetic.joint_draws(0, n=DRAWS)
    for number in range(n):
        changed = number % CHANGED_EVERY == 0
        if changed:
            draws = synthetic.joint_draws(number, n=DRAWS)
        run_id, as_of = f"night-{number + 1:04d}", FIRST + timedelta(days=number)
        frames = larger(systems.frames(draws, run_id, as_of))
        started = time.process_time()
        synthetic.publish(state, run_id, draws, as_of, (systems.kept(draws), systems.STEP), False, **frames)
        seconds, now = time.process_time() - started, size_of(state)
        kind = "changed" if changed else "unchanged"
        nights.append({"seconds": seconds, "kb": (now - before) / 1024, "kind": kind})
        before = now
    return nights


def larger(frames: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Repeat rows of the systems under further items, so that tables are as large as a real night's."""
    out = dict(frames)
    for table, times in LARGER.items():
        frame = frames[table]
        of_items = frame[frame["system"].isin(["equipment", "materials"])]
        more = [of_items.assign(item=of_items["item"] + f"_{i}") for i in range(1, times)]
        out[table] = pd.concat([frame, *more], ignore_index=True)
    return out


def size_of(state: Path) -> int:
    """Bytes on the disk, a file of several names once; draws have a number of runs of their own."""
    found = {}
    for path in state.rglob("*"):
        if (
            path.is_file() and "draws" not in path.parts and path.parent != state
        ) or path.suffix == ".duckdb":
            status = path.stat()
            found[status.st_ino] = status.st_blocks * 512
    return sum(found.values())


def summary(nights: list[dict]) -> str:
    """Late nights against early ones, after the builds kept have filled up."""
    filled = nights[min(8, len(nights) // 2) :]
    third = max(len(filled) // 3, 1)
    lines = []
    for name, part in (("early", filled[:third]), ("late", filled[-third:])):
        seconds = statistics.median(night["seconds"] for night in part)
        kb = {
            kind: statistics.fmean([night["kb"] for night in part if night["kind"] == kind] or [0.0])
            for kind in ("changed", "unchanged")
        }
        lines.append(
            f"{name} nights: {seconds:.2f} s of CPU, {kb['changed']:,.0f} KB a changed night, "
            f"{kb['unchanged']:,.0f} KB an unchanged one"
        )
    early, late = (
        statistics.median(n["seconds"] for n in part) for part in (filled[:third], filled[-third:])
    )
    return "\n".join([*lines, f"late over early: {late / early:.2f}"])


if __name__ == "__main__":
    sys.exit(main())
