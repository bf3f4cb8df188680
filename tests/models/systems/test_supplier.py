"""Suppliers sum to the industry, follow their figures, and are rows of a file."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from models.draws.joint import Draws
from models.evidence.assumptions import read_priors
from models.evidence.evidence import Evidence
from models.systems.figure_rows import visible_rows
from models.systems.series import yearly_values
from models.systems.supplier import known_suppliers, supplier, supplier_layers, supplier_observations
from tests.models.systems.shares_world import AS_OF, DATA, drawn, figures, tables, values

DRAWN = drawn()
NAMES = ("sk_hynix", "samsung", "micron", "others")


def run(*rows, as_of=AS_OF, change=None, base=DRAWN):
    found = tables(*rows)
    if change is not None:
        change(found)
    return supplier(base, Evidence(**found), as_of, np.random.default_rng(4))


def mean_share(out, name, year, part="bits"):
    series = next(s for s in out if (s.item, s.measure, s.part) == (name, "share", part))
    return yearly_values(series)[:, year - 2021].mean()


@pytest.mark.parametrize(
    ("measure", "total"),
    [
        ("gb", "hbm_bits_gb"),
        ("usd", "hbm_revenue_usd"),
        ("wafers_per_month", "hbm_tsv_capacity_wafers_per_month"),
    ],
)
def test_suppliers_sum_to_the_industry_in_every_draw(measure, total):
    out = run({"value": 0.6}, {"entity": "Samsung", "value": 0.3})
    summed = sum(values(out, name, measure, "total").astype(float) for name in NAMES)
    np.testing.assert_allclose(summed, DRAWN[total][:, :28], rtol=1e-6)
    yearly = sum(yearly_values(s).astype(float) for s in out if s.measure == measure)
    np.testing.assert_allclose(yearly, DRAWN[total][:, 28:], rtol=1e-5)


@pytest.mark.parametrize("part", ["bits", "revenue", "tsv_capacity"])
def test_shares_sum_to_one_in_every_draw(part):
    out = run({"value": 0.6})
    np.testing.assert_allclose(sum(values(out, n, "share", part).astype(float) for n in NAMES), 1, atol=1e-6)


def test_a_figure_moves_its_supplier_and_narrows_it():
    without, low, high = run(), run({"value": 0.3}), run({"value": 0.7})
    assert mean_share(high, "sk_hynix", 2024) > mean_share(low, "sk_hynix", 2024) + 0.15
    spread = [values(out, "sk_hynix", "share", "bits")[:, 13].std() for out in (without, high)]
    assert spread[1] < 0.7 * spread[0]


def test_revenue_and_bits_are_told_apart():
    rows = [
        {"segment": "bits", "value": 0.45},
        {"segment": "revenue", "value": 0.6, "publisher": "B"},
    ]
    out = run(*rows)
    assert mean_share(out, "sk_hynix", 2024, "revenue") > mean_share(out, "sk_hynix", 2024, "bits") + 0.04
    dear = values(out, "sk_hynix", "usd_per_gb", "total")[:, 13].mean()
    assert dear > values(out, "samsung", "usd_per_gb", "total")[:, 13].mean()


def test_capacity_of_one_maker_is_read_against_the_industry():
    row = {"metric": "hbm_tsv_capacity", "period": "2024-12", "value": 1e5, "scale": "log"}
    small, large = run({**row, "value": 3e4}), run({**row, "value": 1.5e5})
    assert mean_share(large, "sk_hynix", 2024, "tsv_capacity") > (
        mean_share(small, "sk_hynix", 2024, "tsv_capacity") + 0.05
    )


def test_forecast_amounts_say_nothing_of_shares():
    row = {"metric": "hbm_revenue", "scale": "log", "value": 3e10, "period": "2027", "kind": "forecast"}
    np.testing.assert_array_equal(
        values(run(row), "sk_hynix", "share", "bits"), values(run(), "sk_hynix", "share", "bits")
    )


def test_a_maker_s_own_guidance_counts_before_its_period_is_over():
    row = {"metric": "vendor_hbm_revenue", "segment": "HBM3E", "scale": "log", "entity": "Micron"}
    row |= {"value": 2e10, "period": "2025", "kind": "guidance"}
    nothing, own, other = run(), run({**row, "publisher": "Micron"}), run({**row, "publisher": "A"})
    assert mean_share(own, "micron", 2025, "revenue") > mean_share(nothing, "micron", 2025, "revenue") + 0.05
    np.testing.assert_array_equal(
        values(other, "micron", "share", "bits"), values(nothing, "micron", "share", "bits")
    )


def test_a_small_maker_moves_by_more_and_one_without_customers_does_not():
    found = tables()
    priors = read_priors(found["assumptions"], AS_OF)
    bits = supplier_layers(known_suppliers(found["suppliers"], AS_OF), priors)[0]
    largest, samsung, micron, others = bits.volatility
    assert largest < samsung < micron
    assert others == pytest.approx(largest), "who has no customer has none to win or lose"


def test_shares_that_add_up_to_one_say_one_thing_less():
    """A publication's three shares are two facts: together they weigh as two, three times two thirds."""

    def errors(*rows):
        found = tables(*rows)
        table, priors = known_suppliers(found["suppliers"], AS_OF), read_priors(found["assumptions"], AS_OF)
        totals = {name: DRAWN.quarters(name) for name in ("hbm_bits_gb", "hbm_revenue_usd")}
        return supplier_observations(found["figures"], table, priors, totals, AS_OF).sd

    three = [
        {"value": 0.6},
        {"entity": "Samsung", "value": 0.3},
        {"entity": "Micron", "value": 0.1},
    ]
    (alone,) = errors(three[0])
    np.testing.assert_allclose(errors(*three[:2]), alone)
    complete = errors(*three)
    np.testing.assert_allclose((1 / complete**2).sum(), 2 / alone**2)
    # Shares of three publications do not add up by construction.
    np.testing.assert_allclose(
        errors(*(r | {"publisher": p} for r, p in zip(three, "ABC", strict=True))), alone
    )


def test_later_figures_are_not_seen():
    row = {"value": 0.9, "published_on": "2026-07-01"}
    np.testing.assert_array_equal(
        values(run(row), "sk_hynix", "gb", "total"), values(run(), "sk_hynix", "gb", "total")
    )


def test_a_scenario_keeps_the_draws_paired():
    halved = {"hbm_revenue_usd": np.float32(0.5) * DRAWN["hbm_revenue_usd"]}
    shocked = Draws({**DRAWN.by_quantity, **halved})
    base, scenario = run({"value": 0.6}), run({"value": 0.6}, base=shocked)
    for name in NAMES:
        np.testing.assert_allclose(
            values(scenario, name, "usd", "total"), 0.5 * values(base, name, "usd", "total"), rtol=1e-5
        )


def test_a_supplier_is_a_row():
    def add(found):
        row = {
            "supplier": "newcomer",
            "figure_entity": "Newcomer",
            "bits_ratio_p05": 0.05,
            "bits_ratio_p95": 0.2,
            "basis": "judgement",
            "source": "test",
            "known_since": "2024-01-01",
            "note": "",
        }
        found["suppliers"] = pd.concat([found["suppliers"], pd.DataFrame([row])], ignore_index=True)

    out = run({"entity": "Newcomer", "value": 0.25}, change=add)
    assert mean_share(out, "newcomer", 2024) == pytest.approx(0.2, abs=0.08)
    everybody = sum(values(out, n, "gb", "total").astype(float) for n in (*NAMES, "newcomer"))
    np.testing.assert_allclose(everybody, DRAWN["hbm_bits_gb"][:, :28], rtol=1e-6)
    assert "newcomer" not in {s.item for s in run(as_of=date(2023, 12, 31), change=add)}


def test_a_bad_row_is_named():
    def spoil(found):
        found["suppliers"].loc[1, "bits_ratio_p05"] = 9.0

    with pytest.raises(ValueError, match="supplier samsung: p05 9 must lie below"):
        run(change=spoil)


def test_wide_without_figures():
    out = run()
    low, high = np.quantile(values(out, "sk_hynix", "share", "bits")[:, -1], [0.05, 0.95])
    assert high - low > 0.3
    assert {s.n_figures for s in out} == {0}


def test_repeats_and_replaced_figures_count_once():
    table = figures(
        {"figure_id": "old", "value": 0.5, "published_on": "2024-01-01"},
        {"figure_id": "new", "value": 0.6, "published_on": "2024-06-01"},
        {"figure_id": "echo", "origin_id": "new", "value": 0.6, "publisher": "B"},
        {"figure_id": "blog", "value": 0.6, "publisher": "C", "not_used_reason": "low authority"},
        {"figure_id": "whole", "value": 1.0, "publisher": "D"},
    )
    assert list(visible_rows(table, ("hbm_supplier_share",), AS_OF)["figure_id"]) == ["new"]


def test_files_of_the_repository_are_complete():
    table = pd.read_csv(DATA / "suppliers.csv")
    assert set(NAMES) <= set(table["supplier"])
    assert (table["bits_ratio_p05"] <= table["bits_ratio_p95"]).all()
