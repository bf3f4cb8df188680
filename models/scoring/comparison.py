"""Two backtests against each other, on the forecasts both made: what a change of the model did.

A change is registered in `models/SCORES.md` before it is scored. It is judged on outcomes first printed
before `models.scoring.scoreboard.CUT_OFF` and confirmed on those after it.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from models.scoring.bootstrap import mean_interval
from models.scoring.horizons import ALL
from models.scoring.independence import independent_groups
from models.scoring.scoreboard import CONFIRMED, CUT_OFF, JUDGED, SLASH
from models.scoring.scores import OURSELVES

COMPARED = ("crps", "log_score_with_outcome_error", "absolute_error", "covered_80_with_outcome_error")
COMPARISON_COLUMNS = (
    *("quantity", "outcome_dates", "n", "n_targets", "n_independent", "metric", "before", "after"),
    *("difference", "difference_low", "difference_high"),
)
_KEYS = ["as_of", "quantity", "period"]


def compare(before: pd.DataFrame, after: pd.DataFrame, outcomes: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Our own scores of two backtests on the forecasts that both made.

    Parameters
    ----------
    before, after : DataFrame
        Scores of `models.scoring.scores.vintage_scores`, stacked.
    outcomes : DataFrame
        From `models.scoring.outcomes.outcomes`.
    seed : int

    Returns
    -------
    DataFrame
        Columns `COMPARISON_COLUMNS`, for 'all' of the chain, then each quantity; ``difference`` is after less
        before with its 90 % bootstrap interval over groups of targets that share their evidence.
    """
    groups = independent_groups(outcomes).reset_index().merge(outcomes[["quantity", "period", "known_on"]])
    one, other = (_ours(scores) for scores in (before, after))
    keys = [*_KEYS, "metric"]
    both = one.merge(other, on=keys, suffixes=("_before", "_after"), validate="one_to_one")
    table = both.merge(groups, on=["quantity", "period"], validate="many_to_one")
    late = np.array([day >= CUT_OFF for day in table["known_on"]], bool)
    table = table.assign(outcome_dates=np.where(late, CONFIRMED, JUDGED))
    return pd.DataFrame(_comparison_rows(table, seed), columns=list(COMPARISON_COLUMNS))


def _ours(scores: pd.DataFrame) -> pd.DataFrame:
    mine = scores[(scores["opponent"] == OURSELVES) & scores["metric"].isin(COMPARED)]
    return mine[[*_KEYS, "metric", "value"]]


def _comparison_rows(table: pd.DataFrame, seed: int) -> Iterator[dict[str, Any]]:
    chain = table[~table["quantity"].str.contains(SLASH, regex=False)]
    for quantity, of_quantity in ((ALL, chain), *table.groupby("quantity", sort=True)):
        for dates in (ALL, JUDGED, CONFIRMED):
            there = of_quantity if dates == ALL else of_quantity[of_quantity["outcome_dates"] == dates]
            for metric in COMPARED:
                rows = there[there["metric"] == metric]
                if rows.empty:
                    continue
                cluster, labels = pd.factorize(rows["group"])
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
