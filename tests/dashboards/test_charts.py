"""Every chart says unit, interval, as-of and run, shows what it is given, and survives having nothing."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from dashboards.labels import amounts, display_unit, number, plain
from dashboards.sections.balance import binding_chart, binding_since
from dashboards.sections.drivers import conflicts_chart, drivers_chart
from dashboards.sections.predictive import fit_summary, pit_chart, predictive_chart
from dashboards.sections.publishers import publisher_bias_chart
from tests.dashboards.figure_text import text_of
from tests.dashboards.synthetic_run import AS_OF, RUN_ID


def spec_of(block: dict, *parts: str) -> dict:
    """Give the chart after looking that it says what every chart must: unit, day, run, what to look for."""
    spec = block["spec"]
    for part in ("Unit: ", f"as of {AS_OF}", f"run {RUN_ID}", *parts):
        assert part in spec["foot"]
    assert spec["look"].startswith("Look")
    return spec


def marks_of(spec: dict, key: str, panel: int = 0) -> list[dict]:
    return [mark for mark in spec["panels"][panel]["marks"] if mark["key"] == key]


def test_binding_chart_stacks_to_a_hundred(frames):
    spec = spec_of(binding_chart(frames), "Unit: probability that the stage binds, %")
    assert [entry["label"] for entry in spec["legend"]] == [
        "limited by demand",
        "limited by HBM supply",
        "limited by CoWoS supply",
    ]
    for panel in (0, 1):
        (top,), (bottom,) = marks_of(spec, "cowos", panel), marks_of(spec, "demand", panel)
        assert top["to"] == pytest.approx([100.0] * len(top["to"]))
        assert bottom["from"] == [0.0] * len(bottom["from"])
    row = frames.binding.query("period == '2025' and stage == 'demand'").iloc[0]
    (yearly,) = marks_of(spec, "demand", 1)
    assert yearly["to"][4] == pytest.approx(100 * row["probability"], rel=1e-4)


def test_binding_says_which_stage_and_since_when():
    rows = [
        (period, stage, p if stage == "hbm" else (1 - p) / 2)
        for period, p in (("2026Q1", 0.2), ("2026Q2", 0.5), ("2026Q3", 0.6), ("2026Q4", 0.7), ("2027Q1", 0.1))
        for stage in ("demand", "hbm", "cowos")
    ]
    binding = pd.DataFrame(rows, columns=["period", "stage", "probability"])
    said = binding_since(binding, pd.Timestamp("2026-11-20"))
    assert said.startswith("Most limiting in 2026Q4: HBM supply (70 %), without a break since 2026Q2")
    assert "until 2027Q1" in said
    assert binding_since(binding, pd.Timestamp("2029-01-01")) == ""


def test_drivers_chart_shows_prior_and_posterior_of_each(frames):
    spec = spec_of(drivers_chart(frames), "intervals of the quantity, 50 and 90 %")
    assert len(spec["panels"]) == frames.drivers["driver"].nunique()
    assert (spec["panels"][1]["title"], spec["panels"][1]["sub"]) == ("HBM server penetration", "%")
    assert [mark["key"] for mark in spec["panels"][0]["marks"]] == ["prior", "posterior"]
    assert [mark["type"] for mark in spec["panels"][-1]["marks"]] == ["interval", "interval"]


def learning_rows() -> pd.DataFrame:
    return pd.DataFrame(
        [
            ("noise.horizon_per_year", "assumption", None, 0.5, -2.2),
            ("class.packages_per_wafer[nvidia_hopper]", "assumption", None, 0.9, 3.4),
            ("driver.server_shipments.level", "assumption", None, 0.2, 0.1),
            ("server_shipments", "driver", "2025", 0.2, 9.0),
        ],
        columns=["name", "kind", "period", "sd_ratio", "shift"],
    )


def test_conflicts_come_first_and_in_words(frames):
    learning = learning_rows()
    spec = spec_of(conflicts_chart(replace(frames, tables={"learning": learning})), "2 of 3 beyond 2")
    assert spec["panels"][0]["y"]["labels"] == [
        "Packages per wafer, NVIDIA Hopper",
        "Noise: horizon per year",
        "Server shipments, level",
    ]
    (bars,) = marks_of(spec, "shift")
    assert bars["to"] == [3.4, -2.2, 0.1]
    assert bars["colours"] == ["vermillion", "orange", "blue"]


def test_publisher_bias_chart_prints_n(frames):
    spec = spec_of(publisher_bias_chart(frames), "log points", "90 %")
    labels = spec["panels"][0]["y"]["labels"]
    assert len(labels) == len(frames.publisher_bias)
    assert labels[0] == "Publisher 0 · hbm (n=400)"


def test_predictive_intervals_are_those_of_a_published_figure_and_can_be_opened(frames):
    spec = spec_of(predictive_chart(frames), "intervals of a published figure, 90 %", "1 metrics with fewer")
    (used,) = marks_of(spec, "used")
    rows = frames.figure_fit.set_index("figure_id").loc[used["figure"]]
    assert rows["used"].all()
    assert len(used["y"]) == len(rows)
    assert "n=80, used" in spec["panels"][0]["sub"]


def test_pit_histogram_counts_add_up(frames):
    spec = spec_of(pit_chart(frames), "Unit: figures per bin")
    (bars,) = marks_of(spec, "pit")
    assert sum(bars["to"]) == frames.figure_fit["used"].sum()
    assert spec["panels"][0]["title"] == f"all metrics, n={frames.figure_fit['used'].sum()}"


def test_fit_summary_coverage():
    fit = pd.DataFrame({"metric": "m", "pit": [0.5, 0.3, 0.12, 0.01, 0.5], "used": [True] * 4 + [False]})
    row = fit_summary(fit).iloc[0]
    assert (row["n"], row["n_used"]) == (5, 4)
    assert (row["coverage_50"], row["coverage_80"], row["coverage_90"]) == (0.5, 0.75, 0.75)


@pytest.fixture(scope="module")
def of_sampler():
    """Charts of the sampler: what they are drawn with takes seconds to load."""
    from dashboards import sampler_charts

    return sampler_charts


def test_mixing_table_puts_the_worst_first_and_skips_constants(frames, of_sampler):
    table = of_sampler.mixing_table(frames.posterior())
    assert not table["variable"].eq("cholesky_corner").any()
    assert table["ess_bulk"].is_monotonic_increasing
    assert table["parameter"].iloc[0] == "volatility, 4"
    assert "level, driver 3" in set(table["parameter"])


def test_slowest_keeps_the_very_draws(frames, of_sampler):
    table = of_sampler.mixing_table(frames.posterior())
    chosen = of_sampler.slowest(frames.posterior(), table, n=3)
    name, position = table.loc[0, "parameter"], table.loc[0, "position"][0]
    assert list(chosen["posterior"].data_vars) == list(table["parameter"].head(3))
    expected = frames.posterior()["posterior"]["volatility"].to_numpy()[:, :, position]
    np.testing.assert_array_equal(chosen["posterior"][name].to_numpy(), expected)


def test_sampler_charts(frames, of_sampler):
    charts = of_sampler.sampler_charts(frames.posterior(), None, frames.provenance)
    assert list(charts) == ["rank", "trace", "energy", "ess_local", "ess_evolution"]
    for key, figure in charts.items():
        text = text_of(figure)
        assert f"run {RUN_ID}" in text
        assert f"as of {AS_OF}" in text
        if key != "energy":
            assert "the 8 slowest-mixing (lowest bulk ESS) of 18 parameters" in text
            assert "volatility, 4" in text
    assert "marginal" in text_of(charts["energy"])


def test_every_chart_says_when_it_has_nothing(frames, of_sampler):
    bare = replace(
        frames,
        binding=frames.binding.head(0),
        drivers=frames.drivers.head(0),
        publisher_bias=frames.publisher_bias.head(0),
        figure_fit=frames.figure_fit.head(0),
    )
    charts = (
        binding_chart,
        drivers_chart,
        conflicts_chart,
        publisher_bias_chart,
        predictive_chart,
        pit_chart,
    )
    for chart in charts:
        block = chart(bare)
        assert block["kind"] == "nothing"
        assert "no " in block["reason"]
    for figure in of_sampler.sampler_charts(None, None, frames.provenance).values():
        assert "no " in text_of(figure)


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


@pytest.mark.parametrize(("unit", "said"), [("Gb", "32 bn Gb"), ("GB", "32,000 million GB")])
def test_bits_are_not_told_as_bytes(unit, said):
    assert " ".join(amounts(unit, 32e9, digits=0)) == said


def test_plain_and_display_unit():
    assert plain(612.0) == "612"
    assert plain(2e-7) == "2e-07"
    assert display_unit("USD", [3e8]) == (1e6, "USD million")
    assert (
        display_unit("USD/unit", [3e4])
        == display_unit("USD_per_unit", [3e4])
        == (1e3, "USD thousand per unit")
    )
    assert amounts("KRW", 6.9e13) == ("69.0", "KRW trillion")
    assert display_unit("fraction", [0.2]) == (0.01, "%")
    assert display_unit("GB_per_wafer", [1.0]) == (1.0, "GB per wafer")
