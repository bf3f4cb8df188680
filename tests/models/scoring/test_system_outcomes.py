"""Outcomes of systems: how figures are read, by closed forms, and targets made of series draw by draw."""

from datetime import date
from math import exp, hypot, log, sqrt

import numpy as np
import pandas as pd
import pytest

from models.evidence.assumptions import Z95, read_priors
from models.evidence.evidence import Evidence
from models.scoring.benchmarks import views_of
from models.scoring.dressing import dress_by_day
from models.scoring.outcomes import MAX_LOG_SD, outcomes_of
from models.scoring.scores import open_targets
from models.scoring.system_outcomes import over_period, system_log_draws, system_statements
from models.scoring.vintage_scores import scored_systems
from models.systems.reconcile import SHARE_TREND, YEARLY_SHARE_ERROR
from models.systems.series import Series, make_series, yearly_values
from models.systems.supplier import supplier
from models.vocabulary.opponents import RIVALS
from models.vocabulary.periods import Period
from tests.market import MARKET
from tests.models.systems.shares_world import DATA, drawn, tables

TODAY = date(2026, 11, 22)
LINK = {
    "metric": "vendor_revenue", "entity": "Toolmaker", "segment": "", "system": "equipment", "item": "tcb",
    "measure": "usd_hbm", "relation": "observes", "share_p05": 0.8, "share_p95": 1.2, "basis": "judgement",
    "note": "",
}  # fmt: skip
CUSTOMER = {
    "metric": "cowos_allocation_share", "entity": "NVIDIA", "quantity": "cowos_wafers_nvidia",
    "per_quantity": "cowos_wafers", "aggregation": "sum", "mapped": True, "published_on": "2025-02-01",
}  # fmt: skip


def known(*rows, links=()):
    found = tables(*rows)
    blank = {"aggregation": "mean", "mapped": False, "per_quantity": "", "definition": ""}
    found["figures"] = found["figures"].assign(
        **{name: [row.get(name, value) for row in rows] for name, value in blank.items()}
    )
    found["system_evidence"] = pd.DataFrame([{**LINK, **link} for link in links], columns=list(LINK))
    return Evidence(**found)


def said(*rows, links=()):
    return system_statements(known(*rows, links=links), TODAY)


def middle(name):
    assumptions = pd.read_csv(DATA / "assumptions.csv", dtype={"known_since": str})
    return exp(read_priors(assumptions, TODAY)[name].loc)


SHARE = {"segment": "revenue", "value": 0.6, "published_on": "2025-03-01", "scale": "logit"}
VENDOR = {
    "metric": "vendor_revenue", "entity": "Toolmaker", "period": "2024", "value": 1e8, "kind": "actual",
    "published_on": "2025-02-01", "scale": "log",
}  # fmt: skip


def test_a_share_s_error_is_that_of_its_logit():
    (row,) = said(SHARE).to_dict("records")
    assert row["quantity"] == "supplier/sk_hynix/share/revenue"
    own = hypot(middle("supplier.share_error"), middle("supplier.publisher_error"))
    assert row["log_value"] == pytest.approx(log(0.6))
    assert row["log_sd"] == pytest.approx(0.4 * own)
    ahead = said({**SHARE, "published_on": "2024-07-01"}).iloc[0]
    years = (date(2024, 12, 31) - date(2024, 7, 1)).days / 365.25
    assert ahead["log_sd"] == pytest.approx(0.4 * hypot(own, years * middle("supplier.share_error_per_year")))


def test_bases_are_told_apart_and_an_unsaid_one_counts_least():
    names = {"": "revenue", "revenue and bits": "revenue", "bits": "bits", "shipments": "bits"}
    for basis, part in names.items():
        (row,) = said({**SHARE, "segment": basis}).to_dict("records")
        assert row["quantity"] == f"supplier/sk_hynix/share/{part}"
        assert (row["definition"] != "") == (part == "revenue")
    plain, unsaid = said(SHARE), said({**SHARE, "segment": ""})
    assert unsaid["log_sd"][0] > plain["log_sd"][0]
    both = said(SHARE, {**SHARE, "segment": "", "value": 0.3, "published_on": "2026-01-01", "figure_id": "u"})
    found = outcomes_of(both, TODAY, MARKET)
    assert found["value"].tolist() == pytest.approx([0.6])
    assert said({**SHARE, "segment": "HBM4"}).empty
    assert said({**SHARE, "entity": "Nobody"}).empty


def test_amounts_and_capacities_of_makers():
    amount = {"scale": "log", "segment": "", "value": 2e9, "published_on": "2025-10-01", "kind": "actual"}
    fiscal = {"metric": "hbm_revenue", "entity": "Micron", "period": "FY2025Q4", "fiscal_year_end_month": 8}
    (row,) = said({**amount, **fiscal}).to_dict("records")
    assert (row["quantity"], row["period"]) == ("supplier/micron/usd/total", "2025-06/2025-08")
    assert row["log_sd"] == pytest.approx(middle("supplier.amount_error"))
    level = {"metric": "hbm_tsv_capacity", "period": "2024-12", "value": 1.2e5}
    (row,) = said({**amount, **level}).to_dict("records")
    assert (row["quantity"], row["period"]) == ("supplier/sk_hynix/wafers_per_month/total", "2024Q4")
    undated = said({**amount, **level, "period": "2024"}).iloc[0]
    assert undated["period"] == "2024Q4"
    assert undated["log_sd"] == pytest.approx(hypot(row["log_sd"], middle("noise.undated_level")))


def test_a_vendor_s_figure_times_its_share_is_the_item_with_the_share_s_uncertainty():
    (row,) = said(VENDOR, links=[{}]).to_dict("records")
    assert row["quantity"] == "equipment/tcb/usd/hbm"
    assert row["log_value"] == pytest.approx(log(1e8 * sqrt(0.8 * 1.2)))
    sd = log(1.2 / 0.8) / (2 * Z95)
    # The period ends half a year after the middle of 2024, the year the ranges are about.
    grown = sqrt(1 + (SHARE_TREND * 0.5) ** 2 + YEARLY_SHARE_ERROR**2)
    assert row["log_sd"] == pytest.approx(hypot(middle("equipment.noise_actual"), sd * grown))
    assert len(outcomes_of(said(VENDOR, links=[{}]), TODAY, MARKET)) == 1


def test_an_unknown_share_a_bound_or_one_vendor_alone_makes_no_outcome():
    vague = said(VENDOR, links=[{"share_p05": 0.3, "share_p95": 3.0}])
    assert vague["log_sd"][0] > MAX_LOG_SD
    assert outcomes_of(vague, TODAY, MARKET).empty
    assert said({**VENDOR, "value": np.nan, "low": 1e8}, links=[{}]).empty
    for relation in ("upper_bound", "vendor_share"):
        assert said(VENDOR, links=[{"relation": relation}]).empty


def test_packaging_markets_are_read_as_the_system_reads_them():
    market = {**VENDOR, "metric": "packaging_market_revenue", "entity": "industry", "segment": "hbm"}
    link = {
        "metric": market["metric"], "entity": "industry", "segment": "hbm", "system": "packaging",
        "item": "hbm", "measure": "usd",
    }  # fmt: skip
    (row,) = said(market, links=[link]).to_dict("records")
    assert row["quantity"] == "packaging/hbm/usd/total"
    sd = log(1.2 / 0.8) / (2 * Z95)
    assert row["log_sd"] == pytest.approx(hypot(sqrt(2) * middle("packaging.noise"), sd))


def test_customers_shares_are_read_by_the_chain_s_rule_and_put_aside_figures_are_not():
    (row,) = said({**SHARE, **CUSTOMER, "value": 0.5}).to_dict("records")
    assert row["quantity"] == "cowos_variant/customer_nvidia/share/allocation"
    assert row["log_value"] == pytest.approx(log(0.5))
    assert row["log_sd"] == pytest.approx(middle("noise.estimate"))
    assert said({**SHARE, **CUSTOMER, "per_quantity": ""}).empty
    assert said({**SHARE, "not_used_reason": "low authority"}).empty


RNG = np.random.default_rng(5)
ABOVE, BELOW = RNG.lognormal(size=(2, 50, 28))
SERIES = {
    "sum": make_series("equipment", "tcb", "usd", "total", "USD", "sum", ABOVE, (), ()),
    "end": make_series("equipment", "tcb", "level", "total", "tools", "end", ABOVE, (), ()),
    "mean": make_series("equipment", "tcb", "route", "total", "fraction", "mean", ABOVE, (), ()),
    "ratio": make_series(
        "equipment", "tcb", "price", "total", "USD", "ratio", ABOVE / BELOW, (), (), ABOVE, BELOW
    ),
}


@pytest.mark.parametrize("kind", list(SERIES))
def test_a_year_is_the_year_of_the_series(kind):
    found = over_period(SERIES[kind], Period("2024", "year", 36, 47))
    assert found == pytest.approx(yearly_values(SERIES[kind])[:, 3], rel=1e-5)


def test_other_periods_weigh_the_quarters_they_touch():
    fiscal = Period("FY2025Q4", "fiscal_quarter", 53, 55)
    flow = ABOVE[:, 17] / 3 + 2 * ABOVE[:, 18] / 3
    other = BELOW[:, 17] / 3 + 2 * BELOW[:, 18] / 3
    assert over_period(SERIES["sum"], fiscal) == pytest.approx(flow, rel=1e-5)
    assert over_period(SERIES["mean"], fiscal) == pytest.approx(flow, rel=1e-5)
    assert over_period(SERIES["ratio"], fiscal) == pytest.approx(flow / other, rel=1e-5)
    assert over_period(SERIES["end"], fiscal) == pytest.approx(ABOVE[:, 18], rel=1e-5)
    broken = Series(*("equipment", "tcb", "price", "total", "USD", "ratio"), ABOVE)
    with pytest.raises(ValueError, match="numerator"):
        over_period(broken, fiscal)


def targets(*names, value=1.0):
    rows = [
        {"quantity": name, "period": "2024", "start": 36, "end": 47, "value": value, "log_sd": 0.1,
         "figure_ids": "a", "known_on": date(2025, 3, 1)}
        for name in names
    ]  # fmt: skip
    return open_targets(pd.DataFrame(rows), date(2024, 6, 30))


def test_a_target_without_a_series_has_no_draws_and_is_named():
    names = (SERIES["sum"].name, "equipment/nothing/usd/total")
    asked = targets(*names)
    log_draws = system_log_draws(list(SERIES.values()), asked)
    assert log_draws[:, 0] == pytest.approx(np.log(ABOVE[:, 12:16].sum(axis=1)), rel=1e-5)
    assert np.isnan(log_draws[:, 1]).all()
    day = date(2024, 6, 30)
    nobody = dress_by_day({day: views_of(said(SHARE)[:0], day, asked, MARKET)}, RIVALS)[day]
    found = scored_systems(day, asked, log_draws, nobody, 1)
    assert found.doubts == ["2024-06-30: no forecast of equipment/nothing/usd/total 2024"]
    assert set(found.scores["quantity"]) == {names[0]}
    none = scored_systems(day, asked, system_log_draws([], asked), nobody, 1)
    assert none.scores.empty
    assert none.joint.empty
    assert none.spread is None
    assert all(name in none.doubts[0] for name in names)


def test_opponents_have_their_view_and_only_from_its_day_on():
    name = "supplier/sk_hynix/share/revenue"
    rows = [
        {**SHARE, "value": 0.5, "published_on": "2024-05-01", "kind": "forecast", "publisher": "Early"},
        {**SHARE, "value": 0.9, "published_on": "2024-07-01", "kind": "forecast", "publisher": "Late"},
    ]
    asked = targets(name, value=0.6)
    log_draws = np.log(np.full((40, 1), 0.6)) + 1e-12 * RNG.standard_normal((40, 1))
    day = date(2024, 6, 30)
    dressed = dress_by_day({day: views_of(said(*rows), day, asked, MARKET)}, RIVALS)[day]
    scores = scored_systems(day, asked, log_draws, dressed, 1).scores
    error = scores[scores["metric"] == "absolute_error"].set_index("opponent")["value"]
    assert error["latest figure"] == pytest.approx(log(0.6 / 0.5))
    assert error["hbmcast"] == pytest.approx(0.0, abs=1e-9)
    assert "publisher: Late" not in error.index


def test_a_planted_future_figure_moves_no_series_of_a_system():
    base, day = drawn(200), date(2025, 6, 30)
    future = {**SHARE, "value": 0.02, "published_on": "2025-07-01", "figure_id": "future"}

    def shares(*rows, as_of=day):
        series = supplier(base, known(*rows), as_of, np.random.default_rng(4))
        return system_log_draws(series, targets("supplier/sk_hynix/share/revenue"))

    np.testing.assert_array_equal(shares(SHARE), shares(SHARE, future))
    moved = shares(SHARE, future, as_of=date(2025, 7, 1)) - shares(SHARE, as_of=date(2025, 7, 1))
    assert np.abs(moved).max() > 0.1, "from its day on it counts, and this one is absurd"


def test_names_of_systems_have_slashes_and_those_of_the_chain_have_none():
    assert not [name for name in MARKET.by_name if "/" in name]
    assert SERIES["sum"].name == "equipment/tcb/usd/total"
