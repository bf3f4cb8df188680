"""The questions an analyst asks in the morning, answered from the arrays without DuckDB."""

from datetime import date

import numpy as np
import pytest

import tests.warehouse.synthetic_systems as systems
import tests.warehouse.synthetic_warehouse as synthetic
from models.systems.series import yearly_values
from warehouse.query import query
from warehouse.statements import HERE

YEARS, QUARTERS, PERIODS = synthetic.YEARS, synthetic.QUARTERS, synthetic.PERIODS
LEVELS = (5, 50, 95)


def question(number: int) -> str:
    (path,) = (HERE / "cookbook").glob(f"{number:02d}_*.sql")
    return path.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def cook(two_nights):
    return lambda number: query(two_nights, question(number)).to_pylist()


@pytest.fixture(scope="module")
def drawn(draws):
    return lambda quantity, period: draws[quantity][:, PERIODS.index(period)].astype(float)


@pytest.fixture(scope="module")
def system(draws):
    """Quarters and years of a series of a system, (draw, period)."""
    found = {
        (s.system, s.item, s.measure, s.part): np.concatenate([s.values, yearly_values(s)], axis=1)
        for s in systems.series(draws)
    }
    return lambda *name, period: found[name][:, PERIODS.index(period)].astype(float)


def quantiles(values: np.ndarray, divisor: float = 1.0) -> list[float]:
    return list(np.percentile(values, LEVELS) / divisor)


def numbers(row: dict, *names: str) -> list[float]:
    return [row[name] for name in names]


def test_43_bonders_by_quarter(cook, system):
    rows = cook(43)
    measures = ("tools", "million USD", "million USD each")
    assert [(row["period"], row["what"]) for row in rows] == [
        (q, what) for q in QUARTERS[20:] for what in measures
    ]
    found = {(row["period"], row["what"]): numbers(row, "p05", "p50", "p95") for row in rows}
    tools = system("equipment", "tcb", "tools", "total", period="2027Q3")
    usd = system("equipment", "tcb", "usd", "total", period="2027Q3")
    assert found["2027Q3", "tools"] == pytest.approx(quantiles(tools), rel=1e-5)
    assert found["2027Q3", "million USD"] == pytest.approx(quantiles(usd, 1e6), rel=1e-5)


def test_44_when_hbm_stops_being_short(cook, draws):
    short = draws["hbm_bits_supply_gb"][:, 20:28] < draws["hbm_bits_demand_gb"][:, 20:28]
    names = [*QUARTERS[21:], "not before the end of 2027"]
    last = [np.flatnonzero(of_draw)[-1] if of_draw.any() else None for of_draw in short]
    found = ["no longer short now" if i is None else names[i] for i in last]
    wanted = {name: found.count(name) / len(found) for name in sorted(set(found))}
    assert len(wanted) > 3
    assert {row["not_short_from"]: row["probability"] for row in cook(44)} == pytest.approx(wanted)


def test_45_what_limits_each_quarter(cook):
    rows = cook(45)
    assert [row["period"] for row in rows] == QUARTERS[20:]
    first = rows[0]
    assert (first["demand"], first["hbm"], first["cowos"]) == (0.2, 0.3, 0.5)
    assert (first["hbm_no_longer_binds"], first["cowos_no_longer_binds"]) == (False, False)


def test_46_what_moved_since_a_month_ago(state, draws):
    assert query(state, question(46)).num_rows == 0
    earlier = synthetic.joint_draws(5, n=40)
    synthetic.rerun_history(state, "november", earlier, as_of=date(2025, 11, 30))
    before, now = (d["hbm_revenue_usd"][:, PERIODS.index("2026")].astype(float) for d in (earlier, draws))
    moved = {(r["quantity"], r["period"]): r for r in query(state, question(46)).to_pylist()}
    row = moved["hbm_revenue_usd", "2026"]
    assert row["earlier_as_of"] == date(2025, 11, 30)
    change = np.median(now) - np.median(before)
    assert row["change_of_median"] == pytest.approx(change / np.median(before))
    p05, _, p95 = np.percentile(before, LEVELS)
    assert row["change_in_earlier_sd"] == pytest.approx(change / ((p95 - p05) / 3.29))


def test_59_from_run_to_run(cook, drawn):
    first, second = cook(59)
    assert (first["run_id"], second["run_id"]) == ("night-1", "night-2")
    assert first["change"] is None
    assert second["p50"] == pytest.approx(np.median(drawn("hbm_revenue_usd", "2026")) / 1e9)
    assert second["change"] == pytest.approx(second["p50"] / first["p50"] - 1)


def test_47_customers(cook, drawn):
    rows = cook(47)
    assert [row["customer"] for row in rows] == ["nvidia", "amd"]
    share = drawn("cowos_wafers_nvidia", "2026") / drawn("cowos_wafers", "2026")
    assert numbers(rows[0], "p05", "p50", "p95") == pytest.approx(quantiles(share))


def test_48_generations(cook, drawn):
    rows = {(row["period"], row["generation"]): row for row in cook(48)}
    assert {period for period, _ in rows} == {"2024", "2025", "2026", "2027"}
    row = rows["2026", "hbm4"]
    assert numbers(row, "p05", "p50", "p95") == pytest.approx(
        quantiles(drawn("hbm_generation_share_hbm4", "2026"))
    )


def test_49_price_by_quarter(cook, drawn):
    rows = cook(49)
    assert [row["period"] for row in rows] == QUARTERS[20:]
    for i, before in ((0, "2025Q4"), (2, "2026Q2")):
        now = drawn("hbm_price_usd_per_gb", rows[i]["period"])
        assert rows[i]["p50"] == pytest.approx(np.median(now))
        assert rows[i]["probability_dearer"] == np.mean(now > drawn("hbm_price_usd_per_gb", before))


def test_50_who_disagrees(cook, drawn):
    rows = cook(50)
    # Of the same publisher and year the latest in use; growth is no level. What was said more than a year
    # before the as-of day stands below, without a distance in deviations.
    assert [(row["publisher"], row["period"], row["is_old"]) for row in rows] == [
        ("Broker", "2026", False),
        ("TrendForce", "2024", True),
    ]
    assert rows[1]["distance_in_sd"] is None
    row = rows[0]
    p05, p50, p95 = np.percentile(drawn("hbm_revenue_usd", "2026"), LEVELS)
    assert row["distance_in_sd"] == pytest.approx(np.log(90e9 / p50) / (np.log(p95 / p05) / 3.29))
    assert row["outside_90_percent"] == (not p05 <= 90e9 <= p95)


def test_51_what_was_said_a_year_ago(state, draws):
    assert query(state, question(51)).num_rows == 0  # the figure about 2025 is of June 2025
    aged = synthetic.with_more_figures(synthetic.evidence())
    aged["sources"].loc[1, "published_on"] = "2024-06"
    synthetic.ingest(state, aged, synthetic.rejected(), "night-9", synthetic.INGESTED_AT)
    (row,) = query(state, question(51)).to_pylist()
    was = np.median(draws["hbm_revenue_usd"][:, PERIODS.index("2025")].astype(float))
    assert (row["publisher"], row["said_billion_usd"]) == ("Broker", 30.0)
    assert row["error"] == pytest.approx(30e9 / was - 1)
    assert row["right_within_a_tenth"] == (abs(30e9 / was - 1) < 0.1)


def test_52_price_falls(cook, drawn):
    growth = drawn("hbm_price_usd_per_gb", "2027") / drawn("hbm_price_usd_per_gb", "2026") - 1
    (row,) = cook(52)
    assert row["by_more_than_a_tenth"] == pytest.approx(np.mean(growth <= -0.1))
    assert row["at_all"] == pytest.approx(np.mean(growth <= 0))
    assert 0 < row["at_all"] < 1


def test_53_bit_growth(cook, drawn):
    for row, before in zip(cook(53), ("2024", "2025", "2026"), strict=True):
        growth = drawn("hbm_bits_gb", row["period"]) / drawn("hbm_bits_gb", before) - 1
        assert numbers(row, "p05", "p50", "p95") == pytest.approx(quantiles(growth))


def test_54_gb_per_accelerator(cook, drawn):
    rows = [row for row in cook(54) if row["quantity"] == "hbm_gb_per_accelerator"]
    assert [row["period"] for row in rows] == YEARS[3:]
    assert numbers(rows[2], "p05", "p50", "p95") == pytest.approx(
        quantiles(drawn("hbm_gb_per_accelerator", "2026"))
    )


def test_55_next_year_lower(cook, drawn):
    rows = {row["quantity"]: row["probability_lower"] for row in cook(55)}
    assert "hbm_revenue_usd" in rows
    for quantity, probability in rows.items():
        assert probability == np.mean(drawn(quantity, "2027") < drawn(quantity, "2026"))


def test_56_figures_of_one_publisher(cook):
    (row,) = cook(56)
    assert (row["figure_id"], row["measure"], row["unit"], row["percentile"]) == (
        "hbm-0001",
        "level",
        "USD",
        70.0,
    )
    assert row["url"] == "https://example.org/1"


def test_57_tsv_capacity_by_maker(cook, system):
    rows = cook(57)
    assert [(row["period"], row["maker"]) for row in rows[:2]] == [("2024", "samsung"), ("2024", "sk_hynix")]
    wanted = system("supplier", "samsung", "wafers_per_month", "total", period="2027")
    assert numbers(rows[-2], "p05", "p50", "p95") == pytest.approx(quantiles(wanted, 1e3), rel=1e-5)


def test_58_a_makers_revenue(cook, system):
    rows = cook(58)
    assert [row["period"] for row in rows] == YEARS[3:]
    usd = system("supplier", "sk_hynix", "usd", "total", period="2026")
    assert numbers(rows[2], "p05", "p50", "p95") == pytest.approx(quantiles(usd, 1e9), rel=1e-5)
    share = system("supplier", "sk_hynix", "share", "revenue", period="2026")
    assert numbers(rows[2], "share_p05", "share_p50", "share_p95") == pytest.approx(
        quantiles(share), rel=1e-5
    )


def test_60_supply_over_demand(cook, drawn):
    rows = cook(60)
    assert [row["period"] for row in rows] == YEARS[3:]
    supply, demand = (drawn(f"hbm_bits_{side}_gb", "2026") for side in ("supply", "demand"))
    assert numbers(rows[2], "p05", "p50", "p95") == pytest.approx(quantiles(supply / demand))
    assert rows[2]["probability_short"] == np.mean(supply < demand)


def test_61_joint_scenarios(cook, drawn):
    rows = cook(61)
    assert [row["draw"] for row in rows] == list(range(100))
    for name in ("hbm_revenue_usd_2026", "hbm_bits_gb_2027", "cowos_wafers_2027"):
        quantity, _, year = name.rpartition("_")
        assert [row[name] for row in rows] == list(drawn(quantity, year)[:100])


def test_62_forecast_hub(cook, drawn):
    rows = cook(62)
    levels = [row["output_type_id"] for row in rows if row["output_type"] == "quantile"]
    assert levels == ["0.05", "0.25", "0.5", "0.75", "0.95"] * 4
    first = rows[0]
    assert (str(first["reference_date"]), first["target"], first["horizon"]) == (
        "2026-01-02",
        "hbm_bits_gb",
        0,
    )
    assert str(first["target_end_date"]) == "2026-12-31"
    samples = [row for row in rows if row["output_type"] == "sample" and row["output_type_id"] == "s000007"]
    # One id is one future: the same draw in every target.
    found = {(row["target"], row["target_end_date"].year): row["value"] for row in samples}
    assert found == {
        (q, y): drawn(q, str(y))[7] for q in ("hbm_bits_gb", "hbm_revenue_usd") for y in (2026, 2027)
    }


def test_63_exposure_of_a_company(cook, system):
    rows = cook(63)
    # A share of a part of the market is none of the whole.
    assert {row["company_en"] for row in rows} == {"Far Bond"}
    (row,) = rows
    p05, p50, p95 = quantiles(system("equipment", "tcb", "usd", "total", period="2026"), 1e6)
    # The newest share counts; of "over 90 %" the upper end is the whole market.
    assert (row["published_share_low"], row["published_share_high"]) == (0.9, 1.0)
    assert (row["published_share_of"], row["published_share_publisher"]) == ("tcb", "Broker")
    found = numbers(row, "million_usd_p05", "million_usd_p50", "million_usd_p95")
    assert found == pytest.approx([0.9 * p05, 0.95 * p50, p95], rel=1e-5)


def test_a_published_share_holds_for_its_year_and_two_more(two_nights):
    sql = """SELECT period, company_usd_p50 IS NOT NULL AS told FROM supply_chain_exposure
        WHERE company_en = 'Far Bond' AND item = 'tcb' AND measure = 'usd' ORDER BY period"""
    told = [row["period"] for row in query(two_nights, sql).to_pylist() if row["told"]]
    assert told == ["2025", "2026", "2027"]
