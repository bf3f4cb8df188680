"""The forecast of the morning of 28 November 2026, which passed every gate of its day, fails this one.

``night_2026_11_28/`` holds what the gate reads of it, taken from the real run (code 42c390a, as of that
day, 18,000 draws): ``parameters.csv`` the move of each assumption's mean in prior standard deviations (the
run's view ``learning``); ``left_out.csv`` the figures with weight, left out by the weights of 2,000 posterior
draws as `models.inference.left_out` does, with that model's own likelihood; ``draws.csv`` every 360th joint
draw of what it got wrong, four digits. It cannot be made again with today's model, which is the point.
"""

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from models.draws.coverage import left_out_rows
from models.draws.forecast_gate import SHIPS_EARLY, conflict_rows, physics_rows
from models.draws.gate import gate_passed, gate_reason
from models.evidence.assumptions import read_priors
from models.evidence.known import known_products
from models.inference.parameter_names import BLOCKS, assumption_names
from models.inference.posterior import named
from models.inference.problem import parameter_shapes
from models.vocabulary.periods import N_QUARTERS, QUARTERS
from tests.market import MARKET
from tests.models.draws.test_forecast_gate import world
from tests.models.forecast_world import assumptions, products
from tests.models.small_problem import problem

NIGHT = Path(__file__).parent / "night_2026_11_28"
AS_OF = date(2026, 11, 28)


def table(name: str) -> pd.DataFrame:
    return pd.read_csv(NIGHT / f"{name}.csv")


def posterior_of_the_night(small):
    """Named parameters where that night had them; what the model has had only since stays at its prior."""
    moved = table("parameters").set_index("assumption")["shift"]
    shapes = parameter_shapes(small.operator, MARKET)
    posterior = named(
        {k: np.zeros((1, 1, *shape)) for k, shape in shapes.items()}, {}, MARKET, small.operator
    )
    for block, values in posterior.raw.items():
        if block in BLOCKS and BLOCKS[block].assumption:
            values[0, 0] = moved.reindex(assumption_names(block, posterior.names)).fillna(0.0)
    return posterior


def draws_of_the_night() -> dict[str, np.ndarray]:
    """Draws of a world that could be, with that night's Rubin and wafers in it."""
    found = table("draws")
    drawn = world(n=found.filter(like="draw_").shape[1])
    for (quantity, period), row in found.set_index(["quantity", "period"]).iterrows():
        drawn[quantity][:, QUARTERS.index(period)] = row
    return drawn


@pytest.fixture(scope="module")
def rows() -> dict:
    small = problem()
    found = [
        *conflict_rows(posterior_of_the_night(small), small),
        *left_out_rows(table("left_out").astype({"one_sided": bool})),
        *physics_rows(
            draws_of_the_night(),
            known_products(products(), AS_OF),
            read_priors(assumptions(), AS_OF),
            MARKET,
            AS_OF,
        ),
    ]
    return {row[0]: row for row in found}


def test_it_is_held_back_and_the_reason_names_each_fault(rows):
    found = pd.DataFrame(rows.values(), columns=["name", "value", "threshold", "passed", "detail"])
    assert not gate_passed(found)
    for name in ("prior_conflict", "ships_before_launch", "hbm_gb_per_wafer"):
        assert f"{name} " in gate_reason(found)


def test_rubin_is_pulled_out_of_its_prior(rows):
    _, value, _, passed, detail = rows["prior_conflict"]
    assert passed is False
    assert value == pytest.approx(3.25, abs=0.01)
    assert detail.startswith("launch delay, nvidia_rubin -3.25")


def test_rubin_ships_a_million_packages_before_its_launch(rows):
    shipped = draws_of_the_night()["accelerator_shipments_class_nvidia_rubin"]
    of_2025 = shipped[:, QUARTERS.index("2025Q1") : QUARTERS.index("2025Q4") + 1].sum(axis=1)
    assert np.median(of_2025) == pytest.approx(1e6, rel=0.1)
    _, value, _, passed, detail = rows["ships_before_launch"]
    assert (value, passed) == (1.0, False)
    assert value > SHIPS_EARLY
    assert "nvidia_rubin" in detail


def test_a_wafer_holds_more_than_is_printed_on_it(rows):
    _, value, bound, passed, _ = rows["hbm_gb_per_wafer"]
    assert passed is False
    assert value > 2 * bound
    median = np.median(draws_of_the_night()["hbm_gb_per_wafer"][:, :N_QUARTERS], axis=0)
    assert median[QUARTERS.index("2026Q4")] == pytest.approx(2066, rel=0.25), "of fifty draws"


def test_the_share_of_hbm_in_dram_is_listed_as_badly_covered(rows):
    """Ten figures: too few to hold a run back, enough to be named. Each topic as a whole was covered."""
    _, value, by_chance, passed, detail = rows["left_out_quantities"]
    assert passed is None
    assert value > by_chance
    assert "hbm_share_of_dram_bits 0.40 of 10" in detail
