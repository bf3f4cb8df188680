"""Scores of draws and of points against outcomes, and skill with its bootstrap interval.

The primary score is the continuous ranked probability score (CRPS) of the *logarithm*: the quantities grow
by factors, an error of a factor counts the same up and down and at 3 or at 30 billion, and scores of
different quantities may be averaged. The CRPS of a point is its absolute error, |log point - log outcome|, on
the same scale. Beside it stands the CRPS on the natural scale, in units of the outcome. Where a forecast has
only quantiles, `quantile_scores` gives the weighted interval score under a name of its own, `wis`; it is
never put beside a CRPS.

An outcome is itself uncertain: an estimate with an error of its own (`log_sd`). An interval for the truth
that is held against a noisy measurement covers it too rarely even where the forecast is perfect, so coverage
is that of the forecast of a *measured* outcome: draws with the outcome's own error added
(``*_with_outcome_error`` in the scores, ``coverage_*`` on the scoreboard). The harder ones, against the value
as if it were the truth, stand beside them (``covered_*``; ``coverage_*_of_value``). CRPS, error and log score
stay against the bare value: opponents give points, to which no such error could be added on equal terms.

Quantities of the systems around the chain are named with slashes (`models.systems.outcomes`). They have
summary rows of their own and never enter those of the chain, which so stay comparable with earlier ones.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import scoringrules as sr

from models.opponents import MINIMUM_RESOLVED, PUBLISHER_PREFIX
from models.periods import Period

LEVELS = (50, 80, 90)
SHORT, LONG, ALL = "up to six months", "over six months", "all"
HORIZON_GROUPS = (SHORT, LONG, ALL)
SHORT_YEARS = 0.5
FIRST_HORIZON_YEARS = -0.25
"""Forecasts made longer than this after the period's end are of no interest, though nothing was published."""
OURSELVES, NOBODY = "hbmcast", "none"
ALL_SYSTEMS, SLASH = "all systems", "/"
RESAMPLES = 2_000
SCORE_COLUMNS = (
    *("as_of", "quantity", "period", "horizon_years", "horizon_group", "outcome_figure_id", "outcome_value"),
    *("opponent", "metric", "value"),
)
BOARD_COLUMNS = (
    *("quantity", "horizon_group", "opponent", "n", "n_targets", "crps", "opponent_crps", "skill"),
    *("skill_low", "skill_high", *(f"coverage_{level}" for level in LEVELS)),
    *(f"coverage_{level}_of_value" for level in LEVELS),
)


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
        ``pit``, ``covered_50|80|90``, and ``pit_with_outcome_error``, ``covered_*_with_outcome_error``.
    """
    members = log_draws.T
    # Relative to the outcome: no overflow, and the natural scale comes in units of the outcome.
    relative = np.exp(np.clip(members - log_outcome[:, None], -50.0, 50.0))
    noisy = log_draws + outcome_log_sd * rng.standard_normal(log_draws.shape)
    scores = {
        "crps": np.asarray(sr.crps_ensemble(log_outcome, members)),
        "crps_relative": np.asarray(sr.crps_ensemble(np.ones(len(log_outcome)), relative)),
        "absolute_error": np.abs(np.median(log_draws, axis=0) - log_outcome),
        "log_score": np.asarray(sr.logs_ensemble(log_outcome, members)),
        "pit": pit_values(log_draws, log_outcome),
        "pit_with_outcome_error": pit_values(noisy, log_outcome),
    }
    for level in LEVELS:
        scores[f"covered_{level}"] = covered(log_draws, log_outcome, level)
        scores[f"covered_{level}_with_outcome_error"] = covered(noisy, log_outcome, level)
    return scores


def point_scores(log_point: np.ndarray, log_outcome: np.ndarray) -> dict[str, np.ndarray]:
    """Scores of points, shapes (target,): the CRPS of a point is its absolute error on the same scale."""
    error = np.abs(log_point - log_outcome)
    relative = np.abs(np.expm1(np.clip(log_point - log_outcome, -50.0, 50.0)))
    return {"crps": error, "crps_relative": relative, "absolute_error": error}


def quantile_scores(
    quantiles: np.ndarray, levels: np.ndarray, log_outcome: np.ndarray
) -> dict[str, np.ndarray]:
    """Weighted interval score where only quantiles exist.

    Parameters
    ----------
    quantiles : ndarray (target, level)
        Quantiles of the log.
    levels : ndarray (level,)
        Symmetric around 0.5 and holding it, increasing.
    log_outcome : ndarray (target,)

    Returns
    -------
    dict of ndarray (target,)
        ``wis``; close to the CRPS for many levels, but not the same number.
    """
    half = len(levels) // 2
    if (
        len(levels) % 2 == 0
        or not np.allclose(levels + levels[::-1], 1.0)
        or not np.isclose(levels[half], 0.5)
    ):
        raise ValueError(f"levels {levels.tolist()} are not symmetric around a median")
    lower, upper = quantiles[:, :half], quantiles[:, :half:-1]
    alpha = 2.0 * levels[:half]
    return {
        "wis": np.asarray(sr.weighted_interval_score(log_outcome, quantiles[:, half], lower, upper, alpha))
    }


def pit_values(draws: np.ndarray, outcome: np.ndarray) -> np.ndarray:
    """Share of the draws (draw, target) below the outcome (target,), ties counted half, never 0 or 1."""
    below = (draws < outcome).sum(axis=0) + 0.5 * (draws == outcome).sum(axis=0)
    return (below + 0.5) / (len(draws) + 1.0)


def covered(draws: np.ndarray, outcome: np.ndarray, level: int) -> np.ndarray:
    """1.0 where the outcome lies in the central interval of `level` per cent, else 0.0, shape (target,)."""
    tail = (1.0 - level / 100.0) / 2.0
    low, high = np.quantile(draws, [tail, 1.0 - tail], axis=0)
    return ((outcome >= low) & (outcome <= high)).astype(float)


def horizon(as_of: date, start: int, end: int) -> float:
    """Years from a date to the end of a period (months since January 2021); negative when it is over."""
    return (Period("", "", start, end).end_date - as_of).days / 365.25


def horizon_group(years: float) -> str:
    """Group of a horizon in years."""
    return SHORT if years <= SHORT_YEARS else LONG


def open_targets(outcomes: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """Targets that a forecast of a date can be scored on.

    Parameters
    ----------
    outcomes : DataFrame
        As `models.outcomes.outcomes` gives them.
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
        From `models.opponents.opponent_points`.
    rng : Generator

    Returns
    -------
    DataFrame
        Columns `SCORE_COLUMNS`; ``opponent`` is `OURSELVES` for our own forecast.
    """
    log_outcome = np.log(targets["value"].to_numpy(float))
    sd = targets["log_sd"].to_numpy(float)
    parts = [_long(as_of, targets, OURSELVES, draw_scores(log_draws, log_outcome, sd, rng))]
    if len(points):
        joined = points.merge(
            targets, on=["quantity", "period"], suffixes=("_point", ""), validate="many_to_one"
        )
        log_points = np.log(joined["value_point"].to_numpy(float))
        scores = point_scores(log_points, np.log(joined["value"].to_numpy(float)))
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


def scoreboard(scores: pd.DataFrame, seed: int, metric: str = "crps") -> pd.DataFrame:
    """Mean scores, skill and coverage per quantity, horizon group and opponent.

    Every vintage counts alike. A row compares us with an opponent on exactly the forecasts for which it had a
    view; the rows of opponent 'none' hold all our forecasts. Skill is one minus the ratio of the mean scores;
    its 90 % interval comes from a paired bootstrap that draws whole targets (a quantity and period with all
    its vintages), since forecasts of one target err together.

    Parameters
    ----------
    scores : DataFrame
        Vintages of `vintage_scores`, stacked.
    seed : int
    metric : str
        'crps' or 'crps_relative'.

    Returns
    -------
    DataFrame
        Columns `BOARD_COLUMNS`, for 'all' of the chain and each of its quantities, then for 'all systems',
        each system, and each of their quantities; publishers with fewer than
        `models.opponents.MINIMUM_RESOLVED` targets, counted for chain and systems apart, are left out.
    """
    of_system = scores["quantity"].str.contains(SLASH, regex=False)
    systems = sorted({quantity.split(SLASH)[0] for quantity in scores.loc[of_system, "quantity"]})
    starts = {ALL_SYSTEMS: "", **{system: f"{system}{SLASH}" for system in systems}}
    parts = ((scores[~of_system], {"all": ""}), (scores[of_system], starts))
    rows = [row for part, summaries in parts for row in _board_rows(part, summaries, seed, metric)]
    return pd.DataFrame(rows, columns=list(BOARD_COLUMNS))


def _board_rows(
    scores: pd.DataFrame, summaries: Mapping[str, str], seed: int, metric: str
) -> Iterator[dict[str, Any]]:
    """Rows of the summaries, each of the quantities whose names begin so, then of the quantities."""
    index = ["as_of", "quantity", "period", "horizon_group"]
    mine = scores[scores["opponent"] == OURSELVES]
    # Not pivot_table: a score that stands twice is an error, not something to average.
    ours = mine.pivot(index=index, columns="metric", values="value")  # noqa: PD010
    theirs = scores[(scores["opponent"] != OURSELVES) & (scores["metric"] == metric)]
    paired = theirs.rename(columns={"value": "opponent_crps"})[[*index, "opponent", "opponent_crps"]]
    alone = ours.reset_index()[index].assign(opponent=NOBODY, opponent_crps=np.nan)
    paired = pd.concat([alone, _enough(paired)], ignore_index=True)
    table = paired.merge(ours.reset_index(), on=index, how="left", validate="many_to_one")
    named = {name: table[table["quantity"].str.startswith(start)] for name, start in summaries.items()}
    for quantity, of_quantity in (*named.items(), *table.groupby("quantity", sort=True)):
        for group in HORIZON_GROUPS:
            in_group = of_quantity if group == ALL else of_quantity[of_quantity["horizon_group"] == group]
            for opponent, pairs in in_group.groupby("opponent", sort=True):
                head = {"quantity": quantity, "horizon_group": group, "opponent": opponent}
                yield head | _board_row(pairs, metric, seed)


def _enough(paired: pd.DataFrame) -> pd.DataFrame:
    """Leave out publishers with too few resolved targets to be judged."""
    resolved = paired.drop_duplicates(["opponent", "quantity", "period"]).groupby("opponent").size()
    too_few = [
        n for n, size in resolved.items() if size < MINIMUM_RESOLVED and str(n).startswith(PUBLISHER_PREFIX)
    ]
    return paired[~paired["opponent"].isin(too_few)]


def _board_row(pairs: pd.DataFrame, metric: str, seed: int) -> dict[str, Any]:
    ours, theirs = pairs[metric].to_numpy(float), pairs["opponent_crps"].to_numpy(float)
    cluster, labels = pd.factorize(pairs["quantity"] + " " + pairs["period"])
    low, high = skill_interval(ours, theirs, cluster, seed)
    return {
        "n": len(pairs),
        "n_targets": len(labels),
        "crps": ours.mean(),
        "opponent_crps": theirs.mean(),
        "skill": _skill(ours.sum(), theirs.sum()),
        "skill_low": low,
        "skill_high": high,
        **{f"coverage_{level}": pairs[f"covered_{level}_with_outcome_error"].mean() for level in LEVELS},
        **{f"coverage_{level}_of_value": pairs[f"covered_{level}"].mean() for level in LEVELS},
    }


def _skill(ours: Any, theirs: Any) -> Any:
    """One minus the ratio; not a number where the opponent made no error at all."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(np.asarray(theirs) > 0, 1.0 - ours / np.asarray(theirs, float), np.nan)[()]


def skill_interval(
    ours: np.ndarray, theirs: np.ndarray, cluster: np.ndarray, seed: int, level: float = 0.9
) -> tuple[float, float]:
    """Bootstrap interval of the skill, pairs drawn by whole clusters.

    Parameters
    ----------
    ours, theirs : ndarray (pair,)
        Scores on the same forecasts.
    cluster : ndarray of int (pair,)
        Number of the target of each pair, from 0.
    seed : int
    level : float

    Returns
    -------
    low, high : float
        Not a number with fewer than three targets, or where the opponent made no error: nothing can be said.
    """
    n = int(cluster.max()) + 1 if len(cluster) else 0
    if n < 3 or not np.isfinite(theirs).all() or not theirs.any():
        return float("nan"), float("nan")
    sums = np.stack([np.bincount(cluster, values, n) for values in (ours, theirs)], axis=1)
    weight = np.random.default_rng(seed).multinomial(n, np.full(n, 1.0 / n), size=RESAMPLES)
    ours_sum, theirs_sum = (weight @ sums).T
    skill = _skill(ours_sum, theirs_sum)
    tail = (1.0 - level) / 2.0
    low, high = np.nanquantile(skill, [tail, 1.0 - tail])
    return float(low), float(high)
