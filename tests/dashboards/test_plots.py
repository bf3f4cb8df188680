"""Every plot says unit, interval, as-of and run id, shows what it is given, and survives having nothing."""

import numpy as np
import pandas as pd
import pytest

from dashboards import style
from dashboards.labels import display_unit, number, plain
from dashboards.sections.binding import binding_chart
from dashboards.sections.drivers import drivers_chart
from dashboards.sections.predictive import fit_summary, pit_chart, predictive_chart
from dashboards.sections.publishers import publisher_bias_chart
from dashboards.sections.sampler import mixing_table, sampler_charts, slowest
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
