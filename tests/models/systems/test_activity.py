"""What is started is what is shipped and what is scrapped."""

from datetime import date

import numpy as np

from models.systems.activity import added, assume, made, stacks_and_dies
from tests.market import MARKET
from tests.models.systems.tool_world import joint_draws, tables


def test_stacks_and_dies_are_started_for_the_scrap_too():
    drawn = joint_draws(50)
    assumed = assume(tables()["assumptions"], date(2025, 6, 30), 50, np.random.default_rng(1))
    started, stack_yield = made(drawn, assumed, MARKET), assumed("equipment.stack_yield")
    assert (stack_yield < 1).all()
    stacks, dies = stacks_and_dies(drawn, assumed, MARKET)
    np.testing.assert_allclose(started["hbm_stack_made"] * stack_yield, added(stacks.values()), rtol=1e-12)
    np.testing.assert_allclose(started["hbm_die_made"] * stack_yield, added(dies.values()), rtol=1e-12)
