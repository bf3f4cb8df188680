"""Packaging markets: sums, prices, and what published markets teach."""

from datetime import date

import numpy as np
import pytest

from models.evidence.evidence import Evidence
from models.systems.packaging import INTERPOSERS, SUMS, packaging
from tests.models.systems.shares_world import AS_OF, drawn, tables, values

DRAWN = drawn()
MARKET = {"metric": "packaging_market_revenue", "entity": "industry", "scale": "log", "period": "2024"}


def run(*rows, as_of=AS_OF, change=None):
    found = tables(*rows)
    if change is not None:
        change(found)
    return packaging(DRAWN, Evidence(**found), as_of, np.random.default_rng(4))


def middle(out, item, measure="usd", part="total"):
    return np.median(values(out, item, measure, part)[:, 13])


def test_sums_are_sums():
    out = run({**MARKET, "segment": "hbm", "value": 1e9})
    for item, parts in SUMS.items():
        total = sum(values(out, p, "usd", "total").astype(float) for p in parts)
        np.testing.assert_allclose(values(out, item, "usd", "total"), total, rtol=1e-5)


def test_usd_is_price_times_volume():
    out = run()
    usd = values(out, "hbm", "usd", "total")
    np.testing.assert_allclose(
        values(out, "hbm", "usd_per_gb", "total") * DRAWN["hbm_bits_gb"][:, :28], usd, rtol=1e-5
    )
    wafers = values(out, "interposers", "usd_per_wafer", "total") * DRAWN["cowos_wafers"][:, :28]
    np.testing.assert_allclose(wafers, values(out, "interposers", "usd", "total"), rtol=1e-5)


def test_a_market_moves_its_category_and_not_the_other():
    nothing, low, high = (
        run(*rows) for rows in ([], *([{**MARKET, "segment": "hbm", "value": v}] for v in (5e8, 2e10)))
    )
    assert middle(high, "hbm") > 2 * middle(low, "hbm")
    assert middle(high, "si_interposer") == pytest.approx(middle(nothing, "si_interposer"), rel=0.25)


def test_a_total_bounds_from_above_only():
    total = {**MARKET, "segment": "high_end_total"}
    nothing, tight, loose = run(), run({**total, "value": 1e9}), run({**total, "value": 1e13})
    assert middle(tight, "high_end") < 0.8 * middle(nothing, "high_end")
    assert middle(loose, "high_end") == pytest.approx(middle(nothing, "high_end"), rel=0.1)
    # A total that holds the category is a bound, never a measurement.
    assert {s.trust for s in tight if s.measure == "usd"} == {"assumed"}


def test_a_company_s_packaging_bounds_interposers_once_its_revenue_is_known():
    row = {"metric": "vendor_advanced_packaging_share", "entity": "TSMC", "scale": "logit"}
    row |= {"period": "2024", "kind": "actual", "published_on": "2025-01-16"}
    nothing, small, large = run(), run({**row, "value": 0.001}), run({**row, "value": 0.5})
    assert middle(small, "interposers") < 0.5 * middle(nothing, "interposers")
    assert middle(large, "interposers") == pytest.approx(middle(nothing, "interposers"), rel=0.1)

    def forget(found):
        revenue = found["assumptions"]["assumption"].str.startswith("packaging.revenue_usd")
        found["assumptions"] = found["assumptions"][~revenue]

    unknown = run({**row, "value": 0.001}, change=forget)
    assert middle(unknown, "interposers") == middle(nothing, "interposers")


def test_over_a_total_says_nothing():
    over = run({**MARKET, "segment": "high_end_total", "low": 1e9})
    assert not any(s.n_figures for s in over if s.item in ("hbm", "high_end"))


def test_far_forecasts_teach_little():
    row = {**MARKET, "segment": "hbm", "value": 1e8, "published_on": "2022-05-01", "kind": "forecast"}
    near, far = run({**row, "period": "2022"}), run({**row, "period": "2027"})
    nothing = run()
    moved = [
        abs(np.log(np.median(values(out, "hbm", "share", "of_hbm_revenue")[:, at]) /
                   np.median(values(nothing, "hbm", "share", "of_hbm_revenue")[:, at])))
        for out, at in ((near, 6), (far, 26))
    ]  # fmt: skip
    assert moved[0] > 2 * moved[1]


def test_wide_without_figures_and_unseen_before_its_day():
    out = run({**MARKET, "segment": "hbm", "value": 1e9}, as_of=date(2025, 2, 28))
    low, high = np.quantile(values(out, "hbm", "share", "of_hbm_revenue")[:, 13], [0.05, 0.95])
    assert high / low > 5
    assert not any(s.n_figures for s in out if s.item == "hbm")


def test_items_and_relations_are_checked():
    def spoil(found):
        table = found["system_evidence"]
        found["system_evidence"] = table.assign(
            relation=table["relation"].where(table["system"] != "packaging", "guess")
        )

    with pytest.raises(ValueError, match="relation is one of"):
        run(change=spoil)
    assert set(INTERPOSERS) < set(SUMS["high_end"])
