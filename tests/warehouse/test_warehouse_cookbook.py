"""Every question of the cookbook has its answer, worked out here from the arrays without DuckDB."""

from datetime import date

import numpy as np
import pytest

import tests.warehouse.synthetic_warehouse as synthetic
from warehouse.query import query
from warehouse.statements import HERE

FILES = sorted((HERE / "cookbook").glob("*.sql"))


@pytest.fixture(scope="module")
def cook(two_nights):
    def answer(number: int) -> list[tuple]:
        (path,) = [p for p in FILES if p.name.startswith(f"{number:02d}_")]
        return [
            tuple(row.values()) for row in query(two_nights, path.read_text(encoding="utf-8")).to_pylist()
        ]

    return answer


def series(draws: dict, quantity: str, period: str) -> np.ndarray:
    return draws[quantity][:, synthetic.PERIODS.index(period)].astype(float)


def close(rows: list[tuple], expected: list[tuple]) -> None:
    assert len(rows) == len(expected)
    for row, wanted in zip(rows, expected, strict=True):
        assert [x if isinstance(x, str) else None for x in row] == [
            x if isinstance(x, str) else None for x in wanted
        ]
        numbers = (
            [float(x) for x in row if not isinstance(x, str)],
            [float(x) for x in wanted if not isinstance(x, str)],
        )
        np.testing.assert_allclose(*numbers, rtol=1e-9)


def test_there_are_at_least_fifteen_questions_each_with_an_answer_checked_below():
    numbers = [int(p.name[:2]) for p in FILES]
    assert numbers == list(range(1, len(FILES) + 1))
    assert len(FILES) >= 15
    beside = (HERE.parent / "tests" / "warehouse").glob("test_warehouse_cookbook*.py")
    source = "".join(path.read_text(encoding="utf-8") for path in beside)
    assert [n for n in numbers if f"def test_{n:02d}_" not in source] == []
    assert all(
        p.read_text(encoding="utf-8").startswith("-- ")
        and "?" in p.read_text(encoding="utf-8").split("SELECT")[0]
        for p in FILES
    )


def test_01_revenue_by_year(cook, draws):
    expected = [
        (
            y,
            *(
                np.percentile(series(draws, "hbm_revenue_usd", y), level) / 1e9
                for level in (5, 25, 50, 75, 95)
            ),
        )
        for y in ("2024", "2025", "2026", "2027")
    ]
    close(cook(1), expected)


def test_02_probability(cook, draws):
    close(cook(2), [(np.mean(series(draws, "hbm_revenue_usd", "2026") > 50e9),)])


def test_03_price(cook, draws):
    expected = []
    for quarter in ("2025Q1", "2025Q2", "2025Q3", "2025Q4"):
        x = series(draws, "hbm_price_usd_per_gb", quarter)
        expected.append(
            (quarter, *np.percentile(x, (5, 50, 95)), 0.001 * x.mean(), 0.001 * x.mean(), "USD_per_GB")
        )
    close(cook(3), expected)


def test_04_binding(cook):
    assert cook(4) == [("cowos", 0.5, 0.01), ("hbm", 0.3, 0.01), ("demand", 0.2, 0.01)]


def test_05_capacity_against_published(cook, draws):
    p05, p50, p95 = np.percentile(series(draws, "cowos_capacity_wafers_per_month", "2026Q4"), (5, 50, 95))
    ((publisher, published_on, of_whom, *numbers, url),) = cook(5)
    assert (publisher, str(published_on), url) == ("Yole", "2025-12-31", "https://example.org/3")
    assert of_whom == "whole"
    thousands = [level / 1e3 for level in (110_000.0, p05, p50, p95)]
    np.testing.assert_allclose(numbers, [*thousands, 110_000.0 / p50 - 1])


def test_06_ratio(cook, draws):
    share = series(draws, "hbm_revenue_usd", "2026") / series(draws, "dram_revenue_usd", "2026")
    close(cook(6), [tuple(np.percentile(share, (5, 50, 95)))])


def test_07_conditional(cook, draws):
    given = series(draws, "cowos_capacity_wafers_per_month", "2026Q4") > 150_000
    assert 10 < given.sum() < synthetic.N_DRAWS - 10
    close(
        cook(7), [(*np.percentile(series(draws, "hbm_revenue_usd", "2026")[given], (5, 50, 95)), given.sum())]
    )


def test_08_figures_behind(cook):
    found = [(row[0], row[1], row[5], row[-1]) for row in cook(8)]
    assert found == [
        ("hbm-0002", "Broker", 90e9, "https://example.org/2"),
        ("hbm-0001", "TrendForce", 16e9, "https://example.org/1"),
    ]


def test_09_surprises(cook):
    found = [(row[0], round(row[7], 6)) for row in cook(9)]
    assert found == [("hbm-0002", 0.002), ("cowos-0001", 0.04), ("hbm-0001", 0.6)]


def test_10_changes(cook, draws):
    before = synthetic.joint_draws(1)
    headline = [q.name for q in synthetic.MARKET.quantities if q.headline]
    moves = {
        (q, y): np.median(series(draws, q, y)) / np.median(series(before, q, y)) - 1
        for q in headline
        for y in synthetic.YEARS
    }
    # What did not move has no row: years that are over in both.
    moves = {name: move for name, move in moves.items() if move}
    rows = cook(10)
    assert {(r[0], r[1]) for r in rows} == set(moves)
    np.testing.assert_allclose([r[4] for r in rows], [moves[r[0], r[1]] for r in rows], rtol=1e-9)
    assert [abs(r[4]) for r in rows] == sorted((abs(r[4]) for r in rows), reverse=True)


def test_11_biases(cook):
    rows = cook(11)
    assert [r[:2] for r in rows] == [("Broker", 3), ("Yole", 5), ("TrendForce", 40)]
    np.testing.assert_allclose(rows[0][2:], [100 * np.expm1(x) for x in (-0.3, -0.6, 0.0)], atol=1e-9)


def test_12_correlation(cook, draws):
    r = np.corrcoef(series(draws, "hbm_revenue_usd", "2026"), series(draws, "cowos_wafers", "2026"))[0, 1]
    np.testing.assert_allclose(cook(12), [(r,)], rtol=1e-9)


def test_13_growth(cook, draws):
    growth = series(draws, "hbm_revenue_usd", "2026") / series(draws, "hbm_revenue_usd", "2025") - 1
    assert 0 < np.mean(growth > 0.5) < 1
    close(cook(13), [(np.mean(growth > 0.5),)])


def test_14_widest(cook, draws):
    ratios = {}
    for q in synthetic.MARKET.quantities:
        if q.headline:
            low, high = np.percentile(series(draws, q.name, "2027"), (5, 95))
            ratios[q.name] = high / low
    assert [row[0] for row in cook(14)] == sorted(ratios, key=ratios.get, reverse=True)
    np.testing.assert_allclose([row[5] for row in cook(14)], sorted(ratios.values(), reverse=True), rtol=1e-9)


def test_15_rejected(cook):
    assert cook(15) == [
        ("figures/hbm.csv", 9, "hbm-0009", "value", "abc", "value 'abc' is not a number", "write a number")
    ]


def test_16_freshness(cook):
    ((run, as_of, stale, overdue, attempt, status, reason, why, old, days),) = cook(16)
    assert (run, str(as_of), stale, overdue) == ("night-2", "2026-01-02", False, False)
    assert (attempt, status, reason, why) == ("night-2", "published", None, "")
    assert old == "server, cowos"
    assert days == "server none, cowos 151, hbm 12"


def test_17_both(cook, draws):
    revenue = series(draws, "hbm_revenue_usd", "2026") > 50e9
    wafers = series(draws, "cowos_wafers", "2026") > 1_200_000
    assert 0 < np.mean(revenue & wafers) < np.mean(wafers) < 1
    close(cook(17), [(np.mean(revenue & wafers), np.mean(revenue & wafers) / np.mean(wafers))])


def test_18_mix(cook, draws):
    rows = cook(18)
    assert {r[0] for r in rows} == set(synthetic.MARKET.class_names)
    assert sum(r[4] for r in rows) == pytest.approx(1, abs=1e-6)
    x = series(draws, f"accelerator_mix_{rows[0][0]}", "2026")
    np.testing.assert_allclose(rows[0][1:], [*np.percentile(x, (5, 50, 95)), x.mean()])


def test_19_year_of_largest(cook, draws):
    years = np.array(synthetic.YEARS)[draws["hbm_revenue_usd"][:, -7:].argmax(axis=1)]
    close(cook(19), [(y, np.mean(years == y)) for y in sorted(set(years))])


def test_20_revised(cook):
    assert [row[:5] for row in cook(20)] == [("hbm-0001", 2, 16.0, 17.0, False)]


def test_21_forecast_of_an_earlier_day(state, draws):
    (path,) = [p for p in FILES if p.name.startswith("21_")]
    question = path.read_text(encoding="utf-8")
    assert query(state, question).num_rows == 0  # no run as of then: no rows, not another run's
    earlier = synthetic.joint_draws(5, n=40)
    synthetic.rerun_history(state, "rerun", earlier, as_of=date(2024, 12, 31))
    rows = {(r["quantity"], r["period"]): r for r in query(state, question).to_pylist()}
    row = rows["hbm_revenue_usd", "2025"]
    assert row["as_of"] == date(2024, 12, 31)
    np.testing.assert_allclose(row["p50"], np.median(series(earlier, "hbm_revenue_usd", "2025")))
    np.testing.assert_allclose(row["served_p50"], np.median(series(draws, "hbm_revenue_usd", "2025")))
