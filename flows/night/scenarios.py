"""The scenarios of a night, each behind a fence as a system is."""

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from flows.night.fence import SystemTables, record_failed_system
from flows.runtime.fan_out import Outcome, fan_out
from flows.runtime.once import forget, once
from flows.runtime.settings import SCENARIO_DRAWS, Settings
from flows.runtime.task_runner_settings import THREADS

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from models.draws.joint import Draws
    from models.evidence.evidence import Evidence
    from models.inference.problem import Problem

BASE = "base of scenarios"


class Pairing(NamedTuple):
    """What one scenario of a set is run on.

    Parameters
    ----------
    run_id : str
        Of the night: its scenarios share one base.
    problem : Problem
    raw : dict of ndarray (draw, ...)
        What the chain needs of the posterior.
    rows : DataFrame
        Of the scenario.
    draws, seed : int
    evidence : Evidence
    threads : int
    """

    run_id: str
    problem: "Problem"
    raw: "dict[str, np.ndarray]"
    rows: "pd.DataFrame"
    draws: int
    seed: int
    evidence: "Evidence"
    threads: int


def tables_of_scenarios(
    out: SystemTables,
    settings: Settings,
    run_id: str,
    problem: "Problem",
    flat: "Mapping[str, np.ndarray]",
    evidence: "Evidence",
) -> None:
    """Add the frame ``scenarios`` of a night: the headline quantities, and the domestic shares.

    A scenario that can't be run is left out and told, as a system is.

    Parameters
    ----------
    out : SystemTables
        Takes the frame, and what failed.
    settings : Settings
    run_id : str
    problem : models.inference.problem.Problem
    flat : mapping of str to ndarray
        The posterior, (chain * draw, ...).
    evidence : Evidence
        As `models.systems.run.system_evidence` gives it.
    """
    rows = evidence.scenarios
    if rows.empty:
        return
    import pandas as pd

    from models.draws.simulate import carried

    runner, workers = settings.task_runner, os.cpu_count() or 1
    # Here the chain itself takes all cores, and one scenario at a time all the memory that is wanted.
    at_once, threads = (1, 2) if runner == THREADS else (workers, 1)
    n_draws = min(SCENARIO_DRAWS, settings.draws)
    by_name = [(str(name), of_one) for name, of_one in rows.groupby("scenario")]
    frames: dict[int, pd.DataFrame] = {}
    try:
        raw = carried(problem, flat, n_draws)
        asked = [
            Pairing(run_id, problem, raw, of_one, n_draws, settings.seed, evidence, threads)
            for _, of_one in by_name
        ]
        if runner == THREADS:
            _base(asked[0])

        def keep(position: int, frame: "Outcome[pd.DataFrame]") -> None:
            try:
                frames[position] = frame()
            except Exception as error:
                record_failed_system(out, run_id, f"scenario {by_name[position][0]}", error)

        fan_out(paired_with_base, asked, keep, runner, at_once)
    except Exception as error:
        record_failed_system(out, run_id, "scenarios", error)
        return
    finally:
        forget(BASE)
    if frames:
        table = pd.concat([frames[i] for i in sorted(frames)], ignore_index=True)
        out.frames["scenarios"] = table.assign(run_id=run_id, as_of=settings.as_of)


def paired_with_base(asked: Pairing) -> "pd.DataFrame":
    """Run one scenario beside the base that this process has simulated for the set."""
    from models.scenarios.run import moved_systems, run_scenario
    from models.vocabulary.quantities import HEADLINES

    return run_scenario(
        asked.problem,
        asked.raw,
        asked.rows,
        asked.draws,
        asked.seed,
        moved_systems(asked.rows),
        asked.evidence,
        HEADLINES,
        _base(asked),
        asked.threads,
    )


def _base(asked: Pairing) -> "Draws":
    from models.draws.joint import collect
    from models.draws.simulate import simulate

    def simulated() -> "Draws":
        return collect(simulate(asked.problem, asked.raw, asked.draws, asked.seed, workers=asked.threads))

    return once(BASE, asked.run_id, simulated)
