"""The scoreboard: mean scores, skill against opponents and coverage, with bootstrap intervals and counts.

A row compares us with an opponent on exactly the forecasts for which it had a view, so nobody gains by
speaking of easy targets only; the counts stand beside. Rows are told apart by the date of the *outcome* too:
a change of the model is judged on outcomes first printed before `CUT_OFF` and confirmed on those after it, so
no target is in both (`models/SCORES.md`).

Quantities of the systems around the chain are named with slashes (`models.scoring.system_outcomes`). They
have summary rows of their own and never enter those of the chain, which so stay comparable with earlier ones.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from models.scoring.benchmarks import MINIMUM_RESOLVED
from models.scoring.bootstrap import mean_interval, skill, skill_interval
from models.scoring.coverage_by_chance import TARGET_KEY
from models.scoring.horizons import ALL, HORIZON_GROUPS
from models.scoring.independence import GROUP
from models.scoring.scores import COVERAGE_LEVELS
from models.vocabulary.opponents import ALL_SYSTEMS, NOBODY, OURSELVES, PUBLISHER_PREFIX, SLASH
from models.vocabulary.results.scores import SCORES
from models.vocabulary.tables import made_columns

CUT_OFF = date(2025, 7, 1)
HEAVIEST = 2
BOARD_COLUMNS = made_columns(SCORES, "skill")
_OF_OPPONENTS = ("crps", "log_score", "absolute_error", "covered_80")
_INDEX = ["as_of", "quantity", "period", "horizon_group"]
_PLACE = "place_among_calibrated"


def scoreboard(
    scores: pd.DataFrame,
    outcomes: pd.DataFrame,
    seed: int,
    calibrated: pd.DataFrame | None = None,
    cut_off: date = CUT_OFF,
) -> pd.DataFrame:
    """Mean scores, skill and coverage per quantity, horizon group, opponent and dates of the outcomes.

    Every forecast counts alike. The rows of opponent 'none' hold all our forecasts. Skill is one minus the
    ratio of the mean CRPS; its 90 % interval, like that of coverage, comes from a bootstrap that draws whole
    groups of targets that share their evidence (`models.scoring.independence`), each with all its vintages,
    since these err together.

    Parameters
    ----------
    scores : DataFrame
        Vintages of `models.scoring.scores.vintage_scores`, stacked.
    outcomes : DataFrame
        From `models.scoring.independence.grouped`, with every target of the scores.
    seed : int
    calibrated : DataFrame, optional
        From `models.scoring.coverage_by_chance.simulate_coverage_of_calibrated_forecast` at 80 %; without it
        nothing is said of what a calibrated forecast would have covered. A forecast that it lacks is left
        out of that.
    cut_off : date
        Splits the outcomes by the day of their first print.

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
    parts = ((scores[~of_system], {ALL: ""}), (scores[of_system], starts))
    rows = [
        row
        for part, summaries in parts
        for row in _board_rows(
            _placed(_pairs(part, outcomes, cut_off), calibrated), summaries, seed, calibrated
        )
    ]
    return pd.DataFrame(rows, columns=list(BOARD_COLUMNS))


def sides(known_on: pd.Series, cut_off: date) -> np.ndarray:
    """Say on which side of the cut-off each outcome was first printed, (outcome,) of text."""
    judged, confirmed = outcome_dates(cut_off)
    return np.where(np.array([day >= cut_off for day in known_on], bool), confirmed, judged)


def outcome_dates(cut_off: date = CUT_OFF) -> tuple[str, str]:
    """Words for outcomes first printed before a cut-off and from it on."""
    return f"before {cut_off}", f"from {cut_off}"


def _pairs(scores: pd.DataFrame, outcomes: pd.DataFrame, cut_off: date) -> pd.DataFrame:
    """Our scores beside each opponent's, a row a forecast and opponent; nobody's beside all of ours."""
    mine = scores[scores["opponent"] == OURSELVES]
    # Not pivot_table: a score that stands twice is an error, not something to average.
    ours = mine.pivot(index=_INDEX, columns="metric", values="value").reset_index()  # noqa: PD010
    theirs = scores[(scores["opponent"] != OURSELVES) & scores["metric"].isin(_OF_OPPONENTS)]
    names = {name: f"opponent_{name}" for name in _OF_OPPONENTS}
    wide = theirs.pivot(index=[*_INDEX, "opponent"], columns="metric", values="value")  # noqa: PD010
    paired = _enough(wide.reset_index().rename(columns=names))
    alone = ours[_INDEX].assign(opponent=NOBODY)
    every = pd.concat([alone, paired], ignore_index=True).reindex(
        columns=[*_INDEX, "opponent", *names.values()]
    )
    table = every.merge(ours, on=_INDEX, how="left", validate="many_to_one")
    of_targets = outcomes[["quantity", "period", "known_on", GROUP]]
    merged = table.merge(of_targets, on=["quantity", "period"], how="left", validate="many_to_one")
    if merged["known_on"].isna().any():
        raise ValueError("scores of targets that have no outcome")
    target = pd.factorize(merged["quantity"] + " " + merged["period"])[0]
    return merged.assign(outcome_dates=sides(merged["known_on"], cut_off), target=target)


def _placed(table: pd.DataFrame, calibrated: pd.DataFrame | None) -> pd.DataFrame:
    """Note where each forecast stands among the calibrated ones, once and not for each row of a board."""
    if calibrated is None:
        return table
    keys = pd.MultiIndex.from_frame(table[list(TARGET_KEY)])
    return table.assign(**{_PLACE: calibrated.index.get_indexer(keys)})


def _board_rows(
    table: pd.DataFrame, summaries: Mapping[str, str], seed: int, calibrated: pd.DataFrame | None
) -> Iterator[dict[str, Any]]:
    """Rows of the summaries, each of the quantities whose names begin so, then of the quantities."""
    named = {name: table[table["quantity"].str.startswith(start)] for name, start in summaries.items()}
    for quantity, of_quantity in (*named.items(), *table.groupby("quantity", sort=True)):
        for group in HORIZON_GROUPS:
            in_group = of_quantity if group == ALL else of_quantity[of_quantity["horizon_group"] == group]
            for opponent, whole in in_group.groupby("opponent", sort=True):
                for dates, pairs in ((ALL, whole), *whole.groupby("outcome_dates", sort=True)):
                    head = {"quantity": quantity, "horizon_group": group, "opponent": opponent}
                    head |= {"outcome_dates": dates}
                    yield head | _board_row(pairs, seed) | _by_chance(pairs, calibrated)


def _enough(paired: pd.DataFrame) -> pd.DataFrame:
    """Leave out publishers with too few resolved targets to be judged."""
    resolved = paired.drop_duplicates(["opponent", "quantity", "period"]).groupby("opponent").size()
    too_few = [
        n for n, size in resolved.items() if size < MINIMUM_RESOLVED and str(n).startswith(PUBLISHER_PREFIX)
    ]
    return paired[~paired["opponent"].isin(too_few)]


def _board_row(pairs: pd.DataFrame, seed: int) -> dict[str, Any]:
    def values(name: str) -> np.ndarray:
        return pairs[name].to_numpy(float)

    def mean(name: str) -> float:
        return float(values(name).mean())

    ours, theirs = values("crps"), values("opponent_crps")
    cluster, groups = pd.factorize(pairs[GROUP])
    target, targets = pd.factorize(pairs["target"])
    low, high = skill_interval(ours, theirs, cluster, seed)
    coverage_low, coverage_high = mean_interval(values("covered_80_with_outcome_error"), cluster, seed)
    return {
        "n": len(pairs),
        "n_targets": len(targets),
        "n_independent": len(groups),
        "crps": ours.mean(),
        "opponent_crps": theirs.mean(),
        "skill": skill(ours.sum(), theirs.sum()),
        "skill_low": low,
        "skill_high": high,
        "skill_without_two": skill_without_heaviest(ours, theirs, target),
        "crps_of_measured": mean("crps_with_outcome_error"),
        "log_score": mean("log_score_with_outcome_error"),
        "opponent_log_score": mean("opponent_log_score"),
        "absolute_error": mean("absolute_error"),
        "opponent_absolute_error": mean("opponent_absolute_error"),
        "skill_of_medians": skill(values("absolute_error").sum(), values("opponent_absolute_error").sum()),
        **{f"coverage_{level}": mean(f"covered_{level}_with_outcome_error") for level in COVERAGE_LEVELS},
        "coverage_80_low": coverage_low,
        "coverage_80_high": coverage_high,
        **{f"coverage_{level}_of_value": mean(f"covered_{level}") for level in COVERAGE_LEVELS},
        "opponent_coverage_80": mean("opponent_covered_80"),
    }


def skill_without_heaviest(ours: np.ndarray, theirs: np.ndarray, target: np.ndarray) -> float:
    """Skill without the `HEAVIEST` targets that make up most of the opponent's error.

    Parameters
    ----------
    ours, theirs : ndarray (pair,)
        Scores on the same forecasts.
    target : ndarray of int (pair,)
        Number of the target of each, from 0.

    Returns
    -------
    float
        Not a number where no target is left.
    """
    sums = np.stack([np.bincount(target, scores) for scores in (ours, theirs)])
    left = sums[:, np.argsort(-sums[1], kind="stable")[HEAVIEST:]].sum(axis=1)
    return float(skill(*left)) if sums.shape[1] > HEAVIEST else float("nan")


def _by_chance(pairs: pd.DataFrame, calibrated: pd.DataFrame | None) -> dict[str, float]:
    """Range of the share that a calibrated forecast covers of these (5 to 95 %), and how often as little."""
    low = high = less = float("nan")
    if calibrated is not None:
        at = pairs[_PLACE].to_numpy()
        there = at >= 0
        if there.any():
            shares = calibrated.to_numpy()[at[there]].mean(axis=0)
            low, high = np.quantile(shares, [0.05, 0.95])
            less = np.mean(shares <= pairs["covered_80_with_outcome_error"].to_numpy(float)[there].mean())
    return {
        "coverage_80_calibrated_low": float(low),
        "coverage_80_calibrated_high": float(high),
        "coverage_80_chance_of_less": float(less),
    }
