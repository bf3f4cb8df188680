"""Scores of draws, and of opponents' dressed points, against outcomes.

The primary score is the continuous ranked probability score (CRPS) of the *logarithm*: the quantities grow
by factors, an error of a factor counts the same up and down and at 3 or at 30 billion, and scores of
different quantities may be averaged. Opponents print points; `models.scoring.dressing` gives each the spread
of its own past errors, so that a distribution meets a distribution. What a naked point would score is its
absolute error, which stands beside, theirs against that of our median. Beside the log score, which punishes
what was held for impossible, stands the CRPS on the natural scale, in units of the outcome.

An outcome is itself uncertain: an estimate with an error of its own (`log_sd`). An interval for the truth
that is held against a noisy measurement covers it too rarely even where the forecast is perfect, so coverage
is that of the forecast of a *measured* outcome: draws with the outcome's own error added
(``*_with_outcome_error`` in the scores, ``coverage_*`` on the scoreboard). The harder ones, against the value
as if it were the truth, stand beside them (``covered_*``; ``coverage_*_of_value``). The spread of an opponent
is learned from measured outcomes and so holds their error; our CRPS and log score are kept both ways, against
the bare value (harder for us) and with the outcome's error, on equal terms.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from models.scoring.dressing import dressed_scores
from models.scoring.horizons import horizon, horizon_group
from models.vocabulary.opponents import OURSELVES
from models.vocabulary.results.scores import SCORES
from models.vocabulary.tables import made_columns

COVERAGE_LEVELS = (50, 80, 90)
SCORING_BLOCK_DRAWS = 500
"""Posterior draws predicted at a time."""
FIRST_HORIZON_YEARS = -0.25
"""Forecasts made longer than this after the period's end are of no interest, though nothing was published."""
SCORE_COLUMNS = made_columns(SCORES, "scores", without=("run_id",))


def draw_scores(
    log_draws: np.ndarray, log_outcome: np.ndarray, outcome_log_sd: np.ndarray, rng: np.random.Generator
) -> dict[str, np.ndarray]:
    """Score draws against outcomes.

    Parameters
    ----------
    log_draws : ndarray (draw, target)
        Logs of the forecast draws.
    log_outcome, outcome_log_sd : ndarray (target,)
        Log of the outcome and its standard deviation.
    rng : Generator
        For the errors of the outcomes.

    Returns
    -------
    dict of ndarray (target,)
        ``crps`` (log scale, primary), ``crps_relative`` (natural scale, in units of the outcome),
        ``absolute_error`` of the median's log, ``log_score`` (minus log density of the log, kernel estimate),
        ``pit``, ``covered_50|80|90``, and of the measured outcome ``crps``, ``log_score``, ``pit`` and
        ``covered_*``, each ``_with_outcome_error``.
    """
    # Its import compiles for five seconds: an unchanged night, and most tests, never score.
    import scoringrules as sr

    members = log_draws.T
    # Relative to the outcome: no overflow, and the natural scale comes in units of the outcome.
    relative = np.exp(np.clip(members - log_outcome[:, None], -50.0, 50.0))
    noisy = log_draws + outcome_log_sd * rng.standard_normal(log_draws.shape)
    scores = {
        "crps": np.asarray(sr.crps_ensemble(log_outcome, members)),
        "crps_relative": np.asarray(sr.crps_ensemble(np.ones(len(log_outcome)), relative)),
        "absolute_error": np.abs(np.median(log_draws, axis=0) - log_outcome),
        "log_score": np.asarray(sr.logs_ensemble(log_outcome, members)),
        "crps_with_outcome_error": np.asarray(sr.crps_ensemble(log_outcome, noisy.T)),
        "log_score_with_outcome_error": np.asarray(sr.logs_ensemble(log_outcome, noisy.T)),
        "pit": pit_values(log_draws, log_outcome),
        "pit_with_outcome_error": pit_values(noisy, log_outcome),
    }
    for level in COVERAGE_LEVELS:
        scores[f"covered_{level}"] = covered(log_draws, log_outcome, level)
        scores[f"covered_{level}_with_outcome_error"] = covered(noisy, log_outcome, level)
    return scores


def pit_values(draws: np.ndarray, outcome: np.ndarray) -> np.ndarray:
    """Share of the draws (draw, target) below the outcome (target,), ties counted half, never 0 or 1."""
    below = (draws < outcome).sum(axis=0) + 0.5 * (draws == outcome).sum(axis=0)
    return (below + 0.5) / (len(draws) + 1.0)


def covered(draws: np.ndarray, outcome: np.ndarray, level: int) -> np.ndarray:
    """1.0 where the outcome lies in the central interval, ends included, else 0.0, shape (target,).

    Parameters
    ----------
    draws : ndarray (draw, target)
    outcome : ndarray (target,)
        On the same scale.
    level : int
        Per cent of the draws that the interval holds.
    """
    tail = (1.0 - level / 100.0) / 2.0
    low, high = np.quantile(draws, [tail, 1.0 - tail], axis=0)
    return ((outcome >= low) & (outcome <= high)).astype(float)


def open_targets(outcomes: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """Targets that a forecast of a date can be scored on.

    Parameters
    ----------
    outcomes : DataFrame
        As `models.scoring.outcomes.outcomes` gives them.
    as_of : date

    Returns
    -------
    DataFrame
        Those of which no figure was visible yet and whose end lies not too far back, with ``horizon_years``.
    """
    years = pd.Series(
        [horizon(as_of, s, e) for s, e in zip(outcomes["start"], outcomes["end"], strict=True)],
        index=outcomes.index,
        dtype=float,
    )
    unseen = np.array([known > as_of for known in outcomes["known_on"]], bool)
    kept = unseen & (years >= FIRST_HORIZON_YEARS).to_numpy(bool)
    return outcomes[kept].assign(horizon_years=years[kept]).reset_index(drop=True)


def vintage_scores(
    as_of: date,
    targets: pd.DataFrame,
    log_draws: np.ndarray,
    points: pd.DataFrame,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """All scores of one vintage, ours and the opponents', in long form.

    Parameters
    ----------
    as_of : date
    targets : DataFrame
        From `open_targets`.
    log_draws : ndarray (draw, target)
        Logs of our draws, in the order of `targets`.
    points : DataFrame
        From `models.scoring.dressing.dressed`.
    rng : Generator

    Returns
    -------
    DataFrame
        Columns `SCORE_COLUMNS`; ``opponent`` is `OURSELVES` for our own forecast, else as in
        `models.scoring.dressing.dressed_scores`. Where an opponent's point falls in our draws stands under
        the opponent: ``probability_above``, the share of draws above it.
    """
    log_outcome = np.log(targets["value"].to_numpy(float))
    sd = targets["log_sd"].to_numpy(float)
    parts = [_long(as_of, targets, OURSELVES, draw_scores(log_draws, log_outcome, sd, rng))]
    if len(points):
        joined = points.merge(
            targets.assign(column=range(len(targets))),
            on=["quantity", "period"],
            suffixes=("_point", ""),
            validate="many_to_one",
        )
        theirs = joined.assign(value=joined["value_point"])
        scores = dressed_scores(theirs, np.log(joined["value"].to_numpy(float)), COVERAGE_LEVELS)
        above = log_draws[:, joined["column"].to_numpy(int)] > np.log(theirs["value"].to_numpy(float))
        scores["probability_above"] = above.mean(axis=0)
        parts.append(_long(as_of, joined, joined["opponent"], scores))
    return pd.concat(parts, ignore_index=True)


def _long(
    as_of: date, targets: pd.DataFrame, opponent: Any, scores: Mapping[str, np.ndarray]
) -> pd.DataFrame:
    head = pd.DataFrame(
        {
            "as_of": as_of,
            "quantity": targets["quantity"],
            "period": targets["period"],
            "horizon_years": targets["horizon_years"],
            "horizon_group": [horizon_group(years) for years in targets["horizon_years"]],
            "outcome_figure_id": targets["figure_ids"],
            "outcome_value": targets["value"],
        }
    )
    parts = [head.assign(opponent=opponent, metric=name, value=values) for name, values in scores.items()]
    return pd.concat(parts, ignore_index=True)[list(SCORE_COLUMNS)]
