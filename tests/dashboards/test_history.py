"""Earlier runs, vintages, single futures, probabilities, the street and the news on the page."""

from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from dashboards.futures import in_words, single_futures, statements
from dashboards.news_words import moved_in_words, news_in_words, paragraph, who
from dashboards.page import STALE_AFTER_HOURS
from dashboards.sections.headline import headline_card
from dashboards.sections.news import news_chart, news_section, next_table
from dashboards.sections.record import ALONE, about_year, hedgehog_chart, street_median
from dashboards.sections.revisions import revisions_section
from dashboards.steps import change_in_words, compared, earlier_runs, steps_of, thinned
from dashboards.tables import years_asked
from tests.dashboards.synthetic_run import AS_OF, RUN_ID
from tests.dashboards.test_charts import marks_of, spec_of
from warehouse.statements import text

REVENUE = "hbm_revenue_usd"
LEVELS = ["p05", "p10", "p25", "p50", "p75", "p90", "p95"]


def told(frames, run_id: str, as_of: str, number: int, size: float) -> pd.DataFrame:
    rows = frames.forecast[["quantity", "period", "period_kind", *LEVELS]]
    rows = rows.assign(**{level: size * rows[level] for level in LEVELS})
    return rows.assign(run_id=run_id, as_of=pd.Timestamp(as_of), run_number=number)


@pytest.fixture(scope="module")
def with_history(frames):
    """Give tonight, a run of yesterday, one of last month, a rerun of history made today, and one of "
    "tomorrow."""
    history = pd.concat([
        told(frames, "month", "2026-10-01", 1, 0.5), told(frames, "yesterday", "2026-11-19", 2, 1.25),
        told(frames, RUN_ID, AS_OF, 3, 1.0), told(frames, "rerun", "2025-01-31", 4, 0.1),
        told(frames, "tomorrow", "2026-11-21", 5, 9.0),
    ])  # fmt: skip
    vintages = told(frames, "x", "2024-05-31", 0, 0.3).drop(columns=["run_id", "run_number"])
    return replace(frames, history=history, vintages=vintages)


def test_steps_go_by_the_day_and_end_with_this_run(with_history):
    steps = steps_of(with_history, REVENUE)
    assert [step["run"] for step in steps] == ["vintage-2024-05-31", "rerun", "month", "yesterday", RUN_ID]
    median = steps[3]["year"]["p50"][steps[3]["year"]["periods"].index("2026")]
    now = with_history.forecast.query("quantity == @REVENUE and period == '2026'")["p50"].iloc[0]
    assert median == pytest.approx(1.25 * now / 1e9, rel=1e-4)
    assert len(steps[0]["quarter"]["x"]) == 28


def test_old_runs_are_thinned_to_the_last_of_each_month():
    days = [date(2025, 1 + k // 25, 1 + k % 25) for k in range(100)]
    runs = pd.DataFrame({"run_id": range(100), "as_of": days, "run_number": range(100)})
    kept = thinned(runs)
    assert kept["run_id"].tolist() == [24, 49, 74, *range(84, 100)]


def test_tonight_is_compared_with_the_last_run_and_that_of_a_month_ago(with_history):
    before = compared(with_history)
    assert {words: rows["run_id"].iloc[0] for words, rows in before.items()} == {
        "the last run": "yesterday",
        "a month ago": "month",
    }
    card = headline_card(with_history, REVENUE, before)
    cells = {line["name"]: line["cells"] for line in card["lines"]}
    assert cells["since the last run"] == ["-20.0 % *", "-20.0 % *"]
    assert cells["since a month ago"] == ["+100.0 % *", "+100.0 % *"]
    assert list(cells)[:4] == ["Median", "50 %", "80 %", "90 %"]
    alone = headline_card(with_history, REVENUE, {})
    # Where there is nothing to compare with, no row of dashes says so.
    assert [line["name"] for line in alone["lines"]] == ["Median", "50 %", "80 %", "90 %"]


def test_a_run_is_not_compared_with_later_ones(with_history):
    runs = earlier_runs(with_history.history, "month", date(2026, 10, 1))
    assert runs["run_id"].tolist() == ["rerun", "month"]
    then = {"p25": 0.9, "p50": 1.0, "p75": 1.1}
    assert change_in_words(1.0, then) == "unchanged"
    assert change_in_words(1.05, then) == "+5.0 %"
    assert change_in_words(1.2, then) == "+20.0 % *"
    assert change_in_words(1.2, None) == "–"


def test_probabilities_are_said_as_futures():
    assert in_words(0.85).startswith("in 17 of 20 futures (85")
    assert in_words(0.99).startswith("in nearly every future")
    assert in_words(0.004).startswith("in hardly any future (under 1")
    assert years_asked(date(2026, 5, 1)) == ("2026", "2027")
    assert years_asked(date(2027, 5, 1)) == ("2027",)


def test_statements_count_the_draws():
    values = {"2026": [50e9, 60e9, 70e9, 80e9], "2027": [90e9, 105e9, 120e9, 60e9]}
    drawn = pd.DataFrame(
        [(draw, REVENUE, period, v) for period, row in values.items() for draw, v in enumerate(row)],
        columns=["draw", "quantity", "period", "value"],
    )
    above, grows = statements(drawn, REVENUE, "USD", date(2026, 11, 20))
    assert above.startswith("Above 80 USD bn in 2027: in 15 of 20 futures (75")
    assert grows.startswith("2027 above 2026: in 15 of 20 futures (75")
    assert statements(drawn.head(0), REVENUE, "USD", date(2026, 11, 20)) == []


def test_single_futures_are_whole_draws():
    drawn = pd.DataFrame(
        [(draw, REVENUE, period, (draw + 1) * 1e9) for draw in (0, 1, 997) for period in ("2026", "2026Q1")],
        columns=["draw", "quantity", "period", "value"],
    )
    futures = single_futures(drawn, REVENUE, "USD")
    assert [path[5] for path in futures["year"]] == [1.0, 998.0]
    assert [path[20] for path in futures["quarter"]] == [1.0, 998.0]
    assert single_futures(drawn.head(0), REVENUE, "USD") is None


def test_the_street_is_the_median_of_each_publisher_s_newest_figure():
    said = [("A", date(2024, 1, 10), 1.0), ("A", date(2024, 3, 10), 5.0), ("B", date(2024, 2, 10), 3.0)]
    points = pd.DataFrame([*said, ("C", date(2022, 1, 1), 99.0)], columns=["publisher", "day", "value"])
    days = [date(2024, 1, 1), date(2024, 2, 20), date(2024, 4, 1), date(2026, 1, 1)]
    assert street_median(points, days) == [None, 2.0, 4.0, None]


def test_the_hedgehog_holds_vintages_and_runs_against_what_came(with_history):
    outcome = {"quantity": REVENUE, "period": "2024", "value": 16e9, "known_on": "2025-05-01"}
    shown = replace(with_history, outcomes=pd.DataFrame([outcome]))
    spec = spec_of(hedgehog_chart(shown, REVENUE), "intervals of the quantity, 80 %")
    panel = [panel["title"] for panel in spec["panels"]].index("2024")
    ours = next(mark for mark in marks_of(spec, "ours", panel) if mark["type"] == "interval")
    assert len(ours["p50"]) == 5
    assert [day[:10] for day in ours["periods"]] == [
        "2024-05-31", "2025-01-31", "2026-10-01", "2026-11-19", AS_OF,
    ]  # fmt: skip
    (came,) = marks_of(spec, "came", panel)
    assert came["at"] == 16.0
    assert not marks_of(spec, "came", panel + 1)
    assert spec["panels"][panel]["y"]["max"] >= 16.0


def test_a_first_night_stands_beside_what_the_street_said_before_it(frames):
    about = frames.evidence["quantity"].eq(REVENUE) & frames.evidence["used"].astype(bool)
    figure = frames.evidence[about].head(1).assign(
        period="2026", aggregation="sum", per_quantity="", unit="USD", value=50e9, low=None, high=None,
        definition="",
    )  # fmt: skip
    said = [
        figure.assign(figure_id=name, published_on=day[:4], known_on=day)
        for name, day in (("old", "2022-01-15"), ("then", "2025-01-15"), ("now", "2026-06-15"))
    ]
    alone = replace(frames, history=frames.history.head(0), evidence=pd.concat(said))
    spec = spec_of(hedgehog_chart(alone, REVENUE), "intervals of the quantity, 80 %")
    panel = [panel["title"] for panel in spec["panels"]].index("2026")
    (street,) = marks_of(spec, "street", panel)
    assert street["periods"] == ["2025-01-15", "2026-06-15", AS_OF]
    assert street["y"] == [50.0, 50.0, 50.0]
    assert 2024.5 < spec["panels"][panel]["x"]["min"] < 2025.04
    assert len(spec["panels"][panel]["x"]["ticks"]) > 1


def test_a_first_night_draws_no_year_of_which_nobody_said_anything(frames):
    alone = replace(frames, history=frames.history.head(0), evidence=frames.evidence.head(0))
    block = hedgehog_chart(alone, REVENUE)
    assert (block["kind"], block["reason"]) == ("nothing", ALONE)
    outcome = {"quantity": REVENUE, "period": "2024", "value": 16e9, "known_on": "2025-05-01"}
    beside = hedgehog_chart(replace(alone, outcomes=pd.DataFrame([outcome])), REVENUE)["spec"]
    assert [panel["title"] for panel in beside["panels"]] == ["2024"]
    assert "Not drawn: 2023, 2025, 2026, 2027" in beside["foot"]
    assert [text for _, text in beside["panels"][0]["x"]["ticks"]][:4] == [
        "2026",
        "2026-04",
        "2026-07",
        "2026-10",
    ]


def test_a_level_at_the_end_of_a_year_is_about_the_year():
    rows = pd.DataFrame({
        "figure_id": ["year", "end", "june", "next"], "panel": ["year", "quarter", "quarter", "quarter"],
        "aggregation": "end", "x": [2025.3, 2026.05, 2025.5, 2027.0],
        "known_on": ["2025-02-03", "2025-02-28", "2025-02-03", "2025-02-03"],
    })  # fmt: skip
    found = about_year(rows, "2025")
    assert found["figure_id"].tolist() == ["year", "end"]
    assert found["day"].tolist() == [date(2025, 2, 3), date(2025, 2, 28)]


def news_rows() -> pd.DataFrame:
    parts = (("whole", None, 5e9), ("new figure", "hbm-1", 4e9), ("noise", None, 1e9), ("code", None, -0.5e9))
    head = {"since": "last run", "earlier_run_id": "r0", "earlier_as_of": "2026-11-19", "quantity": REVENUE}
    head |= {"period": "2027", "unit": "USD", "about": None, "error_p50": 2e8, "pareto_k": None}
    head |= {"earlier_p50": 130e9}
    return pd.DataFrame([
        head | {"part": part, "figure_ids": figure, "publisher": "Broker" if figure else None, "p05": p50 / 2,
                "p50": p50, "p95": 2 * p50}
        for part, figure, p50 in parts
    ])  # fmt: skip


def test_news_bars_have_the_whole_on_top_and_the_parts_by_size(frames):
    spec = spec_of(news_chart(frames, news_rows(), REVENUE), "USD bn, move of the median")
    (panel,) = spec["panels"]
    assert panel["y"]["labels"] == ["the whole move", "new figure: Broker", "noise", "code"]
    (bars,) = marks_of(spec, "move")
    assert bars["to"] == [5.0, 4.0, 1.0, -0.5]
    assert "hbm-1" in bars["words"][1]
    said = news_in_words(news_rows(), REVENUE, "2027")
    assert said == "2027 moved by +5.0 USD bn since the last run: +4.0 new figure: Broker; +1.0 noise"
    assert news_in_words(news_rows(), REVENUE, "2026") == ""
    assert news_in_words(pd.DataFrame(), REVENUE, "2027") == ""
    section = news_section(replace(frames, tables={"news": news_rows()}), None)
    assert len(section["blocks"]) == 1
    assert news_section(frames, None)["blocks"] == []
    unchanged = news_rows().assign(p50=0.0)
    assert news_in_words(unchanged, REVENUE, "2027") == ""
    assert news_section(replace(frames, tables={"news": unchanged}), None)["blocks"] == []


def test_a_paragraph_says_what_moved_the_headline_and_what_did_not():
    rows = news_rows()
    rows.loc[rows["part"] == "new figure", "about"] = "hbm_revenue_usd 2027"
    rows.loc[rows["part"] == "new figure", "known_on"] = date(2026, 9, 29)
    still = rows.assign(quantity="cowos_wafers", unit="wafers", p50=rows["p50"] / 1e8, error_p50=1e3)
    said = paragraph(pd.concat([rows, still], ignore_index=True), date(2026, 11, 20))
    assert said == (
        "Since the last run (r0, as of 2026-11-19): HBM revenue 2027 rose from 130 to 135 USD bn: "
        "+4.0 from Broker (HBM revenue 2027, 29 Sep 2026); noise +1.0 ± 0.20. Within noise: CoWoS wafers."
    )
    many = rows.replace(
        {"part": {"new figure": "figures together"}, "about": {"hbm_revenue_usd 2027": "9 figures"}}
    )
    many["publisher"] = many["publisher"].replace({"Broker": "Broker; Maker; Street; Press; Analyst"})
    assert (
        "+4.0 from 9 figures together (Broker, Maker, Street and 2 more; to 29 Sep 2026); noise"
        in paragraph(many, date(2026, 11, 20))
    )
    with_rules = many.replace({"part": {"figures together": "rules and figures together"}})
    assert (
        "+4.0 from products, assumptions and rules with 9 figures (Broker, Maker, Street and 2 more; to "
        "29 Sep 2026)" in paragraph(with_rules, date(2026, 11, 20))
    )
    assert moved_in_words(rows.assign(error_p50=4e9), "HBM revenue 2027") == ""
    assert paragraph(pd.DataFrame(), date(2026, 11, 20)) == ""


def test_a_last_run_that_is_that_of_a_month_ago_is_told_of_once():
    rows, day = news_rows(), date(2026, 11, 20)
    once = paragraph(rows, day)
    month = rows.assign(since="month ago")
    assert paragraph(pd.concat([rows, month]), day) == once.replace("last run", "last run, a month ago")
    other = paragraph(pd.concat([rows, month.assign(earlier_run_id="r-1")]), day)
    assert other == f"{once} {once.replace('last run (r0', 'month ago (r-1')}"


def test_the_next_figures_are_listed_by_what_they_would_narrow(frames):
    head = {"publisher": "Broker", "kind": "forecast", "figure_period": "2027", "unit": "USD", "error": 0.004}
    head |= {"figure_quantity": REVENUE, "period": "2027", "width": 50e9}
    following = pd.DataFrame([
        head | {"like_figure_id": name, "quantity": about, "narrowing": by, "expected_width": 50e9 * (1 - by)}
        for name, about, by in (("a", REVENUE, 0.1), ("b", REVENUE, 0.3), ("b", "hbm_bits_gb", 0.2))
    ])  # fmt: skip
    table = next_table(following)
    assert table["Narrower by"].tolist() == ["30 %", "10 %"]
    assert table["Figure of tomorrow"].iloc[0] == "Broker: HBM revenue 2027 (forecast)"
    assert table["90 % interval"].iloc[0] == "50.0 to 35.0 USD bn wide"
    section = news_section(replace(frames, tables={"value_of_next_figure": following}), None)
    assert [block["kind"] for block in section["blocks"]] == ["table"]


def test_revisions_are_drawn_from_the_first_figure_on(frames):
    used = frames.evidence[
        (frames.evidence["quantity"] == REVENUE) & (frames.evidence["aggregation"] == "sum")
    ]
    ids = used["figure_id"].tolist()[:2]
    head = {
        "publisher": "Yole",
        "metric": "hbm_revenue",
        "entity": "industry",
        "segment": "",
        "period": "2025",
    }
    head |= {
        "unit": "USD",
        "n_steps": 2,
        "first_value": 20.0,
        "kind": "forecast",
        "url": "javascript:alert(1)",
    }
    chains = pd.DataFrame([
        head | {"figure_id": figure, "step": step, "value": value, "published_on": f"202{step}-01-01",
                "change_since_first": value / 20 - 1}
        for step, figure, value in ((1, ids[0], 20.0), (2, ids[1], 30.0))
    ])  # fmt: skip
    section = revisions_section(replace(frames, revisions=chains), None)
    chart, table = section["blocks"]
    (later,) = marks_of(spec_of(chart, "1 chains"), "later")
    assert (later["at"], later["p50"]) == ([0], [50.0])
    assert chart["spec"]["panels"][0]["y"]["labels"] == ["Yole: HBM revenue 2025"]
    assert table["rows"][0]["cells"][-1]["href"] == ""


def test_a_page_is_stale_after_as_many_hours_as_the_warehouse_says():
    assert f"CREATE MACRO hours_until_stale() AS {STALE_AFTER_HOURS};" in text("views")


def test_a_ratio_is_named_by_both_of_its_quantities():
    row = {"part": "new figure", "publisher": "Omdia", "known_on": date(2023, 11, 24)}
    ratio = row | {"about": "hbm_price_usd_per_gb over dram_price_ex_hbm_usd_per_gb 2023Q4"}
    assert who(ratio) == "Omdia (HBM price over DRAM price ex HBM 2023Q4, 24 Nov 2023)"
    assert who(row | {"about": "hbm_revenue_usd 2027"}) == "Omdia (HBM revenue 2027, 24 Nov 2023)"
