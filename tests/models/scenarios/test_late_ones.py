"""A product class that is late, and a maker that is: who loses what, draw by draw."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from models.chain.drivers import block_shapes
from models.draws.joint import PERIODS, collect
from models.draws.simulate import simulate
from models.evidence.checks.scenarios import begins_before, read_scenarios
from models.evidence.evidence import Evidence
from models.scenarios.makers import industry_factor, maker_factors, shocked_makers
from models.scenarios.own import own_scenario
from models.scenarios.run import moved_systems, run_scenario
from models.scenarios.shocks import shocked_path
from models.systems.supplier import shocked_shares, supplier
from models.vocabulary.periods import QUARTERS
from models.vocabulary.rows import records
from tests.benchmarks.world import world
from tests.market import MARKET
from tests.models.scenarios.test_scenarios import row
from tests.models.systems.shares_world import tables

AS_OF = date(2026, 11, 22)
N = 64
START = QUARTERS.index("2026Q1")


def rows(**changes):
    accepted, rejected = read_scenarios(pd.DataFrame([row(to_quarter="2027Q4", **changes)]), MARKET)
    assert rejected.empty, rejected.to_string()
    return accepted


def delay(driver: str, quarters: float = 2.0):
    return rows(driver=driver, operation="add_quarters_delay", p05=quarters, p95=quarters, ramp_quarters=1)


@pytest.fixture(scope="module")
def engine():
    problem = world()
    generator = np.random.default_rng(1)
    raw = {k: 0.3 * generator.standard_normal((N, *s)) for k, s in block_shapes(MARKET).items()}
    return problem, raw, collect(simulate(problem, raw, N, 5))


def run(engine, scenario, **options):
    problem, raw, base = engine
    return run_scenario(problem, raw, scenario, N, 5, base=base, **options).set_index(["quantity", "period"])


def test_a_late_class_leaves_its_place_to_the_others(engine):
    late = "nvidia_rubin"
    found = run(engine, delay(f"class_weight.{late}"))
    share = found.loc[f"accelerator_mix_{late}"]
    assert share.loc["2026Q4", "relative_p95"] < 0
    assert abs(share.loc["2025Q4", "difference_p95"]) < 1e-12
    others = found.loc["accelerator_mix_nvidia_blackwell_ultra"]
    assert others.loc["2026Q4", "relative_p05"] > 0
    # The whole is wanted as before: demand for accelerators does not hang on which class serves it.
    assert found.loc["accelerator_demand"].loc["2027", "difference_p95"] == 0


def test_factors_of_a_maker_are_its_own_path_late():
    capacity = np.tile(np.linspace(100.0, 370.0, 28), (N, 1))
    shares = {"one": np.full((N, 28), 0.25), "two": np.full((N, 28), 0.75)}
    factors = maker_factors(delay("supplier.one"), capacity, shares, AS_OF, 5)
    assert list(factors) == ["one"]
    own = capacity * 0.25
    late = factors["one"] * own
    np.testing.assert_allclose(late[:, START + 5], own[:, START + 3], rtol=1e-4)
    np.testing.assert_array_equal(factors["one"][:, :START], 1.0)
    left = industry_factor(shares, factors)
    np.testing.assert_allclose(capacity * left, capacity - own + late)
    # Its share falls as its volume does; all shares add up to one.
    stacked = np.stack([shares["one"], shares["two"]], axis=1)
    shocked = shocked_shares(stacked, ["one", "two"], factors)
    np.testing.assert_allclose(shocked.sum(axis=1), 1.0)
    np.testing.assert_allclose(shocked[:, 0] * capacity * left, late)
    with pytest.raises(ValueError, match="no maker 'three'; there are one, two"):
        maker_factors(delay("supplier.three"), capacity, shares, AS_OF, 5)


@pytest.mark.parametrize(
    ("driver", "rises"),
    [
        ("supplier.one", False),
        ("hbm_tsv_capacity_wafers_per_month", False),
        ("cowos_capacity_others_wafers_per_month", False),
        ("hbm_base_price_usd_per_gb", True),
    ],
)
def test_a_late_capacity_is_never_more_and_a_late_fall_of_a_price_is(driver, rises):
    falling = np.tile(np.linspace(370.0, 100.0, 28), (N, 1))
    (asked,) = records(delay(driver))
    late = shocked_path(asked, falling, np.zeros(N), AS_OF)
    assert (late[:, START + 5] > falling[:, START + 5]).all() == rises
    assert (late >= falling).all()
    growing = falling[:, ::-1]
    assert (shocked_path(asked, growing, np.zeros(N), AS_OF)[:, START + 5] < growing[:, START + 5]).all()


def test_a_late_maker_costs_the_industry_capacity_and_itself_a_share(engine):
    scenario = delay("supplier.samsung", 4)
    assert shocked_makers(scenario) == ["samsung"]
    assert moved_systems(scenario) == [supplier]
    found = run(engine, scenario, systems=(supplier,), evidence=Evidence(**tables()))
    capacity = found.loc["hbm_tsv_capacity_wafers_per_month"]
    assert capacity.loc["2027", "relative_p50"] < 0
    assert capacity.loc["2025", "difference_p95"] == 0
    own, other = (found.loc[f"supplier/{maker}/share/bits"] for maker in ("samsung", "sk_hynix"))
    assert own.loc["2027", "relative_p50"] < 0 < other.loc["2027", "relative_p50"]
    lost = found.loc["supplier/samsung/wafers_per_month/total"].loc["2027Q4"]
    np.testing.assert_allclose(lost["difference_p50"], capacity.loc["2027Q4", "difference_p50"], rtol=0.05)
    assert found.loc["supplier/sk_hynix/wafers_per_month/total"]["relative_p95"].abs().max() < 1e-5
    # What was, was: figures were printed of the world without the shock.
    assert found.loc["supplier/samsung/wafers_per_month/total"].loc["2025", "difference_p95"] == 0


def test_what_the_makers_are_without_the_shock_is_computed_once(engine, monkeypatch):
    asked = []

    def counted(*arguments, **options):
        asked.append("left_of" in options)
        return supplier(*arguments, **options)

    monkeypatch.setattr("models.scenarios.run.supplier", counted)
    found = run(engine, delay("supplier.samsung", 4), systems=(counted,), evidence=Evidence(**tables()))
    assert asked == [False, True]
    assert found.loc["supplier/samsung/share/bits"].loc["2027", "relative_p50"] < 0


def test_windows_that_begin_in_the_past_are_known():
    assert begins_before(row(from_quarter="2026Q3"), AS_OF)
    assert not begins_before(row(from_quarter="2026Q4"), AS_OF)
    assert not begins_before(row(from_quarter="as_of+0"), AS_OF)
    assert len(PERIODS) == 35


def test_a_scenario_of_ones_own_by_the_names_people_use():
    known = Evidence(**tables())
    rows, rejected = own_scenario(
        ["hbm_server_penetration=1.1"],
        ["samsung=2", "nvidia_rubin=1:3", "H100=0.5", "product_mix=1"],
        "2027Q1",
        "2027Q4",
        1,
        known,
    )
    assert rejected.empty
    assert list(rows["driver"]) == [
        "hbm_server_penetration",
        "supplier.samsung",
        "class_weight.nvidia_rubin",
        "class_weight.nvidia_hopper",
        "product_mix",
    ]
    assert list(rows["operation"]) == ["multiply", *4 * ["add_quarters_delay"]]
    assert [tuple(map(float, row)) for row in rows[["p05", "p95"]].to_numpy()][2] == (1.0, 3.0)
    _, rejected = own_scenario(["penetration=1.1"], [], "2027Q1", "2027Q4", 0, known)
    assert "hbm_server_penetration" in rejected["remedy"].iloc[0]
    with pytest.raises(ValueError, match="write driver=size"):
        own_scenario(["penetration"], [], "2027Q1", "2027Q4", 0, known)
