"""Frozen forecasts: what of a published night is kept for good, and how it is scored when outcomes arrive.

Kept are the quantiles and a thinned set of joint draws of every quantity, for periods to come and those of
the year before the day, of which running years and fiscal ones are made. The draws are chosen by lot and not
evenly: evenly spaced ones may all rest on the same few draws of the posterior.
"""

from collections.abc import Sequence
from datetime import date
from typing import Final

import numpy as np
import pandas as pd

from models.draws.quantiles import LEVELS
from models.draws.summary import quantile_columns
from models.scoring.horizons import horizon, horizon_group
from models.scoring.scores import COVERAGE_LEVELS, draw_scores, open_targets
from models.vocabulary.market import Market
from models.vocabulary.periods import QUARTERS, Period, PeriodError, flow_weights, parse_period
from models.vocabulary.results.scores import SCORES
from models.vocabulary.rows import rows_of
from models.vocabulary.tables import made_columns

FROZEN_DRAWS = 200
FROZEN_FROM_YEARS = -1.0
LEVEL_OF_COLUMN: Final = dict(zip(quantile_columns(LEVELS), LEVELS, strict=True))
"""Column of a forecast to its level, per mille."""
FROZEN_SCORE_COLUMNS = made_columns(SCORES, "frozen_scores")
FROZEN_SCORES = (
    *("crps", "crps_with_outcome_error", "log_score_with_outcome_error", "absolute_error"),
    *("pit_with_outcome_error", *(f"covered_{level}_with_outcome_error" for level in COVERAGE_LEVELS)),
)


def chosen_draws(n_draws: int, seed: int) -> list[int]:
    """Numbers of the `FROZEN_DRAWS` draws that are kept, in order; all where there are no more."""
    rng = np.random.default_rng([seed, n_draws, *b"frozen"])
    return sorted(int(i) for i in rng.choice(n_draws, min(FROZEN_DRAWS, n_draws), replace=False))


def frozen_periods(periods: Sequence[str], as_of: date) -> list[str]:
    """Periods that outcomes still to come are made of: those that end later than a year before a day."""
    spans = {label: parse_period(label, None) for label in periods}
    return [
        label for label, span in spans.items() if horizon(as_of, span.start, span.end) >= FROZEN_FROM_YEARS
    ]


def frozen_quantiles(forecast: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """Quantiles that are kept.

    Parameters
    ----------
    forecast : DataFrame
        Table ``forecast`` of the run.
    as_of : date

    Returns
    -------
    DataFrame
        ``quantity, period, level_per_mille, value``.
    """
    kept = forecast[forecast["period"].isin(frozen_periods(list(forecast["period"].unique()), as_of))]
    long = kept.melt(["quantity", "period"], list(LEVEL_OF_COLUMN), "level")
    return long.assign(level_per_mille=long["level"].map(LEVEL_OF_COLUMN))[
        ["quantity", "period", "level_per_mille", "value"]
    ]


def frozen_log_draws(draws: pd.DataFrame, targets: pd.DataFrame, market: Market) -> np.ndarray:
    """Compute the logs of targets in frozen draws.

    Parameters
    ----------
    draws : DataFrame
        ``draw, quantity, period, value`` of one frozen forecast.
    targets : DataFrame
        Columns ``quantity, period, start, end`` (months since January 2021).
    market : Market

    Returns
    -------
    ndarray (draw, target)
        Not a number where the forecast does not hold the target. A span that is no quarter or year, a fiscal
        one say, is made of its quarters where the quantity adds up.
    """
    # Not pivot_table: a value that stands twice is an error, not something to average.
    wide = draws.pivot(index="draw", columns=["quantity", "period"], values="value").sort_index()  # noqa: PD010
    out = np.full((len(wide), len(targets)), np.nan)
    for i, row in enumerate(rows_of(targets)):
        if (row.quantity, row.period) in wide.columns:
            values = wide[row.quantity, row.period].to_numpy(float)
        else:
            values = _of_quarters(wide, market, str(row.quantity), int(row.start), int(row.end))
        with np.errstate(divide="ignore", invalid="ignore"):
            out[:, i] = np.log(values)
    return out


def _of_quarters(wide: pd.DataFrame, market: Market, quantity: str, start: int, end: int) -> np.ndarray:
    nothing = np.full(len(wide), np.nan)
    quantity_of = market.by_name.get(quantity)
    if quantity_of is None or quantity_of.yearly != "sum":
        return nothing
    try:
        at, weight = flow_weights(Period("", "", start, end))
    except PeriodError:
        return nothing
    names = [(quantity, QUARTERS[q]) for q in at]
    if not all(name in wide.columns for name in names):
        return nothing
    return wide[names].to_numpy(float) @ weight


def pending_targets(outcomes: pd.DataFrame, as_of: date, before: pd.DataFrame) -> pd.DataFrame:
    """Targets of a frozen forecast whose outcome is new, or another than when it was scored last.

    Parameters
    ----------
    outcomes : DataFrame
        From `models.scoring.outcomes.outcomes`.
    as_of : date
        Of the forecast: outcomes that its day had seen are no targets.
    before : DataFrame
        Newest scores of this forecast: ``quantity, period, outcome_figure_id, outcome_value``. That the
        outcome's own error is learned anew every night makes it no other.

    Returns
    -------
    DataFrame
        As `models.scoring.scores.open_targets` gives them.
    """
    targets = open_targets(outcomes, as_of)
    known = before[["quantity", "period", "outcome_figure_id", "outcome_value"]]
    joined = targets[["quantity", "period", "figure_ids", "value"]].merge(
        known.rename(columns={"outcome_figure_id": "figure_ids"}),
        on=["quantity", "period", "figure_ids"],
        how="left",
        validate="one_to_one",
    )
    same = np.isclose(joined["value"].astype(float), joined["outcome_value"].astype(float), rtol=1e-9)
    return targets[~same].reset_index(drop=True)


def frozen_scores(
    run_id: str, as_of: date, draws: pd.DataFrame, targets: pd.DataFrame, market: Market, seed: int
) -> pd.DataFrame:
    """Score one frozen forecast.

    Parameters
    ----------
    run_id : str
        Of the forecast.
    as_of : date
    draws : DataFrame
        ``draw, quantity, period, value``.
    targets : DataFrame
        From `pending_targets`.
    market : Market
    seed : int

    Returns
    -------
    DataFrame
        Columns `FROZEN_SCORE_COLUMNS`, of the targets that the forecast holds; scores as in
        `models.scoring.scores.draw_scores`.
    """
    log_draws = frozen_log_draws(draws, targets, market)
    there = np.isfinite(log_draws).all(axis=0) & (len(log_draws) > 0)
    targets, log_draws = targets[there].reset_index(drop=True), log_draws[:, there]
    if targets.empty:
        return pd.DataFrame(columns=list(FROZEN_SCORE_COLUMNS))
    rng = np.random.default_rng([seed, as_of.toordinal(), *b"frozen"])
    sd = targets["log_sd"].to_numpy(float)
    scores = draw_scores(log_draws, np.log(targets["value"].to_numpy(float)), sd, rng)
    table = pd.DataFrame(
        {
            "frozen_run_id": run_id,
            "quantity": targets["quantity"],
            "period": targets["period"],
            "horizon_years": targets["horizon_years"],
            "horizon_group": [horizon_group(years) for years in targets["horizon_years"]],
            "outcome_figure_id": targets["figure_ids"],
            "outcome_value": targets["value"],
            "outcome_log_sd": sd,
            "outcome_known_on": targets["known_on"],
            "p50": np.exp(np.median(log_draws, axis=0)),
            **{name: scores[name] for name in FROZEN_SCORES},
        }
    )
    return table[list(FROZEN_SCORE_COLUMNS)]
