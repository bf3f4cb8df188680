"""What is started is what the wafers give, in stacks as high as those that ship."""

from datetime import date

import numpy as np

from models.draws.joint import Draws
from models.systems.activity import added, assume, full_use, made, stacks_and_dies
from tests.market import MARKET
from tests.models.systems.tool_world import joint_draws, tables


def world(n=50):
    drawn = joint_draws(n)
    return drawn, assume(tables()["assumptions"], date(2025, 6, 30), n, np.random.default_rng(1))


def test_dies_are_those_that_the_chains_wafers_give():
    """What a line is equipped for rests on the wafer that the supply limit rests on, draw by draw."""
    drawn, assumed = world()
    starts, shipped = full_use(drawn, assumed, MARKET), made(drawn, assumed, MARKET)
    wafers = starts["hbm_wafer"]
    np.testing.assert_allclose(wafers, 3 * drawn["hbm_tsv_capacity_wafers_per_month"][:, :28], rtol=1e-6)
    for dies, of in ((starts["hbm_die"], wafers), (shipped["hbm_die_made"], shipped["hbm_wafer_made"])):
        np.testing.assert_allclose(dies / of, drawn["hbm_dies_per_wafer"][:, :28], rtol=1e-6)
    bits = added(drawn.quarters(name) for name in drawn.by_quantity if name.startswith("hbm_bits_"))
    np.testing.assert_allclose(shipped["hbm_wafer_made"] * drawn["hbm_gb_per_wafer"][:, :28], bits, rtol=1e-6)


def test_stacks_are_as_high_as_those_that_ship():
    drawn, assumed = world()
    others = [f"hbm_bits_{g}_gb" for g in MARKET.generation_names if g != "hbm3"]
    alone = Draws({**drawn.by_quantity, **{name: 0 * drawn[name] for name in others}})
    starts = full_use(alone, assumed, MARKET)
    layers = np.broadcast_to(assumed("equipment.layers_per_stack.hbm3"), starts["hbm_die"].shape)
    np.testing.assert_allclose(starts["hbm_die"] / starts["hbm_stack"], layers, rtol=1e-6)
    good_stacks, good_dies = stacks_and_dies(alone, assumed, MARKET)
    np.testing.assert_allclose(good_dies["hbm3"] / good_stacks["hbm3"], layers, rtol=1e-6)
