"""The systems around the chain in a night: one after the other on its joint draws, each behind a fence.

The forecast of the chain comes first: a system that fails is left out of the run, logged with its traceback
and noted in the table `diagnostics`, and the night goes on.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from flows.night.called_tables import make_called_tables
from flows.night.fence import DONE, SystemTables, record_failed_system
from flows.night.scenarios import tables_of_scenarios
from flows.runtime.settings import Settings
from models.vocabulary.systems import SYSTEMS, System

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from models.draws.joint import Draws
    from models.evidence.evidence import Evidence
    from models.inference.problem import Problem

Report = Callable[[float, str], None]


def run_systems(
    settings: Settings,
    run_id: str,
    drawn: "Draws",
    evidence: "Evidence",
    report: Report = lambda _share, _words: None,
    systems: Sequence[System] = SYSTEMS,
) -> SystemTables:
    """Run every system and sum it up; one that raises is left out.

    Parameters
    ----------
    settings : Settings
    run_id : str
    drawn : Draws
    evidence : Evidence
        As `models.systems.run.system_evidence` gives it.
    report : callable
        Takes the share done and a few words.
    systems : sequence of System

    Returns
    -------
    SystemTables
        Frames ``system_forecast`` and ``system_lineage``.
    """
    from models.systems.run import describes_systems, joined_tables, run_system

    out = SystemTables()
    if not describes_systems(evidence):
        out.diagnostics.append((run_id, f"{DONE}none", 0.0, None, None, "the evidence describes no systems"))
        return out
    runs = []
    for position, system in enumerate(systems):
        report(position / len(systems), system.name)
        try:
            made = run_system(
                system, drawn, evidence, settings.as_of, settings.seed, run_id, settings.chains, out.totals
            )
        except Exception as error:
            record_failed_system(out, run_id, system.name, error)
            continue
        runs.append(made)
        out.totals += made.totals
        out.kept += [made.kept] if made.kept else []
        out.diagnostics.append((run_id, DONE + system.name, float(made.n_series), None, None, "series"))
    out.frames |= joined_tables(runs)
    return out


def tables_of_systems(
    settings: Settings,
    run_id: str,
    problem: "Problem",
    flat: "Mapping[str, np.ndarray]",
    drawn: "Draws",
    known: "Evidence",
    resolved: "pd.DataFrame",
    report: Report,
) -> SystemTables:
    """Make all tables of a run that do not belong to the chain itself.

    Parameters
    ----------
    settings : Settings
    run_id : str
    problem : models.inference.problem.Problem
    flat : mapping of str to ndarray
        The posterior, (chain * draw, ...).
    drawn : Draws
    known : Evidence
        Evidence of the day.
    resolved : DataFrame
        Its figures, mapped and in base units.
    report : callable
        Takes the share done and a few words.

    Returns
    -------
    SystemTables
        Frames ``system_forecast``, ``system_lineage``, ``scenarios``, ``sensitivities``, ``learning``,
        ``power_scalings``, and those that their descriptions let be called (`models.vocabulary.tables`).
    """
    from models.attribution.frames import sensitivity_tables
    from models.draws.drawn_run import DrawnRun
    from models.systems.run import system_evidence, thinned

    evidence = system_evidence(known, resolved)
    fewer, step = thinned(drawn)
    out = run_systems(
        settings, run_id, fewer, evidence, lambda done, words: report(0.5 + 0.4 * done, f"system {words}")
    )
    out.step = step
    report(0.9, "scenarios")
    tables_of_scenarios(out, settings, run_id, problem, flat, evidence)
    if "system_forecast" in out.frames:
        report(0.95, "sensitivities")
        try:
            found = sensitivity_tables(problem, flat, drawn, step, out.totals)
            out.frames |= {
                name: frame.assign(run_id=run_id, as_of=settings.as_of) for name, frame in found.items()
            }
        except Exception as error:
            record_failed_system(out, run_id, "sensitivities", error)
    run = DrawnRun(settings.as_of, settings.seed, known, resolved, problem, flat, drawn)
    make_called_tables(out, run_id, run)
    return out
