"""Two backtests against each other, on the forecasts both made: what a change of the model did.

A change is registered in `models/SCORES.md` before it is scored. It is judged on outcomes first printed
before `models.scoring.scoreboard.CUT_OFF` and confirmed on those after it.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from models.scoring.bootstrap import mean_interval
from models.scoring.horizons import ALL
from models.scoring.independence import GROUP
from models.scoring.scoreboard import CUT_OFF, outcome_dates, sides
from models.vocabulary.opponents import OURSELVES, SLASH

COMPARED = ("crps", "log_score_with_outcome_error", "absolute_error", "covered_80_with_outcome_error")
COMPARISON_COLUMNS = (
    *("quantity", "outcome_dates", "n", "n_targets", "n_independent", "metric", "before", "after"),
    *("difference", "difference_low", "difference_high"),
)
_KEYS = ["as_of", "quantity", "period"]


def common_forecasts(before: pd.DataFrame, after: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Scores of the forecasts that two backtests both made and held against the same value.

    Parameters
    ----------
    before, after : DataFrame
        Scores of `models.scoring.scores.vintage_scores`, stacked.

    Returns
    -------
    before, after : DataFrame
        All opponents' rows of these forecasts.
    """
    values = [scores[[*_KEYS, "outcome_value"]].drop_duplicates(_KEYS) for scores in (before, after)]
    both = values[0].merge(values[1], on=_KEYS)
    same = np.isclose(both["outcome_value_x"].astype(float), both["outcome_value_y"].astype(float), rtol=1e-6)
    shared = both.loc[same, _KEYS]
    return before.merge(shared, on=_KEYS), after.merge(shared, on=_KEYS)


def compare(
    before: pd.DataFrame, after: pd.DataFrame, outcomes: pd.DataFrame, seed: int, cut_off: date = CUT_OFF
) -> pd.DataFrame:
    """Our own scores of two backtests on the forecasts that both made.

    Parameters
    ----------
    before, after : DataFrame
        Scores of `models.scoring.scores.vintage_scores`, stacked.
    outcomes : DataFrame
        From `models.scoring.independence.grouped`.
    seed : int
    cut_off : date

    Returns
    -------
    DataFrame
        Columns `COMPARISON_COLUMNS`, for 'all' of the chain, then each quantity; ``difference`` is after less
        before with its 90 % bootstrap interval over groups of targets that share their evidence.
    """
    one, other = (_ours(scores) for scores in common_forecasts(before, after))
    keys = [*_KEYS, "metric"]
    both = one.merge(other, on=keys, suffixes=("_before", "_after"), validate="one_to_one")
    of_targets = outcomes[["quantity", "period", "known_on", GROUP]]
    table = both.merge(of_targets, on=["quantity", "period"], validate="many_to_one")
    table = table.assign(outcome_dates=sides(table["known_on"], cut_off))
    return pd.DataFrame(_comparison_rows(table, seed, cut_off), columns=list(COMPARISON_COLUMNS))


def _ours(scores: pd.DataFrame) -> pd.DataFrame:
    mine = scores[(scores["opponent"] == OURSELVES) & scores["metric"].isin(COMPARED)]
    return mine[[*_KEYS, "metric", "value"]]


def _comparison_rows(table: pd.DataFrame, seed: int, cut_off: date) -> Iterator[dict[str, Any]]:
    chain = table[~table["quantity"].str.contains(SLASH, regex=False)]
    for quantity, of_quantity in ((ALL, chain), *table.groupby("quantity", sort=True)):
        for dates in (ALL, *outcome_dates(cut_off)):
            there = of_quantity if dates == ALL else of_quantity[of_quantity["outcome_dates"] == dates]
            for metric in COMPARED:
                rows = there[there["metric"] == metric]
                if rows.empty:
                    continue
                cluster, labels = pd.factorize(rows[GROUP])
                difference = (rows["value_after"] - rows["value_before"]).to_numpy(float)
                low, high = mean_interval(difference, cluster, seed)
                yield {
                    "quantity": quantity,
                    "outcome_dates": dates,
                    "n": len(rows),
                    "n_targets": len(rows[["quantity", "period"]].drop_duplicates()),
                    "n_independent": len(labels),
                    "metric": metric,
                    "before": rows["value_before"].mean(),
                    "after": rows["value_after"].mean(),
                    "difference": difference.mean(),
                    "difference_low": low,
                    "difference_high": high,
                }
