"""The gate reads the forecast: conflicts with priors, figures left out, physics and age each hold it back."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from scipy.special import softmax

from models.draws import forecast_gate
from models.draws.forecast_gate import (
    CONFLICT_LIMIT,
    LOO_COLUMNS,
    LOO_MINIMUM,
    SAMPLE_UNITS,
    STALE_DAYS,
    age_rows,
    conflict_rows,
    gross_gb_per_wafer,
    left_out_one_by_one,
    left_out_rows,
    physics_rows,
)
from models.draws.joint import Draws
from models.evidence.assumptions import read_priors
from models.evidence.known import known_products
from models.inference.observation import (
    log_likelihood,
    log_points,
    noise_scale,
    published,
    student4_cdf,
)
from models.inference.operator import KINDS, TOPICS
from models.inference.posterior import named
from models.inference.pymc_model import parameter_shapes, quantity_rows, working_values
from models.vocabulary.periods import N_QUARTERS, QUARTERS, YEARS, quarter_of_day
from tests.market import MARKET
from tests.models.forecast_world import assumptions, figure, products
from tests.models.small_problem import AS_OF, draws_of_prior, problem

RUBIN = MARKET.class_names.index("nvidia_rubin")
N_DRAWS = 2000


@pytest.fixture(scope="module")
def small():
    return problem()


# -- prior against posterior


def posterior_of(small, moves=()):
    """Draws whose mean is that of the prior to the digit, but for (block, position, prior deviations)."""
    generator = np.random.default_rng(3)
    raw = {}
    for block, shape in parameter_shapes(small.operator, MARKET).items():
        draws = generator.standard_normal((2, 50, *shape))
        raw[block] = draws - draws.mean(axis=(0, 1))
    for block, position, deviations in moves:
        raw[block][..., *position] += deviations
    return named(raw, {}, MARKET, small.operator)


def conflict(small, *moves):
    (row,) = conflict_rows(posterior_of(small, moves), small)
    return row


def test_a_posterior_where_its_prior_is_passes(small):
    name, value, threshold, passed, _ = conflict(small)
    assert (name, threshold, passed) == ("prior_conflict", CONFLICT_LIMIT, True)
    assert value == pytest.approx(0.0, abs=1e-12)


def test_a_launch_that_figures_pull_out_of_its_prior_holds_the_run_back(small):
    """Rubin of the forecast of 28 November 2026 shipped 3.3 deviations before its announced launch."""
    _, value, _, passed, detail = conflict(small, ("class_launch_delay", (RUBIN,), -3.3))
    assert passed is False
    assert value == pytest.approx(3.3)
    assert detail == "launch delay, nvidia_rubin -3.30"


def test_what_moved_by_two_deviations_is_listed_farthest_first(small):
    moves = (("driver_level", (0,), 2.2), ("class_launch_delay", (RUBIN,), -2.7), ("class_size", (0,), 1.9))
    _, value, _, passed, detail = conflict(small, *moves)
    assert passed is True
    assert value == pytest.approx(2.7)
    assert detail == "launch delay, nvidia_rubin -2.70; level, server_shipments +2.20"
    _, _, _, _, nothing_beyond = conflict(small, ("class_size", (0,), 1.9))
    assert nothing_beyond == f"largest: class size, {MARKET.class_names[0]} +1.90"


def test_shocks_and_errors_of_figures_are_no_named_parameters(small):
    """A shock is what the figures are there to say; a place of a block that is pinned moves nothing."""
    free = (("shock_smooth", (0, 1), 5.0), ("street_target", (1,), 5.0), ("definition_offset", (0,), 9.0))
    assert conflict(small, *free)[3] is True
    assert conflict(small, ("definition_offset", (1,), 3.5))[3] is False


def test_nothing_named_is_no_pass(small):
    empty = named({"shock_smooth": np.zeros((2, 5, 3, 3))}, {}, MARKET)
    assert conflict_rows(empty, small)[0][3] is False


# -- figures left out


def left_out(
    pits, one_sided=False, topic="hbm", kind="forecast", pareto_k=0.1, quantity="hbm_revenue_usd"
) -> pd.DataFrame:
    rows = [(f"f{i}", topic, kind, quantity, pareto_k, pit, one_sided) for i, pit in enumerate(pits)]
    return pd.DataFrame(rows, columns=list(LOO_COLUMNS))


def rows_by_name(*tables) -> dict:
    return {row[0]: row[1:] for row in left_out_rows(pd.concat(tables))}


UNIFORM = (np.arange(200) + 0.5) / 200


def test_figures_that_fall_as_predicted_pass_by_topic_and_by_kind():
    found = rows_by_name(left_out(UNIFORM), left_out(UNIFORM, topic="dram", kind="estimate"))
    names = {f"left_out_topic_{t}" for t in ("hbm", "dram")}
    by_kind = {f"left_out_kind_{k}" for k in ("forecast", "estimate")}
    assert set(found) == names | by_kind | {"left_out_quantities"}
    assert found.pop("left_out_quantities")[:3] == (0.0, pytest.approx(0.02), None)
    for value, threshold, passed, detail in found.values():
        assert value == pytest.approx(0.8)
        assert threshold < 0.8
        assert passed is True
        assert "200" in detail


@pytest.mark.parametrize(
    ("pits", "why"),
    [
        (np.tile([0.02, 0.5], 50), "half of the figures outside 80 %: too narrow"),
        (np.tile([0.97, 0.96, 0.5], 40), "two thirds above"),
        (np.full(100, 0.5), "all in the very middle: too wide"),
    ],
)
def test_intervals_too_narrow_or_too_wide_hold_the_run_back(pits, why):
    value, threshold, passed, _ = rows_by_name(left_out(pits))["left_out_topic_hbm"]
    assert passed is False, why
    inside = np.mean(np.abs(pits - 0.5) < 0.4)
    assert value == pytest.approx(inside)
    assert (value > threshold) == (inside > 0.8), "the end that was passed is the threshold"


def test_one_bad_group_is_not_hidden_by_a_good_one():
    found = rows_by_name(left_out(UNIFORM), left_out(np.tile([0.02, 0.5], 15), topic="cowos"))
    assert found["left_out_topic_cowos"][2] is False
    assert found["left_out_topic_hbm"][2] is True


def test_bounds_that_hold_easily_are_no_sign_of_too_wide_intervals():
    """A hundred bounds, each as probable as can be: what a right forecast says of "sold out"."""
    value, _, passed, _ = rows_by_name(left_out(np.full(100, 0.99), one_sided=True))["left_out_topic_hbm"]
    assert value == 1.0
    assert passed is True
    # Two-sided figures at the same place are outside.
    assert rows_by_name(left_out(np.full(100, 0.99)))["left_out_topic_hbm"][0] == 0.0


def test_bounds_that_the_others_rule_out_hold_the_run_back():
    bounds = left_out(np.tile([0.03, 0.6], 20), one_sided=True)
    value, _, passed, _ = rows_by_name(left_out(UNIFORM[:20], kind="actual"), bounds)[
        "left_out_kind_forecast"
    ]
    assert value == pytest.approx(0.5)
    assert passed is False


def test_bounds_do_not_hide_that_points_are_too_wide():
    points, bounds = left_out(np.full(60, 0.5)), left_out(np.tile([0.05, 0.9, 0.9], 20), one_sided=True)
    _, threshold, passed, _ = rows_by_name(points, bounds)["left_out_topic_hbm"]
    assert passed is False
    assert threshold > 0.8


def test_figures_whose_weights_cannot_be_trusted_are_left_aside_and_counted():
    found = rows_by_name(left_out(UNIFORM), left_out(np.zeros(50), pareto_k=0.9))
    value, _, passed, detail = found["left_out_topic_hbm"]
    assert value == pytest.approx(0.8)
    assert passed is True
    assert "50 not left out: f0, f1, f10" in detail


def test_few_figures_only_inform():
    few = rows_by_name(left_out(np.zeros(LOO_MINIMUM - 1)))["left_out_topic_hbm"]
    assert few[0] == 0.0
    assert few[2] is None
    none = rows_by_name(left_out(np.zeros(30), pareto_k=2.0))["left_out_topic_hbm"]
    assert none[2] is None


def night_of_a_right_model(generator) -> pd.DataFrame:
    """Figures of a night, as many by topic and kind as there are, each where a right model puts it."""
    topics = np.repeat(list(TOPICS), (30, 30, 105, 175, 110, 120))
    kinds = generator.choice(KINDS[:3], len(topics), p=(0.1, 0.27, 0.63))
    pits, one_sided = generator.random(len(topics)), generator.random(len(topics)) < 0.1
    columns = (topics, kinds, topics, 0.1, pits, one_sided)
    return pd.DataFrame(dict(zip(LOO_COLUMNS, ("f", *columns), strict=True)))


def test_a_right_model_is_held_back_no_more_often_than_said():
    generator = np.random.default_rng(8)
    held, listed = [], []
    for _ in range(400):
        rows = left_out_rows(night_of_a_right_model(generator))
        held.append(any(row[2] is not None and not row[3] for row in rows[:-1] if row[3] is not None))
        listed.append(rows[-1][1] > 0 or any("OUTSIDE" in row[4] for row in rows))
    assert np.mean(held) <= 0.03, "2 % wanted at most; the ranges are discrete, so it is less"
    assert np.mean(listed) > 0.07, "held to 98 % each, a night in ten was stopped"


@pytest.mark.parametrize(("n", "held"), [(10, None), (20, False), (40, False)])
def test_a_topic_whose_intervals_hold_two_in_five_is_held_back_or_listed(n, held):
    """HBM's share of bits in the forecast of 28 November 2026: 0.40 of ten figures in 80 %."""
    bad = left_out(np.tile([0.5, 0.5, 0.02, 0.97, 0.99], n // 5), topic="dram", quantity="hbm_share")
    night = night_of_a_right_model(np.random.default_rng(4))
    found = rows_by_name(night[night["topic"] != "dram"], bad)
    assert found["left_out_topic_dram"][:1] == (pytest.approx(0.4),)
    assert found["left_out_topic_dram"][2] is held
    assert f"hbm_share 0.40 of {n}" in found["left_out_quantities"][3]


def test_more_groups_leave_each_a_wider_range_and_what_is_outside_its_own_is_said():
    many = [left_out(UNIFORM, topic=f"t{i}", kind=f"k{i}") for i in range(20)]
    doubtful = left_out(np.repeat([0.5, 0.02], (70, 30)), topic="doubtful", kind="k0")
    alone = rows_by_name(doubtful)["left_out_topic_doubtful"]
    among = rows_by_name(*many, doubtful)["left_out_topic_doubtful"]
    assert (alone[0], among[0]) == (0.7, 0.7)
    assert (alone[2], among[2]) == (False, True)
    assert among[1] < 0.7 < alone[1]
    assert "OUTSIDE ITS OWN 98 % RANGE" in among[3]


def test_leaving_a_figure_out_gives_back_what_was_known_without_it():
    """One figure at the edge of the prior: the posterior has moved to it; left out, it is at the edge."""
    of = problem([figure("alone", 6e9, period="2023", kind="estimate")])
    prior = draws_of_prior(of, 6000, seed=11)
    theta, obs = working_values(prior, of.data()), of.operator.arrays
    points = log_points(np, quantity_rows(theta, of), obs)
    z = (obs["y"] - published(np, points, theta, obs)) / noise_scale(np, theta, obs)
    before = float(student4_cdf(np, z).mean())
    weight = softmax(log_likelihood(np, points, theta, obs)[:, 0])
    at = np.random.default_rng(5).choice(len(weight), N_DRAWS, p=weight)
    after = float(student4_cdf(np, z)[at].mean())
    found = left_out_one_by_one(of, {k: v[at] for k, v in prior.items()})
    assert list(found.columns) == list(LOO_COLUMNS)
    assert found["pit"][0] == pytest.approx(before, abs=0.06)
    assert abs(after - before) > 0.15, "the figure drew the posterior to it"


def test_a_figure_without_weight_is_not_left_out_and_a_bound_has_its_probability():
    old = figure("old", 3e9, period="2023", kind="estimate", published_on="2024-01-10")
    new = figure("new", 4e9, period="2023", kind="estimate", published_on="2024-06-10")
    over = figure("over", low=1e3, period="2025", publisher="B")
    under = figure("under", high=1e3, period="2025", publisher="C")
    of = problem([old, new, over, under])
    found = left_out_one_by_one(of, draws_of_prior(of, 300)).set_index("figure_id")
    assert set(found.index) == {"new", "over", "under"}
    assert list(found.loc[["new", "over", "under"], "one_sided"]) == [False, True, True]
    assert found.loc["over", "pit"] > 0.999
    assert found.loc["under", "pit"] < 0.01
    assert (found["topic"] == "hbm").all()


# -- physics


def world(n=1000) -> Draws:
    """Draws of a world where each class ships from its launch on and nothing before its samples."""
    known = known_products(products(), AS_OF)
    out = {
        "hbm_gb_per_wafer": np.full((n, N_QUARTERS + len(YEARS)), 800.0),
        "hbm_price_usd_per_gb": np.full((n, N_QUARTERS + len(YEARS)), 12.0),
        "dram_price_ex_hbm_usd_per_gb": np.full((n, N_QUARTERS + len(YEARS)), 4.0),
    }
    for name in MARKET.class_names:
        launches = list(known.loc[known["class"] == name, "launch_quarter"])
        first = min((QUARTERS.index(q) if q in QUARTERS else 0) for q in launches) if launches else None
        first = quarter_of_day(AS_OF) + 2 if first is None else first
        quarters = np.where(np.arange(N_QUARTERS) >= first, 50_000.0, 0.0)
        quarters[max(first - 1, 0)] = max(quarters[max(first - 1, 0)], 2_500.0)
        years = quarters.reshape(-1, 4).sum(axis=1)
        out[f"accelerator_shipments_class_{name}"] = np.tile(np.concatenate([quarters, years]), (n, 1))
    return Draws(out)


def physics(drawn, table=None):
    known = known_products(products() if table is None else table, AS_OF)
    found = physics_rows(drawn, known, read_priors(assumptions(), AS_OF), MARKET, AS_OF)
    return {row[0]: row[1:] for row in found}


def test_a_world_that_could_be_passes():
    found = physics(world())
    assert found["ships_before_launch"][2] is True
    assert found["ships_before_launch"][0] == 0.0
    assert found["hbm_gb_per_wafer"][2] is True


def planted(name, quarter, units, draws):
    drawn = world()
    drawn[f"accelerator_shipments_class_{name}"][:draws, quarter] = units
    return drawn


def test_a_product_that_ships_two_quarters_before_its_launch_holds_the_run_back():
    launch = QUARTERS.index("2026Q3")
    value, _, passed, detail = physics(planted("nvidia_rubin", launch - 2, 2 * SAMPLE_UNITS, 20))[
        "ships_before_launch"
    ]
    assert value == pytest.approx(0.02)
    assert passed is False
    assert "nvidia_rubin" in detail
    # Samples and risk production in the quarter before, and a few engineering samples earlier, may be.
    assert physics(planted("nvidia_rubin", launch - 1, 5 * SAMPLE_UNITS, 1000))["ships_before_launch"][2]
    assert physics(planted("nvidia_rubin", launch - 4, 0.5 * SAMPLE_UNITS, 1000))["ships_before_launch"][2]


def test_a_class_that_nobody_has_announced_ships_nothing_up_to_today():
    table = products()[products()["class"] != "nvidia_rubin_ultra"]
    today = quarter_of_day(AS_OF)
    found = physics(planted("nvidia_rubin_ultra", today, 2 * SAMPLE_UNITS, 20), table)["ships_before_launch"]
    assert (found[0], found[2]) == (pytest.approx(0.02), False)
    assert physics(planted("nvidia_rubin_ultra", today + 1, 1e6, 1000), table)["ships_before_launch"][2]


def test_a_launch_beyond_the_grid_is_a_launch():
    """A class put off to 2028 may ship samples in its last quarters, and nothing in 2026."""
    table = products()
    put_off = table.assign(
        launch_quarter=table["launch_quarter"].mask(table["class"] == "nvidia_rubin_ultra", "2028Q2")
    )
    found = physics(planted("nvidia_rubin_ultra", QUARTERS.index("2026Q4"), 2e4, 500), put_off)
    assert found["ships_before_launch"][2] is False


def test_a_wafer_that_holds_more_than_fits_on_it_holds_the_run_back():
    priors = read_priors(assumptions(), AS_OF)
    bound = max(gross_gb_per_wafer(priors, g) for g in MARKET.generation_names)
    for value, passes in ((0.999 * bound, True), (1.001 * bound, False), (np.nan, False)):
        drawn = world()
        drawn["hbm_gb_per_wafer"][7, 13] = value
        found = physics(drawn)["hbm_gb_per_wafer"]
        assert found[1] == pytest.approx(bound)
        assert found[2] is passes, value


def test_gross_gb_of_a_wafer_by_hand():
    """At the medians: whole dies by Ferris-Prabhu times Gb over eight; the bound lies above."""
    priors = read_priors(assumptions(), AS_OF)
    area, gbit = (np.exp(priors[f"hbm.{name}.hbm3e"].loc) for name in ("die_area_mm2", "die_gbit"))
    by_hand = np.pi * 300.0**2 / (4 * area) * np.exp(-2 * np.sqrt(area) / 300.0) * gbit / 8
    assert gross_gb_per_wafer(priors, "hbm3e", 0.0) == pytest.approx(by_hand, rel=1e-12)
    assert by_hand < gross_gb_per_wafer(priors, "hbm3e") < 2 * by_hand


def test_hbm_cheaper_than_dram_is_said_and_does_not_decide():
    drawn = world()
    drawn["dram_price_ex_hbm_usd_per_gb"][:250, N_QUARTERS + YEARS.index("2026")] = 20.0
    found = physics(drawn)
    assert found["hbm_cheaper_than_dram_2026"][0] == pytest.approx(0.25)
    assert found["hbm_cheaper_than_dram_2025"][0] == 0.0
    assert found["hbm_cheaper_than_dram_2026"][2] is None


# -- age


def test_the_newest_figure_of_each_topic_has_an_age():
    servers = {"quantity": "server_shipments", "period": "2024"}
    newest = (AS_OF - timedelta(days=STALE_DAYS + 1)).isoformat()
    rows = [
        figure("fresh", 1e10, published_on=(AS_OF - timedelta(days=STALE_DAYS)).isoformat()),
        figure("older", 1e10, published_on="2024-02-01", publisher="B"),
        figure("old-1", 1e7, published_on="2024-03-01", publisher="B", **servers),
        figure("old-2", 1e7, published_on=newest, publisher="C", **servers),
    ]
    of = problem(rows)
    found = {row[0]: row[1:] for row in age_rows(of)}
    assert set(found) == {f"newest_figure_{t}" for t in TOPICS}
    assert found["newest_figure_hbm"][0] == STALE_DAYS
    assert "old" not in found["newest_figure_hbm"][3]
    assert found["newest_figure_server"][0] == STALE_DAYS + 1
    assert found["newest_figure_server"][3] == f"days since {newest}: old"
    assert np.isnan(found["newest_figure_dram"][0])
    assert found["newest_figure_dram"][3] == "no figure"
    assert {row[2] for row in found.values()} == {None}, "age is said, and does not decide"
    # A figure without weight is nobody's news.
    of.weight[of.operator.figures["figure_id"] == "fresh"] = 0.0
    again = {row[0]: row[1:] for row in age_rows(of)}
    assert again["newest_figure_hbm"][0] == (AS_OF - date(2024, 2, 1)).days


def test_all_parts_stand_in_the_rows_of_the_forecast(small, monkeypatch):
    monkeypatch.setattr(forecast_gate, "LOO_DRAWS", 40)
    found = forecast_gate.forecast_rows(
        small, posterior_of(small), world(20), {"assumptions": assumptions(), "products": products()}
    )
    names = [row[0] for row in found]
    assert len(set(names)) == len(names)
    for start in (
        "prior_conflict",
        "left_out_topic_",
        "left_out_kind_",
        "ships_",
        "hbm_gb",
        "newest_figure_",
    ):
        assert any(name.startswith(start) for name in names), start
