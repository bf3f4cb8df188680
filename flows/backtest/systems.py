"""The systems' part of a backtest: what came to pass of them, and every vintage's forecast of it.

A vintage's chain is drawn from its kept posterior and its systems are run on what was known on its day. Their
draws of the targets are kept under the hash of all that, so that an unchanged vintage is not run again.
"""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows.backtest.plan import Plan
from flows.runtime.errors import one_line
from flows.runtime.evidence import evidence_of
from flows.runtime.log import run_logger
from models.vocabulary.systems import SYSTEMS
from warehouse.layout import vintage_systems_folder

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from flows.runtime.progress import Report
    from models.evidence.evidence import Evidence
    from models.inference.problem import Problem
    from models.scoring.dressing import Views
    from models.scoring.vintage_scores import VintageScores


def system_outcomes(
    known: "Evidence", resolved: "pd.DataFrame", today: date, scales: dict[str, float]
) -> "tuple[pd.DataFrame, list[str]]":
    """Choose the outcomes of the systems' quantities.

    Parameters
    ----------
    known : Evidence
        All evidence.
    resolved : DataFrame
        Its figures, mapped and in base units.
    today : date
    scales : dict of str to float
        Of figures' errors, as learned.

    Returns
    -------
    outcomes : DataFrame
        Columns as the chain's; none where the evidence describes no systems.
    failed : list of str
        Why there are none, where that is a fault.
    """
    from models.scoring.outcomes import OUTCOME_COLUMNS, outcomes_of
    from models.scoring.system_outcomes import system_statements
    from models.systems.run import system_evidence

    try:
        readings = system_statements(system_evidence(known, resolved), today, scales)
        return outcomes_of(readings, today, known.market), []
    except Exception as error:
        import pandas as pd

        run_logger().error("the outcomes of systems can't be read", exc_info=error)
        return pd.DataFrame(columns=list(OUTCOME_COLUMNS)), [f"no outcomes of systems: {one_line(error)}"]


def scored_vintages(
    plan: Plan,
    vintages: "dict[date, tuple[Problem, Path]]",
    resolved: "pd.DataFrame",
    outcomes: "pd.DataFrame",
    report: "Report",
) -> "tuple[list[VintageScores], list[str]]":
    """Score the systems of every vintage, `plan.cores` at a time.

    Parameters
    ----------
    plan : Plan
    vintages : dict
        Problem and file of the posterior, by day.
    resolved : DataFrame
        All figures, mapped and in base units.
    outcomes : DataFrame
        From `system_outcomes`.
    report : callable
        Takes the share done and a few words.

    Returns
    -------
    scores : list of VintageScores
        Of the vintages with anything to score, by date; targets without a forecast are doubts.
    failed : list of str
        Systems that failed, with the vintage.
    """
    from models.scoring.dressing import dress_by_day
    from models.scoring.scores import open_targets
    from models.scoring.vintage_scores import scored_systems
    from models.vocabulary.opponents import RIVALS

    open_ones = {day: open_targets(outcomes, day) for day in vintages}
    days = [day for day, targets in open_ones.items() if len(targets)]
    made, failed = {}, []
    with ThreadPoolExecutor(max_workers=plan.cores) as workers:
        tasks = [workers.submit(_made, plan, day, *vintages[day], resolved, open_ones[day]) for day in days]
        for position, (day, task) in enumerate(zip(days, tasks, strict=True)):
            report(position / len(days), f"systems of {day}")
            try:
                draws, views, broken = task.result()
            except Exception as error:
                run_logger().error("systems are left out of the vintage of %s", day, exc_info=error)
                failed.append(f"{day}: systems are left out: {one_line(error)}")
                continue
            failed += [f"{day}: {words}" for words in broken]
            made[day] = draws, views
    # Opponents' spreads rest on the days before, so all views come first.
    dressed = dress_by_day({day: views for day, (_, views) in made.items()}, RIVALS)
    parts = [
        scored_systems(day, open_ones[day], draws, dressed[day], plan.settings.seed)
        for day, (draws, _) in made.items()
    ]
    return parts, failed


def _made(
    plan: Plan, day: date, problem: "Problem", file: Path, resolved: "pd.DataFrame", targets: "pd.DataFrame"
) -> "tuple[np.ndarray, Views, list[str]]":
    """Draws of one vintage's targets, the opponents' views of them, and systems that failed."""
    from models.scoring.benchmarks import views_of
    from models.scoring.system_outcomes import system_statements
    from models.systems.run import system_evidence

    seen = evidence_of(plan.settings.state, day)
    figures = resolved[resolved["figure_id"].isin(seen.figures["figure_id"])]
    visible = system_evidence(seen, figures)
    draws, failed = _target_draws(plan, day, problem, file, visible, targets)
    readings = system_statements(visible, day)
    return draws, views_of(readings, day, targets, problem.market), failed


def _target_draws(
    plan: Plan, day: date, problem: "Problem", file: Path, visible: "Evidence", targets: "pd.DataFrame"
) -> tuple[Any, list[str]]:
    """Load or make the logs of the targets in the vintage's draws (draw, target); say what failed."""
    from flows.runtime.artifacts import kept_arrays, save_arrays
    from flows.runtime.fingerprint import code_hash, frames_hash
    from models.scoring.system_outcomes import system_log_draws
    from models.scoring.vintages import content_hash
    from models.systems.registry import system_modules

    code = code_hash("models.draws.simulate", "models.scoring.system_outcomes", *system_modules())
    asked = targets[["quantity", "start", "end"]].to_numpy().tolist()
    name = content_hash(
        [file.stem, day, frames_hash(visible.tables()), code, plan.settings.seed, plan.draws, asked]
    )
    kept = vintage_systems_folder(plan.settings.state) / f"{name}.npz"
    if not plan.force and (arrays := kept_arrays(kept)) is not None:
        return arrays["log_draws"], []
    series, failed = _series(plan, day, problem, file, visible, {row[0].split("/")[0] for row in asked})
    log_draws = system_log_draws(series, targets)
    if not failed:
        save_arrays(kept, {"log_draws": log_draws})
    return log_draws, failed


def _series(
    plan: Plan, day: date, problem: "Problem", file: Path, visible: "Evidence", wanted: set[str]
) -> tuple[list[Any], list[str]]:
    """Series of the wanted systems on the vintage's draws, and the systems that failed."""
    from flows.runtime.artifacts import load_posterior
    from models.draws.joint import collect
    from models.draws.simulate import simulate
    from models.systems.run import system_series

    flat = load_posterior(file).flat()
    drawn = collect(simulate(problem, flat, plan.draws, plan.settings.seed, workers=1))
    series: list[Any] = []
    failed = []
    for system in SYSTEMS:
        if system.name not in wanted:
            continue
        try:
            series += system_series(system, drawn, visible, day, plan.settings.seed)
        except Exception as error:
            run_logger().error("%s is left out of the vintage of %s", system.name, day, exc_info=error)
            failed.append(f"{system.name} is left out: {one_line(error)}")
    return series, failed
