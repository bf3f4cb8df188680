"""The engine: the same whatever the chunks and workers, equal to the chain, exact in its identities."""

import itertools

import numpy as np
import pytest

from models.chain.drivers import block_shapes
from models.chain.equations import chain, smooth_minimum_ratio
from models.chain.lineage import inputs_of
from models.draws.gate import identity_residuals
from models.draws.joint import PERIODS, Draws, collect
from models.draws.relief import relief_shares
from models.draws.simulate import STREAM_DRAWS, carried, simulate
from models.draws.thresholds import THRESHOLDS
from models.inference.problem import predict
from models.vocabulary.periods import N_QUARTERS
from models.vocabulary.quantities import SINGLES, STAGES
from tests.benchmarks.world import world
from tests.market import MARKET

N_POSTERIOR = 300


@pytest.fixture(scope="module")
def problem():
    return world()


@pytest.fixture(scope="module")
def raw(problem):
    generator = np.random.default_rng(1)
    # Narrower than the prior, as a posterior is.
    return {k: 0.4 * generator.standard_normal((N_POSTERIOR, *s)) for k, s in block_shapes(MARKET).items()}


def same(one, other):
    assert list(one.by_quantity) == list(other.by_quantity)
    for name in one.by_quantity:
        np.testing.assert_array_equal(one[name], other[name], err_msg=name)


@pytest.mark.parametrize(("block_draws", "workers"), [(97, 1), (512, 2), (2048, 3), (1, 2)])
def test_chunks_and_workers_do_not_change_the_draws(problem, raw, block_draws, workers):
    n = 40 if block_draws == 1 else 700
    fresh = ("driver_level", "constant")
    expected = collect(simulate(problem, raw, n, 7, fresh_blocks=fresh))
    same(collect(simulate(problem, raw, n, 7, block_draws, workers, fresh_blocks=fresh)), expected)


def test_draws_are_neighbours_in_all_that_the_chain_is_given_and_gives(problem, raw, monkeypatch):
    laid: dict[str, int] = {}

    def watched(xp, inputs, market):
        rows = chain(xp, inputs, market)
        for name, values in [*inputs.items(), *((f"{name} of the chain", v) for name, v in rows.items())]:
            for part in values if isinstance(values, tuple) else (values,):
                if len(part) == STREAM_DRAWS:
                    laid[name] = part.strides[0] // part.itemsize
        return rows

    monkeypatch.setattr("models.draws.simulate.chain", watched)
    next(simulate(problem, raw, 10, 7, workers=1, fresh_blocks=("constant",)))
    assert len(laid) > len(MARKET.members) + len(SINGLES)
    assert {name for name, step in laid.items() if step != 1} == set()


def test_more_draws_begin_with_the_same_ones(problem, raw):
    few, many = (collect(simulate(problem, raw, n, 7, fresh_blocks=("constant",))) for n in (400, 700))
    same(few, many.taken(slice(400)))


@pytest.mark.parametrize("n", [90, N_POSTERIOR, 400])
def test_what_is_carried_of_a_posterior_gives_the_same_draws(problem, raw, n):
    whole = raw | error_blocks(problem)
    cut = carried(problem, whole, n)
    assert sum(v.nbytes for v in cut.values()) < sum(v.nbytes for v in whole.values()) / 2
    same(collect(simulate(problem, cut, n, 7)), collect(simulate(problem, whole, n, 7)))


def test_seed_changes_fresh_draws_only(problem, raw):
    one, other = (collect(simulate(problem, raw, N_POSTERIOR, seed)) for seed in (1, 2))
    same(one, other)
    fresh = [collect(simulate(problem, raw, 50, seed, fresh_blocks=("driver_level",))) for seed in (1, 2)]
    assert (fresh[0]["server_shipments"] != fresh[1]["server_shipments"]).all()


def test_draws_are_those_of_the_chain(problem, raw):
    full = raw | error_blocks(problem)
    expected = predict(full, problem)
    found = collect(simulate(problem, raw, N_POSTERIOR, 1, dtype=np.float64))
    single = collect(simulate(problem, raw, N_POSTERIOR, 1))
    for quantity in MARKET.quantities:
        if quantity.yearly == "ratio":
            wanted = expected[quantity.numerator] / expected[quantity.denominator]
        else:
            wanted = expected[quantity.name]
        wanted = wanted[:, :N_QUARTERS]
        # A class long before its launch is below what float32 can hold.
        np.testing.assert_allclose(found[quantity.name][:, :N_QUARTERS], wanted, rtol=1e-6, atol=1e-30)
        # What is left unmade is a difference: float32 knows it to its part of what is wanted.
        allowed = 1e-9 + 2e-4 * wanted + 2e-6 * larger_of_difference(quantity, expected)[:, :N_QUARTERS]
        error = np.abs(single[quantity.name][:, :N_QUARTERS] - wanted)
        assert (error <= allowed).all(), (quantity.name, (error / allowed).max())


def larger_of_difference(quantity, expected):
    """The larger of the two rows whose difference a quantity is, per its denominator; zeros for any other."""
    name = quantity.numerator or quantity.name
    parts = [expected.get(part) for part in inputs_of(name, MARKET)]
    none = np.zeros_like(expected[name])
    if len(parts) != 2 or any(part is None for part in parts):
        return none
    if not np.allclose(np.abs(parts[0] - parts[1]), expected[name]):
        return none
    return np.maximum(*parts) / (expected[quantity.denominator] if quantity.denominator else 1.0)


def error_blocks(problem):
    from models.inference.error_terms import error_shapes

    return {k: np.zeros((N_POSTERIOR, *s)) for k, s in error_shapes(problem.operator).items()}


def test_blocks_have_every_quantity_and_period(problem, raw):
    blocks = list(simulate(problem, raw, 600, 1, block_draws=250))
    assert [len(b["hbm_revenue_usd"]) for b in blocks] == [250, 250, 100]
    assert list(blocks[0]) == [q.name for q in MARKET.quantities]
    assert PERIODS[0] == "2021Q1"
    assert PERIODS[N_QUARTERS - 1 :] == ("2027Q4", "2021", "2022", "2023", "2024", "2025", "2026", "2027")
    assert all(v.shape == (250, len(PERIODS)) and v.dtype == np.float32 for v in blocks[0].values())


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_identities_hold_in_every_draw(problem, raw, dtype):
    values = collect(simulate(problem, raw, N_POSTERIOR, 1, dtype=dtype))
    found = identity_residuals(values, MARKET)
    assert found["not finite or negative"] == 0
    assert found["annual is the sum of quarters"] <= THRESHOLDS.identity
    assert found["revenue is bits times price"] <= THRESHOLDS.identity
    assert found["shipped beyond a limit"] <= THRESHOLDS.share_sum
    assert (
        max(found["accelerator mix sum to one"], found["HBM generations sum to one"]) <= THRESHOLDS.share_sum
    )
    for quantity in MARKET.quantities:
        if quantity.yearly == "end":
            np.testing.assert_array_equal(
                values[quantity.name][:, N_QUARTERS:], values[quantity.name][:, 3:N_QUARTERS:4]
            )
    assert MARKET.by_name["hbm_price_usd_per_gb"].yearly == "ratio"


def test_posterior_is_used_evenly(problem, raw):
    marked = {name: values.copy() for name, values in raw.items()}
    marked["driver_level"][:] = 0.0
    marked["driver_level"][:, 0] = np.linspace(-1, 1, N_POSTERIOR)
    marked["driver_drift"][:] = 0.0
    marked["shock_smooth"][:] = 0.0

    def used(n):
        found = collect(simulate(problem, marked, n, 3))["server_shipments"][:, 7]
        return np.searchsorted(np.sort(whole), found * (1 - 1e-5))

    whole = collect(simulate(problem, marked, N_POSTERIOR, 3))["server_shipments"][:, 7]
    np.testing.assert_array_equal(used(N_POSTERIOR), np.arange(N_POSTERIOR))
    np.testing.assert_array_equal(used(100), np.arange(0, N_POSTERIOR, 3))
    np.testing.assert_array_equal(np.bincount(used(2 * N_POSTERIOR)), 2)
    assert (used(2 * N_POSTERIOR)[N_POSTERIOR:] != np.arange(N_POSTERIOR)).any()


def test_a_stage_binds_as_far_as_its_relief_would_raise_shipments():
    """Against the chain's own smooth minimum, by differences."""
    ones, step = np.ones((1, len(PERIODS))), 1e-6
    for hbm, cowos in ((2.0, 3.0), (0.5, 0.8), (0.9, 0.8), (1.0, 1.0)):
        block = {
            "hbm_bits_supply_gb": 7 * hbm * ones,
            "hbm_bits_demand_gb": 7 * ones,
            "cowos_wafers_supply": 3 * cowos * ones,
            "cowos_wafers_demand": 3 * ones,
        }
        found = relief_shares(Draws(block))[0, :, 0]
        here, more_hbm, more_cowos = (
            np.log(smooth_minimum_ratio(np, np.array(hbm * (1 + h)), np.array(cowos * (1 + c))))
            for h, c in ((0, 0), (step, 0), (0, step))
        )
        assert found[STAGES.index("hbm")] == pytest.approx((more_hbm - here) / step, abs=1e-5)
        assert found[STAGES.index("cowos")] == pytest.approx((more_cowos - here) / step, abs=1e-5)
        assert found.sum() == pytest.approx(1.0)


def test_only_a_few_blocks_are_computed_ahead(problem, raw):
    endless = simulate(problem, raw, 10**9, 1, block_draws=STREAM_DRAWS)
    assert len(list(itertools.islice(endless, 3))) == 3
    endless.close()


def test_wrong_requests_are_errors(problem, raw):
    with pytest.raises(ValueError, match="n_draws must be at least 1"):
        simulate(problem, raw, 0, 1)
    with pytest.raises(ValueError, match=r"unknown fresh blocks \['nothing'\]"):
        simulate(problem, raw, 1, 1, fresh_blocks=("nothing",))
    with pytest.raises(ValueError, match="'constant' is missing"):
        simulate(problem, {k: v for k, v in raw.items() if k != "constant"}, 1, 1)
    with pytest.raises(ValueError, match="block_draws and workers"):
        simulate(problem, raw, 1, 1, workers=0)
    with pytest.raises(ValueError, match=r"have \[299, 300\] draws"):
        simulate(problem, raw | {"constant": raw["constant"][1:]}, 1, 1)
