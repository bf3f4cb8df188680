"""The scoreboard: skill with its interval, targets that share evidence, opponents that say little."""

import numpy as np
import pandas as pd
import pytest

from models.scoring import scores as scoring
from models.scoring.bootstrap import mean_interval, skill_interval
from models.scoring.independence import grouped
from models.scoring.scoreboard import outcome_dates, scoreboard, skill_without_heaviest
from models.scoring.vintages import doubts
from tests.models.scoring.made_scores import board_of, made_scores, make_outcomes, outcomes_in

KEYS = ["quantity", "horizon_group", "opponent", "outcome_dates"]


def test_scoreboard_says_how_much_better_we_are_and_how_sure_that_is():
    board = board_of(made_scores(), seed=3).set_index(KEYS)
    row = board.loc["all", "over six months", "latest figure", "all"]
    assert row["n"] == row["n_targets"] == row["n_independent"] == 40
    # Mean |error| of a normal is sd * sqrt(2/pi); mean CRPS of a calibrated normal is sd / sqrt(pi).
    assert row["opponent_absolute_error"] == pytest.approx(0.3 * np.sqrt(2 / np.pi), rel=0.25)
    assert row["opponent_crps"] == pytest.approx(0.3 / np.sqrt(np.pi), rel=0.25)
    assert row["crps"] == pytest.approx(0.1 / np.sqrt(np.pi), rel=0.25)
    assert row["skill"] == pytest.approx(1 - row["crps"] / row["opponent_crps"])
    assert row["skill_of_medians"] == pytest.approx(
        1 - row["absolute_error"] / row["opponent_absolute_error"]
    )
    assert 0.4 < row["skill_low"] < row["skill"] < row["skill_high"] < 1
    assert 0.65 < row["coverage_80_of_value"] < 0.95
    assert 0.65 < row["opponent_coverage_80"] < 0.95, "its prior is its error"
    assert row["log_score"] < row["opponent_log_score"]
    assert ("all", "up to six months", "latest figure", "all") not in board.index
    assert board.loc["hbm_revenue_usd", "all", "none", "all"]["n"] == 40


def test_an_opponent_as_good_as_we_are_leaves_no_skill_although_it_only_gave_points():
    board = board_of(made_scores(100, our_sd=0.3, their_error=None), seed=3).set_index(KEYS)
    row = board.loc["all", "all", "latest figure", "all"]
    # The tails of its prior cost it a little.
    assert 0.0 < row["skill"] < 0.04
    assert row["skill_of_medians"] == pytest.approx(0.0, abs=0.02)
    # Held against its naked points we would have won a good quarter for nothing.
    assert 1 - row["crps"] / row["opponent_absolute_error"] > 0.22


def test_outcomes_before_and_after_the_cut_off_share_no_target():
    board = board_of(made_scores(), seed=3).set_index(KEYS)
    judged, confirmed = (board.loc["all", "all", "latest figure", dates] for dates in outcome_dates())
    assert (judged["n_targets"], confirmed["n_targets"]) == (6, 34)
    whole = board.loc["all", "all", "latest figure", "all"]
    assert whole["crps"] == pytest.approx((6 * judged["crps"] + 34 * confirmed["crps"]) / 40)


def test_targets_that_share_evidence_are_counted_and_drawn_as_one():
    scores = made_scores(12)
    apart = outcomes_in(scores)
    shared = apart.assign(figure_ids=["one"] * 10 + ["two", "three"])
    few = (
        scoreboard(scores, grouped(shared), seed=1).set_index(KEYS).loc["all", "all", "latest figure", "all"]
    )
    many = (
        scoreboard(scores, grouped(apart), seed=1).set_index(KEYS).loc["all", "all", "latest figure", "all"]
    )
    assert (few["n_targets"], few["n_independent"], many["n_independent"]) == (12, 3, 12)
    assert few["skill"] == many["skill"]
    assert (few["skill_low"], few["skill_high"]) != (many["skill_low"], many["skill_high"])


def test_skill_without_the_two_targets_that_weigh_most():
    # The first target weighs 2, the second 1: without them we are worse.
    ours, theirs = np.array([0.1, 0.1, 0.1, 0.3, 0.3]), np.array([1.0, 1.0, 1.0, 0.2, 0.2])
    target = np.array([0, 0, 1, 2, 3])
    assert skill_without_heaviest(ours, theirs, target) == pytest.approx(1 - 0.6 / 0.4)
    assert np.isnan(skill_without_heaviest(ours[:3], theirs[:3], target[:3]))


def test_a_rival_that_speaks_of_easy_targets_only_is_met_on_these():
    scores = made_scores(40)
    theirs = scores[(scores["metric"] == "absolute_error") & (scores["opponent"] == "latest figure")]
    easy = set(theirs.nsmallest(10, "value")["period"])
    picked = scores[(scores["opponent"] == "hbmcast") | scores["period"].isin(easy)]
    board = board_of(picked, seed=1).set_index(KEYS)
    row, whole = board.loc["all", "all", "latest figure", "all"], board.loc["all", "all", "none", "all"]
    ours = scores[(scores["opponent"] == "hbmcast") & (scores["metric"] == "crps")]
    assert (row["n"], whole["n"]) == (10, 40)
    assert row["crps"] == pytest.approx(ours[ours["period"].isin(easy)]["value"].mean())
    assert (
        row["skill"]
        < board_of(scores, seed=1)
        .set_index(KEYS)
        .loc[
            "all",
            "all",
            "latest figure",
            "all",
        ]["skill"]
    )


def test_scores_without_an_outcome_are_an_error():
    scores = made_scores(4)
    with pytest.raises(ValueError, match="no outcome"):
        scoreboard(scores, grouped(outcomes_in(scores).iloc[1:]), seed=1)


def test_coverage_is_that_of_a_measured_outcome_and_the_value_s_own_stands_beside_it():
    scores = made_scores()
    board = board_of(scores, seed=3).set_index(KEYS)
    ours = scores[scores["opponent"] == "hbmcast"]
    row, metric = board.loc["all", "all", "none", "all"], ours.groupby("metric")["value"].mean()
    for level in scoring.COVERAGE_LEVELS:
        assert row[f"coverage_{level}"] == pytest.approx(metric[f"covered_{level}_with_outcome_error"])
        assert row[f"coverage_{level}_of_value"] == pytest.approx(metric[f"covered_{level}"])
    # These outcomes have no error, so counting one covers too often.
    assert row["coverage_50"] > row["coverage_50_of_value"]
    assert row["crps"] == pytest.approx(metric["crps"]), "held against the bare value"


def test_systems_have_rows_of_their_own_and_leave_those_of_the_chain_alone():
    chain = made_scores(6, opponent="publisher: X")
    tcb = made_scores(4, quantity="equipment/tcb/usd/total", opponent="publisher: X", seed=1)
    hynix = made_scores(3, quantity="supplier/sk_hynix/share/bits", opponent="publisher: X", seed=2)
    together = board_of(pd.concat([tcb, chain, hynix], ignore_index=True), seed=1)
    alone = board_of(chain, seed=1)
    pd.testing.assert_frame_equal(together.iloc[: len(alone)], alone)
    board = together.set_index(KEYS)
    for summary, parts in {"all systems": (tcb, hynix), "equipment": (tcb,), "supplier": (hynix,)}.items():
        found = board.loc[summary, "all", "none", "all"]
        mine = pd.concat(parts).query("opponent == 'hbmcast' and metric == 'crps'")["value"]
        assert (found["n"], found["crps"]) == (len(mine), pytest.approx(mine.mean()))
    assert board.loc["equipment/tcb/usd/total", "all", "publisher: X", "all"]["n"] == 4
    assert together.groupby(KEYS).size().max() == 1
    # Six targets of the chain make no opponent among the systems.
    few = board_of(pd.concat([chain, hynix], ignore_index=True), seed=1)
    assert set(few[few["opponent"] == "publisher: X"]["quantity"]) == {"all", "hbm_revenue_usd"}
    only = board_of(hynix, seed=1)
    assert "all" not in set(only["quantity"])


def test_a_publisher_with_few_resolved_figures_is_no_opponent():
    few = board_of(made_scores(4, opponent="publisher: X"), seed=1)
    assert set(few["opponent"]) == {"none"}
    assert "publisher: X" in set(board_of(made_scores(5, opponent="publisher: X"), seed=1)["opponent"])


def test_skill_interval_draws_whole_targets():
    rng = np.random.default_rng(2)
    ours, theirs = rng.uniform(0.1, 0.3, 10), rng.uniform(0.1, 0.5, 10)
    alone = skill_interval(ours, theirs, np.arange(10), seed=1)
    repeated = skill_interval(
        np.repeat(ours, 20), np.repeat(theirs, 20), np.repeat(np.arange(10), 20), seed=1
    )
    # Twenty vintages of the same ten targets tell nothing more than ten.
    assert repeated == pytest.approx(alone)
    as_if_independent = skill_interval(np.repeat(ours, 20), np.repeat(theirs, 20), np.arange(200), seed=1)
    assert as_if_independent[1] - as_if_independent[0] < 0.5 * (alone[1] - alone[0])
    assert np.isnan(skill_interval(ours[:2], theirs[:2], np.arange(2), seed=1)).all()


def test_draws_that_did_not_converge_are_doubted():
    rng = np.random.default_rng(4)
    targets = pd.concat([make_outcomes(), make_outcomes(period="2025")], ignore_index=True)
    good = rng.standard_normal((800, 2))
    assert doubts(good, 2, targets, np.zeros((2, 400))) == []
    stuck = good + np.array([0.0, 3.0]) * (np.arange(800) >= 400)[:, None]
    said = doubts(stuck, 2, targets, np.ones((2, 400)) * (np.arange(400) < 20))
    assert "hbm_revenue_usd 2025" in said[0]
    assert "5.0%" in said[1]


def test_mean_interval_draws_whole_targets():
    cluster = np.repeat(np.arange(10), 8)
    inside = (cluster < 7).astype(float)
    low, high = mean_interval(inside, cluster, seed=1)
    alone = mean_interval(inside, np.arange(80), seed=1)
    assert low < 0.7 < high
    assert high - low > 2 * (alone[1] - alone[0])
    # Binomial of ten targets: 0.7 give or take 1.645 * sqrt(0.7 * 0.3 / 10).
    np.testing.assert_allclose([low, high], [0.46, 0.94], atol=0.06)
    assert np.isnan(mean_interval(inside[:16], cluster[:16], seed=1)).all()


def test_the_interval_of_a_mean_holds_nine_in_ten():
    values = np.random.default_rng(3).normal(size=400)
    low, high = mean_interval(values, np.arange(400), seed=1)
    assert low < values.mean() < high
    # Of independent values it is the normal's, 1.645 standard errors either way.
    assert high - low == pytest.approx(2 * 1.645 * values.std() / 20, rel=0.08)
