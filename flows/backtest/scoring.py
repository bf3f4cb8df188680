"""Scoring the vintages of a backtest: opponents, our draws, and everything together."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from flows.backtest.plan import Plan
from flows.runtime.artifacts import load_posterior
from flows.runtime.errors import HbmcastError

if TYPE_CHECKING:
    import pandas as pd

    from flows.runtime.progress import Report
    from models.inference.problem import Problem
    from models.scoring.dressing import Dressed
    from models.scoring.vintage_scores import VintageScores
    from models.vocabulary.market import Market

FIRST_OPPONENTS = date(2021, 12, 31)
EVERY_MONTHS = 3
"""From when on, and how often, opponents' errors are recorded before the first vintage."""


def last_learned_scales(vintages: "dict[date, tuple[Problem, Path]]") -> dict[str, float]:
    """Scales of figures' errors as the last vintage learned them: what outcomes' own errors are made of."""
    from models.inference.scales import learned_scales

    problem, file = vintages[max(vintages)]
    return learned_scales(problem, load_posterior(file).flat())


def scored_chain(
    plan: Plan,
    vintages: "dict[date, tuple[Problem, Path]]",
    figures: "pd.DataFrame",
    assumptions: "pd.DataFrame",
    outcomes: "pd.DataFrame",
    report: "Report",
) -> "list[VintageScores]":
    """Score the chain in all vintages that have a target.

    Parameters
    ----------
    plan : Plan
    vintages : dict
        Problem and file of the posterior, by day.
    figures : DataFrame
        Usable figures.
    assumptions : DataFrame
    outcomes : DataFrame
        Outcomes of the chain.
    report : callable
        Takes the share done and a few words.

    Returns
    -------
    list of VintageScores
        By date.
    """
    from models.scoring.vintage_scores import scored_vintage

    report(0.0, "opponents")
    market = next(iter(vintages.values()))[0].market
    opponents = _opponents(tuple(vintages), figures, assumptions, outcomes, market)
    parts = []
    for position, (day, (problem, file)) in enumerate(vintages.items()):
        report(position / len(vintages), day.isoformat())
        targets, dressed = opponents[day]
        if targets.empty:
            continue
        kept = load_posterior(file)
        parts.append(
            scored_vintage(
                problem, kept.raw, kept.statistics["diverging"], targets, dressed, plan.settings.seed
            )
        )
    return parts


def _opponents(
    days: tuple[date, ...],
    figures: "pd.DataFrame",
    assumptions: "pd.DataFrame",
    outcomes: "pd.DataFrame",
    market: "Market",
) -> "dict[date, tuple[pd.DataFrame, Dressed]]":
    """Open targets and dressed opponents of every day, with a record that begins before the first."""
    from models.scoring.benchmarks import opponent_views
    from models.scoring.dressing import dress_by_day
    from models.scoring.scores import open_targets
    from models.scoring.vintages import month_ends
    from models.vocabulary.opponents import RIVALS

    earlier = [day for day in month_ends(FIRST_OPPONENTS, min(days)) if day < min(days)]
    views = {
        day: opponent_views(figures, assumptions, day, open_targets(outcomes, day), market)
        for day in (*earlier[::EVERY_MONTHS], *sorted(days))
    }
    dressed = dress_by_day(views, RIVALS)
    return {day: (views[day].targets, dressed[day]) for day in days}


def tables_of_scores(
    plan: Plan,
    chain: "list[VintageScores]",
    systems: "list[VintageScores]",
    outcomes: "pd.DataFrame",
) -> "tuple[dict[str, pd.DataFrame], dict[str, float]]":
    """Put the scores of all vintages into tables.

    Parameters
    ----------
    plan : Plan
    chain, systems : list of VintageScores
        Of the chain and of the systems, which were drawn apart.
    outcomes : DataFrame
        Of both.

    Returns
    -------
    frames : dict of DataFrame
        'scores', 'vintage_forecasts', 'skill', 'joint_scores' and 'joint_skill'.
    by_chance : dict of str to float
        How often a calibrated forecast would cover within the demanded range on all lines at once.

    Raises
    ------
    HbmcastError
        Nothing can be scored.
    """
    import pandas as pd

    from models.scoring.coverage_by_chance import chance_of_demand, simulate_coverage_of_calibrated_forecast
    from models.scoring.joint import joint_board
    from models.scoring.scoreboard import scoreboard
    from models.scoring.scores import SCORE_COLUMNS
    from models.scoring.vintage_forecasts import COLUMNS

    if not (chain or systems):
        raise HbmcastError(
            f"no outcome came after {plan.dates[0]}, so nothing can be scored", "Give an earlier --from"
        )
    seed = plan.settings.seed
    scores = pd.concat([part.scores for part in (*chain, *systems)], ignore_index=True)[list(SCORE_COLUMNS)]
    spreads = [[part.spread for part in parts if part.spread is not None] for parts in (chain, systems)]
    inside = [simulate_coverage_of_calibrated_forecast(part, seed) if part else None for part in spreads]
    simulated = pd.concat([part for part in inside if part is not None])
    # The chain's alone: what the systems' targets share with them was never asked.
    joint = pd.concat([part.joint for part in chain], ignore_index=True) if chain else systems[0].joint[:0]
    forecasts = [part.forecasts for part in chain if part.forecasts is not None]
    frames = {
        "scores": scores,
        "vintage_forecasts": pd.concat(forecasts, ignore_index=True)
        if forecasts
        else pd.DataFrame(columns=list(COLUMNS)),
        "skill": scoreboard(scores, outcomes, seed, simulated),
        "joint_scores": joint,
        "joint_skill": joint_board(joint, seed),
    }
    return frames, {
        "demand_by_chance": chance_of_demand(inside[0]) if inside[0] is not None else float("nan")
    }
