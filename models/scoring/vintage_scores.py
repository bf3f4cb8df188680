"""The scores of one vintage: each target, all of them together, and how sure it was of them."""

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

import numpy as np
import pandas as pd

from models.inference.posterior import flattened
from models.inference.problem import Problem
from models.scoring.coverage_by_chance import Spread, spread
from models.scoring.dressing import Dressed
from models.scoring.joint import JOINT_COLUMNS, joint_scores
from models.scoring.scores import SCORE_COLUMNS, vintage_scores
from models.scoring.vintage_forecasts import tracked_targets, vintage_forecasts
from models.scoring.vintages import doubts, target_log_draws


class VintageScores(NamedTuple):
    """What the scores of one vintage are made of.

    Attributes
    ----------
    scores : DataFrame
        Columns `models.scoring.scores.SCORE_COLUMNS`.
    joint : DataFrame
        Columns `models.scoring.joint.JOINT_COLUMNS`.
    spread : Spread or None
        How sure it was of its targets; None without any.
    doubts : list of str
        What speaks against its draws, or which targets it has none of.
    forecasts : DataFrame or None
        Of the tracked quantities, columns `models.scoring.vintage_forecasts.COLUMNS`; None of the systems.
    """

    scores: pd.DataFrame
    joint: pd.DataFrame
    spread: Spread | None
    doubts: list[str]
    forecasts: pd.DataFrame | None = None


def scored_vintage(
    problem: Problem,
    raw: Mapping[str, np.ndarray],
    diverging: np.ndarray,
    targets: pd.DataFrame,
    opponents: Dressed,
    seed: int,
) -> VintageScores:
    """Score one vintage of the chain, ours and the opponents'.

    Parameters
    ----------
    problem : Problem
    raw : mapping of str to ndarray (chain, draw, ...)
        At least the blocks of `chain_blocks`.
    diverging : ndarray
        Which draws diverged.
    targets : DataFrame
        From `models.scoring.scores.open_targets`.
    opponents : Dressed
        Of the vintage's day.
    seed : int

    Returns
    -------
    VintageScores
        Doubts with the date of the vintage.
    """
    day, chains = problem.as_of, next(iter(raw.values())).shape[0]
    tracked = tracked_targets()
    # One pass over the posterior for both.
    both = target_log_draws(problem, flattened(raw), pd.concat([targets, tracked], ignore_index=True))
    log_draws, ahead = both[:, : len(targets)], both[:, len(targets) :]
    scores, joint = _scores(day, targets, log_draws, opponents, [seed, day.toordinal()])
    found = [f"{day}: {words}" for words in doubts(log_draws, chains, targets, diverging)]
    forecasts = vintage_forecasts(day, tracked, ahead)
    return VintageScores(scores, joint, spread(day, targets, log_draws), found, forecasts)


def scored_systems(
    as_of: date, targets: pd.DataFrame, log_draws: np.ndarray, opponents: Dressed, seed: int
) -> VintageScores:
    """Score what one vintage's systems foretold, ours and the opponents'.

    Parameters
    ----------
    as_of : date
    targets : DataFrame
        From `models.scoring.scores.open_targets`, of quantities of the systems.
    log_draws : ndarray (draw, target)
        From `models.scoring.system_outcomes.system_log_draws`.
    opponents : Dressed
        Of the vintage's day, on all targets.
    seed : int

    Returns
    -------
    VintageScores
        Of the targets of which every draw has a value; the others in words, as doubts.
    """
    there = np.isfinite(log_draws).all(axis=0) & (len(log_draws) > 0)
    absent = ", ".join(f"{row.quantity} {row.period}" for row in targets[~there].itertuples())
    without = [f"{as_of}: no forecast of {absent}"] if absent else []
    kept = targets[there].reset_index(drop=True)
    if kept.empty:
        no_scores, no_joint = (pd.DataFrame(columns=list(names)) for names in (SCORE_COLUMNS, JOINT_COLUMNS))
        return VintageScores(no_scores, no_joint, None, without)
    drawn = log_draws[:, there].astype(float)
    points = opponents.points.merge(kept[["quantity", "period"]], on=["quantity", "period"])
    # A stream of its own: the chain's scores are the same with systems or without.
    stream = [seed, as_of.toordinal(), *b"systems"]
    scores, joint = _scores(as_of, kept, drawn, opponents._replace(points=points), stream)
    return VintageScores(scores, joint, spread(as_of, kept, drawn), without)


def _scores(
    as_of: date, targets: pd.DataFrame, log_draws: np.ndarray, opponents: Dressed, stream: list[int]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Scores of each target, and of all together from a stream of their own."""
    points, shared = opponents
    each = vintage_scores(as_of, targets, log_draws, points, np.random.default_rng(stream))
    rng = np.random.default_rng([*stream, *b"joint"])
    return each, joint_scores(as_of, targets, log_draws, points, shared, rng)
