"""The charts of the backtest and of the systems say what they show, where from, and when there is nothing."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from dashboards.chart_cache import Gallery
from dashboards.labels import display_unit, system_title
from dashboards.page import render
from dashboards.sections.scores import NOT_SCORED, coverage_chart, pit_chart, scores_section, skill_chart
from dashboards.sections.systems import panels_chart, scenario_chart, systems_section, variance_chart
from dashboards.tables import score_line
from tests.dashboards.figure_text import text_of
from tests.dashboards.synthetic_around import AS_OF, BACKTEST, RUN_ID


def assert_stamped(figure, unit: str, interval: str = "") -> str:
    text = text_of(figure)
    assert f"as of {AS_OF}" in text
    assert f"run {RUN_ID}" in text
    assert f"Unit: {unit}" in text
    assert f"equal-tailed intervals, {interval}" in text if interval else True
    return text


def test_pit_counts_forecasts_and_targets_and_keeps_chain_and_systems_apart(frames):
    figure = pit_chart(frames.pits, BACKTEST, frames.provenance)
    text = assert_stamped(figure, "% of the forecasts per bin")
    assert "the outcome's own error counted in" in text
    assert BACKTEST in text
    titles = [axes.get_title("left") for axes in figure.axes if axes.axison]
    assert titles == [
        "all of the chain\nn=70, 6 targets",
        "HBM revenue\nn=40, 3 targets",
        "Server shipments\nn=30, 3 targets",
        "all systems\nn=20, 3 targets",
    ]
    for axes in figure.axes[:4]:
        bars = [patch.get_height() for patch in axes.patches if patch.get_width() < 0.2]
        assert sum(bars) == pytest.approx(1.0)


def test_pit_of_a_backtest_without_outcome_error(frames):
    bare = frames.pits[frames.pits["metric"] == "pit"]
    assert "against the bare outcome" in text_of(pit_chart(bare, BACKTEST, frames.provenance))


def test_coverage_is_drawn_per_horizon_at_its_value(frames):
    figure = coverage_chart(frames.scoreboard, BACKTEST, frames.provenance)
    text = assert_stamped(figure, "% of the outcomes inside the interval", "50, 80 and 90 %")
    assert "as if it had no error of its own" in text
    labels = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert labels[0] == "all of the chain (n=120, 14 targets)"
    assert labels[-1] == "all systems (n=120, 14 targets)"
    dots = [c for c in figure.axes[1].collections if not hasattr(c, "get_segments")]
    assert [point[0] for d in dots for point in d.get_offsets()] == pytest.approx([77.0] * 4)
    bands = [s for c in figure.axes[1].collections if hasattr(c, "get_segments") for s in c.get_segments()]
    assert np.array([band[:, 0] for band in bands]) == pytest.approx(np.array([[71.0, 90.0]] * 4))
    assert not any(hasattr(c, "get_segments") for c in figure.axes[0].collections)
    older = frames.scoreboard.drop(columns=["coverage_80_calibrated_low", "coverage_80_calibrated_high"])
    bare = coverage_chart(older, BACKTEST, frames.provenance)
    assert not any(hasattr(c, "get_segments") for c in bare.axes[1].collections)
    told = frames.scoreboard.assign(coverage_80_of_value=0.7)
    assert "outcome with its own error" in text_of(coverage_chart(told, BACKTEST, frames.provenance))


def test_skill_has_intervals_where_there_are_any_and_counts_what_is_off_the_axis(frames):
    figure = skill_chart(frames.scoreboard, BACKTEST, frames.provenance)
    text = assert_stamped(figure, "share by which our CRPS is lower", "90 %, bootstrap over targets")
    assert "1 rows below -1 are in the table only" in text
    assert "Yole (n=14)" in text
    assert "HBM revenue: street median (n=14)" in text
    bars = [s for c in figure.axes[0].collections if hasattr(c, "get_segments") for s in c.get_segments()]
    assert sorted((round(s[0][0], 2), round(s[1][0], 2)) for s in bars) == [(0.2, 0.6), (0.25, 0.65)]


def test_scores_that_came_with_the_code_are_said_to_be_of_their_version_and_day(frames):
    committed = frames.scoreboard.assign(code_version="0.0.9+cafe", run_at="2026-11-28")
    section = scores_section(replace(frames, scoreboard=committed), Gallery(frames.provenance))
    assert "measured on 2026-11-28 by version 0.0.9+cafe" in section["texts"][0]
    own = scores_section(frames, Gallery(frames.provenance))
    assert not any("came with the code" in text for text in own["texts"])


def test_one_line_says_the_skill_and_whose_backtest_it_is_of():
    head = {"quantity": "all", "horizon_group": "over six months", "opponent": "latest figure"}
    numbers = {"skill": 0.451, "skill_low": 0.02, "skill_high": 0.63, "n_targets": 18, "n_independent": 17}
    board = pd.DataFrame([head | numbers])
    own = score_line(board.assign(finished_at=pd.Timestamp("2026-11-30")))
    assert own.endswith("0.45 (0.02 to 0.63) on 17 targets (backtest of 2026-11-30)")
    committed = score_line(board.assign(code_version="0.0.9+cafe", run_at="2026-11-28"))
    assert "committed with the code: version 0.0.9+cafe, 2026-11-28; not measured here" in committed
    assert "not measured" in score_line(pd.DataFrame())


def test_without_a_backtest_the_section_says_so(frames):
    empty = replace(frames, scoreboard=pd.DataFrame(), pits=pd.DataFrame())
    section = scores_section(empty, Gallery(frames.provenance))
    assert section["texts"] == (NOT_SCORED,)
    assert section["blocks"] == []


def test_equipment_panels_are_in_usd_with_their_figures(frames):
    rows = frames.system_forecast.query("system == 'equipment' and measure == 'usd'")
    figure = panels_chart(rows, "Equipment demand", frames.provenance)
    text = assert_stamped(figure, "as each panel says", "50 and 90 %")
    assert [axes.get_title("left") for axes in figure.axes if axes.axison] == [
        "All categories (n=40)", "TCB (n=12)", "Hybrid bonding (n=0)",
    ]  # fmt: skip
    assert {"measured", "few figures", "assumed", "USD bn", "USD million"} <= set(text.splitlines())
    last = rows.query("item == 'tcb' and period == '2027'").iloc[0]
    widest = max(figure.axes[1].patches, key=lambda patch: patch.get_height())
    assert widest.get_height() == pytest.approx((last["p95"] - last["p05"]) / 1e6)


def test_supplier_panels_name_what_the_share_is_of(frames):
    rows = frames.system_forecast.query("system == 'supplier'")
    titles = [
        axes.get_title("left") for axes in panels_chart(rows, "Shares", frames.provenance).axes if axes.axison
    ]
    assert titles == [
        "SK hynix, share of revenue (n=9)", "Others, share of revenue (n=0)", "SK hynix, share of bits (n=9)",
    ]  # fmt: skip


def test_a_scenario_without_effect_has_no_mark(frames):
    figure = scenario_chart(frames.scenarios, frames.provenance)
    text = assert_stamped(figure, "% of the base", "90 %, of the difference within each draw")
    assert {"HBM price fall", "R&D slower", "2026", "2027"} <= set(text.splitlines())
    assert [len(dots.get_offsets()) for dots in figure.axes[0].collections[1::2]] == [1, 1]
    (segment,) = figure.axes[0].collections[0].get_segments()
    assert list(segment[:, 0]) == pytest.approx([-30.0, -5.0])


def test_variance_shares_fill_the_bar(frames):
    figure = variance_chart(frames.sensitivities, frames.provenance)
    text = assert_stamped(figure, "% of the variance of the log of each target")
    assert {"HBM revenue (log sd 0.30)", "Equipment: All categories, USD (log sd 0.30)"} <= set(
        text.splitlines()
    )
    assert sum(bar.get_width() for bar in figure.axes[0].patches) == pytest.approx(2.0)


def test_a_run_without_systems_says_so_on_the_page(frames):
    nothing = pd.DataFrame()
    bare = replace(frames, system_forecast=nothing, scenarios=nothing, sensitivities=nothing)
    page = render(replace(bare, posterior=lambda: None))
    assert "This run has no forecast of the systems around the chain." in page
    section = systems_section(
        replace(frames, scenarios=nothing, sensitivities=nothing), Gallery(frames.provenance)
    )
    assert [text for text in ("no scenario", "no sensitivities") if text in str(section)] == [
        "no scenario",
        "no sensitivities",
    ]


def test_names_and_units_of_systems():
    assert system_title("equipment/tcb/usd") == "Equipment: TCB, USD"
    assert system_title("supplier") == "Supplier: All"
    assert system_title("supplier.sk_hynix.share_of_revenue") == "Supplier: SK hynix, share of revenue"
    assert display_unit("USD/quarter", [3e9]) == (1e9, "USD bn per quarter")
