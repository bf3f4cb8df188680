"""Opponents see what was published by the date, and nothing else."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from models.scoring.benchmarks import opponent_views, report_january_2024
from tests.market import MARKET
from tests.models.forecast_world import assumptions, figure, figures

TARGET = pd.DataFrame([{"quantity": "hbm_revenue_usd", "period": "2025", "start": 48, "end": 59}])
AS_OF = date(2024, 12, 31)


def points(*rows, as_of=AS_OF, targets=TARGET):
    found = opponent_views(figures(*rows), assumptions(), as_of, targets, MARKET).points
    return found.set_index("opponent")["value"].to_dict()


def about_2025(figure_id, value=float("nan"), published_on="2024-06-01", **columns):
    return figure(figure_id, value, period="2025", published_on=published_on, **columns)


def test_latest_and_median_of_the_last_year():
    found = points(
        about_2025("old", 2.5e9, "2023-06-01", publisher="Z"),
        about_2025("a0", 9e9, "2024-02-01", publisher="A"),
        about_2025("a1", 20e9, "2024-06-01", publisher="A"),
        about_2025("b", 25e9, "2024-03-01", publisher="B"),
        about_2025("c", 30e9, "2024-11-01", publisher="C"),
    )  # fmt: skip
    assert found["latest figure"] == pytest.approx(30e9)
    assert found["street median"] == pytest.approx(25e9)
    assert found["publisher: A"] == pytest.approx(20e9)
    assert found["publisher: Z"] == pytest.approx(2.5e9)


def test_figures_of_one_day_share_it_and_a_year_only_date_waits_for_the_year_s_end():
    vague = about_2025("vague", 46e9, "2024", publisher="V", published_precision="year")
    rows = [
        about_2025("a", 20e9, "2024-06-01", publisher="A"),
        about_2025("b", 45e9, "2024-06-01", publisher="B"),
    ]
    assert points(*rows)["latest figure"] == pytest.approx(30e9)
    assert points(*rows, vague, as_of=date(2024, 12, 30))["latest figure"] == pytest.approx(30e9)
    assert points(*rows, vague)["latest figure"] == pytest.approx(46e9)


def test_a_figure_published_later_changes_nothing():
    seen = [about_2025("a", 20e9, "2024-06-01"), figure("base", 4e9, period="2023", kind="actual")]
    later = [
        about_2025("next", 99e9, "2025-01-01", publisher="B"),
        figure("known later", 1e9, period="2023", kind="actual", published_on="2025-05-01", publisher="B"),
        about_2025("growth later", 9.0, "2025-03-01", aggregation="growth", publisher="C"),
    ]
    assert points(*seen, *later) == points(*seen)


def test_growth_goes_on_the_newest_level_of_the_year_before_its_publisher_s_own_first():
    rows = [
        figure("base a", 14e9, published_on="2024-02-29", publisher="A"),
        figure("base b", 16e9, published_on="2024-10-01", publisher="B"),
        about_2025("growth", 0.5, "2024-03-01", aggregation="growth", publisher="A"),
    ]
    assert points(*rows)["latest figure"] == pytest.approx(21e9)
    assert points(rows[1], rows[2])["latest figure"] == pytest.approx(24e9)
    assert "latest figure" not in points(rows[2])


def test_growth_persists_as_it_went():
    rows = [
        figure("y22", 2e9, period="2022", kind="estimate", published_on="2023-02-01"),
        figure("y23", 4e9, period="2023", kind="estimate", published_on="2024-02-01"),
    ]
    assert points(*rows)["growth persistence"] == pytest.approx(16e9)
    assert "growth persistence" not in points(*rows, as_of=date(2024, 1, 31))
    quarters = [
        figure("q", v, quantity="dram_revenue_usd", period=p, kind="actual", published_on=d)
        for p, v, d in (("2023Q3", 10e9, "2023-12-01"), ("2024Q3", 20e9, "2024-12-01"))
    ]
    target = pd.DataFrame([{"quantity": "dram_revenue_usd", "period": "2025Q1", "start": 48, "end": 50}])
    assert points(*quarters, targets=target)["growth persistence"] == pytest.approx(20e9 * 2**0.5)


def test_no_change_is_the_last_known_value_of_the_same_kind_of_period():
    rows = [
        figure("y22", 2e9, period="2022", kind="estimate", published_on="2023-02-01"),
        figure("y23", 4e9, period="2023", kind="estimate", published_on="2024-02-01"),
        figure("quarter", 9e9, period="2024Q3", kind="actual", published_on="2024-12-01"),
    ]
    assert points(*rows)["no change"] == pytest.approx(4e9)
    assert points(*rows, as_of=date(2024, 1, 31))["no change"] == pytest.approx(2e9)
    # One value is enough; growth needs two.
    assert "growth persistence" not in points(*rows, as_of=date(2024, 1, 31))
    assert "no change" not in points(rows[2])


def test_one_sided_figures_are_no_points_and_the_own_definition_comes_first():
    servers = pd.DataFrame([{"quantity": "server_shipments", "period": "2025", "start": 48, "end": 59}])
    wide = {"quantity": "server_shipments", "definition": "server_count_digitimes", "publisher": "D"}
    rows = [
        about_2025("plain", 14e6, "2024-02-01", quantity="server_shipments"),
        about_2025("wide", 17e6, "2024-06-01", **wide),
        about_2025("bound", low=20e6, published_on="2024-07-01", quantity="server_shipments"),
    ]
    assert points(*rows, targets=servers)["latest figure"] == pytest.approx(14e6)
    assert points(*rows[1:], targets=servers)["latest figure"] < 17.1e6


def test_the_report_of_january_2024_speaks_from_its_day_on():
    assert "report January 2024" not in points(about_2025("a", 1e9, "2023-06-01"), as_of=date(2024, 1, 22))
    told = points(about_2025("a", 1e9, "2023-06-01"), as_of=date(2024, 1, 23))["report January 2024"]
    assert told == pytest.approx(10e9 * np.sqrt(17.0 / 13.835))


def test_the_report_s_calculation_gives_its_own_stated_intermediate_results():
    report = report_january_2024()
    # The reconstruction has 143,000 training servers in 2022, 4.91 m GPUs and 393 to 491 m GB in 2024.
    assert report["hbm_server_shipments", "2022"] == pytest.approx(143e3)
    assert report["accelerator_shipments", "2024"] == pytest.approx(4.91e6, rel=1e-3)
    assert 393e6 < report["hbm_bits_gb", "2024"] < 491e6
    assert 1.37e9 < report["hbm_revenue_usd", "2022"] < 1.83e9
    assert 1.33e9 < report["hbm_revenue_usd", "2023"] < 3.54e9
    assert report["hbm_revenue_usd", "2024"] == 10e9
