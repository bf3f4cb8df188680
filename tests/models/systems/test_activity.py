"""What is started is what is shipped and what is scrapped."""

from datetime import date

import numpy as np

from models.draws.joint import Draws
from models.systems.activity import added, assume, full_use, made, stacks_and_dies
from tests.market import MARKET
from tests.models.systems.tool_world import joint_draws, tables


def test_stacks_and_dies_are_started_for_the_scrap_too():
    drawn = joint_draws(50)
    assumed = assume(tables()["assumptions"], date(2025, 6, 30), 50, np.random.default_rng(1))
    started = made(drawn, assumed, MARKET)
    good = stacks_and_dies(drawn, assumed, MARKET)
    for unit, kind in zip(("hbm_stack_made", "hbm_die_made"), good, strict=True):
        scrapped = {g: shipped * (1 / assumed(f"hbm.stack_yield.{g}") - 1) for g, shipped in kind.items()}
        assert all((part > 0).all() for part in scrapped.values())
        np.testing.assert_allclose(
            started[unit] - added(kind.values()), added(scrapped.values()), rtol=1e-9, err_msg=unit
        )


def test_full_use_gives_the_chains_gb_per_wafer():
    drawn = joint_draws(50)
    assumed = assume(tables()["assumptions"], date(2025, 6, 30), 50, np.random.default_rng(1))
    starts, shipped = full_use(drawn, assumed, MARKET), made(drawn, assumed, MARKET)
    wafers = starts["hbm_wafer"]
    np.testing.assert_allclose(wafers, 3 * drawn["hbm_tsv_capacity_wafers_per_month"][:, :28], rtol=1e-6)
    # One mix and one yield: dies and stacks a wafer are those of what is really made.
    for unit in ("hbm_die", "hbm_stack"):
        np.testing.assert_allclose(
            starts[unit] / wafers, shipped[f"{unit}_made"] / shipped["hbm_wafer_made"], rtol=1e-6
        )
    # Good GB of the dies that survive stacking, by hand: one generation alone.
    alone = {k: 0 * v if k.startswith("hbm_bits_") else v for k, v in drawn.by_quantity.items()}
    alone["hbm_bits_hbm3_gb"] = drawn["hbm_bits_hbm3_gb"]
    dies = full_use(Draws(alone), assumed, MARKET)["hbm_die"] * assumed("hbm.stack_yield.hbm3")
    np.testing.assert_allclose(
        dies * assumed("hbm.die_gbit.hbm3") / 8 / wafers, drawn["hbm_gb_per_wafer"][:, :28], rtol=1e-6
    )
