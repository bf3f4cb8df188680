"""Opponents as distributions: a point with the spread of its author's own past errors.

A point's CRPS is its absolute error, while a calibrated normal around the same median scores 0.71 of it: a
distribution held against points wins 0.29 for nothing. Every opponent is therefore given a spread, learned
only from what could be known on the day: its errors (of the log) on targets whose outcome had been printed by
then, with outcomes as they were known then.

Each target counts once, by its mean squared error over the days on which it was forecast, for these err
together. Errors are taken around zero, so a bias shows as spread. Variances are shrunk twice, an
inverse-chi-square prior each time: those of an opponent and horizon group, over all its quantities, towards
`PRIOR_SD`, which counts as `PRIOR_TARGETS` targets; those of one quantity towards these, which count as at
most `POOLED_TARGETS`. A normal error of so uncertain a variance is a Student-t, so few past errors mean wider
tails and not a false certainty.

`PRIOR_SD` is a judgement, written down before it was scored: a year ahead forecasters of semiconductor
equipment err by 0.23 and those of memory by more; with the period under way by half of that.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

import numpy as np
import pandas as pd

from models.scoring.horizons import LONG, SHORT, horizon_group

PRIOR_SD: Mapping[str, float] = {SHORT: 0.15, LONG: 0.30}
PRIOR_TARGETS = 5.0
POOLED_TARGETS = 5.0
SHARED_PRIOR, SHARED_PRIOR_PAIRS = 0.5, 10.0
"""Correlation of one author's errors on two targets, and how many pairs of targets the prior counts as."""
SHARED_RANGE = (0.0, 0.95)
HISTORY_COLUMNS = ("as_of", "quantity", "period", "horizon_group", "opponent", "value")


class Views(NamedTuple):
    """What could be said and judged on one day.

    Attributes
    ----------
    targets : DataFrame
        From `models.scoring.scores.open_targets`.
    points : DataFrame
        Opponents' views of them, from `models.scoring.benchmarks.opponent_views`.
    settled : DataFrame
        Outcomes as they were known on that day.
    """

    targets: pd.DataFrame
    points: pd.DataFrame
    settled: pd.DataFrame


class Dressed(NamedTuple):
    """Opponents of one day as distributions.

    Attributes
    ----------
    points : DataFrame
        From `dressed`.
    shared : dict of str to float
        From `shared_error`, for the opponents asked for.
    """

    points: pd.DataFrame
    shared: dict[str, float]


def dress_by_day(views: Mapping[date, Views], together: Sequence[str]) -> dict[date, Dressed]:
    """Dress the opponents of every day by what they had said before it and what had come of that by then.

    Parameters
    ----------
    views : mapping of date to Views
        Days before the first that is scored lengthen the record.
    together : sequence of str
        Opponents whose targets are to be drawn together.

    Returns
    -------
    dict of date to Dressed
    """
    history: list[pd.DataFrame] = [pd.DataFrame(columns=list(HISTORY_COLUMNS))]
    out: dict[date, Dressed] = {}
    for day in sorted(views):
        targets, points, settled = views[day]
        errors = past_errors(pd.concat(history, ignore_index=True) if history[1:] else history[0], settled)
        shared = {name: shared_error(errors, name) for name in together if (points["opponent"] == name).any()}
        out[day] = Dressed(dressed(points, targets, errors), shared)
        if len(points):
            history.append(_with_horizon(points.assign(as_of=day), targets))
            history = [history[0], pd.concat(history[1:], ignore_index=True)]
    return out


def _with_horizon(points: pd.DataFrame, targets: pd.DataFrame) -> pd.DataFrame:
    """Points with the horizon of the day on which they were made, columns `HISTORY_COLUMNS`."""
    group = targets[["quantity", "period"]].assign(
        horizon_group=[horizon_group(years) for years in targets["horizon_years"]]
    )
    joined = points.merge(group, on=["quantity", "period"], validate="many_to_one")
    return joined[list(HISTORY_COLUMNS)]


def past_errors(history: pd.DataFrame, settled: pd.DataFrame) -> pd.DataFrame:
    """Errors of points made before their outcome was first printed.

    Parameters
    ----------
    history : DataFrame
        Columns `HISTORY_COLUMNS`: points of earlier days.
    settled : DataFrame
        Outcomes as they were known on the day of the dressing, with ``quantity, period, value, known_on``;
        none of them first printed after it.

    Returns
    -------
    DataFrame
        ``as_of, quantity, period, horizon_group, opponent, error``: log of the outcome less log of the point.
    """
    known = settled[["quantity", "period", "value", "known_on"]].rename(columns={"value": "outcome"})
    joined = history.merge(known, on=["quantity", "period"], validate="many_to_one")
    joined = joined[(joined["as_of"] < joined["known_on"]).to_numpy(bool)]
    error = np.log(joined["outcome"].to_numpy(float)) - np.log(joined["value"].to_numpy(float))
    return joined.assign(error=error)[[*HISTORY_COLUMNS[:-1], "error"]].reset_index(drop=True)


def dressed(points: pd.DataFrame, targets: pd.DataFrame, errors: pd.DataFrame) -> pd.DataFrame:
    """Give every point a Student-t distribution of its log.

    Parameters
    ----------
    points : DataFrame
        From `models.scoring.benchmarks.opponent_views`.
    targets : DataFrame
        With ``quantity, period, horizon_years``.
    errors : DataFrame
        From `past_errors`.

    Returns
    -------
    DataFrame
        The points with ``log_scale`` (of the Student-t), ``degrees`` (of freedom) and ``n_errors`` (past
        targets of this opponent, quantity and horizon group), in the same order.
    """
    group = {
        (q, p): horizon_group(years)
        for q, p, years in targets[["quantity", "period", "horizon_years"]].itertuples(index=False)
    }
    one = errors.assign(square=errors["error"] ** 2)
    by_target = (
        one.groupby(["opponent", "horizon_group", "quantity", "period"])["square"].mean().reset_index()
    )
    pools = by_target.groupby(["opponent", "horizon_group"])["square"].agg(["sum", "size"])
    own = by_target.groupby(["opponent", "horizon_group", "quantity"])["square"].agg(["sum", "size"])
    pooled = {key: (row["sum"], int(row["size"])) for key, row in pools.iterrows()}
    single = {key: (row["sum"], int(row["size"])) for key, row in own.iterrows()}
    rows = []
    for quantity, period, opponent in points[["quantity", "period", "opponent"]].itertuples(index=False):
        horizon = group[quantity, period]
        total, n = pooled.get((opponent, horizon), (0.0, 0))
        degrees = PRIOR_TARGETS + n
        variance = (PRIOR_TARGETS * PRIOR_SD[horizon] ** 2 + total) / degrees
        here, n_here = single.get((opponent, horizon, quantity), (0.0, 0))
        weight = min(POOLED_TARGETS, degrees)
        variance = (weight * variance + here) / (weight + n_here)
        rows.append((np.sqrt(variance), weight + n_here, n_here))
    table = pd.DataFrame(rows, columns=["log_scale", "degrees", "n_errors"], index=points.index)
    return pd.concat([points, table], axis=1)


def shared_error(errors: pd.DataFrame, opponent: str) -> float:
    """Correlation of an opponent's errors on two targets of one day, from its past, shrunk to `SHARED_PRIOR`.

    Parameters
    ----------
    errors : DataFrame
        From `past_errors`.
    opponent : str

    Returns
    -------
    float
        Within `SHARED_RANGE`. Each pair of targets counts once, by its mean over the days both were forecast.
    """
    mine = errors[errors["opponent"] == opponent]
    wide = mine.assign(target=mine["quantity"] + " " + mine["period"]).pivot_table(
        index="as_of", columns="target", values="error", aggfunc="first"
    )
    values = wide.to_numpy(float)
    size = np.sqrt(np.nanmean(values**2, axis=0)) if values.size else np.zeros(0)
    standard = values / np.where(size > 0, size, 1.0)
    total, n = 0.0, 0
    for i in range(standard.shape[1] if values.size else 0):
        products = standard[:, i : i + 1] * standard[:, i + 1 :]
        together = np.isfinite(products).any(axis=0)
        total += float(np.nanmean(products[:, together], axis=0).sum()) if together.any() else 0.0
        n += int(together.sum())
    found = (SHARED_PRIOR_PAIRS * SHARED_PRIOR + total) / (SHARED_PRIOR_PAIRS + n)
    return float(np.clip(found, *SHARED_RANGE))


def dressed_scores(
    points: pd.DataFrame, log_outcome: np.ndarray, levels: tuple[int, ...]
) -> dict[str, np.ndarray]:
    """Score dressed points.

    Parameters
    ----------
    points : DataFrame
        From `dressed`.
    log_outcome : ndarray (point,)
    levels : tuple of int
        Per cent of central intervals.

    Returns
    -------
    dict of ndarray (point,)
        ``crps`` and ``log_score`` of the log, ``absolute_error`` of the point's log (which is the CRPS of the
        naked point), ``pit`` and ``covered_*``. A spread learned from past errors holds the outcomes' own
        errors, so these are scores of the forecast of what is measured.
    """
    # The import of the first compiles for five seconds, the other takes one.
    import scoringrules as sr
    from scipy.stats import t as student_t

    at, scale = np.log(points["value"].to_numpy(float)), points["log_scale"].to_numpy(float)
    degrees = points["degrees"].to_numpy(float)
    distance = (log_outcome - at) / scale
    scores = {
        "crps": np.asarray(sr.crps_t(log_outcome, degrees, at, scale)),
        "log_score": -student_t.logpdf(distance, degrees) + np.log(scale),
        "absolute_error": np.abs(log_outcome - at),
        "pit": student_t.cdf(distance, degrees),
    }
    for level in levels:
        half = student_t.ppf(0.5 + level / 200.0, degrees)
        scores[f"covered_{level}"] = (np.abs(distance) <= half).astype(float)
    return scores


def dressed_draws(points: pd.DataFrame, shared: float, n: int, rng: np.random.Generator) -> np.ndarray:
    """Draw an opponent's targets together: one normal error shared by all, the rest each target's own.

    Parameters
    ----------
    points : DataFrame
        Of one opponent and day, from `dressed`.
    shared : float
        From `shared_error`.
    n : int
    rng : Generator

    Returns
    -------
    ndarray (draw, target)
        Logs. Each target alone is the Student-t that `dressed_scores` scores (a Gaussian copula).
    """
    from scipy.special import ndtr
    from scipy.stats import t as student_t

    common = rng.standard_normal((n, 1))
    z = np.sqrt(shared) * common + np.sqrt(1.0 - shared) * rng.standard_normal((n, len(points)))
    degrees, scale = points["degrees"].to_numpy(float), points["log_scale"].to_numpy(float)
    return np.log(points["value"].to_numpy(float)) + scale * student_t.ppf(ndtr(z), degrees)
