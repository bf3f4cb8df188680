"""Scores against closed forms, skill on worlds whose truth is known, and what may be scored at all."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from scipy.stats import kstest, norm

from models.scoring import scores as scoring
from models.scoring.bootstrap import mean_interval, skill_interval
from models.scoring.dressing import dressed
from models.scoring.horizons import horizon_group
from models.scoring.independence import grouped
from models.scoring.scoreboard import outcome_dates, scoreboard, skill_without_heaviest
from models.scoring.scores import (
    covered,
    draw_scores,
    open_targets,
    pit_values,
    vintage_scores,
)
from models.scoring.vintages import doubts

RNG = np.random.default_rng(1)


def crps_normal(mean, sd, y):
    z = (y - mean) / sd
    return sd * (z * (2 * norm.cdf(z) - 1) + 2 * norm.pdf(z) - 1 / np.sqrt(np.pi))


@pytest.mark.parametrize(("mean", "sd", "y"), [(0.0, 1.0, 0.0), (1.0, 0.3, 2.0), (23.0, 0.5, 22.1)])
def test_crps_and_log_score_are_the_normal_s_own(mean, sd, y):
    # Quantiles in place of random draws: what is left is the error of 4000 points, not luck.
    draws = mean + sd * norm.ppf((np.arange(4000) + 0.5) / 4000)
    scores = draw_scores(draws[:, None], np.array([y]), np.array([0.0]), RNG)
    assert scores["crps"][0] == pytest.approx(crps_normal(mean, sd, y), rel=5e-3)
    # The kernel estimate widens the density a little, which shows in the tails.
    assert scores["log_score"][0] == pytest.approx(-norm.logpdf(y, mean, sd), abs=0.03, rel=0.05)
    assert scores["pit"][0] == pytest.approx(norm.cdf(y, mean, sd), abs=1e-3)
    assert scores["absolute_error"][0] == pytest.approx(abs(y - mean), abs=1e-3)


def test_crps_relative_is_the_lognormal_s_own_in_units_of_the_outcome():
    mean, sd, y = 0.4, 0.5, 1.3
    draws = mean + sd * norm.ppf((np.arange(20_000) + 0.5) / 20_000)
    found = draw_scores(draws[:, None], np.log([y]), np.array([0.0]), RNG)["crps_relative"][0]
    w = (np.log(y) - mean) / sd
    expected = y * (2 * norm.cdf(w) - 1) - 2 * np.exp(mean + sd**2 / 2) * (
        norm.cdf(w - sd) + norm.cdf(sd / np.sqrt(2)) - 1
    )
    assert found == pytest.approx(expected / y, rel=5e-3)


def test_scores_of_a_measured_outcome_are_those_of_the_wider_normal():
    draws = 0.3 * norm.ppf((np.arange(20_000) + 0.5) / 20_000)
    found = draw_scores(draws[:, None], np.array([0.7]), np.array([0.4]), np.random.default_rng(8))
    assert found["crps"][0] == pytest.approx(crps_normal(0, 0.3, 0.7), rel=5e-3)
    assert found["crps_with_outcome_error"][0] == pytest.approx(crps_normal(0, 0.5, 0.7), rel=0.02)
    assert found["log_score_with_outcome_error"][0] == pytest.approx(-norm.logpdf(0.7, 0, 0.5), abs=0.05)


def test_pit_is_uniform_and_intervals_cover_as_they_say_where_the_forecast_is_true():
    truth = RNG.standard_normal(3000)
    draws = RNG.standard_normal((400, 3000))
    assert kstest(pit_values(draws, truth), "uniform").pvalue > 0.01
    for level in scoring.COVERAGE_LEVELS:
        assert covered(draws, truth, level).mean() == pytest.approx(level / 100, abs=0.03)


def test_an_uncertain_outcome_is_covered_once_its_own_error_is_counted():
    n, sd = 3000, 0.5
    truth = RNG.standard_normal(n)
    measured = truth + sd * RNG.standard_normal(n)
    scores = draw_scores(RNG.standard_normal((400, n)), measured, np.full(n, sd), RNG)
    assert scores["covered_80"].mean() < 0.77
    assert scores["covered_80_with_outcome_error"].mean() == pytest.approx(0.8, abs=0.03)


def test_pit_never_is_zero_or_one_and_ties_count_half():
    draws = np.zeros((9, 3))
    assert pit_values(draws, np.array([-1.0, 0.0, 1.0])) == pytest.approx([0.05, 0.5, 0.95])


def make_outcomes(**columns):
    base = {
        "quantity": "hbm_revenue_usd",
        "period": "2024",
        "start": 36,
        "end": 47,
        "value": 17e9,
        "log_sd": 0.1,
        "figure_ids": "hbm-0001",
        "known_on": date(2025, 1, 31),
    }
    return pd.DataFrame([base | columns])


def of_number(i, quantity):
    """Outcome of the i-th made-up target: a month and a figure of its own."""
    return make_outcomes(
        period=f"t{i}", quantity=quantity, start=36 + i, end=36 + i, figure_ids=f"{quantity}-{i}"
    )


def outcomes_in(scores):
    """Outcomes of all targets of `made_scores`, six of them known before the cut-off."""
    targets = scores[["quantity", "period"]].drop_duplicates().itertuples(index=False)
    rows = [of_number(int(period[1:]), quantity) for quantity, period in targets]
    late = date(2025, 12, 31)
    return pd.concat([row.assign(known_on=row["known_on"].where(row["start"] < 42, late)) for row in rows])


def board_of(scores, **options):
    return scoreboard(scores, grouped(outcomes_in(scores)), **options)


NO_ERRORS = pd.DataFrame({n: [] for n in ("opponent", "quantity", "period", "horizon_group", "error")})


def test_only_what_was_not_yet_visible_is_scored():
    table = make_outcomes()
    assert len(open_targets(table, date(2025, 1, 30))) == 1
    assert open_targets(table, date(2025, 1, 31)).empty
    late = make_outcomes(known_on=date(2026, 6, 30))
    assert len(open_targets(late, date(2025, 3, 1))) == 1
    assert open_targets(late, date(2025, 9, 1)).empty, "a period long over is no forecast"


def test_horizon_groups_meet_at_half_a_year():
    assert open_targets(make_outcomes(), date(2024, 6, 30))["horizon_years"][0] == pytest.approx(184 / 365.25)
    assert horizon_group(0.5) == "up to six months"
    assert horizon_group(0.51) == "over six months"
    assert horizon_group(-0.2) == "up to six months"


def made_scores(
    n_targets=40,
    our_sd=0.1,
    their_error: float | None = 0.3,
    opponent="latest figure",
    quantity="hbm_revenue_usd",
    seed=7,
):
    """Vintages of a world in which we err by `our_sd` and say so, and the opponent by `their_error`.

    Without that it says what our median is.
    The outcomes are the truth itself, though they claim an error.
    """
    rng = np.random.default_rng(seed)
    parts = []
    for i in range(n_targets):
        targets = open_targets(of_number(i, quantity).assign(horizon_years=1.0), date(2024, 1, 31))
        targets["horizon_years"] = 1.0
        log_outcome = np.log(17e9)
        center = log_outcome + our_sd * rng.standard_normal()
        points = pd.DataFrame(
            [
                {
                    "quantity": quantity,
                    "period": f"t{i}",
                    "opponent": opponent,
                    "n_figures": 1,
                    "value": np.exp(
                        center if their_error is None else log_outcome + their_error * rng.standard_normal()
                    ),
                }
            ]
        )
        draws = center + our_sd * rng.standard_normal((500, 1))
        points = dressed(points, targets, NO_ERRORS)
        parts.append(vintage_scores(date(2024, 1, 31), targets, draws, points, rng))
    return pd.concat(parts, ignore_index=True)


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


def test_where_an_opponent_falls_in_our_draws():
    targets = open_targets(
        pd.concat([make_outcomes(period=period) for period in ("t0", "t1")]), date(2024, 1, 31)
    )
    head = {"quantity": "hbm_revenue_usd", "opponent": "latest figure", "n_figures": 1}
    points = pd.DataFrame([head | {"period": "t1", "value": 3.5}, head | {"period": "t0", "value": 1.5}])
    draws = np.log(np.array([[1.0, 1.0], [2.0, 2.0], [3.0, 3.0], [4.0, 4.0]]))
    points = dressed(points, targets, NO_ERRORS)
    found = vintage_scores(date(2024, 1, 31), targets, draws, points, RNG)
    above = found[found["metric"] == "probability_above"].set_index("period")
    assert above["value"].to_dict() == {"t0": 0.75, "t1": 0.25}
    assert set(above["opponent"]) == {"latest figure"}
