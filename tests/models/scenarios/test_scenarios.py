"""Scenarios: checked rows, shocks that do what they say, pairs of the same draws."""

import re
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from models.chain.drivers import block_shapes
from models.draws.joint import PERIODS, collect
from models.draws.simulate import STREAM_DRAWS, simulate
from models.evidence.checks.scenarios import chain_drivers, read_scenarios, shockable, window
from models.evidence.evidence import Evidence
from models.evidence.validation import message
from models.scenarios.run import paired_differences, run_scenario
from models.scenarios.shocks import chain_shock, delayed, ramp, severity, share_shock, shock_sizes
from models.systems.series import Series
from models.systems.substitution import substitution
from models.vocabulary.periods import N_ALL, QUARTERS
from models.vocabulary.systems import SEGMENTS
from tests.benchmarks.world import world
from tests.market import MARKET
from tests.models.forecast_world import DATA, assumptions

AS_OF = date(2026, 11, 22)
N = 200


def row(**changes):
    base = {
        "scenario": "test",
        "title": "A test",
        "driver": "hbm_base_price_usd_per_gb",
        "from_quarter": "2026Q1",
        "to_quarter": "2026Q4",
        "operation": "multiply",
        "p05": "0.5",
        "p95": "0.8",
        "ramp_quarters": "0",
        "basis": "judgement",
        "source": "a test",
        "description": "price falls",
    }
    return base | {k: str(v) for k, v in changes.items()}


def rows(*changes):
    accepted, rejected = read_scenarios(pd.DataFrame([row(**c) for c in changes or ({},)]), MARKET)
    assert rejected.empty, rejected.to_string()
    return accepted


@pytest.fixture(scope="module")
def problem():
    return world()


@pytest.fixture(scope="module")
def raw():
    generator = np.random.default_rng(1)
    return {k: 0.3 * generator.standard_normal((N, *s)) for k, s in block_shapes(MARKET).items()}


@pytest.fixture(scope="module")
def base(problem, raw):
    return collect(simulate(problem, raw, N, 5))


def run(problem, raw, base, *changes, **options):
    found = run_scenario(problem, raw, rows(*changes), N, 5, base=base, **options)
    return found.set_index(["quantity", "period"])


def test_the_file_s_scenarios_pass_and_cover_the_four_named_risks_and_three_more():
    frame = pd.read_csv(DATA / "scenarios.csv", dtype=str, keep_default_na=False)
    accepted, rejected = read_scenarios(frame, MARKET)
    assert rejected.empty
    assert len(accepted) == len(frame)
    assert set(accepted["scenario"]) >= {
        *("ai_penetration_below", "memory_recovery_slower", "domestic_substitution_slower", "rd_slower"),
        *("cowos_delay", "hbm_price_fall", "export_control"),
    }
    # Nobody has published these sizes: wide, and said to be judgement.
    assert set(accepted["basis"]) == {"judgement"}
    for one in accepted.to_dict("records"):
        window(one, AS_OF)
        window(one, date(2024, 1, 31))


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"driver": "hbm_price"}, "driver", "unknown driver 'hbm_price'.*hbm_base_price_usd_per_gb"),
        ({"operation": "add"}, "operation", "unknown operation 'add'.*multiply, add_quarters_delay"),
        ({"driver": "product_mix"}, "operation", "can be delayed, not multiplied"),
        ({"driver": "supplier.SK hynix"}, "driver", "unknown driver.*supplier.<maker>"),
        ({"from_quarter": "2026"}, "from_quarter", "no quarter of the grid.*as_of"),
        ({"from_quarter": "2028Q1"}, "from_quarter", "no quarter of the grid"),
        ({"from_quarter": "2027Q1"}, "from_quarter", "lies after to_quarter"),
        ({"from_quarter": "as_of+3", "to_quarter": "as_of+1"}, "from_quarter", "lies after to_quarter"),
        ({"p05": "-30"}, "p05", "not above 0.*fall by 30 %"),
        ({"p05": "0.9"}, "p05", "lies above p95"),
        ({"p95": "ten"}, "p95", "it is a number in words"),
        ({"p95": "250"}, "p95", "lies above 100"),
        ({"operation": "add_quarters_delay", "p95": "13"}, "p95", "lies above 12"),
        ({"ramp_quarters": "1.5"}, "ramp_quarters", "no whole number"),
        ({"basis": "guess"}, "basis", "unknown basis"),
        ({"source": ""}, "source", "source is empty"),
        ({"scenario": "My scenario"}, "scenario", "not a name"),
    ],
)
def test_a_bad_row_is_refused_with_file_row_field_value_and_remedy(changes, field, words):
    good = row(scenario="other", title="Another")
    frame = pd.DataFrame([good, row(**changes)])
    accepted, rejected = read_scenarios(frame, MARKET, "mine.csv")
    assert list(accepted["scenario"]) == ["other"]
    told = [message(r) for r in rejected.to_dict("records") if r["field"] == field]
    assert told
    assert any(re.search(words, t) for t in told), told
    assert all(t.startswith("mine.csv row 3, field ") and "Remedy: " in t for t in told)


def test_a_scenario_with_one_bad_row_is_left_out_whole_and_titles_must_agree():
    frame = pd.DataFrame([row(), row(driver="nothing"), row(driver="server_shipments", title="B")])
    accepted, rejected = read_scenarios(frame, MARKET)
    assert accepted.empty
    assert set(rejected["field"]) == {"driver", "title"}
    assert "no column p95" in read_scenarios(frame.drop(columns="p95"), MARKET)[1]["problem"].iloc[0]


def test_window_counts_from_the_as_of_day_and_reaches_the_hidden_quarters():
    relative = row(from_quarter="as_of+1", to_quarter="2027Q4")
    assert window(relative, date(2026, 9, 30)) == (QUARTERS.index("2026Q4"), N_ALL - 1)
    assert window(relative, date(2024, 1, 31)) == (QUARTERS.index("2024Q2"), N_ALL - 1)
    assert window(row(), AS_OF) == (QUARTERS.index("2026Q1"), QUARTERS.index("2026Q4"))
    with pytest.raises(ValueError, match="holds no quarter of the grid as of 2028-01-31"):
        window(relative, date(2028, 1, 31))


def test_sizes_have_the_row_s_quantiles_and_a_harsher_draw_is_further_from_no_effect():
    harsh = severity(np.arange(20_000), 3)
    for changes, sign in (({}, -1), ({"p05": 1.1, "p95": 2.0}, 1), ({"operation": "add_quarters_delay"}, 1)):
        one = row(**changes)
        sizes = shock_sizes(one, harsh)
        found = np.quantile(sizes, [0.05, 0.95])
        np.testing.assert_allclose(found, [float(one["p05"]), float(one["p95"])], rtol=0.02)
        assert np.sign(np.corrcoef(harsh, sizes)[0, 1]) == sign
    assert set(shock_sizes(row(p05=0.7, p95=0.7), harsh).round(12)) == {0.7}


def test_severity_belongs_to_the_draw_whatever_the_chunk():
    whole = severity(np.arange(3 * STREAM_DRAWS), 1)
    np.testing.assert_array_equal(severity(np.arange(700, 900), 1), whole[700:900])
    assert abs(whole.mean()) < 0.1
    assert not np.array_equal(whole, severity(np.arange(3 * STREAM_DRAWS), 2))


def test_a_window_from_the_as_of_day_on_touches_what_remains_of_its_quarter():
    now = row(from_quarter="as_of+0", to_quarter="as_of+3")
    quarter = QUARTERS.index("2026Q4")
    # The day counts as the middle of its month: a sixth of the quarter is over in its first month.
    for month, over in ((10, 1 / 6), (11, 1 / 2), (12, 5 / 6)):
        assert window(now, date(2026, month, 22)) == (quarter + over, quarter + 3)
    assert window(now, date(2024, 2, 29)) == (QUARTERS.index("2024Q1") + 0.5, QUARTERS.index("2024Q4"))
    # A quarter named by the calendar is shocked whole, the as-of day's too.
    assert window(row(from_quarter="2026Q4", to_quarter="2027Q1"), AS_OF) == (quarter, quarter + 1)
    np.testing.assert_allclose(ramp(2.5, 5, 2, 8), [0, 0, 0.25, 0.75, 1, 1, 0, 0])
    path = np.arange(8.0)[None]
    found = delayed(path, np.array([2.0]), ramp(3.5, 7, 1, 8), 3.5)
    np.testing.assert_allclose(found, [[0, 1, 2, 2.5, 2.5, 3, 4, 5]])


def test_the_shipped_risks_reach_into_the_quarter_of_the_as_of_day_and_no_further_back():
    frame = pd.read_csv(DATA / "scenarios.csv", dtype=str, keep_default_na=False)
    accepted, _ = read_scenarios(frame, MARKET)
    for one in accepted.to_dict("records"):
        start, last = window(one, AS_OF)
        assert QUARTERS[int(start)] == "2026Q4"
        assert 0 < start % 1 < 1
        assert last == N_ALL - 1
    fall = accepted[accepted["scenario"] == "hbm_price_fall"]
    prices = {
        "hbm_base_price_usd_per_gb": np.full((N, N_ALL), 10.0),
        "hbm_price_floor_ratio": np.full((N, 1), 2.0),
    }
    shocked = chain_shock(fall, AS_OF, 5, MARKET)(prices, np.arange(N))
    after = shocked["hbm_base_price_usd_per_gb"]
    # The floor falls with it.
    np.testing.assert_allclose(shocked["hbm_price_floor_ratio"], after / 5, rtol=1e-6)
    at = QUARTERS.index("2026Q4")
    assert (after[:, :at] == 10).all()
    # Three quarters to its size, half of the first of them over: a sixth of the fall, then a half.
    full = np.log(after[:, -1] / 10)
    np.testing.assert_allclose(np.log(after[:, at] / 10), full / 6, rtol=1e-5)
    np.testing.assert_allclose(np.log(after[:, at + 1] / 10), full / 2, rtol=1e-5)


def test_ramp_grows_in_equal_steps_and_ends_after_the_window():
    np.testing.assert_allclose(ramp(2, 5, 2, 8), [0, 0, 0.5, 1, 1, 1, 0, 0])
    np.testing.assert_allclose(ramp(2, 5, 0, 8), [0, 0, 1, 1, 1, 1, 0, 0])


def test_a_delayed_path_stands_still_and_then_follows_late():
    path = np.arange(8.0)[None]
    found = delayed(path, np.array([2.0]), ramp(3, 7, 1, 8), 3)
    np.testing.assert_allclose(found, [[0, 1, 2, 2, 2, 3, 4, 5]])
    half = delayed(path, np.array([0.5]), ramp(3, 7, 1, 8), 3)
    np.testing.assert_allclose(half, [[0, 1, 2, 2.5, 3.5, 4.5, 5.5, 6.5]])


def test_a_fixed_price_fall_scales_revenue_and_nothing_else(problem, raw, base):
    found = run(problem, raw, base, {"p05": 0.7, "p95": 0.7})
    revenue = found.loc["hbm_revenue_usd"]
    inside = [p for p in PERIODS if p.startswith("2026")]
    np.testing.assert_allclose(revenue.loc[inside, "relative_p50"], -0.3, rtol=1e-4)
    np.testing.assert_allclose(revenue.loc[inside, ["relative_p05", "relative_p95"]], -0.3, rtol=1e-4)
    outside = [p for p in PERIODS if not p.startswith("2026")]
    assert (revenue.loc[outside, ["difference_p05", "difference_p95"]] == 0).all(axis=None)
    assert (found.loc["hbm_bits_gb"]["difference_p50"] == 0).all()
    assert (revenue.loc[inside, "probability_lower"] == 1).all()
    np.testing.assert_allclose(
        revenue["base_p50"], np.quantile(base["hbm_revenue_usd"], 0.5, axis=0), rtol=1e-6
    )


def test_pairing_gives_the_shock_s_own_spread_not_the_forecast_s(problem, raw, base):
    found = run(problem, raw, base, {}).loc["hbm_price_usd_per_gb", "2026Q3"]
    np.testing.assert_allclose(found["relative_p05"], -0.5, atol=0.05)
    np.testing.assert_allclose(found["relative_p95"], -0.2, atol=0.05)
    wide = np.quantile(base["hbm_price_usd_per_gb"][:, PERIODS.index("2026Q3")], [0.05, 0.95])
    assert found["difference_p95"] - found["difference_p05"] < wide[1] - wide[0]


def test_draws_of_a_scenario_do_not_depend_on_chunks_or_workers(problem, raw):
    shock = chain_shock(rows({}), AS_OF, 5, MARKET)
    one = collect(simulate(problem, raw, N, 5, shock=shock))
    other = collect(simulate(problem, raw, N, 5, block_draws=37, workers=1, shock=shock))
    for name in one.by_quantity:
        np.testing.assert_array_equal(one[name], other[name], err_msg=name)


@pytest.mark.parametrize("driver", chain_drivers(MARKET))
def test_every_shockable_input_of_the_chain_moves_it_within_its_identities(problem, raw, base, driver):
    delays = driver == "product_mix"
    change = {"driver": driver, "operation": "add_quarters_delay" if delays else "multiply"}
    change |= {"p05": 2, "p95": 3} if delays else {}
    shock = chain_shock(rows(change), AS_OF, 5, MARKET)
    found = collect(simulate(problem, raw, N, 5, shock=shock))
    moved = [n for n in found.by_quantity if not np.array_equal(found[n], base[n], equal_nan=True)]
    assert moved
    assert all(np.isfinite(found[n]).all() for n in moved)
    for name in moved:
        np.testing.assert_array_equal(found[name][:, :16], base[name][:, :16])


def test_less_penetration_lowers_volume_one_for_one_where_demand_binds_and_cowos_delay_never_raises(
    problem, raw, base
):
    change = {"driver": "hbm_server_penetration", "p05": 0.6, "p95": 0.6, "from_quarter": "2021Q1"}
    demand = run(problem, raw, base, change | {"to_quarter": "2027Q4"}).loc["accelerator_demand"]
    np.testing.assert_allclose(demand.loc["2026", ["relative_p05", "relative_p95"]], -0.4, rtol=1e-4)
    late = {"operation": "add_quarters_delay", "p05": 1, "p95": 4, "to_quarter": "2027Q4"}
    late |= {"driver": "cowos_capacity_tsmc_wafers_per_month"}
    wafers = run(problem, raw, base, late).loc["cowos_capacity_wafers_per_month"]
    assert wafers.loc["2027", "relative_p50"] < 0
    np.testing.assert_array_equal(wafers.loc["2025", "difference_p95"], 0)


def with_a_total(drawn, evidence, as_of, rng):
    tools = drawn["hbm_revenue_usd"][:, :28] * np.float32(0.02)
    return [Series("equipment", "tcb", "usd", "total", "USD", "sum", tools)]


def test_substitution_is_shocked_in_its_system_with_the_same_random_numbers(problem, raw, base):
    change = {"driver": "substitution.chips", "p05": 0.5, "p95": 0.5, "to_quarter": "2027Q4"}
    known = Evidence(assumptions=assumptions())
    found = run(
        problem, raw, base, change, systems=(substitution,), evidence=known, quantities=("hbm_bits_gb",)
    )
    assert (found.loc["hbm_bits_gb"]["difference_p50"] == 0).all()
    chips = found.loc["substitution/chips/share/total"]
    np.testing.assert_allclose(chips.loc["2026", ["relative_p05", "relative_p95"]], -0.5, rtol=1e-4)
    assert (chips.loc["2025", ["difference_p05", "difference_p95"]] == 0).all()
    # In USD the domestic part is halved with it, and what is bought in China is not.
    supply = pd.read_csv(DATA / "supply_chain.csv", dtype=str, keep_default_na=False)
    usd = run(
        problem,
        raw,
        base,
        change,
        systems=(with_a_total, substitution),
        evidence=replace(known, supply_chain=supply),
        quantities=("hbm_bits_gb",),
    )
    halved = usd.loc["substitution/chips.hbm_revenue_usd/usd/domestic"]
    np.testing.assert_allclose(halved.loc["2026", ["relative_p05", "relative_p95"]], -0.5, rtol=1e-4)
    assert (usd.loc["substitution/chips.hbm_revenue_usd/usd/china"]["difference_p50"] == 0).all()
    for segment in set(SEGMENTS) - {"chips"}:
        assert (found.loc[f"substitution/{segment}/share/total"]["difference_p50"] == 0).all()


def test_shares_stay_shares_and_harsh_draws_are_harsh_in_chain_and_system_alike():
    up = rows({"driver": "substitution.chips", "p05": 5, "p95": 50})
    shares = share_shock(up, AS_OF, 5)("substitution.chips", np.full((N, 28), 0.3, np.float32))
    assert shares.max() <= 0.999
    late = rows({"driver": "substitution.chips", "operation": "add_quarters_delay", "p05": 1, "p95": 6})
    ramped = np.tile(np.linspace(0.1, 0.9, 28, dtype=np.float32), (N, 1))
    moved = share_shock(late, AS_OF, 5)("substitution.chips", ramped)
    at = QUARTERS.index("2026Q4")
    # Monotone in severity; delays beyond the window's length have all stood still.
    assert np.corrcoef(severity(np.arange(N), 5), moved[:, at])[0, 1] < -0.8
    assert set(shockable(MARKET)) > set(chain_drivers(MARKET))


def test_requests_that_cannot_be_paired_are_errors(problem, raw, base):
    two = rows({}, {"scenario": "second"})
    with pytest.raises(ValueError, match="rows of one scenario, not of 2: second, test"):
        run_scenario(problem, raw, two, N, 5, base=base)
    with pytest.raises(ValueError, match=r"not of 0: \(none\)"):
        run_scenario(problem, raw, two.iloc[:0], N, 5, base=base)
    with pytest.raises(ValueError, match="base has 200 draws, the scenario 100"):
        run_scenario(problem, raw, rows({}), 100, 5, base=base)


def test_a_relative_difference_to_nothing_is_not_a_number():
    zero = np.zeros((4, len(PERIODS)))
    found = paired_differences("s", "hbm_bits_gb", "GB", zero, zero)
    assert found["relative_p50"].isna().all()
    assert (found["difference_p50"] == 0).all()


def test_adding_a_scenario_is_a_row(problem, raw, base):
    frame = pd.read_csv(DATA / "scenarios.csv", dtype=str, keep_default_na=False)
    mine = row(scenario="mine", title="Mine", driver="hbm_tsv_capacity_wafers_per_month", p05=0.3, p95=0.4)
    accepted, rejected = read_scenarios(pd.concat([frame, pd.DataFrame([mine])]), MARKET)
    assert rejected.empty
    chosen = accepted[accepted["scenario"] == "mine"]
    found = run_scenario(problem, raw, chosen, N, 5, base=base).set_index(["quantity", "period"])
    assert found.loc[("hbm_tsv_capacity_wafers_per_month", "2026"), "relative_p50"] == pytest.approx(
        -0.65, abs=0.05
    )
