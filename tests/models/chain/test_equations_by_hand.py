"""A chain computed by hand, with round numbers: limits, shortfall, the floor of the price, the blend."""

import numpy as np
import pytest

from models.chain.equations import (
    blended_gb_per_wafer,
    chain,
    price_with_dram_floor,
)
from tests.market import MARKET

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
        "hbm_other_use": 0.5 * flat,
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
