"""Running a backtest: refit the past month by month, score it, keep the scores.

A vintage is kept under the hash of what it rests on, so a backtest that was stopped goes on where it was, and
one with nothing new is done in seconds.
"""

from datetime import UTC, date, datetime
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from flows.backtest.fits import fit_missing
from flows.backtest.plan import CHAINS, Done, Plan
from flows.backtest.scoring import last_learned_scales, scored_chain, together
from flows.backtest.systems import scored_vintages, system_outcomes
from flows.runtime.artifacts import kept_posterior
from flows.runtime.evidence import evidence_of
from warehouse.layout import vintage_file, vintage_systems_folder, vintages_folder

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from flows.runtime.progress import Progress
    from models.evidence.chain_evidence import ChainEvidence
    from models.inference.operator import Operator
    from models.inference.problem import Problem

FAR = date(9999, 12, 31)
# The rest of what scores is imported from these.
SCORING_CODE = (
    "models.scoring.scoreboard",
    "models.scoring.benchmarks",
    "models.scoring.vintage_scores",
    "models.draws.simulate",
    "models.scoring.system_outcomes",
)


def run_backtest(plan: Plan, progress: "Progress") -> Done:
    """Fit the vintages that are missing, score all of them, and append the scores where anything changed.

    Parameters
    ----------
    plan : Plan
    progress : Progress

    Returns
    -------
    Done

    Raises
    ------
    WarehouseMissing
        Nothing has been read into the warehouse yet.
    """
    import pandas as pd

    from flows.runtime.fingerprint import code_hash
    from models.inference.fit import resolved_figures, shared_operator, usable_figures
    from models.scoring.independence import GROUP, grouped
    from models.scoring.outcomes import outcomes
    from models.scoring.system_outcomes import HINDSIGHT
    from models.scoring.vintages import hindsight
    from models.systems.registry import system_modules
    from warehouse.scores import latest_backtest, latest_scoreboard, publish_scores

    started = perf_counter()
    state, today = plan.settings.state, plan.settings.today
    # Outcomes may be dated to a year that is not over: they were read, so they were published.
    known = evidence_of(state, FAR, private=False)
    resolved = resolved_figures(known)
    figures = usable_figures(resolved)
    operator, market = shared_operator(known, today), known.market
    with progress.stage("plan", "Planning vintages"):
        vintages = {day: _planned(plan, known, operator, day) for day in plan.dates}
    missing = {
        day: v for day, v in vintages.items() if plan.force or kept_posterior(v[1], progress.say) is None
    }
    fit_missing(plan, missing, progress)
    scales = last_learned_scales(vintages)
    chain_outcomes = outcomes(figures, known.assumptions, today, market, scales=scales)
    outcomes_of_systems, unread = system_outcomes(known, resolved, today, scales)
    parts = [part for part in (chain_outcomes, outcomes_of_systems) if len(part)]
    every = grouped(pd.concat(parts or [chain_outcomes], ignore_index=True))
    code = code_hash(*SCORING_CODE, *system_modules())
    content = _content(vintages, known.tables() | {"outcomes": every}, code, plan)
    before = latest_backtest(state)
    listed = [*hindsight(operator, market), *HINDSIGHT]
    if before is not None and before["content_hash"] == content and not missing:
        board, seconds = latest_scoreboard(state), perf_counter() - started
        reported = str(before["doubts"] or "").splitlines()
        return Done(board, str(before["run_id"]), 0, len(vintages), seconds, False, listed, reported)
    with progress.stage("score", "Scoring vintages") as report:
        chain = scored_chain(plan, vintages, figures, known.assumptions, chain_outcomes, report)
    with progress.stage("systems", "Scoring the systems of vintages") as report:
        around, failed = scored_vintages(plan, vintages, resolved, outcomes_of_systems, report)
    frames, by_chance = together(plan, chain, around, every)
    doubts = [*(words for part in chain for words in part.doubts), *unread, *failed]
    doubts += [words for part in around for words in part.doubts]
    run_id = f"backtest-{datetime.now(UTC):%Y%m%dT%H%M%S%f}"
    row = {
        "run_id": run_id,
        "code_version": code[:8],
        # What failed tonight may work tomorrow: then something has changed.
        "content_hash": f"{content} in part" if unread or failed else content,
        "vintages": len(vintages),
        "refitted": len(missing),
        "first_as_of": plan.dates[0],
        "last_as_of": plan.dates[-1],
        "seconds": perf_counter() - started,
        "hindsight": "\n".join(listed),
        "doubts": "\n".join(doubts),
        **by_chance,
    }
    kept = ["quantity", "period", "value", "log_sd", "rank", "n_publishers", "figure_ids", "known_on", GROUP]
    with progress.stage("publish", "Keeping the scores"):
        publish_scores(state, row, {**frames, "outcomes": every[kept]})
    _tidy(vintages_folder(state), {file for _, file in vintages.values()}, plan.settings.kept.vintages)
    _tidy(vintage_systems_folder(state), set(), plan.settings.kept.vintages)
    seconds = perf_counter() - started
    return Done(latest_scoreboard(state), run_id, len(missing), len(vintages), seconds, True, listed, doubts)


def _planned(plan: Plan, known: "ChainEvidence", operator: "Operator", day: date) -> "tuple[Problem, Path]":
    """Problem of a vintage and the file of its posterior."""
    from flows.runtime.fingerprint import POSTERIOR_CODE, code_hash
    from models.inference.fit import problem_from_evidence
    from models.scoring.vintages import definition_priors, fingerprint

    problem = problem_from_evidence(known, day, operator)
    name = fingerprint(
        problem,
        as_of=day.isoformat(),
        definitions=definition_priors(problem),
        seed=plan.settings.seed,
        draws=plan.draws,
        chains=CHAINS,
        code=code_hash(*POSTERIOR_CODE),
    )
    return problem, vintage_file(plan.settings.state, name)


def _content(
    vintages: "dict[date, tuple[Problem, Path]]", frames: "Mapping[str, pd.DataFrame]", code: str, plan: Plan
) -> str:
    """Hash everything the scores rest on."""
    from flows.runtime.fingerprint import frames_hash
    from models.scoring.vintages import content_hash

    names = [(day.isoformat(), file.stem) for day, (_, file) in vintages.items()]
    return content_hash([names, frames_hash(frames), code, plan.settings.seed])


def _tidy(folder: Path, used: set[Path], kept: int) -> None:
    """Remove the oldest vintages that this backtest didn't use."""
    found = (path for path in folder.glob("*") if path.is_file())
    files = sorted(found, key=lambda path: path.stat().st_mtime, reverse=True)
    for path in files[kept:]:
        if path not in used:
            path.unlink(missing_ok=True)
