"""What a referee asks of a scoreboard, in two small tables: skill and coverage.

They are what `models/SCORES.md` quotes (`hbmcast scoreboard`). Skill is against the opponents that are no
single publishers, over one group of horizons, of all quantities of the chain together; beside it stand how
many targets it rests on, what is left of it without the heaviest, and both sides of the split by the date of
the outcome.
"""

from datetime import date

import pandas as pd

from models.scoring.horizons import ALL, LONG
from models.scoring.scoreboard import CUT_OFF, outcome_dates, scoreboard
from models.vocabulary.opponents import NOBODY, OURSELVES, RIVALS, SLASH

_OF_SKILL = {
    "n": "n",
    "n_targets": "targets",
    "n_independent": "independent",
    "skill": "skill",
    "skill_low": "low",
    "skill_high": "high",
    "skill_without_two": "without two",
    "skill_of_medians": "of medians",
    "log_score": "log score",
    "opponent_log_score": "theirs",
    "opponent_coverage_80": "theirs in 80 %",
}
_OF_SIDES = {"skill": "skill", "skill_low": "low", "skill_high": "high", "n_targets": "targets"}
_OF_COVERAGE = {
    "quantity": "quantity",
    "n": "n",
    "n_targets": "targets",
    "n_independent": "independent",
    "crps": "CRPS",
    "log_score": "log score",
    "coverage_50": "in 50 %",
    "coverage_80": "in 80 %",
    "coverage_90": "in 90 %",
    "coverage_80_calibrated_low": "80 % by chance, low",
    "coverage_80_calibrated_high": "80 % by chance, high",
}


def skill_table(
    scores: pd.DataFrame,
    outcomes: pd.DataFrame,
    seed: int,
    cut_off: date = CUT_OFF,
    horizon_group: str = LONG,
) -> pd.DataFrame:
    """Skill of all quantities of the chain together against each dressed opponent.

    Parameters
    ----------
    scores : DataFrame
        Vintages of `models.scoring.scores.vintage_scores`, stacked.
    outcomes : DataFrame
        From `models.scoring.independence.grouped`, with every target of the scores.
    seed : int
    cut_off : date
        Splits the outcomes by the day of their first print.
    horizon_group : str
        One of `models.scoring.horizons.HORIZON_GROUPS`.

    Returns
    -------
    DataFrame
        A row an opponent of `RIVALS` that has a view on any target, with counts, skill and its 90 % interval,
        skill without the two heaviest targets and of the medians, log scores, and both sides of the cut-off.
    """
    asked = scores["opponent"].isin([OURSELVES, *RIVALS]) & ~scores["quantity"].str.contains(
        SLASH, regex=False
    )
    if horizon_group != ALL:
        asked &= scores["horizon_group"] == horizon_group
    board = scoreboard(scores[asked], outcomes, seed, cut_off=cut_off)
    board = board[(board["quantity"] == ALL) & (board["horizon_group"] == horizon_group)]
    parts = {dates: rows.set_index("opponent") for dates, rows in board.groupby("outcome_dates")}
    if ALL not in parts:
        return pd.DataFrame()
    table = parts[ALL][list(_OF_SKILL)].rename(columns=_OF_SKILL)
    for dates in outcome_dates(cut_off):
        if dates in parts:
            names = {name: f"{word} {dates}" for name, word in _OF_SIDES.items()}
            table = table.join(parts[dates][list(names)].rename(columns=names))
    return table.loc[[name for name in RIVALS if name in table.index]].rename_axis("against").reset_index()


def skill_of_board(board: pd.DataFrame, horizon_group: str = LONG) -> pd.DataFrame:
    """Give what `skill_table` does, of all dates of outcomes, from the rows of a scoreboard that is kept.

    Parameters
    ----------
    board : DataFrame
        Columns of `models.scoring.scoreboard.scoreboard`, the rows of all dates of outcomes.
    horizon_group : str
    """
    rows = board[(board["quantity"] == ALL) & (board["horizon_group"] == horizon_group)]
    table = rows.set_index("opponent")[list(_OF_SKILL)].rename(columns=_OF_SKILL)
    return table.loc[[name for name in RIVALS if name in table.index]].rename_axis("against").reset_index()


def coverage_table(board: pd.DataFrame) -> pd.DataFrame:
    """Coverage and scores of all our forecasts, over all horizons.

    Parameters
    ----------
    board : DataFrame
        Columns of `models.scoring.scoreboard.scoreboard`, the rows of all dates of outcomes.
    """
    ours = board[(board["opponent"] == NOBODY) & (board["horizon_group"] == ALL)]
    return ours[list(_OF_COVERAGE)].rename(columns=_OF_COVERAGE)
