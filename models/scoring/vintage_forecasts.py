"""What each vintage of a backtest forecast of the tracked quantities, whether or not it has come out."""

from datetime import date

import numpy as np
import pandas as pd

from models.draws.quantiles import LEVELS
from models.draws.summary import quantile_columns
from models.vocabulary.periods import N_QUARTERS, QUARTERS, YEARS, parse_period
from models.vocabulary.quantities import TRACKED
from models.vocabulary.results.scores import SCORES
from models.vocabulary.tables import made_columns

COLUMNS = made_columns(SCORES, "vintage_forecasts", without=("run_id",))


def tracked_targets() -> pd.DataFrame:
    """All periods of the tracked quantities, as `models.scoring.vintages.target_log_draws` wants them.

    Returns
    -------
    DataFrame
        ``quantity, period, start, end`` (months since January 2021).
    """
    rows = []
    for period in (*QUARTERS[:N_QUARTERS], *YEARS):
        parsed = parse_period(period)
        rows += [(quantity, period, parsed.start, parsed.end) for quantity in TRACKED]
    return pd.DataFrame(rows, columns=["quantity", "period", "start", "end"])


def vintage_forecasts(as_of: date, targets: pd.DataFrame, log_draws: np.ndarray) -> pd.DataFrame:
    """Give the quantiles of what a vintage forecast.

    Parameters
    ----------
    as_of : date
    targets : DataFrame
        From `tracked_targets`.
    log_draws : ndarray (draw, target)

    Returns
    -------
    DataFrame
        Columns `COLUMNS`, in the units of the quantities.
    """
    found = np.exp(np.quantile(log_draws, np.array(LEVELS) / 1000, axis=0))
    quantiles = dict(zip(quantile_columns(LEVELS), found, strict=True))
    rows = targets[["quantity", "period"]].assign(as_of=as_of, **quantiles)
    return rows[list(COLUMNS)].reset_index(drop=True)
