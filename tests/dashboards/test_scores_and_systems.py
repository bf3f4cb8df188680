"""The charts of the backtest and of the systems say what they show, where from, and when there is nothing."""

from dataclasses import replace

import pandas as pd
import pytest

from dashboards.chart_cache import Gallery
from dashboards.labels import display_unit, system_title
from dashboards.page import render
from dashboards.sections.score_charts import coverage_chart, pit_chart, skill_chart
from dashboards.sections.scores import NOT_SCORED, scores_section
from dashboards.sections.systems import panels_chart, scenario_chart, systems_section, variance_chart
from dashboards.tables import score_line
from tests.dashboards.synthetic_around import BACKTEST
from tests.dashboards.test_charts import marks_of, spec_of


def test_pit_counts_forecasts_and_targets_and_keeps_chain_and_systems_apart(frames):
    spec = spec_of(
        pit_chart(frames), "% of the forecasts per bin", "the outcome's own error counted in", BACKTEST
    )
    assert [panel["title"] for panel in spec["panels"]] == [
        "all of the chain (n=70, 6 targets)",
        "HBM revenue (n=40, 3 targets)",
        "Server shipments (n=30, 3 targets)",
        "all systems (n=20, 3 targets)",
    ]
    for panel in range(4):
        (bars,) = marks_of(spec, "pit", panel)
        assert sum(bars["to"]) == pytest.approx(100.0, rel=1e-3)


def test_pit_of_a_backtest_without_outcome_error(frames):
    bare = replace(frames, pits=frames.pits[frames.pits["metric"] == "pit"])
    spec_of(pit_chart(bare), "against the bare outcome")


def test_coverage_is_drawn_per_horizon_at_its_value(frames):
    spec = spec_of(coverage_chart(frames), "50, 80 and 90 %", "as if it had no error of its own")
    labels = spec["panels"][0]["y"]["labels"]
    assert labels[0] == "all of the chain (n=120, 14 targets)"
    assert labels[-1] == "all systems (n=120, 14 targets)"
    assert marks_of(spec, "all", 1)[0]["p50"] == pytest.approx([77.0] * 3)
    (chance,) = marks_of(spec, "chance", 1)
    assert (chance["from"], chance["to"]) == ([71.0] * 3, [90.0] * 3)
    assert not marks_of(spec, "chance", 0)
    older = frames.scoreboard.drop(columns=["coverage_80_calibrated_low", "coverage_80_calibrated_high"])
    assert not marks_of(coverage_chart(replace(frames, scoreboard=older))["spec"], "chance", 1)
    told = replace(frames, scoreboard=frames.scoreboard.assign(coverage_80_of_value=0.7))
    spec_of(coverage_chart(told), "outcome with its own error")


def test_skill_has_intervals_where_there_are_any_and_counts_what_is_off_the_axis(frames):
    spec = spec_of(
        skill_chart(frames), "90 %, bootstrap over targets", "1 rows below -1 are in the table only"
    )
    assert spec["panels"][1]["y"]["labels"] == ["Yole (n=14)"]
    assert "HBM revenue: street median (n=14)" in spec["panels"][2]["y"]["labels"]
    marks = [mark for mark in spec["panels"][0]["marks"] if mark["type"] == "interval"]
    assert sorted((mark["p05"][0], mark["p95"][0]) for mark in marks) == [(0.2, 0.6), (0.25, 0.65)]
    (unsure,) = marks_of(spec, "over six months", 2)
    assert unsure["hollow"] == [True]


def test_scores_that_came_with_the_code_are_said_to_be_of_their_version_and_day(frames):
    committed = frames.scoreboard.assign(code_version="0.0.9+cafe", run_at="2026-11-28")
    section = scores_section(replace(frames, scoreboard=committed), Gallery(frames.provenance))
    assert "measured on 2026-11-28 by version 0.0.9+cafe" in section["texts"][0]
    own = scores_section(frames, Gallery(frames.provenance))
    assert not any("came with the code" in text for text in own["texts"])


def test_one_line_says_the_skill_and_whose_backtest_it_is_of():
    head = {"quantity": "all", "horizon_group": "over six months", "opponent": "latest figure"}
    numbers = {"skill": 0.451, "skill_low": 0.02, "skill_high": 0.63, "n_targets": 18, "n_independent": 17}
    row = head | numbers
    own = score_line([row | {"finished_at": pd.Timestamp("2026-11-30")}])
    assert own.endswith("0.45 (0.02 to 0.63) on 17 targets (backtest of 2026-11-30)")
    committed = score_line([row | {"code_version": "0.0.9+cafe", "run_at": "2026-11-28"}])
    assert "committed with the code: version 0.0.9+cafe, 2026-11-28; not measured here" in committed
    assert "not measured" in score_line([])


def test_without_a_backtest_the_section_says_so(frames):
    empty = replace(frames, scoreboard=pd.DataFrame(), pits=pd.DataFrame())
    section = scores_section(empty, Gallery(frames.provenance))
    assert section["texts"] == (NOT_SCORED,)
    assert section["blocks"] == []


def test_equipment_panels_are_in_usd_with_their_figures(frames):
    rows = frames.system_forecast.query("system == 'equipment' and measure == 'usd'")
    spec = spec_of(panels_chart(frames, rows, "equipment", "Equipment demand"), "50 and 90 %")
    assert [(panel["title"], panel["sub"]) for panel in spec["panels"]] == [
        ("All categories", "USD bn, n=40"),
        ("TCB", "USD million, n=12"),
        ("Hybrid bonding", "USD million, n=0"),
    ]
    assert [entry["label"] for entry in spec["legend"]] == ["measured", "few figures", "assumed"]
    assert [panel["marks"][0]["colour"] for panel in spec["panels"]] == ["orange", "blue", "grey"]
    last = rows.query("item == 'tcb' and period == '2027'").iloc[0]
    assert spec["panels"][1]["marks"][0]["p95"][-1] == pytest.approx(last["p95"] / 1e6, rel=1e-4)


def test_supplier_panels_name_what_the_share_is_of(frames):
    rows = frames.system_forecast.query("system == 'supplier'")
    titles = [panel["title"] for panel in panels_chart(frames, rows, "s", "Shares")["spec"]["panels"]]
    assert titles == ["SK hynix, share of revenue", "Others, share of revenue", "SK hynix, share of bits"]


def test_a_scenario_without_effect_has_no_mark(frames):
    spec = spec_of(scenario_chart(frames), "intervals of the difference, 90 %")
    assert spec["panels"][0]["y"]["labels"] == ["HBM price fall", "R&D slower"]
    assert [entry["label"] for entry in spec["legend"]] == ["2026", "2027"]
    for year in ("2026", "2027"):
        (mark,) = marks_of(spec, year)
        assert (mark["at"], mark["p05"], mark["p95"]) == ([0], [-30.0], [-5.0])


def test_variance_shares_fill_the_bar(frames):
    spec = spec_of(variance_chart(frames), "% of the variance of the log of each target")
    assert spec["panels"][0]["y"]["labels"] == [
        "HBM revenue (log sd 0.30)",
        "Equipment: All categories, USD (log sd 0.30)",
    ]
    assert spec["panels"][0]["marks"][-1]["to"] == pytest.approx([100.0, 100.0])


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
