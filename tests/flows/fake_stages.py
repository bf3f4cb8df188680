"""Small stages that leave traces instead of forecasts, for the flow's own tests and the schedule's trial."""

import os
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from prefect import flow

from flows.night.flow import flow_run_name
from flows.night.record import Night, Stages
from flows.night.run import run_night
from flows.runtime.errors import RunRefused
from flows.runtime.progress import Report
from flows.runtime.settings import Settings


def _trace(settings: Settings, line: str) -> None:
    with (settings.state / "trace.txt").open("a", encoding="utf-8") as file:
        file.write(line + "\n")


def _stage(name: str):
    def run(settings: Settings, night: Night, report: Report) -> Night:
        _trace(settings, f"{name} {night.run_id} seed={settings.seed} as_of={settings.as_of}")
        report(0.5, "half way")
        time.sleep(float(os.environ.get("FAKE_SECONDS", "0")))
        wanted = os.environ.get("FAKE_FAULT", "")
        if wanted == f"refuse:{name}":
            raise RunRefused("R-hat is 1.2", "Look at hbmcast doctor")
        if wanted == f"once:{name}":
            flag = settings.state / "tried"
            if not flag.exists():
                flag.touch()
                raise OSError("the disk was busy")
        if wanted == f"break:{name}":
            raise OSError("no space left on device")
        if wanted == f"interrupt:{name}":
            raise KeyboardInterrupt
        return replace(night, notes=(*night.notes, name))

    return run


def _failed(settings: Settings, night: Night, reason: str) -> None:
    _trace(settings, f"failed {night.run_id} {reason}")


def _headline(settings: Settings, night: Night) -> str:
    return f"| quantity | median |\n|---|---|\n| stages of {night.run_id} | {len(night.notes)} |\n"


FAKE = Stages(
    _stage("ingest"), _stage("fit"), _stage("simulate"), _stage("check"), _stage("news"), _stage("publish"),
    _stage("report"), _headline, _failed,
)  # fmt: skip


@flow(name="nightly", flow_run_name=flow_run_name, persist_result=False)
def nightly(
    as_of: str | None = None,
    force: bool = False,
    seed: int | None = None,
    draws: int | None = None,
    state: str | None = None,
    timezone: str | None = None,
) -> dict[str, Any]:
    """Run a night of small stages."""
    return run_night(FAKE, as_of=as_of, force=force, seed=seed, draws=draws, state=state, timezone=timezone)


def trace_of(state: Path) -> list[str]:
    """Return the first word of every trace line."""
    file = state / "trace.txt"
    return (
        [line.split()[0] for line in file.read_text(encoding="utf-8").splitlines()] if file.exists() else []
    )
