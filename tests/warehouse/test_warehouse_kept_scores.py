"""Scores that came with the code are shown under their label until a backtest has made others here."""

import shutil
from datetime import UTC, date, datetime

import pandas as pd
import pytest

import tests.warehouse.synthetic_warehouse as synthetic
from models.scoring.kept import kept_rows
from models.scoring.scoreboard import BOARD_COLUMNS
from tests.warehouse.test_warehouse_cookbook_systems import keep_backtest
from warehouse.ingest import ingest
from warehouse.query import query
from warehouse.read import evidence
from warehouse.scores import shown_scores

HEAD = {"quantity": "all", "horizon_group": "over six months", "opponent": "latest figure", "n": 3}
BOARD = pd.DataFrame(
    [
        dict.fromkeys(BOARD_COLUMNS, 0.25) | HEAD | {"outcome_dates": part}
        for part in ("all", "before 2025-07-01")
    ]
).assign(n_targets=3, n_independent=2)


@pytest.fixture(scope="module")
def taken(tmp_path_factory):
    """State that took them in; not to be changed by a test."""
    found = tmp_path_factory.mktemp("kept") / "state"
    synthetic.take_in(found)
    for number, day in enumerate(("2026-11-20", "2026-11-28")):
        rows = kept_rows(
            BOARD.assign(skill=0.1 * (number + 1)), f"version {number}", day, "2023-07-31", "2025-03-31"
        )
        ingest(
            found,
            {"kept_scores": rows},
            synthetic.rejected(),
            f"night-{number + 1}",
            datetime(2026, 12, 1, tzinfo=UTC),
        )
    return found


@pytest.fixture
def state(taken, tmp_path):
    return shutil.copytree(taken, tmp_path / "state")


def test_the_newest_committed_scores_are_shown_with_their_version_and_day(taken):
    board, pits = shown_scores(taken)
    assert board[["code_version", "run_at", "skill"]].to_numpy().tolist() == [
        ["version 1", "2026-11-28", 0.2]
    ]
    assert board["run_id"].tolist() == ["committed with the code version 1"]
    assert pits.empty
    parts = query(taken, "SELECT outcome_dates FROM kept_scores_current WHERE run_at = '2026-11-28'")
    assert sorted(parts["outcome_dates"].to_pylist()) == ["all", "before 2025-07-01"]


def test_own_scores_take_their_place(state):
    keep_backtest(state, skill=BOARD.assign(skill=0.5))
    board, _ = shown_scores(state)
    assert board["skill"].tolist() == [0.5]
    assert "code_version" not in board


def test_no_model_is_given_them(taken):
    assert "kept_scores" not in evidence(taken, date(2026, 12, 31))
