"""How figures err: the stacked likelihood against SciPy, and each part against the model without it."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit
from scipy.stats import t as student

from models.chain.drivers import CONSTANTS, PENETRATION, SIZE_VOLATILITY, correlations, drivers
from models.chain.equations import chain, stacked
from models.evidence.assumptions import prior_from_quantiles
from models.evidence.readings import FORESIGHT
from models.inference.error_terms import error_priors, error_shapes
from models.inference.news import surprise
from models.inference.observation import (
    LEAST_FORESIGHT,
    LOG_STUDENT4,
    log_likelihood,
    log_points,
    noise_scale,
    predicted,
    student4_cdf,
    systematic_error,
)
from models.inference.operator import COMPONENTS, KINDS, TOPICS
from models.inference.problem import SWITCHES, working_values
from models.vocabulary.drivers import DRIVERS, FINE_DRIVERS
from models.vocabulary.periods import N_ALL, QUARTERS
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
    expected, shared = predicted(np, points, obs), expit(theta["logit_shared"][0])
    volatility, correlation = np.exp(theta["driver_log_volatility"]), correlations(np, theta["constant"])
    shocks = theta["shock_smooth"][: len(DRIVERS)]
    mixed = correlation[:, None] * shocks[PENETRATION] + np.sqrt(1 - correlation[:, None] ** 2) * shocks
    part_of = {name: i for i, name in enumerate(COMPONENTS.values())}
    assert (obs["horizon"] > 0).sum() > 3
    for i, row in enumerate(small.operator.figures.itertuples()):
        rate = np.exp(theta["log_forgetting"][FORESIGHT.index(row.foresight)])
        k = LEAST_FORESIGHT + (1 - LEAST_FORESIGHT) * np.exp(-rate * row.horizon)
        r = expit(theta["logit_response"][FORESIGHT.index(row.foresight)])
        at = obs["news_of"][i]
        of_smooth = obs["news_smooth"][at].reshape(len(DRIVERS), -1)
        of_fine = obs["news_fine"][at].reshape(len(FINE_DRIVERS), -1)
        news = sum(volatility[d] * of_smooth[d] @ mixed[d] for d in range(len(DRIVERS)))
        news += sum(
            volatility[DRIVERS.index(name)] * of_fine[f] @ theta["shock_fine"][f]
            for f, name in enumerate(FINE_DRIVERS)
        )
        drift = obs["news_drift"][at]
        news += drift @ (theta["driver_drift"] - small.loc["driver_drift"])
        before = obs["trend_drift"][at] @ (theta["driver_drift"] - small.loc["driver_drift"])
        of_smooth = obs["trend_smooth"][at].reshape(len(DRIVERS), -1)
        of_fine = obs["trend_fine"][at].reshape(len(FINE_DRIVERS), -1)
        before += sum(volatility[d] * of_smooth[d] @ mixed[d] for d in range(len(DRIVERS)))
        before += sum(
            volatility[DRIVERS.index(name)] * of_fine[f] @ theta["shock_fine"][f]
            for f, name in enumerate(FINE_DRIVERS)
        )
        # The drift that was thought of is in no momentum: it goes on by itself.
        growth = before + obs["trend_expected"][at, 0] + obs["trend_drift"][at] @ small.loc["driver_drift"]
        carried = expit(theta["logit_trend_carried"][FORESIGHT.index(row.foresight)])
        center = expected[i] - (1 - r * k) * (news + (1 - carried) * growth)
        center += theta["definition_offset"][obs["definition"][i]]
        center += np.exp(theta["log_noise_other"][2]) * theta["publisher_bias"][obs["publisher"][i]]
        sizes, drift_sizes = obs["news_size"][at] * volatility, np.abs(drift) * small.scale["driver_drift"]
        components = np.zeros(len(COMPONENTS))
        for d, name in enumerate(DRIVERS):
            if name in part_of and obs["street_target"][i, part_of[name]] > 0:
                sign = -1.0 if sizes[d] < 0 else 1.0
                components[part_of[name]] += sign * np.hypot(sizes[d], drift_sizes[d])
        cells = theta["street_target"][obs["street_target"][i]] + theta["street_time"][obs["street_time"][i]]
        center += r * np.sqrt(shared * k * (1 - k)) * (components * cells).sum() / np.sqrt(2)
        own_size = sum(
            (sizes[d] ** 2) * (1 - correlation[d] ** 2) for d in range(len(DRIVERS)) if d != PENETRATION[0]
        )
        together = sum(
            sizes[d] * (1.0 if d == PENETRATION[0] else correlation[d]) for d in range(len(DRIVERS))
        )
        own_size += (drift_sizes**2).sum()
        variance = max(own_size + together**2 - shared * (components**2).sum(), 0.0)
        topic = TOPICS.index(row.topic)
        own = np.exp(theta["log_noise_kind"][KINDS.index(row.kind)] + theta["log_noise_topic"][topic])
        quarter = np.exp(theta["log_noise_other"][0]) * row.is_quarter
        undated = np.exp(theta["log_noise_other"][1]) * row.is_undated
        other = np.exp(theta["log_noise_other"][3]) * (row.definition != "")
        astray = np.exp(theta["log_noise_other"][4]) * row.horizon
        mix = np.exp(theta["constant"][CONSTANTS.index(SIZE_VOLATILITY)]) * obs["mix_size"][i]
        scale = np.sqrt(
            own**2 + quarter**2 + undated**2 + other**2 + row.half_width**2 + astray**2
            + r**2 * k * (1 - k) * variance + mix**2 * (1 - k) / k
        )  # fmt: skip
        z = (row.y - center) / scale
        wanted = student.logpdf(z, 4) - np.log(scale)
        if row.censored == 1:
            wanted = np.log(student.sf(z, 4) + 1e-10)
        elif row.censored == -1:
            wanted = np.log(student.cdf(z, 4) + 1e-10)
        # The root of the shared error has 1e-12 added, for its gradient.
        assert found[i] == pytest.approx(wanted, rel=1e-6, abs=1e-6), row.figure_id


def test_the_first_label_of_error_terms_means_none(small, evaluated):
    obs, theta, _, _ = evaluated
    for block in ("definition_offset", "publisher_bias", "street_target", "street_time"):
        assert small.scale[block][0] == 0
        assert small.loc[block][0] == 0
    plain = (obs["definition"] == 0) & (obs["publisher"] == 0) & (obs["horizon"] == 0)
    assert plain.any()
    np.testing.assert_array_equal(systematic_error(np, theta, obs)[plain], 0.0)


def test_noise_grows_with_the_horizon_and_adds_in_quadrature(small, evaluated):
    obs, theta, _, _ = evaluated
    ahead = obs["horizon"] > 0
    base = noise_scale(np, theta, obs | {"horizon": 0 * obs["horizon"]})
    grown = noise_scale(np, theta, obs)[ahead] / base[ahead]
    assert (grown >= 1.0).all()
    # What is shared of a forecast's error is in the street's; own noise grows where something is left.
    assert (grown > 1.01).sum() >= 4
    wider = noise_scale(np, theta, obs | {"half_width": obs["half_width"] + 0.3})
    np.testing.assert_allclose(
        wider**2 - noise_scale(np, theta, obs) ** 2,
        (obs["half_width"] + 0.3) ** 2 - obs["half_width"] ** 2,
        rtol=1e-9,
    )


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
        "damped_trend",
        "street_error",
        "echo_control",
        "definition_offsets",
        "censoring",
    }
    assert tested == set(SWITCHES)


def test_without_unforeseen_news_an_unbiased_forecast_pulls_towards_no_news():
    """DRAM revenue grew to mid-2024; what is said for 2025 is what the momentum leads to, or far less."""
    target = log_of_year(DRAM, "2025")
    same = {"quantity": "dram_revenue_usd", "kind": "actual", "published_on": "2024-07-10"}
    past = [figure(f"q{q}", 2e10 * 1.1**i, period=q, **same) for i, q in enumerate(QUARTERS[8:14])]
    forecast = {"quantity": "dram_revenue_usd", "period": "2025", "published_on": "2024-07-20"}
    expected, before = spread(past, target)
    said = figure("said", float(np.exp(expected)), publisher="S", **forecast)
    confirmed, kept = spread([*past, said], target)
    assert confirmed == pytest.approx(expected, abs=0.06), "what was to be expected is no news"
    assert kept < before
    low = said | {"value": said["value"] * 0.7}
    read, _ = spread([*past, low], target)
    printed, _ = spread([*past, low], target, "unforeseen_news")
    assert expected + np.log(0.7) - 0.1 < read < expected
    assert printed != pytest.approx(read, abs=1e-3)


def test_without_damped_trend_a_street_below_the_trend_foresees_a_bust():
    """DRAM revenue grew to mid-2024; for 2025 nothing more is said than what it is by then."""
    target = log_of_year(DRAM, "2025")
    same = {"quantity": "dram_revenue_usd", "kind": "actual", "published_on": "2024-07-10"}
    past = [figure(f"q{q}", 2e10 * 1.1**i, period=q, **same) for i, q in enumerate(QUARTERS[8:14])]
    level = 4 * past[-1]["value"]
    said = figure(
        "said", level, quantity="dram_revenue_usd", period="2025", published_on="2024-07-20", publisher="S"
    )
    read, _ = spread([*past, said], target)
    whole, _ = spread([*past, said], target, "damped_trend")
    assert whole + 0.005 < read


def test_news_counts_beyond_momentum_and_nothing_of_what_was_over():
    rows = [
        figure("soon", 1e10, period="2024Q3", published_on="2024-07-10", quantity="server_shipments"),
        figure(
            "late",
            1e10,
            period="2026Q4",
            published_on="2024-07-10",
            publisher="B",
            quantity="server_shipments",
        ),
        figure(
            "over",
            1e10,
            period="2024Q2",
            published_on="2024-07-10",
            publisher="C",
            quantity="server_shipments",
        ),
    ]
    obs = problem(rows).operator.arrays
    sizes = np.abs(obs["news_size"][obs["news_of"], DRIVERS.index("server_shipments")])
    assert 0 < sizes[0] < 0.2 < sizes[1]
    assert sizes[2] == 0
    weights = np.zeros(N_ALL)
    weights[QUARTERS.index("2026Q4")] = 1.0
    steady = 0.3 + 0.05 * np.arange(N_ALL)
    assert weights @ surprise(0.0, 13) @ steady == pytest.approx(0.05 * (QUARTERS.index("2026Q4") - 13))
    growing = np.cumsum(np.concatenate([[0.0], 0.05 * 0.8 ** np.maximum(np.arange(1, N_ALL) - 13, 0)]))
    assert weights @ surprise(0.8, 13) @ growing == pytest.approx(0.0, abs=1e-12), "dying growth is expected"


def test_without_street_error_a_hundred_opinions_look_like_certainty():
    """A hundred forecasts of one opinion, a year and a half ahead, each from another house.

    Two things keep them from certainty: they err together, and what comes is not all foreseen. Read as
    printed (no news that nobody foresees), only the error they share is left.
    """
    target = log_of_year(REVENUE, "2026")
    rows = [
        figure(f"f{i}", 2e10, period="2026", publisher=f"House {i}", published_on="2025-06-15")
        for i in range(100)
    ]
    _, one_opinion = spread(rows[:1], target)
    _, kept = spread(rows, target)
    _, independent = spread(rows, target, "street_error")
    assert kept > 0.6 * one_opinion, "ninety-nine more copies of the opinion add little"
    assert independent < 0.9 * kept
    _, as_printed = spread(rows, target, "unforeseen_news")
    _, certain = spread(rows, target, "unforeseen_news", "street_error")
    assert certain < 0.25 * as_printed
    assert certain < 0.25 * independent, "what nobody foresees stays open, however many agree"
    assert certain < 0.05


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


def test_all_kinds_of_figures_have_a_finite_likelihood_over_the_prior():
    of = problem(every_kind_of_figure())
    theta = working_values(draws_of_prior(of, 500, seed=8), of.data())
    rows = stacked(np, chain(np, drivers(np, theta, of.fixed, MARKET), MARKET), MARKET)
    found = log_likelihood(np, log_points(np, rows, of.operator.arrays), theta, of.operator.arrays)
    assert np.isfinite(found).all()
