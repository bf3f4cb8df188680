"""The chain: the same numbers on PyTensor and NumPy, and what must hold in every draw."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.chain.drivers import block_shapes, drivers
from models.chain.equations import (
    SMOOTH_MINIMUM_SHARPNESS,
    blended_gb_per_wafer,
    chain,
    class_mix,
    price_with_dram_floor,
    shifted,
    smooth_minimum_ratio,
    stacked,
    supply,
)
from models.inference.observation import log_likelihood, log_points, predicted
from models.inference.problem import predict, working_values
from models.vocabulary.quantities import SINGLES
from tests.market import MARKET
from tests.models.small_problem import ROUNDING_OF_LOGS, draws_of_prior, one, problem

N_DRAWS = 25
RATIOS = st.floats(1e-6, 1e6)
# A class long before its launch underflows: two zeros apart by the smallest doubles are alike.
ABSOLUTE = {"rows": 1e-300, "predicted": ROUNDING_OF_LOGS, "log-likelihood": ROUNDING_OF_LOGS}


@pytest.fixture(scope="module")
def small():
    return problem()


@pytest.fixture(scope="module")
def raw(small):
    return draws_of_prior(small, N_DRAWS)


def on_numpy(small, raw):
    theta = working_values(raw, small.data())
    rows = stacked(np, chain(np, drivers(np, theta, small.fixed, MARKET), MARKET), MARKET)
    obs = small.operator.arrays
    points = log_points(np, rows, obs)
    return rows, predicted(np, points, obs), log_likelihood(np, points, theta, obs)


@pytest.fixture(scope="module")
def on_pytensor(small):
    """The same lines on PyTensor, without a compiler: one draw at a time."""
    import pytensor
    import pytensor.tensor as pt
    from pytensor.compile.mode import Mode

    shapes = {k: v[0].shape for k, v in draws_of_prior(small, 1).items()}
    # Known lengths, as in the compiled model.
    symbols = {k: pt.TensorType("float64", s)(k) for k, s in shapes.items()}
    data = {k: pt.constant(v) for k, v in small.data().items()}
    theta = working_values(symbols, data)
    fixed = {k: data[f"fixed_{k}"] for k in small.fixed}
    obs = {k: data[f"obs_{k}"] for k in small.operator.arrays}
    rows = stacked(pt, chain(pt, drivers(pt, theta, fixed, MARKET), MARKET), MARKET)
    points = log_points(pt, rows, obs)
    outputs = [rows, predicted(pt, points, obs), log_likelihood(pt, points, theta, obs)]
    function = pytensor.function(
        list(symbols.values()), outputs, mode=Mode("py", None), on_unused_input="ignore"
    )
    return lambda draw: function(*(draw[k] for k in symbols))


def test_pytensor_and_numpy_give_the_same_numbers(small, raw, on_pytensor):
    """All rows, the predicted figures and their log-likelihood, for random draws of the prior, to 1e-10.

    Rows are amounts, to be met relative to their size however small; the others are logs, which pass through
    zero (see `ROUNDING_OF_LOGS`).
    """
    expected = on_numpy(small, raw)
    assert expected[0].shape == (N_DRAWS, len(MARKET.row_names), 30)
    assert set(small.operator.arrays["censored"]) == {-1, 0, 1}
    for i in range(N_DRAWS):
        found = on_pytensor(one(raw, i))
        for values, (name, atol) in enumerate(ABSOLUTE.items()):
            np.testing.assert_allclose(
                found[values], expected[values][i], rtol=1e-10, atol=atol, err_msg=name
            )


def test_draws_at_once_are_draws_one_by_one(small, raw):
    """Leading axes of any number change nothing."""
    together = on_numpy(small, raw)
    for i in range(N_DRAWS):
        for all_draws, single, atol in zip(
            together, on_numpy(small, one(raw, i)), ABSOLUTE.values(), strict=True
        ):
            np.testing.assert_allclose(all_draws[i], single, rtol=1e-12, atol=atol)
    folded = {k: v.reshape(5, 5, *v.shape[1:]) for k, v in raw.items()}
    for flat, grid, atol in zip(together, on_numpy(small, folded), ABSOLUTE.values(), strict=True):
        np.testing.assert_allclose(grid.reshape(flat.shape), flat, rtol=1e-12, atol=atol)


def test_predict_names_the_rows(small, raw):
    rows, _, _ = on_numpy(small, raw)
    by_name = predict(raw, small)
    assert list(by_name) == list(MARKET.row_names)
    for i, name in enumerate(MARKET.row_names):
        np.testing.assert_array_equal(by_name[name], rows[:, i])
    assert len(SINGLES) + sum(len(m) for m in MARKET.members.values()) == len(MARKET.row_names)


@settings(max_examples=60)
@given(seed=st.integers(0, 2**32 - 1), spread=st.floats(0, 2.5))
def test_what_holds_in_every_draw(seed, spread):
    """Float64, twenty draws of a prior up to two and a half times too wide."""
    small = problem_of_module()
    with np.errstate(over="ignore", under="ignore"):
        theta = working_values(draws_of_prior(small, 20, seed, spread), small.data())
        inputs = drivers(np, theta, small.fixed, MARKET)
        found = chain(np, inputs, MARKET)
    rows = {name: found[name] for name in SINGLES}
    assert all(np.isfinite(v).all() and (v >= 0).all() for v in found.values())
    # Nothing is shipped beyond a limit, nor beyond what is wanted.
    for what, limits in {
        "hbm_bits_gb": ("hbm_bits_demand_gb", "hbm_bits_supply_gb"),
        "cowos_wafers": ("cowos_wafers_demand", "cowos_wafers_supply"),
        "accelerator_shipments": ("accelerator_demand",),
    }.items():
        for limit in limits:
            assert (rows[what] <= rows[limit] * (1 + 1e-12)).all(), (what, limit)
    # Shares sum to one, members to their total.
    np.testing.assert_allclose(class_mix(np, inputs["mix_log_weight"]).sum(axis=-2), 1.0, rtol=1e-12)
    for block, total in {
        "accelerator_shipments_{}": rows["accelerator_shipments"],
        "accelerator_shipments_class_{}": rows["accelerator_shipments"],
        "hbm_bits_{}_gb": rows["hbm_bits_gb"],
        "hbm_revenue_{}_usd": rows["hbm_revenue_usd"],
        "cowos_wafers_{}": rows["cowos_wafers"],
    }.items():
        np.testing.assert_allclose(found[block].sum(axis=-2), total, rtol=1e-10, err_msg=block)
    assert found["hbm_bits_{}_gb"].shape[-2] == len(MARKET.generation_names)
    assert (found["cowos_wafers_{}"][:, MARKET.customers.index("china")] == 0).all()
    # Revenue is bits times price, and the price lies between the cheapest and the dearest generation's.
    price = rows["hbm_revenue_usd"] / rows["hbm_bits_gb"]
    dram_price = rows["dram_revenue_ex_hbm_usd"] / rows["dram_bits_ex_hbm_gb"]
    base = price_with_dram_floor(
        np, inputs["hbm_base_price_usd_per_gb"], dram_price, inputs["hbm_price_floor_ratio"]
    )
    assert (base >= inputs["hbm_base_price_usd_per_gb"]).all()
    each = base[:, None] * inputs["generation_premium"]
    # A wafer gives no more than its best generation does.
    per_wafer = rows["hbm_bits_supply_gb"] / rows["hbm_wafers_finished"]
    assert (per_wafer <= inputs["generation_gb_per_wafer"].max(axis=1) * (1 + 1e-9)).all()
    assert (per_wafer >= inputs["generation_gb_per_wafer"].min(axis=1) * (1 - 1e-9)).all()
    np.testing.assert_allclose(
        rows["accelerator_shipments"] + rows["accelerator_shortfall"], rows["accelerator_demand"], rtol=1e-12
    )
    assert (price >= each.min(axis=1) * (1 - 1e-9)).all()
    assert (price <= each.max(axis=1) * (1 + 1e-9)).all()
    # HBM is part of DRAM, TSMC part of all CoWoS; filling is one share for all that is shipped.
    assert (rows["hbm_revenue_usd"] <= rows["dram_revenue_usd"]).all()
    assert (rows["hbm_bits_gb"] <= rows["dram_bits_gb"]).all()
    parts = ("cowos_capacity_tsmc_wafers_per_month", "cowos_capacity_others_wafers_per_month")
    total = sum(rows[p] for p in parts)
    np.testing.assert_allclose(rows["cowos_capacity_wafers_per_month"], total, rtol=1e-12)
    np.testing.assert_allclose(
        rows["accelerator_shipments"] / rows["accelerator_demand"],
        rows["hbm_bits_gb"] / rows["hbm_bits_demand_gb"],
        rtol=1e-9,
    )


_KEPT = []


def problem_of_module():
    """Hypothesis takes no module fixtures: made once."""
    if not _KEPT:
        _KEPT.append(problem())
    return _KEPT[0]


@settings(max_examples=25)
@given(seed=st.integers(0, 2**32 - 1), spread=st.floats(0, 1.5))
def test_single_precision_has_no_holes(seed, spread):
    """Float32, as the engine computes, for draws half as wide again as the prior.

    Far beyond that (three times the prior) volatility compounds past what single precision holds.
    """
    small = problem_of_module()
    shapes = block_shapes(MARKET)
    raw = draws_of_prior(small, 100, seed, spread, np.float32)
    data = {k: v.astype(np.float32) for k, v in small.data().items() if k.startswith(("loc_", "scale_"))}
    fixed = {k: v.astype(np.float32) for k, v in small.fixed.items()}
    with np.errstate(over="ignore", under="ignore"):
        theta = working_values({k: raw[k] for k in shapes}, data)
        found = chain(np, drivers(np, theta, fixed, MARKET), MARKET)
    for name, values in found.items():
        assert values.dtype == np.float32, name
        assert np.isfinite(values).all(), name
    for what, limit in (("hbm_bits_gb", "hbm_bits_supply_gb"), ("cowos_wafers", "cowos_wafers_supply")):
        assert (found[what] <= found[limit] * (1 + 1e-5)).all()


@given(st.lists(RATIOS, min_size=1, max_size=4))
def test_smooth_minimum_is_below_one_and_every_ratio(ratios):
    found = float(smooth_minimum_ratio(np, *(np.array([r]) for r in ratios))[0])
    hard = min(1.0, *ratios)
    assert 0 < found <= hard * (1 + 1e-12)
    # At most all limits equal: (k + 1) of them ration by (k + 1)^(-1/sharpness).
    assert found >= hard * (len(ratios) + 1) ** (-1 / SMOOTH_MINIMUM_SHARPNESS) * (1 - 1e-12)


@given(RATIOS, RATIOS, st.floats(1.0, 10.0))
def test_smooth_minimum_grows_with_its_ratios_and_knows_no_order(a, b, factor):
    first, swapped, more = (
        float(smooth_minimum_ratio(np, np.array([x]), np.array([y]))[0])
        for x, y in ((a, b), (b, a), (a * factor, b))
    )
    assert first == pytest.approx(swapped, rel=1e-12)
    assert more >= first * (1 - 1e-12)


def test_smooth_minimum_survives_tiny_ratios_in_single_precision():
    tiny = np.array([1e-30], np.float32)
    assert smooth_minimum_ratio(np, tiny, np.array([1e30], np.float32))[0] == pytest.approx(1e-30, rel=1e-4)


def test_shifted_repeats_the_end():
    path = np.arange(5.0)
    np.testing.assert_array_equal(shifted(path, 0), path)
    np.testing.assert_array_equal(shifted(path, 2), [2, 3, 4, 4, 4])
    np.testing.assert_array_equal(shifted(path, -1), [0, 0, 1, 2, 3])


def test_supply_of_a_quarter_is_three_months_of_the_mean_level():
    np.testing.assert_allclose(supply(np.array([10.0, 20.0, 40.0])), [30.0, 45.0, 90.0])


GROWING = 100.0 * np.array([1, 2, 3, 4])


def inputs_by_hand() -> dict:
    """One class, no limits in sight, HBM bought in the quarter; four quarters, servers growing."""
    quarters, classes = 4, len(MARKET.classes)
    flat = np.ones(quarters)
    weight = np.full((classes, quarters), -1e3)
    weight[1] = 0.0
    generation = np.zeros((len(MARKET.generation_names), classes, quarters))
    generation[1] = 1.0
    return {
        "server_shipments": GROWING,
        "hbm_server_penetration": 0.1 * flat,
        "accelerators_per_server": 8 * flat,
        "other_ai_servers": 5 * flat,
        "hbm_other_use": 1.5 * flat,
        "hbm_base_price_usd_per_gb": 10 * flat,
        "generation_premium": np.array([0.7, 2.0, 1.2, 1.5])[:, None] * flat,
        "dram_revenue_ex_hbm_usd": 1e6 * flat,
        "dram_bits_ex_hbm_gb": 1e5 * flat,
        "hbm_tsv_capacity_wafers_per_month": 1e6 * flat,
        "hbm_tsv_utilisation": np.array([1.0]),
        "hbm_price_floor_ratio": np.array([1e-6]),
        "generation_gb_per_wafer": np.array([500.0, 800.0, 1000.0, 900.0])[:, None] * flat,
        "generation_dies_per_wafer": np.array([420.0, 440.0, 400.0, 380.0])[:, None] * flat,
        "dram_wafer_capacity_wafers_per_month": 1e7 * flat,
        "cowos_capacity_tsmc_wafers_per_month": 1e6 * flat,
        "cowos_capacity_others_wafers_per_month": 1e5 * flat,
        "nvidia_revenue_per_accelerator_usd": 2e4 * flat,
        "mix_log_weight": weight,
        "class_hbm_gb": np.full((classes, quarters), 80.0),
        "class_hbm_stacks": np.full((classes, quarters), 5.0),
        "class_packages_per_wafer": np.full((classes, quarters), 20.0),
        "on_cowos": np.array([np.full(quarters, float(c.on_cowos)) for c in MARKET.classes]),
        "generation_of_class": generation,
        "hbm_lead": (np.array([1.0]), np.array([0.0]), np.array([0.0])),
        "cowos_lead": (np.array([0.5]), np.array([0.5])),
    }


def test_a_chain_computed_by_hand():
    """The chain is a product of its inputs."""
    found = chain(np, inputs_by_hand(), MARKET)
    accelerators = GROWING * 0.1 * 8
    np.testing.assert_allclose(found["accelerator_shipments"], accelerators, rtol=1e-9)
    np.testing.assert_allclose(found["hbm_server_shipments"], accelerators / 8, rtol=1e-9)
    np.testing.assert_allclose(found["ai_server_shipments"], accelerators / 8 + 5, rtol=1e-9)
    np.testing.assert_allclose(found["hbm_stacks"], accelerators * 5, rtol=1e-9)
    np.testing.assert_allclose(found["hbm_bits_gb"], accelerators * 80 * 1.5, rtol=1e-9)
    np.testing.assert_allclose(found["hbm_revenue_usd"], found["hbm_bits_gb"] * 10 * 2.0, rtol=1e-9)
    np.testing.assert_allclose(found["dram_revenue_usd"], 1e6 + found["hbm_revenue_usd"], rtol=1e-12)
    np.testing.assert_allclose(found["nvidia_datacenter_revenue_usd"], accelerators * 2e4, rtol=1e-9)
    np.testing.assert_allclose(found["hbm_wafers_finished"], 3e6, rtol=1e-12)
    np.testing.assert_allclose(found["hbm_bits_supply_gb"], 3e6 * 800.0, rtol=1e-12)
    np.testing.assert_allclose(found["hbm_dies_stacked"], 3e6 * 440.0, rtol=1e-12)
    np.testing.assert_allclose(found["accelerator_shortfall"], 0.0, atol=1e-6)
    # Half of the CoWoS wafers are for the quarter after, the last one repeated.
    np.testing.assert_allclose(found["cowos_wafers"], np.array([120, 200, 280, 320]) / 20, rtol=1e-9)
    np.testing.assert_allclose(found["cowos_packages"], np.array([120, 200, 280, 320]), rtol=1e-9)


def test_bits_supplied_are_finished_wafers_times_what_their_generations_give():
    """A quarter of the GB on 800 GB wafers, three on 1,000 GB ones; finished in the quarter or the next."""
    inputs = inputs_by_hand()
    generation = np.zeros_like(inputs["generation_of_class"])
    generation[1], generation[2] = 0.25, 0.75
    started = 1e6 * np.array([1.0, 2.0, 3.0, 4.0])
    changed = {
        "generation_of_class": generation,
        "hbm_tsv_capacity_wafers_per_month": started,
        "hbm_tsv_utilisation": np.array([0.8]),
    }
    found = chain(np, inputs | changed, MARKET)
    finished = 0.8 * 3e6 * np.array([1.0, 1.25, 2.0, 3.0])
    np.testing.assert_allclose(found["hbm_wafers_finished"], finished, rtol=1e-12)
    per_wafer = 1.0 / (0.25 / 800.0 + 0.75 / 1000.0)
    np.testing.assert_allclose(found["hbm_bits_supply_gb"], finished * per_wafer, rtol=1e-12)


def test_what_is_wanted_and_not_shipped_is_the_shortfall():
    """CoWoS for half of what is wanted: the rest is missing, quarter by quarter."""
    inputs = inputs_by_hand()
    wanted = GROWING * 0.1 * 8
    halved = np.array([120, 200, 280, 320]) / 20 / 2 / 3
    changed = {
        "cowos_capacity_tsmc_wafers_per_month": np.full(4, halved[0]),
        "cowos_capacity_others_wafers_per_month": np.full(4, 1e-9),
    }
    found = chain(np, inputs | changed, MARKET)
    np.testing.assert_allclose(found["accelerator_demand"], wanted, rtol=1e-12)
    total = found["accelerator_shipments"] + found["accelerator_shortfall"]
    np.testing.assert_allclose(total, wanted, rtol=1e-12)
    assert (found["accelerator_shortfall"] > 0.49 * wanted).all()
    assert (found["accelerator_shortfall"] < wanted).all()


def test_a_price_on_the_floor_is_the_ratio_times_the_mean_of_the_year_before():
    """Geometric mean of four quarters: one of four at ten times the price lifts it by 10^(1/4)."""
    dram = np.where(np.arange(12) < 6, 3.0, 30.0)
    found = price_with_dram_floor(np, np.full(12, 1e-3), dram, np.array([1.5]))
    np.testing.assert_allclose(found[:7], 4.5, rtol=1e-9)
    np.testing.assert_allclose(found[7:11], 4.5 * 10 ** (np.array([1, 2, 3, 4]) / 4), rtol=1e-9)
    far_above = price_with_dram_floor(np, np.full(12, 450.0), dram, np.array([1.5]))
    np.testing.assert_allclose(far_above, 450.0, rtol=1e-4)
    # The chain's revenue is at that price, its generation's premium on top.
    cheap = inputs_by_hand() | {
        "hbm_base_price_usd_per_gb": np.full(4, 1e-3),
        "hbm_price_floor_ratio": np.array([1.5]),
    }
    revenue = chain(np, cheap, MARKET)
    np.testing.assert_allclose(
        revenue["hbm_revenue_usd"] / revenue["hbm_bits_gb"], 2.0 * 1.5 * 1e6 / 1e5, rtol=1e-9
    )


def test_wafers_add_up_in_the_blend():
    """Half the bits from 500 GB wafers, half from 1,000: 1.5 wafers for 1,000 GB."""
    found = blended_gb_per_wafer(np.array([[0.5], [0.5]]), np.array([[500.0], [1000.0]]))
    assert found == pytest.approx([1000.0 / 1.5])


def test_drams_price_of_the_year_before_holds_hbms_up():
    quarters = 12
    dram = np.where(np.arange(quarters) < 6, 3.0, 30.0)
    own = np.full(quarters, 15.0)
    found = price_with_dram_floor(np, own, dram, np.array([1.5]))
    np.testing.assert_allclose(found[:6], 15.0, rtol=0.01)
    assert found[6] == pytest.approx(15.0, rel=0.01), "contracts of the quarter were signed before"
    assert (np.diff(found[6:11]) > 0).all()
    assert found[11] == pytest.approx(45.0, rel=0.01), "a year on the floor is 1.5 x 30"
    assert (found >= own).all()
