"""The tables that a referee asks for say what the scoreboard says, of the rivals alone."""

from datetime import date

import pandas as pd
import pytest

from models.scoring.independence import grouped
from models.scoring.referee import coverage_table, skill_of_board, skill_table
from models.scoring.scoreboard import scoreboard
from tests.models.scoring.made_scores import made_scores, outcomes_in


@pytest.fixture(scope="module")
def scores() -> pd.DataFrame:
    return pd.concat([
        made_scores(10),
        made_scores(10, quantity="equipment/tcb/usd/total"),
        made_scores(10, opponent="publisher: X")[lambda t: t["opponent"] == "publisher: X"],
    ])  # fmt: skip


@pytest.fixture(scope="module")
def outcomes(scores: pd.DataFrame) -> pd.DataFrame:
    return grouped(outcomes_in(scores))


def test_skill_is_that_of_the_chain_against_rivals_split_at_the_day_asked_for(scores, outcomes):
    table = skill_table(scores, outcomes, seed=1)
    assert table["against"].tolist() == ["latest figure"]
    row, board = table.iloc[0], scoreboard(scores, outcomes, seed=1)
    same = board[(board["quantity"] == "all") & (board["opponent"] == "latest figure")]
    whole = same[(same["horizon_group"] == "over six months") & (same["outcome_dates"] == "all")].iloc[0]
    assert (row["skill"], row["low"], row["without two"]) == pytest.approx(
        (whole["skill"], whole["skill_low"], whole["skill_without_two"])
    )
    assert (row["targets"], row["targets before 2025-07-01"], row["targets from 2025-07-01"]) == (10, 6, 4)
    later = skill_table(scores, outcomes, seed=1, cut_off=date(2026, 1, 1)).iloc[0]
    assert later["targets before 2026-01-01"] == 10
    assert "skill from 2026-01-01" not in later
    assert skill_table(scores, outcomes, seed=1, horizon_group="up to six months").empty


def test_of_a_board_that_is_kept_the_same_skill_is_told(scores, outcomes):
    board = scoreboard(scores, outcomes, seed=1)
    kept = skill_of_board(board[board["outcome_dates"] == "all"])
    table = skill_table(scores, outcomes, seed=1)[list(kept.columns)]
    pd.testing.assert_frame_equal(kept, table, check_column_type=False)


def test_coverage_is_of_all_our_forecasts(scores, outcomes):
    board = scoreboard(scores, outcomes, seed=1)
    table = coverage_table(board[board["outcome_dates"] == "all"]).set_index("quantity")
    assert {"all", "hbm_revenue_usd", "all systems", "equipment"} <= set(table.index)
    assert table.loc["all", "n"] == 10
    assert 0.5 < table.loc["all", "in 80 %"] <= 1.0
