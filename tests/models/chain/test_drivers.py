"""From standard normals to drivers: every prior arrives where it belongs."""

from datetime import date

import numpy as np
import pytest
from scipy.stats import norm

from models.chain.drivers import (
    COUPLED_BY,
    LOGIT_DRIVERS,
    SMOOTH_VARIANCE,
    bases,
    block_shapes,
    constants,
    drivers,
    prior_arrays,
)
from models.chain.equations import class_mix
from models.chain.paths import REFERENCE_QUARTER
from models.evidence.assumptions import read_priors
from models.inference.problem import working_values
from models.vocabulary.drivers import DRIVERS, FINE_DRIVERS, SMOOTH_DRIVERS
from models.vocabulary.periods import N_ALL
from tests.market import MARKET
from tests.models.forecast_world import assumptions, products
from tests.models.small_problem import AS_OF, draws_of_prior, problem

N_DRAWS = 4000


@pytest.fixture(scope="module")
def small():
    return problem()


def values(small, raw):
    return drivers(np, working_values(raw, small.data()), small.fixed, MARKET)


@pytest.fixture(scope="module")
def prior_draws(small):
    raw = draws_of_prior(small, N_DRAWS)
    return raw, values(small, raw)


def middle(small, **changed):
    """Drivers at the middle of the prior, with some raw entries moved: block=(index, value)."""
    raw = {k: np.zeros(s) for k, s in block_shapes(MARKET).items()}
    for block, (index, value) in changed.items():
        raw[block][index] = value
    return values(small, raw)


def assumed(name):
    rows = assumptions()
    found = rows[(rows["assumption"] == name) & (rows["known_since"] <= str(AS_OF))].iloc[-1]
    return float(found["p05"]), float(found["p95"])


@pytest.mark.parametrize("name", DRIVERS)
def test_a_drivers_level_in_the_reference_quarter_is_the_assumption(small, prior_draws, name):
    """There the path is zero, so p05 and p95 of the assumption come out as they went in."""
    i = DRIVERS.index(name)
    for z, expected in zip((norm.ppf(0.05), norm.ppf(0.95)), assumed(f"driver.{name}.level"), strict=True):
        # The anchor is in the exact process; smooth paths keep it to their truncation error.
        found = middle(small, driver_level=(i, z))[name][REFERENCE_QUARTER]
        assert found == pytest.approx(expected, rel=1e-9)
    drawn = np.quantile(prior_draws[1][name][:, REFERENCE_QUARTER], [0.05, 0.95])
    np.testing.assert_allclose(np.log(drawn), np.log(assumed(f"driver.{name}.level")), atol=0.15)


@pytest.mark.parametrize("name", DRIVERS)
def test_drift_is_growth_a_year(small, name):
    i = DRIVERS.index(name)
    low, high = assumed(f"driver.{name}.drift")
    path = middle(small, driver_drift=(i, norm.ppf(0.95)))[name]
    grown = np.log(path / (1 - path)) if name in LOGIT_DRIVERS else np.log(path)
    assert grown[4] - grown[0] == pytest.approx(high, abs=1e-9)
    flat = middle(small)[name]
    grown = np.log(flat / (1 - flat)) if name in LOGIT_DRIVERS else np.log(flat)
    assert grown[-1] - grown[-5] == pytest.approx((low + high) / 2, abs=1e-9)


@pytest.mark.parametrize("name", DRIVERS)
def test_volatility_is_the_spread_of_a_years_change(small, name):
    """At the middle of the prior; smooth paths lose at most 1.5 % of it (test_paths)."""
    raw = {k: np.zeros((N_DRAWS, *s)) for k, s in block_shapes(MARKET).items()}
    generator = np.random.default_rng(2)
    for block in ("shock_smooth", "shock_fine"):
        raw[block] = generator.standard_normal(raw[block].shape)
    path = values(small, raw)[name]
    scaled = np.log(path / (1 - path)) if name in LOGIT_DRIVERS else np.log(path)
    change = (scaled[:, 4:] - scaled[:, :-4]).std(axis=0)
    expected = np.sqrt(np.prod(assumed(f"driver.{name}.volatility")))
    np.testing.assert_allclose(change, expected, rtol=0.06)


@pytest.mark.parametrize("z", [-1.5, 0.0, 1.5])
@pytest.mark.parametrize("driver", COUPLED_BY)
def test_price_and_capacity_are_correlated_with_the_penetration_as_assumed(small, driver, z):
    raw = {k: np.zeros((N_DRAWS, *s)) for k, s in block_shapes(MARKET).items()}
    raw["shock_smooth"] = np.random.default_rng(3).standard_normal(raw["shock_smooth"].shape)
    raw["constant"][:, constants(MARKET).index(COUPLED_BY[driver])] = z
    found = values(small, raw)
    follower = np.log(found[driver])
    share = found["hbm_server_penetration"]
    odds = np.log(share / (1 - share))
    changes = [x[:, 16] - x[:, 12] for x in (follower, odds)]
    low, high = assumed(COUPLED_BY[driver])
    expected = np.tanh((low + high) / 2 + z * (high - low) / 2 / norm.ppf(0.95))
    assert np.corrcoef(*changes)[0, 1] == pytest.approx(expected, abs=0.05)
    # The coupling changes who moves together, not how far the follower moves.
    volatility = np.sqrt(np.prod(assumed(f"driver.{driver}.volatility")))
    assert changes[0].std() == pytest.approx(volatility, rel=0.06)


def test_lead_weights_and_shares_sum_to_one(prior_draws):
    _, found = prior_draws
    for name, quarters in (("hbm_lead", 4), ("cowos_lead", 4)):
        weights = np.stack(found[name])
        assert weights.shape == (quarters, N_DRAWS, 1)
        np.testing.assert_allclose(weights.sum(axis=0), 1.0, rtol=1e-12)
        assert (weights > 0).all()
    np.testing.assert_allclose(found["generation_of_class"].sum(axis=0), 1.0, rtol=1e-12)


def test_shares_are_shares_and_levels_positive(prior_draws):
    _, found = prior_draws
    for name in DRIVERS:
        assert (found[name] > 0).all(), name
    for name in LOGIT_DRIVERS:
        assert (found[name] < 1).all(), name


def test_packages_per_wafer_carry_the_yield(small):
    good = middle(small)["class_packages_per_wafer"]
    gross = small.fixed["class_packages_per_wafer"]
    hopper = MARKET.class_names.index("nvidia_hopper")
    low, high = (np.log(q / (1 - q)) for q in assumed("cowos.yield"))
    made = 1 / (1 + np.exp(-(low + high) / 2))
    factor = np.sqrt(np.prod(assumed("class.packages_per_wafer.announced")))
    np.testing.assert_allclose(good[hopper], gross[hopper] * made * factor, rtol=1e-9)


def test_a_later_launch_moves_the_ramp(small):
    blackwell = MARKET.class_names.index("nvidia_blackwell")
    on_time, late = (middle(small, class_launch_delay=(blackwell, z))["mix_log_weight"] for z in (0, 2))
    launch = int(small.fixed["class_launch"][blackwell])
    assert (late[blackwell, : launch + 4] < on_time[blackwell, : launch + 4]).all()
    others = np.arange(len(MARKET.class_names)) != blackwell
    np.testing.assert_array_equal(late[others], on_time[others])


def test_no_delay_and_no_walk_ships_a_class_before_it_exists(small):
    """A launch six quarters early and a walk that grows twentyfold: still nothing before the samples."""
    rubin = MARKET.class_names.index("nvidia_rubin")
    launch = int(small.fixed["class_launch"][rubin])
    raw = {k: np.zeros(s) for k, s in block_shapes(MARKET).items()}
    raw["class_launch_delay"][rubin] = -6.0
    raw["class_size"][rubin] = 3.0
    raw["shock_smooth"][len(DRIVERS) + rubin] = -3.0 * np.sign(small.fixed["basis_smooth"][launch - 4])
    mix = class_mix(np, values(small, raw)["mix_log_weight"])[rubin]
    assert (mix[: launch - 1] < 1e-9).all()
    assert mix[launch] > 0.05
    # Its size would have been there without the floor.
    bare = {**small.fixed, "class_floor": np.zeros_like(small.fixed["class_floor"])}
    unbound = class_mix(np, drivers(np, working_values(raw, small.data()), bare, MARKET)["mix_log_weight"])
    assert unbound[rubin, launch - 2] > 0.01
    # Samples and risk production: a part of the trend in the quarter before.
    ratio = (mix / (1 - mix))[launch - 1] / (unbound[rubin] / (1 - unbound[rubin]))[launch - 1]
    assert 0 < ratio < 0.06


def test_a_generation_cheapens_once_its_successor_ships(small):
    found = middle(small)["generation_premium"]
    assert found.shape == (len(MARKET.generation_names), N_ALL)
    decay = np.sqrt(np.prod(assumed("premium.decay_per_year")))
    for name in ("hbm3", "hbm3e"):
        at = MARKET.generation_names.index(name)
        price, years = found[at], small.fixed["generation_superseded_years"][at]
        new = np.sqrt(np.prod(assumed("premium.hbm3e"))) if name == "hbm3e" else 1.0
        assert price[0] == pytest.approx(new, rel=1e-9)
        assert 0 < (years > 0).sum() < N_ALL
        np.testing.assert_allclose(np.log(price / price[0]), -decay * years, atol=1e-9)
    np.testing.assert_array_equal(np.diff(found[-1]), 0.0)


def test_a_wafer_never_holds_more_than_what_is_printed_on_it(small, prior_draws):
    """Good GB of a wafer rise to maturity, a part of whole dies x GB a die, in every draw of the prior."""
    _, found = prior_draws
    good = found["generation_gb_per_wafer"]
    assert good.shape == (N_DRAWS, len(MARKET.generation_names), N_ALL)
    assert (np.diff(good, axis=-1) >= 0).all()
    for g, name in enumerate(MARKET.generation_names):
        area, bits = (assumed(f"hbm.{a}.{name}") for a in ("die_area_mm2", "die_gbit"))
        mean_area, mean_bits = np.sqrt(np.prod(area)), np.sqrt(np.prod(bits))
        printed = np.pi * 150.0**2 / mean_area * np.exp(-2 * np.sqrt(mean_area) / 300.0) * mean_bits / 8.0
        assert 0.35 * printed < np.median(good[:, g, -1]) < 0.85 * printed
    # And draw by draw, at that draw's own die: far beyond the prior too.
    for spread in (1.0, 3.0):
        theta = working_values(draws_of_prior(small, 500, seed=4, spread=spread), small.data())
        found = drivers(np, theta, small.fixed, MARKET)
        good, stacked = found["generation_gb_per_wafer"], found["generation_dies_per_wafer"]
        area, gb = np.exp(theta["generation_die_area_mm2"]), np.exp(theta["generation_die_gbit"]) / 8.0
        dies = np.pi * 150.0**2 / area * np.exp(-2 * np.sqrt(area) / 300.0)
        assert (good < (dies * gb)[:, :, None]).all()
        assert (stacked < dies[:, :, None]).all()
        assert (good < stacked * gb[:, :, None]).all()
        assert (good > 0).all()


def test_only_fine_drivers_have_fine_shocks(small):
    generator = np.random.default_rng(5)
    shape = block_shapes(MARKET)["shock_fine"]
    before, after = middle(small), middle(small, shock_fine=(slice(None), generator.standard_normal(shape)))
    for name in SMOOTH_DRIVERS:
        np.testing.assert_array_equal(after[name], before[name], err_msg=name)
    for name in FINE_DRIVERS:
        assert not np.allclose(after[name], before[name])


def test_block_shapes_follow_the_bases():
    fixed = bases()
    assert block_shapes(MARKET)["shock_smooth"] == (
        len(DRIVERS) + len(MARKET.class_names),
        fixed["basis_smooth"].shape[1],
    )
    assert 0.9 < SMOOTH_VARIANCE < 1


@pytest.mark.parametrize("missing", ["driver.server_shipments.level", "cowos.yield", "class.china.size"])
def test_a_missing_assumption_is_named(small, missing):
    rows = assumptions()
    priors = read_priors(rows[rows["assumption"] != missing], AS_OF)
    with pytest.raises(KeyError, match=rf"assumption '{missing}' is missing from assumptions\.csv"):
        prior_arrays(priors, small.catalogue, MARKET)


def test_prior_arrays_have_the_shapes_of_the_blocks(small):
    loc, scale = prior_arrays(read_priors(assumptions(), date(2023, 7, 31)), small.catalogue, MARKET)
    for name, shape in block_shapes(MARKET).items():
        assert loc[name].shape == scale[name].shape == shape
        assert (scale[name] > 0).all()
    assert len(products()) > 0
