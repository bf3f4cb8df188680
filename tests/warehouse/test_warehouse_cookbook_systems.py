# ruff: noqa: E501 - rows and queries are easier to read uncut
"""The cookbook's questions about the systems, answered from the arrays without DuckDB."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

import tests.warehouse.synthetic_systems as systems
import tests.warehouse.synthetic_warehouse as synthetic
from models.scoring.joint import JOINT_BOARD_COLUMNS, JOINT_COLUMNS
from models.scoring.scoreboard import BOARD_COLUMNS
from models.scoring.scores import SCORE_COLUMNS
from models.scoring.vintage_forecasts import COLUMNS as VINTAGE_COLUMNS
from models.systems.series import yearly_values
from warehouse.query import query
from warehouse.scores import publish_scores
from warehouse.statements import HERE

YEARS = synthetic.YEARS


@pytest.fixture(scope="module")
def cook(two_nights):
    def answer(number: int) -> list[tuple]:
        (path,) = (HERE / "cookbook").glob(f"{number:02d}_*.sql")
        return [
            tuple(row.values()) for row in query(two_nights, path.read_text(encoding="utf-8")).to_pylist()
        ]

    return answer


@pytest.fixture(scope="module")
def quantiles(draws):
    """Quantiles of a year of a series, by hand."""
    found = {(s.item, s.measure, s.part): yearly_values(s).astype(float) for s in systems.series(draws)}

    def of(item: str, measure: str, part: str, year: str, levels=(5, 50, 95)) -> tuple:
        return tuple(np.percentile(found[item, measure, part][:, YEARS.index(year)], levels))

    return of


def same(row: tuple, *expected: object) -> None:
    assert len(row) == len(expected)
    for found, wanted in zip(row, expected, strict=True):
        if isinstance(wanted, float):
            assert found == pytest.approx(wanted, rel=1e-5)
        else:
            assert found == wanted


def test_22_equipment(cook, quantiles):
    rows = cook(22)
    usd = {item: quantiles(item, "usd", "total", "2026") for item in ("tcb", "plating", "all_categories")}
    assert [row[0] for row in rows] == sorted(usd, key=lambda item: -usd[item][1])
    by_item = {row[0]: row for row in rows}
    tools = quantiles("tcb", "tools", "total", "2026")
    same(by_item["tcb"], "tcb", *tools, *(float(x / 1e6) for x in usd["tcb"]), 1, "few figures")
    same(
        by_item["plating"],
        "plating",
        None,
        None,
        None,
        *(float(x / 1e6) for x in usd["plating"]),
        0,
        "assumed",
    )


def test_23_bottom_up_against_top_down(cook, quantiles):
    ((item, bottom, top, ratio, meet),) = cook(23)
    low, high = quantiles("tcb", "usd", "bottom_up", "2026"), quantiles("tcb", "usd", "top_down", "2026")
    same((item, bottom, top, ratio), "tcb", float(low[1] / 1e6), float(high[1] / 1e6), 1.5)
    assert meet == (low[0] <= high[2] and high[0] <= low[2])


def test_24_materials(cook, quantiles):
    asked = [(item, year) for item in ("all_materials", "emc") for year in ("2024", "2025", "2026", "2027")]
    for row, (item, year) in zip(cook(24), asked, strict=True):
        usd = (float(x / 1e6) for x in quantiles(item, "usd", "total", year))
        same(row, item, year, *usd, 1, "few figures")


def test_25_packaging(cook, quantiles):
    for row, year in zip(cook(25), YEARS, strict=True):
        same(
            row,
            "hbm_packaging",
            year,
            *(float(x / 1e9) for x in quantiles("hbm_packaging", "usd", "total", year)),
        )


def test_26_content(cook):
    (row,) = cook(26)
    same(row, "ai_training", "hbm_gb", "total", "GB", 640.0, 640.0, 640.0, "assumed")


def test_27_suppliers(cook):
    rows = cook(27)
    assert [row[:3] for row in rows[:2]] == [("bits", "2024", "sk_hynix"), ("bits", "2024", "samsung")]
    assert len(rows) == 16
    for part in ("bits", "revenue"):
        for year in YEARS[3:]:
            assert sum(r[6] for r in rows if r[:2] == (part, year)) == pytest.approx(1, abs=1e-5)
    same(rows[0][3:], 0.6, 0.6, 0.6, 0.6)


def test_28_exposure(cook, draws, quantiles):
    rows = cook(28)
    # In force as of the run: what is known later is not shown, and what serves no item has no year.
    assert {row[0] for row in rows} == {"Bond Works", "Far Bond"}
    named = {(row[0], row[6], row[1], row[5]): row for row in rows}
    assert set(named) == {("Bond Works", "chain", "cowos_wafers", "quantity")} | {
        (company, "equipment", "tcb", "usd") for company in ("Bond Works", "Far Bond")
    }
    usd = quantiles("tcb", "usd", "total", "2026")
    row = named["Bond Works", "equipment", "tcb", "usd"]
    same((row[3], row[2], row[4], *row[7:9]), *map(float, usd), pytest.approx(0.2), "few figures")
    # Only a Chinese company has the domestic share beside it.
    assert named["Far Bond", "equipment", "tcb", "usd"][7] is None
    wafers = np.percentile(
        draws["cowos_wafers"][:, synthetic.PERIODS.index("2026")].astype(float), (5, 50, 95)
    )
    row = named["Bond Works", "chain", "cowos_wafers", "quantity"]
    same((row[3], row[2], row[4]), *map(float, wafers))


def test_29_companies_without_a_forecast(cook):
    assert cook(29) == [("No Item", "China", "equipment", "bonding", "bonder")]


def test_30_scenarios(cook, draws):
    ((scenario, title, base, other, *relative, lower),) = cook(30)
    assert (scenario, title, lower) == ("cowos_delay", "CoWoS capacity late", 1.0)
    revenue = np.median(draws["hbm_revenue_usd"][:, synthetic.PERIODS.index("2027")].astype(float)) / 1e9
    same((base, other), float(revenue), float(systems.SHOCK * revenue))
    np.testing.assert_allclose(relative, systems.SHOCK - 1, rtol=1e-5)


def test_31_lineage(cook):
    assert cook(31) == [
        ("assumption", "stack_yield", "judgement", None),
        ("figure", "hbm-0001", "TrendForce", "https://example.org/1"),
        ("quantity", "hbm_bits_gb", None, None),
    ]


def test_32_drivers(cook):
    rows = cook(32)
    assert [row[0] for row in rows] == [
        "hbm_base_price_usd_per_gb",
        "hbm_server_penetration",
        "server_shipments",
        "rest",
    ]
    assert [row[1] for row in rows] == [0.5, 0.3, 0.15, 0.05]


def test_33_assumed(cook):
    assert cook(33) == [("stack_yield", 0.98, 0.1, "assumed")]


def test_34_prior_or_figures(cook):
    assert [(row[0], row[2], row[4]) for row in cook(34)] == [
        ("likelihood", 0.2, True),
        ("prior", 0.03, False),
    ]


@pytest.fixture(scope="module")
def years(draws):
    """Years of every series and quantity by draw, on the draws that systems rest on, by hand."""
    of_systems = {s.name: yearly_values(s).astype(float) for s in systems.series(draws)}
    of_chain = {q: v[:: systems.STEP, 28:].astype(float) for q, v in draws.items()}

    def of(name: str, year: str = "2026") -> np.ndarray:
        return {**of_systems, **of_chain}[name][:, YEARS.index(year)]

    return of


def test_35_chain_and_system_together(cook, two_nights, years, draws):
    tcb, revenue = years("equipment/tcb/usd/total"), years("hbm_revenue_usd")
    every = draws["hbm_revenue_usd"][:, synthetic.PERIODS.index("2026")].astype(float)
    same(
        cook(35)[0],
        float(np.mean((tcb > 500e6) & (revenue > 60e9))),
        float(np.mean(tcb > 500e6) * np.mean(every > 60e9)),
    )
    # At levels that cut the draws in two the answer is no accident of nought or one.
    level, other = np.median(tcb), np.median(revenue)
    sql = (
        f"SELECT probability_both_above('equipment/tcb/usd/total', '2026', {level}, 'hbm_revenue_usd', '2026', {other}) AS p, "
        "quantile_of_ratio('equipment/tcb/usd/total', 'hbm_revenue_usd', '2026', 0.5) AS q, "
        "correlation_of('equipment/plating/usd/total', '2026', 'hbm_revenue_usd', '2026') AS c, "
        "(SELECT count(*) FROM draws_of_run('night-1', 'equipment/tcb/usd/total', '2026')) AS n"
    )
    (found,) = query(two_nights, sql).to_pylist()
    assert found["p"] == pytest.approx(np.mean((tcb > level) & (revenue > other)))
    assert 0.4 < found["p"] < 0.6
    assert found["q"] == pytest.approx(0.02, rel=1e-5)
    wafers = years("equipment/plating/usd/total")
    assert found["c"] == pytest.approx(np.corrcoef(wafers, revenue)[0, 1], rel=1e-4)
    assert found["n"] == len(tcb)


def test_36_sums_first_quantiles_last(cook, years):
    spent = (years("equipment/all_categories/usd/total") + years("materials/all_materials/usd/total")) / 1e9
    ((usd, ratio, n),) = cook(36)
    assert usd == pytest.approx(np.percentile(spent, (5, 50, 95)), rel=1e-5)
    assert ratio == pytest.approx(
        np.percentile(spent / years("hbm_revenue_usd") * 1e9, (5, 50, 95)), rel=1e-5
    )
    assert n == len(spent)


def test_37_who_leads(cook):
    share = 15 / 60
    assert cook(37) == [
        row for year in YEARS[3:] for row in ((year, "sk_hynix", 1 - share), (year, "samsung", share))
    ]


def test_38_the_report(cook, draws):
    rows = {row[0]: row[1:] for row in cook(38)}
    assert [*rows][:2] == ["servers", "share"]
    assert len(rows) == 11
    ours = np.percentile(
        draws["hbm_revenue_usd"][:, synthetic.PERIODS.index("2024")].astype(float), (5, 50, 95)
    )
    low, high = 5889050341.099148 / 1e10 - 1, 9815083901.831915 / 1e10 - 1
    same(
        rows["hbm_revenue_usd"],
        "stated",
        1e10,
        1e10,
        low,
        high,
        *map(float, ours),
        float(ours[1] / 1e10),
        "USD",
    )
    # The report says nothing of the servers of 2024, and nobody here of its price: both stand all the same.
    assert rows["servers"][:3] == ("derived", pytest.approx(15336068.6), pytest.approx(15336068.6))
    assert rows["gb_per_accelerator"][:5] == ("stated", 80, 100, None, None)


def keep_backtest(state, **frames: pd.DataFrame) -> None:
    """Publish a backtest of two vintages with these frames and the others empty."""
    backtest = dict.fromkeys(("code_version", "content_hash", "hindsight", "doubts"), "x")
    backtest |= {"run_id": "backtest-1", "vintages": 2, "refitted": 2, "seconds": 1.0}
    backtest |= {"first_as_of": date(2024, 1, 31), "last_as_of": date(2024, 2, 29)}
    outcomes = ["quantity", "period", "value", "log_sd", "rank", "n_publishers", "figure_ids", "known_on"]
    outcomes.append("independent_group")
    columns = {"scores": SCORE_COLUMNS, "outcomes": outcomes, "skill": BOARD_COLUMNS}
    columns |= {
        "vintage_forecasts": VINTAGE_COLUMNS,
        "joint_scores": JOINT_COLUMNS,
        "joint_skill": JOINT_BOARD_COLUMNS,
    }
    publish_scores(
        state, backtest, {k: frames.get(k, pd.DataFrame(columns=list(v))) for k, v in columns.items()}
    )


def test_39_the_conclusion(cook, state, draws):
    probability = float(np.mean(draws["hbm_revenue_usd"][:, synthetic.PERIODS.index("2024")] > 10e9))
    assert [(row[1], row[2], row[3]) for row in cook(39)] == [(True, 10.0, pytest.approx(probability))]
    # A run of the report's own time stands beside the one served, the newest of its day.
    day = date(2024, 1, 31)
    for seed in (3, 4):
        earlier = synthetic.joint_draws(seed)
        fit = synthetic.frames(earlier, f"vintage-{seed}", day)["figure_fit"].iloc[:0]
        tables = systems.frames(earlier, f"vintage-{seed}", day)
        with synthetic.unchecked():
            synthetic.publish(state, f"vintage-{seed}", earlier, day, figure_fit=fit, **tables)
    rows = query(state, "FROM report_conclusion ORDER BY as_of").to_pylist()
    assert [(row["run_id"], row["served"], row["hindsight"]) for row in rows] == [
        ("vintage-4", False, False),
        ("night-2", True, True),
    ]
    revenue = synthetic.joint_draws(4)["hbm_revenue_usd"][:, synthetic.PERIODS.index("2024")]
    assert rows[0]["probability"] == pytest.approx(float(np.mean(revenue > 10e9)))


def test_39_the_conclusion_in_the_first_vintage_of_a_backtest_that_knew_the_report(state):
    head = {"quantity": "hbm_revenue_usd", "horizon_years": 0.9, "horizon_group": "over six months"}
    head |= {"outcome_figure_id": "hbm-0001", "outcome_value": 16.5e9, "metric": "probability_above"}
    of_report = {"opponent": "report January 2024"}
    scores = pd.DataFrame(
        [
            head | of_report | {"as_of": date(2024, 2, 29), "period": "2024", "value": 0.7},
            head | of_report | {"as_of": date(2024, 1, 31), "period": "2024", "value": 0.55},
            head | of_report | {"as_of": date(2024, 1, 31), "period": "2025", "value": 0.9},
            head
            | {"opponent": "growth persistence", "as_of": date(2024, 1, 31), "period": "2024", "value": 0.1},
        ]
    )
    keep_backtest(state, scores=scores)
    rows = query(state, "FROM report_conclusion WHERE run_id = 'backtest-1'").to_pylist()
    found = [
        (row["as_of"], row["served"], row["hindsight"], row["period"], row["probability"]) for row in rows
    ]
    assert found == [(date(2024, 1, 31), False, False, "2024", 0.55)]
    assert rows[0]["threshold_usd"] == 10e9


def test_40_findings(cook):
    assert cook(40) == [
        ("A", "falls", 1, ["finding-02"]),
        ("A", "stands", 1, ["finding-01"]),
        ("B", "not computed in this run", 1, ["finding-03"]),
    ]


def test_41_domestic_usd(cook, quantiles, two_nights):
    (row,) = cook(41)
    bought = quantiles("equipment.tcb", "usd", "china", "2026")
    domestic = quantiles("equipment.tcb", "usd", "domestic", "2026")
    same(row, "equipment.tcb", *(float(x / 1e6) for x in (bought[1], *domestic)), "assumed")
    exposed = query(
        two_nights,
        "SELECT company_en, domestic_usd_p50 FROM supply_chain_exposure WHERE period = '2026' AND item = 'tcb' AND measure = 'usd' ORDER BY 1",
    )
    assert exposed.to_pylist() == [
        {"company_en": "Bond Works", "domestic_usd_p50": pytest.approx(domestic[1], rel=1e-5)},
        {"company_en": "Far Bond", "domestic_usd_p50": None},
    ]


def test_42_what_chance_explains(state):
    head = {"horizon_group": "all", "n": 40, "n_targets": 8, "coverage_80": 0.65}
    ends = ("coverage_80_calibrated_low", "coverage_80_calibrated_high")
    rows = [
        head | {"quantity": name, "opponent": opponent} | dict(zip(ends, by_chance, strict=True))
        for name, opponent, by_chance in (
            ("all", "none", (0.73, 0.87)),
            ("dram_revenue_usd", "none", (0.4, 0.6)),
            ("hbm_bits_gb", "none", (None, None)),
            ("hbm_revenue_usd", "none", (0.49, 1.0)),
            ("all", "latest figure", (0.7, 0.9)),
            ("supplier/sk_hynix/share/revenue", "none", (0.7, 0.9)),
        )
    ]
    keep_backtest(state, skill=pd.DataFrame(rows).reindex(columns=list(BOARD_COLUMNS)))
    question = next((HERE / "cookbook").glob("42_*.sql")).read_text(encoding="utf-8")
    found = [(row["quantity"], row["verdict"]) for row in query(state, question).to_pylist()]
    assert found == [
        ("all", "too narrow"),
        ("dram_revenue_usd", "too wide"),
        ("hbm_bits_gb", None),
        ("hbm_revenue_usd", "chance may explain it"),
    ]
