"""The scoreboard: mean scores, skill against opponents and coverage, with bootstrap intervals.

Quantities of the systems around the chain are named with slashes (`models.scoring.system_outcomes`). They
have summary rows of their own and never enter those of the chain, which so stay comparable with earlier ones.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from models.scoring.benchmarks import MINIMUM_RESOLVED, PUBLISHER_PREFIX
from models.scoring.coverage_by_chance import TARGET_KEY
from models.scoring.scores import ALL, COVERAGE_LEVELS, HORIZON_GROUPS, OURSELVES
from models.vocabulary.results.scores import SCORES
from models.vocabulary.tables import made_columns

NOBODY = "none"
ALL_SYSTEMS, SLASH = "all systems", "/"
RESAMPLES = 2_000
BOARD_COLUMNS = made_columns(SCORES, "skill")


def scoreboard(
    scores: pd.DataFrame, seed: int, metric: str = "crps", calibrated: pd.DataFrame | None = None
) -> pd.DataFrame:
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
    calibrated : DataFrame, optional
        From `models.scoring.coverage_by_chance.simulate_coverage_of_calibrated_forecast` at 80 %; without it
        nothing is said of what a calibrated forecast would have covered. A forecast that it lacks is left out
        of that.

    Returns
    -------
    DataFrame
        Columns `BOARD_COLUMNS`, for 'all' of the chain and each of its quantities, then for 'all systems',
        each system, and each of their quantities; publishers with fewer than
        `models.scoring.benchmarks.MINIMUM_RESOLVED` targets, counted for chain and systems apart, are left
        out.
    """
    of_system = scores["quantity"].str.contains(SLASH, regex=False)
    systems = sorted({quantity.split(SLASH)[0] for quantity in scores.loc[of_system, "quantity"]})
    starts = {ALL_SYSTEMS: "", **{system: f"{system}{SLASH}" for system in systems}}
    parts = ((scores[~of_system], {"all": ""}), (scores[of_system], starts))
    rows = [
        row for part, summaries in parts for row in _board_rows(part, summaries, seed, metric, calibrated)
    ]
    return pd.DataFrame(rows, columns=list(BOARD_COLUMNS))


def _board_rows(
    scores: pd.DataFrame,
    summaries: Mapping[str, str],
    seed: int,
    metric: str,
    calibrated: pd.DataFrame | None,
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
                yield head | _board_row(pairs, metric, seed) | _by_chance(pairs, calibrated)


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
    inside = pairs["covered_80_with_outcome_error"].to_numpy(float)
    coverage_low, coverage_high = share_interval(inside, cluster, seed)
    return {
        "n": len(pairs),
        "n_targets": len(labels),
        "crps": ours.mean(),
        "opponent_crps": theirs.mean(),
        "skill": _skill(ours.sum(), theirs.sum()),
        "skill_low": low,
        "skill_high": high,
        **{
            f"coverage_{level}": pairs[f"covered_{level}_with_outcome_error"].mean()
            for level in COVERAGE_LEVELS
        },
        "coverage_80_low": coverage_low,
        "coverage_80_high": coverage_high,
        **{f"coverage_{level}_of_value": pairs[f"covered_{level}"].mean() for level in COVERAGE_LEVELS},
    }


def _by_chance(pairs: pd.DataFrame, calibrated: pd.DataFrame | None) -> dict[str, float]:
    """5 and 95 % quantiles of the share that a calibrated forecast covers of these."""
    low = high = float("nan")
    if calibrated is not None:
        inside = calibrated.reindex(pd.MultiIndex.from_frame(pairs[list(TARGET_KEY)])).dropna()
        if len(inside):
            low, high = np.quantile(inside.to_numpy(float).mean(axis=0), [0.05, 0.95])
    return {"coverage_80_calibrated_low": float(low), "coverage_80_calibrated_high": float(high)}


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
    if not np.isfinite(theirs).all() or not theirs.any():
        return float("nan"), float("nan")
    return _interval(_skill(*_resampled(np.stack([ours, theirs]), cluster, seed)), level)


def share_interval(
    inside: np.ndarray, cluster: np.ndarray, seed: int, level: float = 0.9
) -> tuple[float, float]:
    """Bootstrap interval of a share, forecasts drawn by whole targets, which are inside or outside together.

    Parameters
    ----------
    inside : ndarray (forecast,)
        1.0 or 0.0.
    cluster, seed, level
        As in `skill_interval`.

    Returns
    -------
    low, high : float
        Not a number with fewer than three targets.
    """
    found, all_of_them = _resampled(np.stack([inside, np.ones_like(inside)]), cluster, seed)
    return _interval(found / all_of_them, level)


def _resampled(values: np.ndarray, cluster: np.ndarray, seed: int) -> np.ndarray:
    """Sum values (row, pair) over resampled clusters, (row, resample); not a number with fewer than three."""
    n = int(cluster.max()) + 1 if len(cluster) else 0
    if n < 3:
        return np.full((len(values), 1), np.nan)
    sums = np.stack([np.bincount(cluster, row, n) for row in values], axis=1)
    weight = np.random.default_rng(seed).multinomial(n, np.full(n, 1.0 / n), size=RESAMPLES)
    return (weight @ sums).T


def _interval(found: np.ndarray, level: float) -> tuple[float, float]:
    if np.isnan(found).all():
        return float("nan"), float("nan")
    tail = (1.0 - level) / 2.0
    low, high = np.nanquantile(found, [tail, 1.0 - tail])
    return float(low), float(high)
