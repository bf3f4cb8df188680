"""The rule that chooses outcomes, case by case, and targets through the likelihood's own operator."""

from datetime import date

import numpy as np
import pytest

from models.scoring.outcomes import MAX_LOG_SD, outcomes
from models.scoring.vintages import target_figures, target_log_draws
from models.vocabulary.periods import parse_period
from tests.market import MARKET
from tests.models.forecast_world import assumptions, evidence_figures, fake_fit, figure, figures

TODAY = date(2026, 11, 22)


def chosen(*rows, today=TODAY):
    return outcomes(figures(*rows), assumptions(), today, MARKET)


def estimate(figure_id, value=float("nan"), published_on="2025-02-10", **columns):
    return figure(figure_id, value, kind="estimate", published_on=published_on, **columns)


def test_a_forecast_from_before_the_period_is_no_outcome_and_a_later_estimate_is():
    found = chosen(figure("early", 5e9, published_on="2023-06-01"), estimate("late", 17e9))
    assert found["value"].tolist() == pytest.approx([17e9])
    assert found["figure_ids"].tolist() == ["late"]
    assert found["known_on"].tolist() == [date(2025, 2, 10)]
    assert chosen(figure("early", 5e9, published_on="2023-06-01")).empty


def test_a_year_only_date_counts_from_its_first_day_for_the_rule_and_from_its_last_for_being_seen():
    row = estimate("vague", 17e9, published_on="2025", published_precision="year")
    assert chosen(row)["known_on"].tolist() == [date(2025, 12, 31)]
    before = figure("vaguer", 5e9, published_on="2023", published_precision="year")
    assert chosen(before).empty


def test_a_period_that_is_not_over_has_no_outcome():
    row = estimate("now", 50e9, period="2026", published_on="2026-11-01")
    assert chosen(row).empty
    assert len(chosen(row, today=date(2026, 12, 31))) == 1


def test_actual_outranks_settled_outranks_running():
    rows = [
        figure("running", 80e9, quantity="dram_revenue_usd", published_on="2024-11-20"),
        estimate("settled", 90e9, quantity="dram_revenue_usd"),
        estimate("actual", 95e9, quantity="dram_revenue_usd") | {"kind": "actual"},
    ]
    assert chosen(*rows)["figure_ids"].tolist() == ["actual"]
    assert chosen(*rows[:2])["figure_ids"].tolist() == ["settled"]
    running = chosen(rows[0])
    assert running["rank"].tolist() == ["running"]
    assert running["log_sd"][0] > chosen(rows[1])["log_sd"][0] > 0.01


def test_median_over_publishers_newest_of_each_and_their_spread():
    rows = [
        estimate("old", 3e9, publisher="A"), estimate("a", 16e9, "2025-06-01", publisher="A"),
        estimate("b", 17e9, publisher="B"), estimate("c", 40e9, publisher="C"),
    ]  # fmt: skip
    found = chosen(*rows)
    assert found["value"][0] == pytest.approx(17e9)
    assert found["n_publishers"][0] == 3
    assert found["figure_ids"][0] == "b c a"
    wide = chosen(*rows[:1], estimate("d", 30e9, publisher="D"))
    assert wide["log_sd"][0] > 1.0, "two houses a factor of ten apart leave it open"


def test_echoes_of_one_origin_count_once_and_old_figures_not_at_all():
    echo = estimate("echo", 30e9, publisher="B") | {"origin_id": "first"}
    found = chosen(estimate("first", 30e9), echo, estimate("other", 20e9, publisher="C"))
    assert found["n_publishers"][0] == 2
    stale = estimate("stale", 5e9, publisher="D", published_on="2025-01-15")
    newer = estimate("newer", 17e9, publisher="E", published_on="2026-09-01")
    assert chosen(stale, newer)["figure_ids"].tolist() == ["newer"]


def test_bounds_ratios_and_sequential_growth_are_no_outcomes():
    bound = estimate("bound", low=10e9)
    ratio = estimate("ratio", 0.2, per_quantity="dram_revenue_usd")
    step = estimate("step", 0.1, aggregation="sequential_growth", period="2024Q4")
    assert chosen(bound, ratio, step).empty
    both = chosen(estimate("range", low=16e9, high=18e9))
    assert both["value"][0] == pytest.approx(np.sqrt(16 * 18) * 1e9)


def test_the_own_definition_comes_first_and_a_corrected_one_is_corrected():
    wide = {"quantity": "server_shipments", "definition": "server_count_digitimes", "publisher": "D"}
    plain = {"quantity": "server_shipments", "publisher": "T"}
    corrected = chosen(estimate("wide", 16e6, **wide))
    # The correction known today: DIGITIMES counts 1.0 to 1.38 of what TrendForce counts.
    assert corrected["value"][0] == pytest.approx(16e6 / np.sqrt(1.38), rel=0.01)
    assert corrected["log_sd"][0] > chosen(estimate("plain", 14e6, **plain))["log_sd"][0]
    assert chosen(estimate("wide", 16e6, **wide), estimate("p", 14e6, **plain))["figure_ids"].tolist() == [
        "p"
    ]
    unknown = estimate("what", 16e6, **(wide | {"definition": "no_such_thing"}))
    assert chosen(unknown).empty, "without a stated correction it says nothing about the quantity"


def test_growth_counts_on_the_outcome_of_the_year_before_where_no_level_is_as_recent():
    base = estimate("base", 4e9, period="2023", published_on="2024-03-01")
    growth = estimate("growth", 3.0, aggregation="growth")
    assert chosen(growth).empty
    found = chosen(base, growth).set_index("period")
    assert found.loc["2024", "value"] == pytest.approx(16e9)
    assert found.loc["2024", "log_sd"] > found.loc["2023", "log_sd"]
    level = estimate("level", 17e9)
    assert chosen(base, growth, level).set_index("period").loc["2024", "value"] == pytest.approx(17e9)


def test_what_is_too_uncertain_is_no_outcome():
    # A forecast of early 2024 for HBM in 2024 has most of a year before it.
    row = figure("early", 14e9, published_on="2024-01-15")
    assert chosen(row).empty
    steady = figure("early", 14e6, quantity="server_shipments", published_on="2024-08-15")
    assert chosen(steady)["log_sd"][0] < MAX_LOG_SD


def test_a_level_meets_under_its_quarter_whatever_span_is_printed():
    cowos = {"quantity": "cowos_capacity_tsmc_wafers_per_month", "aggregation": "end"}
    rows = [
        estimate("month", 70e3, "2026-01-11", period="2025-12", publisher="A", **cowos),
        estimate("quarter", 72e3, "2026-01-12", period="2025Q4", publisher="B", **cowos),
        estimate("year", 75e3, "2026-01-13", period="2025", publisher="C", **cowos),
    ]
    found = chosen(*rows)
    assert found["period"].tolist() == ["2025Q4"]
    assert found["n_publishers"].tolist() == [3]


def test_targets_are_computed_as_the_chain_adds_them_up():
    fit = fake_fit(date(2024, 6, 30), evidence_figures(), 40)
    found = chosen(
        estimate("revenue", 17e9), estimate("q", 5e9, period="2024Q3"),
        estimate("share", 0.2, quantity="hbm_share_of_dram_revenue", aggregation="mean", scale="logit"),
        estimate("end", 30e3, aggregation="end", period="2024-12",
                 quantity="cowos_capacity_tsmc_wafers_per_month"),
        estimate("fiscal", 3e10, quantity="nvidia_datacenter_revenue_usd", period="FY2025Q3",
                 fiscal_year_end_month=1),
    )  # fmt: skip
    draws = dict(
        zip(
            found["quantity"] + " " + found["period"],
            target_log_draws(fit.problem, fit.flat(), found).T,
            strict=True,
        )
    )
    q = fit.quantities()
    year, quarter = slice(12, 16), 14
    expected = {
        "hbm_revenue_usd 2024": q["hbm_revenue_usd"][:, year].sum(axis=1),
        "hbm_revenue_usd 2024Q3": q["hbm_revenue_usd"][:, quarter],
        "hbm_share_of_dram_revenue 2024": q["hbm_revenue_usd"][:, year].sum(axis=1)
        / q["dram_revenue_usd"][:, year].sum(axis=1),
        "cowos_capacity_tsmc_wafers_per_month 2024Q4": q["cowos_capacity_tsmc_wafers_per_month"][:, 15],
        # August to October: two months of the third quarter and one of the fourth.
        "nvidia_datacenter_revenue_usd FY2025Q3": q["nvidia_datacenter_revenue_usd"][:, 14] * 2 / 3
        + q["nvidia_datacenter_revenue_usd"][:, 15] / 3,
    }
    assert set(draws) == set(expected)
    for name, values in expected.items():
        assert draws[name] == pytest.approx(np.log(values)), name


def test_target_periods_survive_being_written_as_text():
    found = chosen(
        estimate("h", 8e9, period="2024H1"), estimate("y", 17e9), estimate("q", 5e9, period="2024Q3")
    )
    for row, written in zip(found.itertuples(), target_figures(found, MARKET).itertuples(), strict=True):
        month = written.fiscal_year_end_month
        period = parse_period(written.period, None if month != month else int(month))
        assert (period.start, period.end) == (row.start, row.end)


def quarters_of_dram(*values, kind="actual", missing=()):
    return [
        figure(
            f"q{n}", value, quantity="dram_revenue_usd", period=f"2024Q{n}", kind=kind,
            published_on=("2024-06-13", "2024-08-15", "2024-11-26", "2025-02-27")[n - 1],
        )
        for n, value in enumerate(values, start=1)
        if n not in missing
    ]  # fmt: skip


def test_a_year_without_an_actual_is_the_sum_of_its_quarters_actuals():
    quarters = quarters_of_dram(18e9, 23e9, 26e9, 28e9)
    settled = estimate("settled", 99e9, quantity="dram_revenue_usd", period="2024")
    for rows in (quarters, [*quarters, settled]):
        found = chosen(*rows).set_index("period").loc["2024"]
        assert found["value"] == pytest.approx(95e9)
        assert found["figure_ids"] == "q1 q2 q3 q4"
        assert found["known_on"] == date(2025, 2, 27)
    actual = estimate("actual", 96e9, quantity="dram_revenue_usd", period="2024") | {"kind": "actual"}
    assert chosen(*quarters, settled, actual).set_index("period").loc["2024", "figure_ids"] == "actual"


def test_three_quarters_or_estimated_ones_make_no_year():
    settled = estimate("settled", 99e9, quantity="dram_revenue_usd", period="2024")
    for quarters in (
        quarters_of_dram(18e9, 23e9, 26e9, 28e9, missing=(2,)),
        quarters_of_dram(18e9, 23e9, 26e9, 28e9, kind="estimate"),
    ):
        assert chosen(*quarters, settled).set_index("period").loc["2024", "figure_ids"] == "settled"
        assert "2024" not in set(chosen(*quarters)["period"])


def test_a_result_is_known_from_its_first_print_whatever_page_is_chosen():
    first = estimate("first", 90e9, "2025-02-10", quantity="dram_revenue_usd", publisher="A") | {
        "kind": "actual"
    }
    table = first | {"figure_id": "table", "origin_id": "table", "published_on": "2025-06-01"}
    found = chosen(first, table)
    assert found["figure_ids"].tolist() == ["table"]
    assert found["known_on"].tolist() == [date(2025, 2, 10)]


def test_an_echo_is_known_with_its_origin():
    origin = estimate("origin", 16e9, "2025-02-10", publisher="A")
    echo = origin | {"figure_id": "echo", "published_on": "2025-06-01"}
    other = estimate("newer", 17e9, "2025-06-01", publisher="A")
    assert chosen(origin, echo)["known_on"].tolist() == [date(2025, 2, 10)]
    # A new estimate is another matter: the old one was not the outcome.
    assert chosen(origin, other)["known_on"].tolist() == [date(2025, 6, 1)]
