"""Scores of all targets of one vintage together: whether the forecast knows what goes with what.

The energy score is the CRPS of a vector; it looks at margins more than at dependence. The variogram score
looks at differences between targets, so at dependence more than at margins. Both are of the logs of
*measured* outcomes: our draws carry the outcomes' own errors, as the opponents' spreads do. An opponent's
targets are drawn with the correlation of its own past errors (`models.scoring.dressing.shared_error`). Beside
the opponents stands our own forecast with the draws of each target shuffled (`SHUFFLED`): what is better than
that is worth of the joint draws.

Vintages with different numbers of targets weigh alike: the energy score is divided by the root of their
number, the variogram score by the number of pairs. Of a vintage and an opponent only the targets count that
both speak of, at least two.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from models.scoring.bootstrap import skill, skill_interval
from models.scoring.dressing import dressed_draws
from models.vocabulary.results.scores import SCORES
from models.vocabulary.tables import made_columns

SHUFFLED = "hbmcast, targets shuffled"
JOINT_METRICS = ("energy", "variogram")
JOINT_COLUMNS = made_columns(SCORES, "joint_scores", without=("run_id",))
JOINT_BOARD_COLUMNS = made_columns(SCORES, "joint_skill")
DRAWS = 500
VARIOGRAM_ORDER = 0.5
BLOCK_VINTAGES = 12
"""Vintages of a bootstrap block: a year of monthly ones, since neighbours have nearly the same targets."""


def joint_scores(
    as_of: date,
    targets: pd.DataFrame,
    log_draws: np.ndarray,
    points: pd.DataFrame,
    shared: Mapping[str, float],
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Score one vintage's targets together, ours and the opponents'.

    Parameters
    ----------
    as_of : date
    targets : DataFrame (target,)
        From `models.scoring.scores.open_targets`.
    log_draws : ndarray (draw, target)
        Logs of our draws, in the order of `targets`.
    points : DataFrame
        From `models.scoring.dressing.dressed`.
    shared : mapping of str to float
        Opponents scored, and the correlation of each one's errors.
    rng : Generator

    Returns
    -------
    DataFrame
        Columns `JOINT_COLUMNS`; ``n_targets`` those of the vintage that both speak of.
    """
    outcome, sd = np.log(targets["value"].to_numpy(float)), targets["log_sd"].to_numpy(float)
    thin = np.linspace(0, len(log_draws) - 1, min(DRAWS, len(log_draws))).astype(int)
    ours = log_draws[thin] + sd * rng.standard_normal((len(thin), len(targets)))
    shuffled = rng.permuted(ours, axis=0)
    keys = pd.MultiIndex.from_frame(targets[["quantity", "period"]])
    rows: list[dict[str, Any]] = []

    def add(opponent: str, at: np.ndarray, theirs: np.ndarray) -> None:
        if len(at) < 2:
            return
        mine = joint_score(outcome[at], ours[:, at])
        other = joint_score(outcome[at], theirs)
        for metric in JOINT_METRICS:
            head = {"as_of": as_of, "opponent": opponent, "metric": metric, "n_targets": len(at)}
            rows.append(head | {"value": mine[metric], "opponent_value": other[metric]})

    add(SHUFFLED, np.arange(len(targets)), shuffled)
    for opponent, correlation in shared.items():
        own = points[points["opponent"] == opponent]
        at = keys.get_indexer(pd.MultiIndex.from_frame(own[["quantity", "period"]]))
        add(opponent, at, dressed_draws(own, correlation, len(thin), rng))
    return pd.DataFrame(rows, columns=list(JOINT_COLUMNS))


def joint_score(log_outcome: np.ndarray, log_draws: np.ndarray) -> dict[str, float]:
    """Energy score over the root of the number of targets, variogram score over the number of pairs.

    Parameters
    ----------
    log_outcome : ndarray (target,)
        Two or more.
    log_draws : ndarray (draw, target)
    """
    # Its import compiles for five seconds.
    import scoringrules as sr

    n = len(log_outcome)
    energy = sr.es_ensemble(log_outcome, log_draws)
    # Each pair stands twice in the sum.
    variogram = sr.vs_ensemble(log_outcome, log_draws, p=VARIOGRAM_ORDER)
    return {"energy": float(energy) / np.sqrt(n), "variogram": float(variogram) / (n * (n - 1))}


def joint_board(scores: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Mean joint scores and skill against each opponent.

    Parameters
    ----------
    scores : DataFrame
        `joint_scores` of all vintages, stacked.
    seed : int

    Returns
    -------
    DataFrame
        Columns `JOINT_BOARD_COLUMNS`: ``n`` vintages, ``n_targets`` their mean number of targets; the skill's
        90 % interval from a bootstrap over years of vintages.
    """
    return pd.DataFrame(_joint_rows(scores, seed), columns=list(JOINT_BOARD_COLUMNS))


def _joint_rows(scores: pd.DataFrame, seed: int) -> Iterator[dict[str, Any]]:
    for (opponent, metric), rows in scores.groupby(["opponent", "metric"], sort=True):
        ordered = rows.sort_values("as_of")
        ours, theirs = (ordered[name].to_numpy(float) for name in ("value", "opponent_value"))
        block = np.arange(len(ordered)) // BLOCK_VINTAGES
        low, high = skill_interval(ours, theirs, block, seed)
        yield {
            "opponent": opponent,
            "metric": metric,
            "n": len(ordered),
            "n_targets": float(ordered["n_targets"].mean()),
            "value": ours.mean(),
            "opponent_value": theirs.mean(),
            "skill": skill(ours.sum(), theirs.sum()),
            "skill_low": low,
            "skill_high": high,
        }
