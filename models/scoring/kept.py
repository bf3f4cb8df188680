"""The part of a scoreboard that is committed with the code, so that a fresh clone shows measured scores."""

import pandas as pd

from models.evidence.tables.shown import KEPT_KEYS, SHOWN
from models.scoring.horizons import ALL
from models.vocabulary.opponents import ALL_SYSTEMS, NOBODY, RIVALS

KEPT_COLUMNS = SHOWN[0].column_names
DIGITS = 4
"""Digits kept of a number: more would change with every machine, and say nothing."""


def kept_rows(
    board: pd.DataFrame, code_version: str, run_at: str, first_as_of: str, last_as_of: str
) -> pd.DataFrame:
    """Rows of data/kept_scores.csv: all our forecasts, and against the rivals that are no single publishers.

    Parameters
    ----------
    board : DataFrame
        View ``scoreboard_by_outcome_date``.
    code_version, run_at, first_as_of, last_as_of : str
        Of the backtest; the dates as YYYY-MM-DD.

    Returns
    -------
    DataFrame
        Columns `KEPT_COLUMNS`, sorted by key.
    """
    # Parts by the date of the outcome of the summaries alone: of one quantity they hold a target or two.
    is_summary = (board["outcome_dates"] == ALL) | board["quantity"].isin([ALL, ALL_SYSTEMS])
    kept = board[is_summary & board["opponent"].isin([NOBODY, *RIVALS])]
    head = {
        "code_version": code_version,
        "run_at": run_at,
        "first_as_of": first_as_of,
        "last_as_of": last_as_of,
    }
    rows = kept.assign(**head).sort_values(list(KEPT_KEYS), ignore_index=True)
    return rows[list(KEPT_COLUMNS)].round(DIGITS)
