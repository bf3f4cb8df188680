"""A fan chart shows what the forecast and the published figures say, and counts what it leaves out."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from dashboards.evidence import EVIDENCE_COLUMNS, printed
from dashboards.labels import FAN_QUANTITIES, quantity_title
from dashboards.sections.fans import fan_chart
from models.vocabulary.quantities import HEADLINES
from tests.dashboards.synthetic_run import AS_OF, RUN_ID

SERVERS = "server_shipments"


@pytest.mark.parametrize(
    ("quantity", "unit"),
    [
        ("hbm_revenue_usd", "USD bn"),
        ("hbm_bits_gb", "million GB"),
        ("hbm_price_usd_per_gb", "USD per GB"),
        ("accelerator_shipments", "million units"),
        ("cowos_wafers", "thousand wafers"),
        ("cowos_capacity_wafers_per_month", "thousand wafers per month"),
        ("dram_revenue_usd", "USD bn"),
        (SERVERS, "million units"),
    ],
)
def test_fan_chart_says_unit_interval_day_and_run(frames, quantity, unit):
    block = fan_chart(frames, quantity)
    spec = block["spec"]
    assert block["id"] == f"fan-{quantity}"
    assert spec["title"] == quantity_title(quantity)
    assert f"Unit: {unit} · equal-tailed intervals of the quantity, 50, 80 and 90 %" in spec["foot"]
    assert f"as of {AS_OF} · run {RUN_ID}" in spec["foot"]
    assert [panel["kind"] for panel in spec["panels"]] == ["quarter", "year"]
    assert all(unit in panel["title"] for panel in spec["panels"])


def test_all_headline_quantities_have_a_fan_chart():
    assert set(HEADLINES) <= set(FAN_QUANTITIES)


def mark(frames, key: str, kind: str = "year", quantity: str = SERVERS) -> dict:
    panels = {panel["kind"]: panel for panel in fan_chart(frames, quantity)["spec"]["panels"]}
    return next(mark for mark in panels[kind]["marks"] if mark["key"] == key)


def test_fan_bands_lie_where_the_forecast_says(frames):
    rows = frames.forecast.query("quantity == 'hbm_revenue_usd' and period_kind == 'quarter'")
    fan = mark(frames, "fan", "quarter", "hbm_revenue_usd")
    for level in ("p05", "p10", "p50", "p95"):
        np.testing.assert_allclose(fan[level], rows[level] / 1e9, rtol=1e-4)
    assert fan["x"][0] == pytest.approx(2021.125)
    assert fan["periods"][0] == "2021Q1"


def test_the_axis_holds_every_band(frames):
    for quantity in FAN_QUANTITIES:
        for panel in fan_chart(frames, quantity)["spec"]["panels"]:
            fan = panel["marks"][0]
            assert panel["y"]["min"] <= min(fan["p05"])
            assert panel["y"]["max"] >= max(fan["p95"])


def one_figure(**changes) -> pd.DataFrame:
    row = dict.fromkeys(EVIDENCE_COLUMNS, "") | {
        "figure_id": "x-1",
        "quantity": SERVERS,
        "period": "2025",
        "value": 14e6,
        "low": None,
        "high": None,
        "unit": "units",
        "kind": "actual",
        "aggregation": "sum",
        "published_on": "2026-02",
        "known_on": "2026-02-28",
        "used": True,
    }
    return pd.DataFrame([row | changes])


def given(frames, *figures: pd.DataFrame):
    return replace(frames, evidence=pd.concat(figures, ignore_index=True))


def test_published_figure_is_drawn_at_its_value_and_can_be_opened(frames):
    shown = given(frames, one_figure())
    points = mark(shown, "actual")
    assert points["y"] == [14.0]
    assert 2025 < points["x"][0] < 2026
    assert (points["figure"], points["day"]) == (["x-1"], ["2026-02-28"])
    assert "1 published figure drawn" in fan_chart(shown, SERVERS)["spec"]["foot"]


def test_unused_figures_are_faint_and_other_definitions_hollow(frames):
    other = one_figure(figure_id="b", definition="dies", kind="estimate")
    shown = given(frames, one_figure(figure_id="a", used=False), other)
    assert (mark(shown, "actual")["faint"], mark(shown, "actual")["hollow"]) == ([True], [False])
    assert (mark(shown, "estimate")["faint"], mark(shown, "estimate")["hollow"]) == ([False], [True])


def test_bounds_and_ranges_keep_their_ends(frames):
    bound = one_figure(figure_id="a", value=None, low=13e6)
    points = mark(given(frames, bound, one_figure(figure_id="b", value=None, low=13e6, high=15e6)), "actual")
    assert (points["y"], points["low"], points["high"]) == ([None, None], [13.0, 13.0], [None, 15.0])


def test_what_a_fan_chart_leaves_out_is_counted(frames):
    shown = given(
        frames,
        one_figure(figure_id="a", aggregation="growth", value=0.03, unit="fraction"),
        one_figure(figure_id="b", per_quantity="dram_revenue_usd"),
        one_figure(figure_id="c", period="2029"),
        one_figure(figure_id="d", unit="fraction", value=0.1),
        one_figure(figure_id="e", value=900e6),
    )
    foot = fan_chart(shown, SERVERS)["spec"]["foot"]
    for reason in (
        "1 (a growth rate)",
        "1 (a ratio to",
        "1 (period off",
        "1 (no number in",
        "1 beyond the axis",
    ):
        assert reason in foot


def test_half_years_of_a_flow_are_shown_per_quarter(frames):
    points = mark(given(frames, one_figure(period="2025H1", value=7e6)), "actual", "quarter")
    assert (points["y"], points["span"]) == ([3.5], [0.25])
    assert points["x"][0] == pytest.approx(2025.25, abs=0.25)


def test_what_came_stands_in_its_period(frames):
    came = pd.DataFrame([{"quantity": SERVERS, "period": "2025", "value": 13.9e6, "known_on": "2026-04-01"}])
    star = mark(replace(frames, outcomes=came), "came")
    assert (star["x"], star["y"]) == ([2025.5], [13.9])


def test_a_run_without_the_quantity_says_so(frames):
    block = fan_chart(replace(frames, forecast=frames.forecast.head(0)), "hbm_bits_gb")
    assert block["reason"] == "no forecast of hbm_bits_gb in this run"


@pytest.mark.parametrize(
    ("row", "text"),
    [
        ({"value": 17e12, "unit": "KRW"}, "17 tn KRW"),
        ({"low": 0.05, "high": 0.1, "unit": "fraction"}, "5 to 10 %"),
        ({"low": 1e11, "unit": "USD"}, "at least 100 bn USD"),
        (
            {"value": 1234.5, "high": 2000.0, "unit": "wafers_per_month"},
            "1,234.5 (… to 2,000) wafers per month",
        ),
    ],
)
def test_a_figure_is_written_as_its_row_has_it(row, text):
    assert printed(pd.Series({"value": None, "low": None, "high": None} | row)) == text
