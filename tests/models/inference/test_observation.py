"""How figures err: the stacked likelihood against SciPy, and each part against the model without it."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit
from scipy.stats import t as student

from models.chain.drivers import drivers
from models.chain.equations import chain, stacked
from models.evidence.assumptions import prior_from_quantiles
from models.inference.observation import (
    LOG_STUDENT4,
    SWITCHES,
    error_priors,
    error_shapes,
    log_likelihood,
    log_points,
    noise_scale,
    predicted,
    student4_cdf,
    systematic_error,
    unforeseen,
)
from models.inference.operator import FORESIGHT, KINDS, TOPICS
from models.inference.pymc_model import working_values
from models.vocabulary.periods import QUARTERS
from tests.market import MARKET
from tests.models.forecast_world import figure
from tests.models.small_problem import (
    NAN,
    Laplace,
    draws_of_prior,
    every_kind_of_figure,
    one,
    problem,
    yearly,
)

REVENUE, SERVERS, DRAM = (
    MARKET.row_names.index(name) for name in ("hbm_revenue_usd", "server_shipments", "dram_revenue_usd")
)


@given(st.floats(-1e6, 1e6))
def test_student4_cdf_is_scipys(z):
    found = float(student4_cdf(np, np.array(z)))
    assert found == pytest.approx(student.cdf(z, 4), rel=1e-9, abs=1e-12)


@given(st.floats(-300, 300))
def test_student4_cdf_is_symmetric_and_grows(z):
    at = np.array([z, -z, z + 1.0])
    here, mirrored, beyond = student4_cdf(np, at)
    assert here + mirrored == pytest.approx(1.0, abs=1e-12)
    assert beyond >= here


def test_log_student4_is_the_density_at_zero():
    assert pytest.approx(student.logpdf(0, 4), rel=1e-12) == LOG_STUDENT4


@pytest.fixture(scope="module")
def small():
    return problem()


@pytest.fixture(scope="module")
def evaluated(small):
    """One draw of the prior: obs, theta, expected figures and their log-likelihood."""
    theta = working_values(one(draws_of_prior(small, 1), 0), small.data())
    obs = small.operator.arrays
    points = log_points(
        np, stacked(np, chain(np, drivers(np, theta, small.fixed, MARKET), MARKET), MARKET), obs
    )
    return obs, theta, points, log_likelihood(np, points, theta, obs)


def test_log_likelihood_is_scipys_term_by_term(small, evaluated):
    """Written out figure by figure from the equation of DESIGN.md section 4."""
    obs, theta, points, found = evaluated
    expected = predicted(np, points, obs)
    carried = predicted(np, points, obs | {"term_point": obs["term_carried"]})
    assert (expected != carried).sum() > 3
    for i, row in enumerate(small.operator.figures.itertuples()):
        missed = expit(theta["logit_unforeseen"][FORESIGHT.index(row.foresight)]) * min(row.horizon, 1.0)
        center = expected[i] - missed * (expected[i] - carried[i])
        center += theta["definition_offset"][obs["definition"][i]]
        center += np.exp(theta["log_noise_other"][2]) * theta["publisher_bias"][obs["publisher"][i]]
        street = theta["street_target"][obs["street_target"][i]] + theta["street_time"][obs["street_time"][i]]
        topic = TOPICS.index(row.topic)
        center += row.horizon * np.exp(theta["log_street_scale"][topic]) * street / np.sqrt(2)
        own = np.exp(theta["log_noise_kind"][KINDS.index(row.kind)] + theta["log_noise_topic"][topic])
        ahead = np.exp(theta["log_noise_other"][0]) * row.horizon
        undated = np.exp(theta["log_noise_other"][1]) * row.is_undated
        other = np.exp(theta["log_noise_other"][3]) * (row.definition != "")
        scale = np.sqrt(own**2 + ahead**2 + undated**2 + other**2 + row.half_width**2)
        z = (row.y - center) / scale
        wanted = student.logpdf(z, 4) - np.log(scale)
        if row.censored == 1:
            wanted = np.log(student.sf(z, 4) + 1e-10)
        elif row.censored == -1:
            wanted = np.log(student.cdf(z, 4) + 1e-10)
        assert found[i] == pytest.approx(wanted, rel=1e-9, abs=1e-12), row.figure_id


def test_the_first_label_of_error_terms_means_none(small, evaluated):
    obs, theta, _, _ = evaluated
    for block in ("definition_offset", "publisher_bias", "street_target", "street_time"):
        assert small.scale[block][0] == 0
        assert small.loc[block][0] == 0
    plain = (obs["definition"] == 0) & (obs["publisher"] == 0) & (obs["horizon"] == 0)
    assert plain.any()
    np.testing.assert_array_equal(systematic_error(np, theta, obs)[plain], 0.0)


def test_half_of_the_street_error_belongs_to_the_target_half_to_the_time(small):
    """Forecasts of one year made in different halves share half of the variance; at one time, all of it."""
    rows = [
        figure("a", 1e10, period="2026", published_on="2024-02-01"),
        figure("b", 1e10, period="2026", published_on="2024-03-01", publisher="B"),
        figure("c", 1e10, period="2026", published_on="2024-09-01", publisher="C"),
        figure("d", 1e10, period="2025", published_on="2024-02-01", publisher="D"),
    ]
    of = problem(rows)
    raw = draws_of_prior(of, 20_000, seed=3)
    raw |= {k: np.zeros_like(v) for k, v in raw.items() if k in ("log_street_scale", "publisher_bias")}
    errors = systematic_error(np, working_values(raw, of.data()), of.operator.arrays)
    correlation = np.corrcoef(errors.T)
    assert correlation[0, 1] == pytest.approx(1.0, abs=1e-9)
    assert correlation[0, 2] == pytest.approx(0.5, abs=0.03)
    assert correlation[0, 3] == pytest.approx(0.5, abs=0.03)
    assert correlation[2, 3] == pytest.approx(0.0, abs=0.03)
    scale = np.exp(of.loc["log_street_scale"][TOPICS.index("hbm")])
    np.testing.assert_allclose(errors.std(axis=0), of.operator.arrays["horizon"] * scale, rtol=0.03)


def test_noise_scale_adds_in_quadrature_and_grows_with_the_horizon(small, evaluated):
    obs, theta, _, _ = evaluated
    base = noise_scale(np, theta, obs | {"horizon": 0 * obs["horizon"]})
    further = noise_scale(np, theta, obs | {"horizon": obs["horizon"] + 1.0})
    added = np.exp(theta["log_noise_other"][0]) * (obs["horizon"] + 1.0)
    np.testing.assert_allclose(further**2, base**2 + added**2, rtol=1e-12)
    wider = noise_scale(np, theta, obs | {"half_width": obs["half_width"] + 0.3})
    assert (wider > noise_scale(np, theta, obs)).all()


def test_a_missing_offset_is_named(small):
    priors = {"definition_offset.other": prior_from_quantiles(0.5, 2, "lognormal")}
    with pytest.raises(KeyError, match=r"'definition_offset\.server_count_digitimes' is missing"):
        error_priors(priors, small.operator)


def test_error_blocks_have_their_shapes(small):
    for name, shape in error_shapes(small.operator).items():
        assert small.loc[name].shape == small.scale[name].shape == shape


# -- each part of the observation model against the model without it


def log_of_year(row, year):
    return lambda rows: np.log(yearly(rows[..., row, :], year))


def spread(rows, target, *off):
    return Laplace(problem(rows, switch_off=off)).log_target(target)


def test_every_switch_has_a_test():
    tested = {
        "publisher_bias",
        "unforeseen_news",
        "street_error",
        "echo_control",
        "definition_offsets",
        "censoring",
        "horizon_noise",
    }
    assert tested == set(SWITCHES)


def test_without_unforeseen_news_a_timid_forecast_narrows_and_holds_back():
    """Revenue is known to mid-2024; the street sees 30 % more for 2025: a part of what will be new."""
    target = log_of_year(DRAM, "2025")
    same = {"quantity": "dram_revenue_usd", "kind": "actual", "published_on": "2024-07-10"}
    past = [figure(f"q{q}", 2e10, period=q, **same) for q in QUARTERS[10:14]]
    forecast = {"quantity": "dram_revenue_usd", "period": "2025", "published_on": "2024-07-20"}
    said = figure("said", 10.4e10, publisher="S", **forecast)
    known, before = spread(past, target, "street_error")
    with_news, kept = spread([*past, said], target, "street_error")
    as_noise, lost = spread([*past, said], target, "street_error", "unforeseen_news")
    assert lost < 0.8 * kept
    assert kept < before
    assert known < as_noise < with_news
    assert with_news > np.log(10.4e10), "more than was said"


def test_news_counts_from_the_last_quarter_that_was_over_and_grows_with_the_horizon():
    rows = [
        figure("soon", 1e10, period="2024Q3", published_on="2024-07-10"),
        figure("late", 1e10, period="2026Q4", published_on="2024-07-10", publisher="B"),
        figure("over", 1e10, period="2024Q2", published_on="2024-07-10", publisher="C"),
    ]
    of = problem(rows)
    theta = working_values({k: v[0] for k, v in draws_of_prior(of, 1, spread=0.0).items()}, of.data())
    obs = of.operator.arrays
    grown = np.ones((len(MARKET.row_names), len(QUARTERS)))
    grown[REVENUE] = np.exp(0.1 * np.arange(len(QUARTERS)))
    points = log_points(np, grown, obs)
    missed = unforeseen(np, predicted(np, points, obs), points, theta, obs)
    share = expit(of.loc["logit_unforeseen"][FORESIGHT.index("memory")])
    assert missed == pytest.approx([obs["horizon"][0] * share * 0.1, share * 1.0, 0.0])
    assert 0.2 < obs["horizon"][0] < 0.25
    assert of.operator.figures["figure_id"].tolist() == ["soon", "late", "over"]


def test_without_street_error_a_hundred_opinions_look_like_certainty():
    """A hundred forecasts of one opinion, three years ahead, each from another house."""
    target = log_of_year(REVENUE, "2027")
    rows = [
        figure(f"f{i}", 2e10, period="2027", publisher=f"House {i}", published_on="2025-01-15")
        for i in range(100)
    ]
    _, prior = spread(rows[:1], target, "unforeseen_news")
    _, kept = spread(rows, target, "unforeseen_news")
    _, lost = spread(rows, target, "unforeseen_news", "street_error")
    assert kept > 0.5, "a log standard deviation of 0.5: half or nearly double"
    assert lost < 0.06
    assert kept > 0.7 * prior, "ninety-nine more copies of the opinion add next to nothing"


def test_without_publisher_bias_one_house_is_believed_beyond_its_own_habit():
    target = log_of_year(SERVERS, "2023")
    rows = [
        figure(f"q{i}", 3.4e6, quantity="server_shipments", period=q, kind="spec", published_on="2025-01-15")
        for i, q in enumerate(QUARTERS[:16])
    ]
    _, kept = spread(rows, target)
    _, lost = spread(rows, target, "publisher_bias")
    assert kept > 0.035, "a house is off by about 5 %, however many of its numbers are read"
    assert lost < 0.6 * kept


def test_without_echo_control_copies_count_as_evidence():
    target = log_of_year(REVENUE, "2023")
    origin = figure("o", 4e9, period="2023", kind="estimate")
    copies = [origin | {"figure_id": f"c{i}", "publisher": f"House {i}"} for i in range(20)]
    _, alone = spread([origin], target)
    _, kept = spread([origin, *copies], target)
    _, lost = spread([origin, *copies], target, "echo_control")
    assert kept == pytest.approx(alone, rel=1e-6)
    assert lost < 0.4 * alone


def test_without_echo_control_a_withdrawn_estimate_still_pulls():
    target = log_of_year(REVENUE, "2023")
    old = figure("old", 2e9, period="2023", kind="estimate", published_on="2024-01-10")
    new = figure("new", 5e9, period="2023", kind="estimate", published_on="2024-06-10")
    alone, _ = spread([new], target)
    kept, _ = spread([old, new], target)
    lost, _ = spread([old, new], target, "echo_control")
    assert kept == pytest.approx(alone, rel=1e-6)
    assert lost < alone - 0.3


def test_without_definition_offsets_another_count_is_taken_for_ours():
    """18 million servers as DIGITIMES counts them are about 16 million as TrendForce does."""
    target = log_of_year(SERVERS, "2022")
    rows = [
        figure(
            "d",
            18e6,
            quantity="server_shipments",
            period="2022",
            definition="server_count_digitimes",
            kind="actual",
        )
    ]
    as_of = date(2026, 11, 22)
    with_offset, without = (
        Laplace(problem(rows, as_of, switch_off=off)).log_target(target)
        for off in ((), ("definition_offsets",))
    )
    assert np.exp(with_offset[0]) < 16.8e6
    assert np.exp(without[0]) > 17.3e6
    assert with_offset[1] > 1.5 * without[1]


def figure_log_likelihood(row, factor, *off):
    """Log-likelihood of one HBM revenue figure where the year 2024 is `factor` x 100."""
    of = problem([row], switch_off=("unforeseen_news", *off))
    theta = working_values({k: v[0] for k, v in draws_of_prior(of, 1, spread=0.0).items()}, of.data())
    rows = stacked(np, chain(np, drivers(np, theta, of.fixed, MARKET), MARKET), MARKET)
    rows = rows * (100.0 * factor / yearly(rows[REVENUE], "2024"))
    obs = of.operator.arrays
    return float(log_likelihood(np, log_points(np, rows, obs), theta, obs)[0])


def test_without_censoring_a_bound_is_taken_for_the_number():
    """ "Over 100" says nothing against 300; taken for a point it rules 300 out."""
    over = figure("over", low=100.0, high=NAN)
    assert figure_log_likelihood(over, 3.0) == pytest.approx(0.0, abs=0.05)
    assert figure_log_likelihood(over, 3.0) > figure_log_likelihood(over, 1 / 3.0) + 3
    taken = [figure_log_likelihood(over, f, "censoring") for f in (1.0, 3.0)]
    assert taken[1] < taken[0] - 4
    under = figure("under", low=NAN, high=100.0)
    assert figure_log_likelihood(under, 1 / 3.0) == pytest.approx(0.0, abs=0.05)
    assert figure_log_likelihood(under, 3.0) < -3


def test_without_horizon_noise_a_far_forecast_is_as_good_as_a_near_one():
    far = figure("far", 1e10, period="2027", published_on="2024-02-15")
    scales = {}
    for off in ((), ("horizon_noise",)):
        of = problem([far], switch_off=off)
        theta = working_values({k: v[0] for k, v in draws_of_prior(of, 1, spread=0.0).items()}, of.data())
        near = of.operator.arrays | {"horizon": np.zeros(1)}
        scales[off] = noise_scale(np, theta, of.operator.arrays)[0] / noise_scale(np, theta, near)[0]
    assert scales[()] > 3
    assert scales[("horizon_noise",)] == pytest.approx(1.0, abs=1e-6)
    # The street error apart, several houses' far forecasts then say more than they should.
    rows = [far | {"figure_id": f"f{i}", "origin_id": f"f{i}", "publisher": f"House {i}"} for i in range(5)]
    shared = ("unforeseen_news", "street_error")
    _, kept = spread(rows, log_of_year(REVENUE, "2027"), *shared)
    _, lost = spread(rows, log_of_year(REVENUE, "2027"), *shared, "horizon_noise")
    assert lost < 0.5 * kept


def test_all_kinds_of_figures_have_a_finite_likelihood_over_the_prior():
    of = problem(every_kind_of_figure())
    theta = working_values(draws_of_prior(of, 500, seed=8), of.data())
    rows = stacked(np, chain(np, drivers(np, theta, of.fixed, MARKET), MARKET), MARKET)
    found = log_likelihood(np, log_points(np, rows, of.operator.arrays), theta, of.operator.arrays)
    assert np.isfinite(found).all()
