"""Joint scores: who knows what goes with what does better, and shuffled draws show by how much."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from models.scoring.dressing import dressed
from models.scoring.joint import SHUFFLED, joint_board, joint_score, joint_scores

FIRST = date(2020, 1, 31)


def test_scores_of_a_point_are_its_distance():
    outcome, point = np.array([0.0, 0.0, 0.0, 0.0]), np.tile([1.0, 1.0, 1.0, 1.0], (50, 1))
    found = joint_score(outcome, point)
    # |(1,1,1,1)| = 2, over the root of four targets; all differences are right.
    assert found == pytest.approx({"energy": 1.0, "variogram": 0.0})
    apart = joint_score(np.array([0.0, 0.0]), np.tile([0.0, 4.0], (50, 1)))
    assert apart == pytest.approx({"energy": 4.0 / np.sqrt(2), "variogram": 4.0})


def world(vintages=60, n=6, correlation=0.9, seed=4):
    """Targets whose errors go together, which our draws know; an opponent who errs as much, independently."""
    rng = np.random.default_rng(seed)

    def errors(size):
        common = rng.standard_normal((size, 1))
        return np.sqrt(correlation) * common + np.sqrt(1 - correlation) * rng.standard_normal((size, n))

    parts = []
    for v in range(vintages):
        targets = pd.DataFrame(
            {"quantity": "q", "period": [f"{v}-{i}" for i in range(n)], "log_sd": 0.0, "horizon_years": 1.0}
        )
        targets["value"] = np.exp(0.3 * errors(1)[0])
        points = targets[["quantity", "period"]].assign(opponent="latest figure", value=1.0)
        # The opponent says nothing of the last target.
        no_errors = pd.DataFrame(
            {c: [] for c in ("opponent", "quantity", "period", "horizon_group", "error")}
        )
        points = dressed(points.iloc[:-1], targets, no_errors)
        day = FIRST + timedelta(days=30 * v)
        parts.append(joint_scores(day, targets, 0.3 * errors(200), points, {"latest figure": 0.0}, rng))
    return pd.concat(parts, ignore_index=True)


def test_draws_that_know_what_goes_together_beat_their_own_shuffled():
    board = joint_board(world(), seed=1).set_index(["opponent", "metric"])
    for opponent in (SHUFFLED, "latest figure"):
        row = board.loc[opponent, "variogram"]
        assert row["skill"] > 0.3
        assert row["skill_low"] > 0
        assert row["n"] == 60
    assert board.loc[SHUFFLED, "energy"]["skill"] > 0.02
    assert board.loc[SHUFFLED, "energy"]["n_targets"] == 6
    assert board.loc["latest figure", "energy"]["n_targets"] == 5, "only what both speak of"


def test_where_nothing_goes_together_shuffling_changes_nothing():
    board = joint_board(world(correlation=0.0), seed=1).set_index(["opponent", "metric"])
    assert abs(board.loc[SHUFFLED, "energy"]["skill"]) < 0.01
    assert abs(board.loc[SHUFFLED, "variogram"]["skill"]) < 0.03


def test_a_vintage_with_one_target_has_no_joint_score():
    assert world(vintages=2, n=1).empty
    assert joint_board(world(vintages=2, n=1), seed=1).empty
