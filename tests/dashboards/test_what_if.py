"""What the sliders ask for is what a scenario of the command line gives, on the same draws."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from dashboards.app import what_if
from dashboards.page import render_part
from models.draws.joint import collect
from models.draws.simulate import simulate
from models.evidence.evidence import Evidence
from models.scenarios.own import own_scenario
from models.scenarios.run import moved_systems, run_scenario
from models.vocabulary.quantities import HEADLINES
from tests.models.small_problem import draws_of_prior, problem
from tests.models.systems.shares_world import tables

N = 96


@pytest.fixture(scope="module")
def basis() -> what_if.Basis:
    made = problem()
    raw = draws_of_prior(made, N, spread=0.3, dtype=np.float32)
    return what_if.Basis(made, raw, Evidence(**tables()), collect(simulate(made, raw, N, 1)), 1)


def test_sliders_at_rest_ask_for_nothing(basis):
    rest = {slider.name: 1.0 for slider in what_if.FACTORS}
    assert what_if.answer(basis, rest, {what_if.LATE_MIX: 0, "": 0}) is None


def test_an_answer_is_the_scenario_of_the_command_line(basis):
    found = what_if.answer(
        basis, {"penetration": 1.1, "cowos_capacity": 0.8}, {"samsung": 2}, "2026Q1", ramp=2
    )
    multiply = ["hbm_server_penetration=1.1"]
    multiply += [f"cowos_capacity_{who}_wafers_per_month=0.8" for who in ("tsmc", "others")]
    rows, refused = own_scenario(multiply, ["samsung=2"], "2026Q1", "2027Q4", 2, basis.evidence)
    assert refused.empty
    table = run_scenario(
        basis.problem, basis.raw, rows, N, 1, moved_systems(rows), basis.evidence, HEADLINES, basis.drawn
    )
    assert found.shocks == (
        "AI penetration of servers +10 %", "CoWoS capacity -20 %", "Samsung 2 quarters late",
    )  # fmt: skip
    # Of the systems that a late maker moves the app shows nothing.
    wanted = table[table["quantity"].isin(HEADLINES)].set_index(["quantity", "period"])
    pd.testing.assert_frame_equal(found.table.set_index(["quantity", "period"]).loc[wanted.index], wanted)
    assert found.seconds > 0


def test_a_price_a_tenth_higher_is_a_tenth_higher(basis):
    found = what_if.answer(basis, {"price": 1.1}, {})
    price = found.table[found.table["quantity"] == "hbm_price_usd_per_gb"].set_index("period")
    assert price["relative_p50"]["2027"] == pytest.approx(0.1, abs=1e-4)
    assert price["relative_p50"]["2022"] == 0


def test_a_launch_that_no_class_has_is_said_with_those_there_are(basis):
    with pytest.raises(ValueError, match=r"unknown driver 'nvidia_rubbin'.*class_weight"):
        what_if.answer(basis, {}, {"nvidia_rubbin": 1})


def test_quarters_ahead_begin_with_what_remains_of_this_one():
    ahead = what_if.quarters_ahead(date(2026, 11, 29))
    assert list(ahead.items())[:2] == [("now (2026Q4)", "as_of+0"), ("2027Q1", "2027Q1")]
    assert list(ahead)[-1] == "2027Q4"


def test_the_section_shows_both_forecasts_and_their_change(basis, frames):
    section = what_if.what_if_section(frames, what_if.answer(basis, {"price": 1.1}, {}))
    assert section["title"] == "HBM price per GB +10 %"
    charts = [block["spec"] for block in section["blocks"] if block["kind"] == "chart"]
    assert len(charts) == len(HEADLINES)
    levels, change = charts[0]["panels"]
    assert [mark["key"] for mark in levels["marks"]] == ["base", "scenario"]
    assert change["marks"][0]["key"] == "relative"
    revenue = change["marks"][0]["p50"]
    assert revenue[0] == 0
    assert revenue[-1] == pytest.approx(10, abs=0.01)
    page = render_part(frames, [section])
    assert '<body class="part">' in page
    assert "<header>" not in page
    assert page.count("<script") == 2
