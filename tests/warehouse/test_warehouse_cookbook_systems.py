"""The cookbook's questions about the systems, answered from the arrays without DuckDB."""

import numpy as np
import pytest
import synthetic_systems as systems
import synthetic_warehouse as synthetic

from models.systems.series import yearly_values
from warehouse.read import query
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
    usd = {item: quantiles(item, "usd", "total", "2026") for item in ("tcb", "plating")}
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
    for row, year in zip(cook(24), ("2024", "2025", "2026", "2027"), strict=True):
        same(
            row,
            "emc",
            year,
            *(float(x / 1e6) for x in quantiles("emc", "usd", "total", year)),
            1,
            "few figures",
        )


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
    assert len(rows) == 8
    assert all(sum(r[6] for r in rows if r[1] == year) == pytest.approx(1, abs=1e-5) for year in YEARS[3:])
    same(rows[0][3:], 0.6, 0.6, 0.6, 0.6)


def test_28_exposure(cook, draws, quantiles):
    rows = cook(28)
    # In force as of the run: what is known later is not shown, and what serves no item has no year.
    assert {row[0] for row in rows} == {"Bond Works", "Far Bond"}
    named = {(row[0], row[4], row[5], row[6]): row for row in rows}
    assert set(named) == {("Bond Works", "chain", "cowos_wafers", "quantity")} | {
        (company, "equipment", "tcb", "usd") for company in ("Bond Works", "Far Bond")
    }
    usd = quantiles("tcb", "usd", "total", "2026")
    same(
        named["Bond Works", "equipment", "tcb", "usd"][7:],
        *map(float, usd),
        pytest.approx(0.2),
        "few figures",
    )
    # Only a Chinese company has the domestic share beside it.
    assert named["Far Bond", "equipment", "tcb", "usd"][10] is None
    wafers = np.percentile(
        draws["cowos_wafers"][:, synthetic.PERIODS.index("2026")].astype(float), (5, 50, 95)
    )
    same(named["Bond Works", "chain", "cowos_wafers", "quantity"][7:10], *map(float, wafers))


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
