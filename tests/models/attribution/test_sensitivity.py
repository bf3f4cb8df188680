"""Sensitivity: shares that are known in closed form, features that rebuild the chain, chance told apart."""

import numpy as np
import pandas as pd
import pytest

from models.attribution.frames import sensitivity_frames
from models.attribution.power_scaling import (
    ALL,
    LIKELIHOOD,
    PRIOR,
    PRIOR_PARTS,
    log_parts,
    power_scaling,
    thinned,
)
from models.attribution.prior_posterior import (
    ASSUMED,
    LEARNED,
    PARTLY,
    assumptions_learned,
    drivers_learned,
    parameter_names,
    state_of,
)
from models.attribution.sensitivity import (
    REST,
    SENSITIVITY_YEARS,
    driver_features,
    headline_targets,
    paired_draws,
    series_targets,
    variance_shares,
)
from models.chain.drivers import drivers
from models.chain.equations import chain, stacked
from models.draws.joint import PERIODS, collect
from models.draws.simulate import simulate
from models.inference.observation import log_likelihood, log_points
from models.inference.problem import parameter_shapes, working_values
from models.systems.series import Series
from models.vocabulary.drivers import DRIVERS
from models.vocabulary.quantities import HEADLINES
from tests.market import MARKET
from tests.models.forecast_world import assumptions
from tests.models.small_problem import draws_of_prior
from tests.models.small_problem import problem as small

N = 400


@pytest.fixture(scope="module")
def problem():
    return small()


@pytest.fixture(scope="module")
def raw(problem):
    return draws_of_prior(problem, N, spread=0.4)


@pytest.fixture(scope="module")
def drawn(problem, raw):
    return collect(simulate(problem, raw, N, 1))


def shares(features, targets, **options):
    frame = variance_shares({"2026": features}, {"2026": targets}, **options)
    return frame.pivot_table(index="driver", columns="target", values="share")


def test_independent_drivers_get_their_variances_and_what_they_do_not_carry_is_the_rest():
    rng = np.random.default_rng(0)
    a, b, c = rng.standard_normal((3, 50_000))
    found = shares({"a": a[:, None], "b": b[:, None]}, {"y": np.exp(2 * a + b + 2 * c)})["y"]
    np.testing.assert_allclose(found[["a", "b", REST]], [4 / 9, 1 / 9, 4 / 9], atol=0.01)


def test_correlated_drivers_share_what_they_carry_together_and_shares_add_up():
    rng = np.random.default_rng(0)
    common, e1, e2 = rng.standard_normal((3, 50_000))
    a, b = common + 0.1 * e1, common + 0.1 * e2
    found = shares({"a": a[:, None], "b": b[:, None]}, {"y": np.exp(common), "a only": np.exp(a)})
    np.testing.assert_allclose(found.loc[["a", "b"], "y"], 0.5, atol=0.02)
    np.testing.assert_allclose(found.sum(), 1.0)
    # Two drivers, exactly: mean of its own R squared and of its gain after the other.
    r = np.corrcoef(a, b)[0, 1]
    assert found.loc["b", "a only"] == pytest.approx(r**2 / 2, abs=1e-6)


def test_a_group_of_features_is_one_driver_and_what_does_not_vary_has_no_share():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((20_000, 3))
    features = {"pair": x[:, :2], "single": x[:, 2:], "history": np.ones((20_000, 1))}
    frame = variance_shares({"2026": features}, {"2026": {"y": np.exp(x.sum(axis=1))}})
    by = frame.set_index("driver")
    np.testing.assert_allclose(by.loc[["pair", "single"], "share"], [2 / 3, 1 / 3], atol=0.02)
    assert by.loc["history", "share"] == 0
    assert by.loc["pair", "n_features"] == 2
    assert by.loc["pair", "noise_floor"] == pytest.approx(2 / 20_000)


def test_features_explain_the_chain_they_were_taken_from(problem, raw, drawn):
    features = driver_features(problem, raw)
    found = variance_shares(features, headline_targets(drawn))
    assert set(found["target"]) == set(HEADLINES)
    assert set(found["period"]) == set(SENSITIVITY_YEARS)
    assert set(found["driver"]) > {*DRIVERS, "product_mix", REST}
    np.testing.assert_allclose(found.groupby(["target", "period"])["share"].sum(), 1.0)
    assert (found["share"] > -1e-9).all()
    at = found.set_index(["target", "period", "driver"]).sort_index()["share"]
    # Capacity is the sum of two drivers, price a product of base price, premium and mix.
    capacity = at["cowos_capacity_wafers_per_month", "2026"]
    assert capacity["cowos_capacity_tsmc_wafers_per_month"] > 0.6
    assert capacity[REST] < 0.1
    price = at["hbm_price_usd_per_gb", "2026"]
    assert price["hbm_base_price_usd_per_gb"] == price.max()
    assert price[REST] < 0.1
    np.testing.assert_allclose(
        features["2026"]["server_shipments"][:, 0],
        np.log(drawn["server_shipments"][:, PERIODS.index("2026")] / 4),
        rtol=1e-5,
    )


def test_wrong_targets_are_errors():
    x = {"a": np.ones((100, 1)) * np.arange(100)[:, None]}
    with pytest.raises(ValueError, match="target y of 2026 is not finite and positive"):
        shares(x, {"y": np.zeros(100)})
    with pytest.raises(ValueError, match="targets have 90 draws, driver a has 100"):
        shares(x, {"y": np.ones(90)})
    with pytest.raises(ValueError, match="4 draws are too few for 1 features"):
        shares({"a": x["a"][:4]}, {"y": np.ones(4)})
    assert variance_shares({}, {}).empty


def test_totals_of_systems_are_targets_where_they_have_a_log():
    values = np.ones((5, 28), np.float32)
    early = values.copy()
    early[0, 16:20] = 0
    series = [
        Series("equipment", "tcb", "usd", "total", "USD", "sum", values),
        Series("equipment", "hybrid_bonding", "usd", "total", "USD", "sum", early),
        Series("equipment", "tcb", "usd", "hbm", "USD", "sum", values),
        Series("equipment", "tcb", "tools", "total", "units", "sum", values),
    ]
    found = series_targets(series)
    assert list(found["2025"]) == ["equipment/tcb/usd"]
    assert list(found["2026"]) == ["equipment/tcb/usd", "equipment/hybrid_bonding/usd"]
    np.testing.assert_array_equal(found["2026"]["equipment/tcb/usd"], 4)


@pytest.mark.parametrize("n_draws", [100, N, 2 * N])
def test_draws_and_features_are_of_the_same_posterior_draw(problem, raw, n_draws):
    simulated, posterior = paired_draws(n_draws, N)
    drawn = collect(simulate(problem, raw, n_draws, 1))
    features = driver_features(problem, {k: v[posterior] for k, v in raw.items()}, ("2025",))
    servers = drawn["server_shipments"][simulated, PERIODS.index("2025")] / 4
    np.testing.assert_allclose(np.exp(features["2025"]["server_shipments"][:, 0]), servers, rtol=1e-5)


def test_names_and_labels_of_what_is_learned(problem, raw):
    assert [state_of(*x) for x in ((0.3, 0.0), (0.8, 0.0), (1.0, -0.7), (0.95, 0.1))] == [
        *(LEARNED, PARTLY, PARTLY, ASSUMED),
    ]
    shapes = parameter_shapes(problem.operator, MARKET)
    for block, names in parameter_names(problem).items():
        assert (len(names),) == shapes[block], block
    known = {k: v.copy() for k, v in raw.items()}
    known["driver_level"][:, 0] = 2.0 + 0.1 * known["driver_level"][:, 0]
    found = assumptions_learned(problem, known).set_index("name")
    first = found.loc[f"driver.{DRIVERS[0]}.level"]
    assert first["state"] == LEARNED
    assert first["shift"] == pytest.approx(2.0, abs=0.05)
    assert not {"definition_offset.", "definition_offset.none"} & set(found.index)
    assert found["sd_ratio"].drop(first.name).between(0.3, 0.5).all()


def test_every_named_assumption_is_one_of_the_file(problem, raw):
    found = assumptions_learned(problem, raw)
    names = {n.partition("[")[0] for n in found["name"]}
    split = {n for n in names if n.startswith("class.") and not n.endswith((".size", "_quarters"))}
    assert names - split - set(assumptions()["assumption"]) == set()
    # What no figure of the chain speaks of is not among them.
    assert "substitution.chips.level" in set(assumptions()["assumption"]) - names


def test_a_driver_s_path_keeps_its_prior_where_the_posterior_is_the_prior(problem):
    prior = draws_of_prior(problem, 2000, seed=9)
    found = drivers_learned(problem, prior)
    assert len(found) == len(DRIVERS) * 7
    assert found["sd_ratio"].between(0.85, 1.15).all()
    assert found["shift"].abs().max() < 0.15
    pinned = drivers_learned(problem, {k: 0.2 * v for k, v in prior.items()})
    assert (pinned["state"] == LEARNED).all()


def test_parts_of_the_density_add_up_to_prior_and_weighted_likelihood(problem):
    draws = draws_of_prior(problem, 3, spread=0.3)
    parts = log_parts(problem, draws, np.arange(3))
    for part, blocks in PRIOR_PARTS.items():
        expected = sum((-0.5 * draws[b].reshape(3, -1) ** 2).sum(axis=1) for b in blocks)
        np.testing.assert_allclose(parts[PRIOR, part], expected)
    topics = [v for (component, part), v in parts.items() if component == LIKELIHOOD and part != ALL]
    np.testing.assert_allclose(np.sum(topics, axis=0), parts[LIKELIHOOD, ALL])
    theta = working_values({k: v[1] for k, v in draws.items()}, problem.data())
    obs = problem.operator.arrays
    rows = stacked(np, chain(np, drivers(np, theta, problem.fixed, MARKET), MARKET), MARKET)
    each = log_likelihood(np, log_points(np, rows, obs), theta, obs)
    np.testing.assert_allclose(parts[LIKELIHOOD, ALL][1], (each * problem.weight).sum())


def test_power_scaling_finds_a_known_shift_and_tells_chance_apart():
    # Posterior N(0, 1) of theta with log likelihood -theta^2/2 + theta: scaling moves the mean by its
    # covariance with the log part, cov(theta, theta - theta^2/2) = 1, so ln 2 per doubling.
    rng = np.random.default_rng(0)
    theta = rng.standard_normal(20_000)
    unrelated = rng.standard_normal(20_000)
    parts = {
        (LIKELIHOOD, ALL): theta - theta**2 / 2,
        (PRIOR, "unrelated"): 3 * unrelated,
        (PRIOR, "flat"): 0 * theta,
    }
    found = power_scaling(parts, {"2026": {"y": np.exp(theta)}}).set_index("part")
    assert found.loc[ALL, "shift_per_doubling_sd"] == pytest.approx(
        np.log(2), abs=4 * found.loc[ALL, "shift_mcse_sd"]
    )
    assert found.loc[ALL, "notable"]
    assert found.loc[ALL, "sensitivity"] > 5 * found.loc[ALL, "by_chance"]
    assert not found.loc["unrelated", "notable"]
    assert abs(found.loc["unrelated", "shift_per_doubling_sd"]) < 4 * found.loc["unrelated", "shift_mcse_sd"]
    assert "flat" not in found.index
    assert (found["pareto_k"] < 0.7).all()
    with pytest.raises(ValueError, match="has 3 draws, the densities 20000"):
        power_scaling(parts, {"2026": {"y": np.ones(3)}})


def test_draws_are_thinned_evenly():
    np.testing.assert_array_equal(thinned(10, 5), [0, 2, 4, 6, 8])
    np.testing.assert_array_equal(thinned(3, 5), [0, 1, 2])


def test_all_three_analyses_of_a_run(problem, raw, drawn):
    series = [Series("equipment", "tcb", "usd", "total", "USD", "sum", drawn["hbm_stacks"][:, :28])]
    found = sensitivity_frames(problem, raw, drawn, series)
    assert set(found) == {"variance_shares", "learned", "power_scaling"}
    assert "equipment/tcb/usd" in set(found["variance_shares"]["target"])
    assert set(found["power_scaling"]["target"]) == set(HEADLINES)
    assert set(found["learned"]["kind"]) == {"assumption", "driver"}
    # Minus infinity is how far weights that are all alike are from a heavy tail.
    assert (found["power_scaling"]["pareto_k"] < np.inf).all()
    numbers = [
        f.select_dtypes("number").drop(columns=["correlation", "pareto_k"], errors="ignore")
        for f in found.values()
    ]
    assert all(isinstance(f, pd.DataFrame) and np.isfinite(f.to_numpy()).all() for f in numbers)
