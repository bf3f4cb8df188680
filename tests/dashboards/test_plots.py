"""Every plot says unit, interval, as-of and run id, shows what it is given, and survives having nothing."""

import numpy as np
import pandas as pd
import pytest

from dashboards import style
from dashboards.evidence import EVIDENCE_COLUMNS
from dashboards.labels import FAN_QUANTITIES, display_unit, number, plain, quantity_title
from dashboards.sections.binding import binding_chart
from dashboards.sections.drivers import drivers_chart
from dashboards.sections.fans import fan_chart
from dashboards.sections.predictive import fit_summary, pit_chart, predictive_chart
from dashboards.sections.publishers import publisher_bias_chart
from dashboards.sections.sampler import mixing_table, sampler_charts, slowest
from models.vocabulary.quantities import HEADLINES
from tests.dashboards.figure_text import text_of
from tests.dashboards.synthetic_run import AS_OF, RUN_ID


def assert_stamped(figure, unit: str, interval: str = "") -> str:
    text = text_of(figure)
    assert f"as of {AS_OF}" in text
    assert f"run {RUN_ID}" in text
    assert f"Unit: {unit}" in text
    if interval:
        assert f"equal-tailed intervals, {interval}" in text
    assert style.svg_text(figure).startswith("<?xml")
    return text


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
        ("server_shipments", "million units"),
    ],
)
def test_fan_chart_is_stamped_and_labelled(frames, quantity, unit):
    figure = fan_chart(frames.forecast, frames.evidence, quantity, frames.provenance)
    text = assert_stamped(figure, unit, "50, 80 and 90 %")
    assert quantity_title(quantity) in text
    assert all(axes.get_ylabel().startswith(unit) for axes in figure.axes)
    labels = [t.get_text() for t in figure.legends[0].get_texts()]
    assert {"median", "50 % interval", "80 % interval", "90 % interval", "as of", "one-sided"} <= set(labels)


def test_all_headline_quantities_have_a_fan_chart():
    assert set(HEADLINES) <= set(FAN_QUANTITIES)


def test_fan_bands_lie_where_the_forecast_says(frames):
    figure = fan_chart(frames.forecast, frames.evidence, "hbm_revenue_usd", frames.provenance)
    rows = frames.forecast.query("quantity == 'hbm_revenue_usd' and period_kind == 'quarter'")
    line = figure.axes[0].lines[0]
    np.testing.assert_allclose(line.get_ydata(), rows["p50"] / 1e9)
    assert line.get_xdata()[0] == pytest.approx(2021.125)
    widest = figure.axes[0].collections[0].get_paths()[0].get_extents()
    assert widest.y1 == pytest.approx(rows["p95"].max() / 1e9)


def one_figure(**changes) -> pd.DataFrame:
    row = dict.fromkeys(EVIDENCE_COLUMNS, "") | {
        "figure_id": "x-1",
        "quantity": "server_shipments",
        "period": "2025",
        "value": 14e6,
        "low": None,
        "high": None,
        "unit": "units",
        "kind": "actual",
        "aggregation": "sum",
        "published_on": "2026-02-01",
        "used": True,
    }
    return pd.DataFrame([row | changes])


def test_published_figure_is_drawn_at_its_value(frames):
    figure = fan_chart(frames.forecast, one_figure(), "server_shipments", frames.provenance)
    drawn = [line for line in figure.axes[1].lines if line.get_marker() == "o"]
    assert len(drawn) == 1
    assert drawn[0].get_ydata()[0] == pytest.approx(14.0)
    assert 2025 < drawn[0].get_xdata()[0] < 2026
    assert "1 published figures drawn" in text_of(figure)


def test_unused_figures_are_faint_and_other_definitions_hollow(frames):
    evidence = pd.concat(
        [one_figure(figure_id="a", used=False), one_figure(figure_id="b", definition="dies", kind="estimate")]
    )
    figure = fan_chart(frames.forecast, evidence, "server_shipments", frames.provenance)
    faint = next(line for line in figure.axes[1].lines if line.get_marker() == "o")
    hollow = next(line for line in figure.axes[1].lines if line.get_marker() == "s")
    assert faint.get_alpha() < 0.5 < hollow.get_alpha()
    assert hollow.get_markerfacecolor() == "white"


def test_a_bound_is_an_arrow_and_a_range_a_bar(frames):
    evidence = pd.concat(
        [
            one_figure(figure_id="a", value=None, low=13e6),
            one_figure(figure_id="b", value=None, low=13e6, high=15e6),
        ]
    )
    axes = fan_chart(frames.forecast, evidence, "server_shipments", frames.provenance).axes[1]
    arrows = [t for t in axes.texts if getattr(t, "arrow_patch", None) is not None]
    assert len(arrows) == 1
    segments = [
        tuple(s[:, 1]) for c in axes.collections if hasattr(c, "get_segments") for s in c.get_segments()
    ]
    assert (13.0, 15.0) in segments


def test_what_a_fan_chart_leaves_out_is_counted(frames):
    evidence = pd.concat(
        [
            one_figure(figure_id="a", aggregation="growth", value=0.03, unit="fraction"),
            one_figure(figure_id="b", per_quantity="dram_revenue_usd"),
            one_figure(figure_id="c", period="2029"),
            one_figure(figure_id="d", unit="fraction", value=0.1),
            one_figure(figure_id="e", value=900e6),
        ]
    )
    text = text_of(fan_chart(frames.forecast, evidence, "server_shipments", frames.provenance))
    for reason in (
        "1 (a growth rate)",
        "1 (a ratio to",
        "1 (period off",
        "1 (no number in",
        "1 beyond the axis",
    ):
        assert reason in text


def test_half_years_of_a_flow_are_shown_per_quarter(frames):
    figure = fan_chart(
        frames.forecast, one_figure(period="2025H1", value=7e6), "server_shipments", frames.provenance
    )
    point = next(line for line in figure.axes[0].lines if line.get_marker() == "o")
    assert point.get_ydata()[0] == pytest.approx(3.5)
    assert point.get_xdata()[0] == pytest.approx(2025.25)


def test_binding_chart(frames):
    figure = binding_chart(frames.binding, frames.provenance)
    text = assert_stamped(figure, "probability, %")
    assert {"demand", "HBM supply", "CoWoS supply"} <= set(text.splitlines())
    tops = [collection.get_paths()[0].get_extents().y1 for collection in figure.axes[0].collections]
    assert max(tops) == pytest.approx(1.0)


def test_drivers_chart_shows_prior_and_posterior_of_each(frames):
    figure = drivers_chart(frames.drivers, frames.provenance)
    text = assert_stamped(figure, "as each panel says", "50 and 90 %")
    used = [axes for axes in figure.axes if axes.axison]
    assert len(used) == frames.drivers["driver"].nunique()
    assert "HBM server penetration" in text
    assert {"prior median", "posterior median"} <= set(text.splitlines())
    assert len(used[0].collections) == 4


def test_publisher_bias_chart_prints_n(frames):
    figure = publisher_bias_chart(frames.publisher_bias, frames.provenance)
    assert_stamped(figure, "log points", "90 %")
    ticks = [t.get_text() for t in figure.axes[0].get_yticklabels()]
    assert len(ticks) == len(frames.publisher_bias)
    assert ticks[-1] == "Publisher 0 · hbm  (n=400)"


def test_predictive_and_pit_charts(frames):
    text = assert_stamped(
        predictive_chart(frames.figure_fit, frames.provenance), "as each panel says", "90 %"
    )
    assert "1 metrics with fewer figures" in text
    text = assert_stamped(pit_chart(frames.figure_fit, frames.provenance), "figures per bin")
    used = frames.figure_fit[frames.figure_fit["used"]]
    assert f"all metrics, n={len(used)}" in text


def test_pit_histogram_counts_add_up(frames):
    axes = pit_chart(frames.figure_fit, frames.provenance).axes[0]
    heights = sum(bar.get_height() for bar in axes.patches if bar.get_width() < 0.2)
    assert heights == frames.figure_fit["used"].sum()


def test_fit_summary_coverage():
    fit = pd.DataFrame({"metric": "m", "pit": [0.5, 0.3, 0.12, 0.01, 0.5], "used": [True] * 4 + [False]})
    row = fit_summary(fit).iloc[0]
    assert (row["n"], row["n_used"]) == (5, 4)
    assert (row["coverage_50"], row["coverage_80"], row["coverage_90"]) == (0.5, 0.75, 0.75)


def test_mixing_table_puts_the_worst_first_and_skips_constants(frames):
    table = mixing_table(frames.posterior())
    assert not table["variable"].eq("cholesky_corner").any()
    assert table["ess_bulk"].is_monotonic_increasing
    assert table["parameter"].iloc[0] == "volatility, 4"
    assert "level, driver_3" in set(table["parameter"])


def test_slowest_keeps_the_very_draws(frames):
    table = mixing_table(frames.posterior())
    chosen = slowest(frames.posterior(), table, n=3)
    name, position = table.loc[0, "parameter"], table.loc[0, "position"][0]
    assert list(chosen["posterior"].data_vars) == list(table["parameter"].head(3))
    expected = frames.posterior()["posterior"]["volatility"].to_numpy()[:, :, position]
    np.testing.assert_array_equal(chosen["posterior"][name].to_numpy(), expected)


def test_sampler_charts(frames):
    charts = sampler_charts(frames.posterior(), None, frames.provenance)
    assert list(charts) == ["rank", "trace", "energy", "ess_local", "ess_evolution"]
    for key, figure in charts.items():
        text = text_of(figure)
        assert f"run {RUN_ID}" in text
        assert f"as of {AS_OF}" in text
        if key != "energy":
            assert "the 8 slowest-mixing (lowest bulk ESS) of 18 parameters" in text
            assert "volatility, 4" in text
    assert "marginal" in text_of(charts["energy"])


def test_every_plot_says_when_it_has_nothing(frames):
    nothing = {
        "fan": fan_chart(frames.forecast.head(0), frames.evidence, "hbm_bits_gb", frames.provenance),
        "binding": binding_chart(frames.binding.head(0), frames.provenance),
        "drivers": drivers_chart(frames.drivers.head(0), frames.provenance),
        "publishers": publisher_bias_chart(frames.publisher_bias.head(0), frames.provenance),
        "predictive": predictive_chart(frames.figure_fit.head(0), frames.provenance),
        "pit": pit_chart(frames.figure_fit.head(0), frames.provenance),
        **sampler_charts(None, None, frames.provenance),
    }
    for figure in nothing.values():
        text = text_of(figure)
        assert "no " in text
        assert f"run {RUN_ID}" in text


def test_a_fan_chart_without_evidence_is_drawn(frames):
    figure = fan_chart(frames.forecast, frames.evidence.head(0), "hbm_bits_gb", frames.provenance)
    assert "0 published figures drawn" in assert_stamped(figure, "million GB", "50, 80 and 90 %")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.88612, "0.886"),
        (12345.0, "12,300"),
        (101.2, "101"),
        (0.0, "0"),
        (float("nan"), "–"),
        (-2.5, "-2.50"),
    ],
)
def test_number(value, text):
    assert number(value) == text


def test_plain_and_display_unit():
    assert plain(612.0) == "612"
    assert plain(2e-7) == "2e-07"
    assert display_unit("USD", [3e8]) == (1e6, "USD million")
    assert display_unit("fraction", [0.2]) == (0.01, "%")
    assert display_unit("GB_per_wafer", [1.0]) == (1.0, "GB per wafer")
