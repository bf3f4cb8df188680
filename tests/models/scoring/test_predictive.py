"""The predictive distribution of a published figure against closed forms and against the likelihood."""

from datetime import date

import numpy as np
import pytest
from scipy.special import expit
from scipy.stats import t

from models.chain.drivers import drivers
from models.chain.equations import chain, stacked
from models.evidence.assumptions import read_priors
from models.inference.observation import (
    component_sizes,
    error_share,
    log_likelihood,
    log_points,
    noise_scale,
    published,
)
from models.inference.operator import build_operator
from models.inference.problem import with_news, working_values
from models.scoring import predictive as module
from models.scoring.predictive import placed, predictive, summary
from tests.market import MARKET
from tests.models.forecast_world import assumptions, evidence_figures, fake_fit, figure, figures

AS_OF = date(2024, 6, 30)
PRIORS = read_priors(assumptions(), AS_OF)
DRAWS = 12_000


@pytest.fixture(scope="module")
def point_fit():
    """A posterior of one point: what is left in the predictive distribution is the error of the print."""
    return fake_fit(AS_OF, evidence_figures(), DRAWS, spread=0.0)


@pytest.fixture(autouse=True)
def chain_of_a_point_once(monkeypatch):
    """Where all draws are one point the chain is computed once, not 12,000 times."""
    real = module.quantity_rows

    def rows(theta, problem):
        ends = real({k: v[[0, -1]] for k, v in theta.items()}, problem)
        if np.array_equal(ends[0], ends[1]):
            return np.broadcast_to(ends[:1], (len(theta["driver_level"]), *ends.shape[1:]))
        return real(theta, problem)

    monkeypatch.setattr(module, "quantity_rows", rows)


def moments(fit):
    """Expectation and noise scale of the fit's own figures at its one point, by the likelihood's lines."""
    obs = fit.problem.operator.arrays
    theta = {k: np.asarray(v)[:1] for k, v in working_values(fit.flat(), fit.problem.data()).items()}
    points = log_points(
        np, stacked(np, chain(np, drivers(np, theta, fit.problem.fixed, MARKET), MARKET), MARKET), obs
    )
    location = published(np, points, theta, obs)
    return location[0], noise_scale(np, theta, obs)[0], log_likelihood(np, points, theta, obs)[0]


def test_an_actual_of_a_known_publisher_has_the_likelihood_s_own_noise(point_fit):
    row = figure("new", 33e9 + 123456789, period="2022", kind="actual", published_on="2023-02-01")
    known = fake_fit(date(2025, 1, 1), figures(row, *evidence_figures().to_dict("records")), 2, spread=0.0)
    location, scale, log_density = (part[0] for part in moments(known))
    # The publisher has a bias in the posterior (0 at its point): nothing but Student noise is left.
    result = predictive(point_fit, figures(row), PRIORS, seed=1)
    levels = np.array([0.05, 0.25, 0.5, 0.75, 0.95])
    expected = location + scale * t(4).ppf(levels)
    assert np.quantile(result.draws[:, 0], levels) == pytest.approx(expected, abs=0.06 * scale)
    assert t(4).logpdf((result.y[0] - location) / scale) - np.log(scale) == pytest.approx(log_density)


def test_who_reports_a_result_has_no_bias_and_who_repeats_one_has():
    same = {"period": "2022", "kind": "actual", "published_on": "2023-02-01"}
    seen = figure("seen", 3e9, publisher="Reporter", **same | {"period": "2021"})
    fit = fake_fit(date(2025, 1, 1), figures(seen, *evidence_figures().to_dict("records")), 4000, spread=0.0)
    rows = figures(
        figure("own", 3.123456789e9, publisher="Reporter", **same),
        figure("of another quantity", 3.1e9, publisher="Reporter", **same | {"quantity": "hbm_bits_gb"}),
        figure("repeated", 3.123456789e9, publisher="Nobody", **same),
    )
    draws = predictive(fit, rows, PRIORS, seed=2).draws
    own, other, repeated = np.quantile(draws, 0.84, axis=0) - np.quantile(draws, 0.16, axis=0)
    bias_sd = np.exp(PRIORS["publisher.bias_sd"].loc)
    assert repeated**2 - own**2 == pytest.approx((2 * bias_sd) ** 2, rel=0.3)
    assert other > 1.5 * own


def test_an_unknown_publisher_adds_its_prior_bias(point_fit):
    same = {"period": "2022", "kind": "actual", "published_on": "2023-02-01"}
    rows = figures(
        figure("known", 3.123456789e9, **same), figure("u1", 3.123456789e9, publisher="Nobody", **same),
        figure("u2", 3.123456789e9, publisher="Nobody", **same),
        figure("v", 3.123456789e9, publisher="Somebody", **same),
    )  # fmt: skip
    draws = predictive(point_fit, rows, PRIORS, seed=2).draws
    known, first, second, other = (draws[:, i] - np.median(draws[:, i]) for i in range(4))
    bias_sd = np.exp(PRIORS["publisher.bias_sd"].loc)

    def spread(x):
        return np.quantile(x, 0.84) - np.quantile(x, 0.16)

    assert spread(first) > 1.5 * spread(known)
    # Two figures of one unknown house share its bias, two houses don't.
    both = np.cov(np.clip(first, -0.5, 0.5), np.clip(second, -0.5, 0.5))[0, 1]
    assert both == pytest.approx(bias_sd**2, rel=0.25)
    assert abs(np.cov(np.clip(first, -0.5, 0.5), np.clip(other, -0.5, 0.5))[0, 1]) < 0.15 * bias_sd**2


@pytest.mark.parametrize(("published_on", "shares"), [("2023-02-15", 1.0), ("2024-02-15", 0.5)])
def test_an_unseen_target_adds_street_error(point_fit, published_on, shares, monkeypatch):
    # The fit has met forecasts of early 2024 (their error is known, 0 here), none of 2027 nor of early 2023.
    same = {"period": "2027", "published_on": published_on}
    rows = figures(
        figure("far", 1.23456789e11, publisher="House A", **same),
        figure("beside", 1.23456789e11, publisher="House B", **same),
    )
    # Without the prints' own errors, which are larger than what is asked for and have nothing in common.
    monkeypatch.setattr(module, "printed", lambda points, theta, obs, rng: published(np, points, theta, obs))
    draws = predictive(point_fit, rows, PRIORS, seed=1).draws
    obs = with_news(build_operator(rows, MARKET), point_fit.problem).arrays
    theta = working_values({k: v[0] for k, v in point_fit.flat().items()}, point_fit.problem.data())
    sizes = component_sizes(np, theta, obs)[0]
    shared = expit(theta["logit_shared"][0]) * error_share(np, theta, obs)[0] * (sizes**2).sum()
    covariance = np.cov(np.clip(draws.T - np.median(draws, axis=0)[:, None], -9, 9))[0, 1]
    assert covariance == pytest.approx(shares * shared, rel=0.1)


def test_a_definition_the_fit_knows_shifts_the_print_and_an_unknown_one_is_a_reason(point_fit):
    servers = {
        "quantity": "server_shipments",
        "period": "2023",
        "published_on": "2024-02-01",
        "kind": "actual",
    }
    rows = figures(
        figure("plain", 14.123456e6, **servers),
        figure("wide", 14.123456e6, definition="server_count_digitimes", **servers),
        figure("lost", 14.123456e6, definition="no_such_thing", **servers),
        figure("fresh", 14.123456e6, definition="server_count_omdia", **servers),
    )
    result = predictive(point_fit, rows, PRIORS, seed=4)
    middle = dict(zip(result.figures["figure_id"], np.median(result.draws, axis=0), strict=True))
    offset = PRIORS["definition_offset.server_count_digitimes"].loc
    assert middle["wide"] - middle["plain"] == pytest.approx(offset, abs=0.01)
    assert set(middle) == {"plain", "wide", "fresh"}
    fresh = result.draws[:, list(result.figures["figure_id"]).index("fresh")]
    plain = result.draws[:, list(result.figures["figure_id"]).index("plain")]
    assert fresh.std() > plain.std() + 0.05, "an offset the posterior has not met comes from its prior"
    assert result.unmapped["figure_id"].tolist() == ["lost"]
    assert "no_such_thing" in result.unmapped["reason"].iloc[0]


def test_rounding_of_the_print_is_part_of_it(point_fit):
    same = {"period": "2022", "kind": "actual", "published_on": "2023-02-01"}
    rough, fine = figure("rough", 3e9, **same), figure("fine", 3.0000001e9, **same)
    draws = predictive(point_fit, figures(rough, fine), PRIORS, seed=5).draws
    assert draws[:, 0].var() > draws[:, 1].var()


def test_one_sided_figures_get_a_probability_and_no_pit(point_fit):
    same = {"period": "2022", "kind": "actual", "published_on": "2023-02-01"}
    middle = np.exp(
        np.median(predictive(point_fit, figures(figure("m", 1.23456789e9, **same)), PRIORS, 6).draws)
    )
    rows = figures(
        figure("over", low=middle, **same), figure("under", high=3 * middle, **same),
        figure("range", low=0.9 * middle, high=1.1 * middle, **same),
    )  # fmt: skip
    table = placed(predictive(point_fit, rows, PRIORS, seed=6)).set_index("figure_id")
    assert table.loc["over", "probability"] == pytest.approx(0.5, abs=0.02)
    assert table.loc["under", "probability"] > 0.99
    assert table.loc["over", "pit"] is None
    assert table.loc["range", "pit"] == pytest.approx(0.5, abs=0.05)
    assert table.loc["range", "probability"] is None
    totals = summary(table.reset_index())
    assert totals["n"] == 1
    assert totals["coverage"] == {"50": 1.0, "80": 1.0, "90": 1.0}


def test_figures_printed_by_the_model_itself_are_covered_as_it_says():
    """Figures drawn from worlds of the prior fall uniformly into predictions of the same prior."""
    n = 6000  # Four figures of one world go the same way: with 1200 the shares were off by up to 0.06.
    fit = fake_fit(AS_OF, evidence_figures(), n)
    periods = ["2022", "2023", "2024", "2025"]
    rows = [figure(f"f{i}", 1.23456789e10, period=p, publisher=f"P{i}") for i, p in enumerate(periods)]
    base = predictive(fit, figures(*rows), PRIORS, seed=7)
    other = predictive(fit, figures(*rows), PRIORS, seed=8)
    pit = np.array(
        [[(base.draws[:, j] < other.draws[i, j]).mean() for j in range(4)] for i in range(0, n, 3)]
    )
    for level in (0.5, 0.8, 0.9):
        inside = np.abs(pit - 0.5) < level / 2
        assert inside.mean() == pytest.approx(level, abs=0.05)


def test_what_the_chain_does_not_compute_is_listed_with_its_reason(point_fit):
    rows = figures(
        figure("old", 1e9, period="2019"), figure("odd", 1e9, quantity="moon_cheese"), figure("empty")
    )
    result = predictive(point_fit, rows, PRIORS, seed=9)
    assert len(result.figures) == 0
    assert set(result.unmapped["figure_id"]) == {"old", "odd", "empty"}
    assert placed(result).empty
    assert summary(placed(result)) == {
        "coverage": {"50": None, "80": None, "90": None}, "pit": [], "ks_p": None, "n": 0,
    }  # fmt: skip


def test_growth_and_shares_come_back_in_their_own_unit(point_fit):
    rows = figures(
        figure("growth", 0.5, aggregation="growth", period="2024"),
        figure("share", 0.2, quantity="hbm_share_of_dram_revenue", aggregation="mean", scale="logit"),
    )
    result = predictive(point_fit, rows, PRIORS, seed=10)
    table = placed(result).set_index("figure_id")
    assert table.loc["growth", "predicted_p05"] > -1
    assert 0 < table.loc["share", "predicted_p05"] < table.loc["share", "predicted_p95"] < 1


def test_the_same_seed_gives_the_same_draws(point_fit):
    rows = figures(figure("a", 1e9), figure("b", 2e9, publisher="New"))
    first, again = (predictive(point_fit, rows, PRIORS, seed=11).draws for _ in range(2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, predictive(point_fit, rows, PRIORS, seed=12).draws)
