"""The systems' part of a backtest: what came to pass of them, and every vintage's forecast of it.

A vintage's chain is drawn from its kept posterior and its systems are run on what was known on its day. Their
draws of the targets are kept under the hash of all that, so that an unchanged vintage is not run again.
"""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from flows.backtest.plan import Plan
from flows.runtime.artifacts import kept_arrays, load_posterior, save_arrays
from flows.runtime.errors import one_line
from flows.runtime.evidence import evidence_of
from flows.runtime.fan_out import Outcome, fan_out
from flows.runtime.log import run_logger
from models.vocabulary.systems import SYSTEMS
from warehouse.layout import vintage_systems_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    import pandas as pd

    from flows.runtime.progress import Report
    from models.evidence.evidence import Evidence
    from models.inference.problem import Problem
    from models.scoring.dressing import Views
    from models.scoring.vintage_scores import VintageScores
    from models.systems.series import Series


class VintageSystems(NamedTuple):
    """What the systems of one vintage are run on.

    Parameters
    ----------
    day : date
    problem : Problem
    raw : dict of ndarray (draw, ...)
        What the chain needs of the vintage's posterior.
    visible : Evidence
        What was known by the day.
    targets : DataFrame
        What is to be scored.
    draws, seed : int
    """

    day: date
    problem: "Problem"
    raw: "dict[str, np.ndarray]"
    visible: "Evidence"
    targets: "pd.DataFrame"
    draws: int
    seed: int


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
    views: dict[date, Views] = {}
    draws: dict[date, np.ndarray] = {}
    failed: dict[date, list[str]] = {}
    waiting: list[tuple[date, Path]] = []

    def record_failure(day: date, error: Exception) -> None:
        run_logger().error("systems are left out of the vintage of %s", day, exc_info=error)
        failed[day] = [f"systems are left out: {one_line(error)}"]

    def to_run() -> "Iterator[VintageSystems]":
        for day in days:
            try:
                asked, views[day] = _asked(plan, day, *vintages[day], resolved, open_ones[day])
                file = _kept_file(plan, vintages[day][1], asked)
                kept = None if plan.force else kept_arrays(file)
            except Exception as error:
                record_failure(day, error)
                continue
            if kept is not None:
                draws[day] = kept["log_draws"]
                continue
            waiting.append((day, file))
            yield asked

    def keep(position: int, made: "Outcome[tuple[np.ndarray, list[str]]]") -> None:
        day, file = waiting[position]
        report(len(draws.keys() | failed.keys()) / len(days), f"systems of {day}")
        try:
            draws[day], failed[day] = made()
            if not failed[day]:
                save_arrays(file, {"log_draws": draws[day]})
        except Exception as error:
            record_failure(day, error)

    fan_out(target_draws, to_run(), keep, plan.settings.task_runner, plan.cores)
    # Opponents' spreads rest on the days before, so all views come first.
    dressed = dress_by_day({day: views[day] for day in days if day in draws}, RIVALS)
    parts = [
        scored_systems(day, open_ones[day], draws[day], dressed[day], plan.settings.seed)
        for day in days
        if day in draws
    ]
    return parts, [f"{day}: {words}" for day in days for words in failed.get(day, [])]


def _asked(
    plan: Plan, day: date, problem: "Problem", file: Path, resolved: "pd.DataFrame", targets: "pd.DataFrame"
) -> "tuple[VintageSystems, Views]":
    """Gather what the systems of one vintage are run on, and the opponents' views of its targets."""
    from models.draws.simulate import carried
    from models.scoring.benchmarks import views_of
    from models.scoring.system_outcomes import system_statements
    from models.systems.run import system_evidence

    seen = evidence_of(plan.settings.state, day, private=False)
    visible = system_evidence(seen, resolved[resolved["figure_id"].isin(seen.figures["figure_id"])])
    views = views_of(system_statements(visible, day), day, targets, problem.market)
    raw = carried(problem, load_posterior(file).flat(), plan.draws)
    return VintageSystems(day, problem, raw, visible, targets, plan.draws, plan.settings.seed), views


def _kept_file(plan: Plan, posterior: Path, asked: VintageSystems) -> Path:
    """File of the draws of a vintage's targets, by all that they rest on."""
    from flows.runtime.fingerprint import code_hash, frames_hash
    from models.scoring.vintages import content_hash
    from models.systems.registry import system_modules

    code = code_hash("models.draws.simulate", "models.scoring.system_outcomes", *system_modules())
    targets = asked.targets[["quantity", "start", "end"]].to_numpy().tolist()
    name = content_hash(
        [
            posterior.stem,
            asked.day,
            frames_hash(asked.visible.tables()),
            code,
            asked.seed,
            asked.draws,
            targets,
        ]
    )
    return vintage_systems_folder(plan.settings.state) / f"{name}.npz"


def target_draws(asked: VintageSystems) -> "tuple[np.ndarray, list[str]]":
    """Make the logs of a vintage's targets in its draws (draw, target); say what failed."""
    from models.scoring.system_outcomes import system_log_draws

    series, failed = _series(asked)
    return system_log_draws(series, asked.targets), failed


def _series(asked: VintageSystems) -> "tuple[list[Series], list[str]]":
    """Series of the wanted systems on the vintage's draws, and the systems that failed."""
    from models.draws.joint import collect
    from models.draws.simulate import simulate
    from models.systems.run import system_series

    wanted = {str(quantity).split("/")[0] for quantity in asked.targets["quantity"]}
    drawn = collect(simulate(asked.problem, asked.raw, asked.draws, asked.seed, workers=1))
    series: list[Series] = []
    failed = []
    for system in SYSTEMS:
        if system.name not in wanted:
            continue
        try:
            series += system_series(system, drawn, asked.visible, asked.day, asked.seed)
        except Exception as error:
            run_logger().error("%s is left out of the vintage of %s", system.name, asked.day, exc_info=error)
            failed.append(f"{system.name} is left out: {one_line(error)}")
    return series, failed
