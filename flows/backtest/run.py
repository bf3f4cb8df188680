"""Running a backtest: refit the past month by month, score it, keep the scores.

A vintage is kept under the hash of what it rests on, so a backtest that was stopped goes on where it was, and
one with nothing new is done in seconds.
"""

from datetime import UTC, date, datetime
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, NamedTuple

from flows.backtest.fits import fit_missing
from flows.backtest.plan import CHAINS, Done, Plan
from flows.backtest.scoring import last_learned_scales, scored_chain, tables_of_scores
from flows.backtest.systems import scored_vintages, system_outcomes
from flows.runtime.artifacts import kept_posterior
from flows.runtime.evidence import evidence_of
from warehouse.layout import vintage_file, vintage_systems_folder, vintages_folder

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from flows.runtime.progress import Progress
    from models.evidence.chain_evidence import ChainEvidence
    from models.evidence.evidence import Evidence
    from models.inference.operator import Operator
    from models.inference.problem import Problem

# Outcomes may be dated to a year that is not over: they were read, so they were published.
FAR = date(9999, 12, 31)
# The rest of what scores is imported from these.
SCORING_CODE = (
    "models.scoring.scoreboard",
    "models.scoring.benchmarks",
    "models.scoring.vintage_scores",
    "models.draws.simulate",
    "models.scoring.system_outcomes",
)
# Of an outcome, besides the group of those that share evidence.
KEPT_OF_OUTCOME = ("quantity", "period", "value", "log_sd", "rank", "n_publishers", "figure_ids", "known_on")


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
    from flows.runtime.fingerprint import code_hash
    from models.inference.from_evidence import resolved_figures, shared_operator
    from models.scoring.independence import GROUP
    from models.scoring.system_outcomes import HINDSIGHT
    from models.scoring.vintages import hindsight
    from models.systems.registry import system_modules
    from warehouse.scores import latest_backtest, latest_scoreboard, publish_scores

    started = perf_counter()
    state, today = plan.settings.state, plan.settings.today
    known = evidence_of(state, FAR, private=False)
    resolved = resolved_figures(known)
    operator = shared_operator(known, today)
    with progress.stage("plan", "Planning vintages"):
        vintages = {day: _planned(plan, known, operator, day) for day in plan.dates}
    missing = {
        day: v for day, v in vintages.items() if plan.force or kept_posterior(v[1], progress.say) is None
    }
    fit_missing(plan, missing, progress)
    outcomes = _outcomes(known, resolved, today, last_learned_scales(vintages))
    code = code_hash(*SCORING_CODE, *system_modules())
    content = _content(vintages, known.tables() | {"outcomes": outcomes.of_both}, code, plan)
    before = latest_backtest(state)
    listed = [*hindsight(operator, known.market), *HINDSIGHT]
    if before is not None and before["content_hash"] == content and not missing:
        board, seconds = latest_scoreboard(state), perf_counter() - started
        reported = str(before["doubts"] or "").splitlines()
        return Done(board, str(before["run_id"]), 0, len(vintages), seconds, False, listed, reported)
    scored = _scored(plan, vintages, known, resolved, outcomes, progress)
    run_id = f"backtest-{datetime.now(UTC):%Y%m%dT%H%M%S%f}"
    row = {
        "run_id": run_id,
        "code_version": code[:8],
        # What failed tonight may work tomorrow: then something has changed.
        "content_hash": f"{content} in part" if outcomes.unread or scored.failed else content,
        "vintages": len(vintages),
        "refitted": len(missing),
        "first_as_of": plan.dates[0],
        "last_as_of": plan.dates[-1],
        "seconds": perf_counter() - started,
        "hindsight": "\n".join(listed),
        "doubts": "\n".join(scored.doubts),
        **scored.by_chance,
    }
    with progress.stage("publish", "Keeping the scores"):
        publish_scores(state, row, {**scored.frames, "outcomes": outcomes.of_both[[*KEPT_OF_OUTCOME, GROUP]]})
    _tidy(vintages_folder(state), {file for _, file in vintages.values()}, plan.settings.kept.vintages)
    _tidy(vintage_systems_folder(state), set(), plan.settings.kept.vintages)
    board, seconds = latest_scoreboard(state), perf_counter() - started
    return Done(board, run_id, len(missing), len(vintages), seconds, True, listed, scored.doubts)


class _Outcomes(NamedTuple):
    """What has come to pass: the figures it was read from, of the chain, of the systems, and of both."""

    figures: "pd.DataFrame"
    of_chain: "pd.DataFrame"
    of_systems: "pd.DataFrame"
    of_both: "pd.DataFrame"
    """With the group of those that share evidence."""
    unread: list[str]
    """Why systems have none, a sentence each."""


def _outcomes(
    known: "Evidence", resolved: "pd.DataFrame", today: date, scales: dict[str, float]
) -> _Outcomes:
    import pandas as pd

    from models.inference.from_evidence import usable_figures
    from models.scoring.independence import grouped
    from models.scoring.outcomes import outcomes

    figures = usable_figures(resolved)
    of_chain = outcomes(figures, known.assumptions, today, known.market, scales=scales)
    of_systems, unread = system_outcomes(known, resolved, today, scales)
    parts = [part for part in (of_chain, of_systems) if len(part)]
    every = grouped(pd.concat(parts or [of_chain], ignore_index=True))
    return _Outcomes(figures, of_chain, of_systems, every, unread)


class _Scored(NamedTuple):
    """Scores of all vintages as tables, what chance alone would have given, and what is to be doubted."""

    frames: "dict[str, pd.DataFrame]"
    by_chance: dict[str, float]
    doubts: list[str]
    failed: list[str]
    """Which systems of a vintage failed, a sentence each; among the doubts too."""


def _scored(
    plan: Plan,
    vintages: "dict[date, tuple[Problem, Path]]",
    known: "Evidence",
    resolved: "pd.DataFrame",
    outcomes: _Outcomes,
    progress: "Progress",
) -> _Scored:
    with progress.stage("score", "Scoring vintages") as report:
        chain = scored_chain(plan, vintages, outcomes.figures, known.assumptions, outcomes.of_chain, report)
    with progress.stage("systems", "Scoring the systems of vintages") as report:
        system_scores, failed = scored_vintages(plan, vintages, resolved, outcomes.of_systems, report)
    frames, by_chance = tables_of_scores(plan, chain, system_scores, outcomes.of_both)
    doubts = [*(words for part in chain for words in part.doubts), *outcomes.unread, *failed]
    doubts += [words for part in system_scores for words in part.doubts]
    return _Scored(frames, by_chance, doubts, failed)


def _planned(plan: Plan, known: "ChainEvidence", operator: "Operator", day: date) -> "tuple[Problem, Path]":
    """Problem of a vintage and the file of its posterior."""
    from flows.runtime.fingerprint import POSTERIOR_CODE, code_hash
    from models.inference.from_evidence import problem_from_evidence
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
