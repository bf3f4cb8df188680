"""The scenarios of a night, each behind a fence as a system is."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from flows.night.fence import SystemTables, record_failed_system
from flows.runtime.settings import Settings

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from models.draws.joint import Draws
    from models.evidence.evidence import Evidence
    from models.inference.problem import Problem

# A difference draw by draw is far narrower than the forecast itself, so fewer draws than the forecast's do.
DRAWS = 4_000


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

    frames: list[pd.DataFrame] = []
    try:
        from models.draws.joint import collect
        from models.draws.simulate import simulate

        n_draws = min(DRAWS, settings.draws)
        base = collect(simulate(problem, flat, n_draws, settings.seed))
    except Exception as error:
        record_failed_system(out, run_id, "scenarios", error)
        return
    for name, of_one in rows.groupby("scenario"):
        try:
            frames.append(_paired_with(base, problem, flat, of_one, n_draws, settings.seed, evidence))
        except Exception as error:
            record_failed_system(out, run_id, f"scenario {name}", error)
    if frames:
        table = pd.concat(frames, ignore_index=True)
        out.frames["scenarios"] = table.assign(run_id=run_id, as_of=settings.as_of)


def _paired_with(
    base: "Draws",
    problem: "Problem",
    flat: "Mapping[str, np.ndarray]",
    rows: "pd.DataFrame",
    n_draws: int,
    seed: int,
    evidence: "Evidence",
) -> "pd.DataFrame":
    from models.scenarios.run import moved_systems, run_scenario
    from models.vocabulary.quantities import HEADLINES

    moved = moved_systems(rows)
    return run_scenario(problem, flat, rows, n_draws, seed, moved, evidence, HEADLINES, base)
