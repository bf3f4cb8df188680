"""The supply chain: every row joins to something forecast, and domestic shares are as wide as assumed."""

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from models.periods import QUARTERS
from models.quantities import BY_NAME
from models.simulate import PERIODS
from models.summary import PERIOD_KINDS
from models.systems.series import summarise, yearly_values
from models.systems.supply_chain import (
    ALL_SEGMENTS,
    EXPOSURE_COLUMNS,
    REFERENCE_QUARTER,
    SEGMENTS,
    STATUSES,
    SUPPLY_CHAIN_COLUMNS,
    exposure,
    substitution,
    system_items,
    unknown_items,
    visible,
)

DATA = Path(__file__).resolve().parents[3] / "data"
AS_OF = date(2026, 11, 22)
N = 4000


def table(name):
    return pd.read_csv(DATA / f"{name}.csv", dtype=str, keep_default_na=False)


def draws(series):
    return series.values  # noqa: PD011 (no pandas)


def shares(seed=1, as_of=AS_OF, **options):
    evidence = {"assumptions": table("assumptions")}
    return substitution({"x": np.ones((N, 35))}, evidence, as_of, np.random.default_rng(seed), **options)


@pytest.fixture(scope="module")
def rows():
    return table("supply_chain")


@pytest.fixture(scope="module")
def forecasts():
    systems = summarise(shares(), "run-1", AS_OF)
    names = ("hbm_revenue_usd", "hbm_bits_gb")
    chain = pd.concat(
        pd.DataFrame(
            {"quantity": q, "period": PERIODS, "period_kind": PERIOD_KINDS, "unit": BY_NAME[q].unit,
             "p05": 1.0, "p50": 2.0, "p95": 3.0}
        )
        for q in names
    )  # fmt: skip
    tcb = systems[systems["item"] == "chips"].assign(
        system="equipment", item="tcb", measure="usd", unit="USD"
    )
    part = tcb.assign(part="hbm")
    return pd.concat([systems, tcb, part], ignore_index=True), chain


def test_the_file_is_whole_and_speaks_one_vocabulary(rows):
    assert tuple(rows.columns) == SUPPLY_CHAIN_COLUMNS
    assert len(rows) == 158
    assert (rows["country"] == "China").sum() == 118
    assert set(rows["status"]) <= set(STATUSES)
    assert set(rows["segment"]) <= set(ALL_SEGMENTS)
    assert (rows[["company_en", "company", "country", "process_step", "product"]] != "").all(axis=None)
    assert not rows.duplicated(["company_en", "process_step", "product"]).any()
    assert rows["as_of"].str.fullmatch(r"\d{4}(-\d\d)?").all()
    assert set(rows["source_id"]) <= set(table("sources")["source_id"])


def test_every_item_is_a_category_a_material_a_supplier_or_a_quantity(rows):
    known = [("equipment", c) for c in set(table("process")["category"])]
    known += [("materials", m) for m in set(table("materials")["material"])]
    known += [("supplier", s) for s in set(table("suppliers")["supplier"])]
    assert unknown_items(rows, known).empty
    linked = rows[rows["system_item"] != ""]
    assert len(linked) > 120
    # Each category has somebody who makes it.
    named = {pair for cell in linked["system_item"] for pair in system_items(cell)}
    assert {item for item in known if item[0] != "supplier"} - named == set()
    wrong = rows.iloc[:1].assign(system_item="equipment/tcb;chain/nothing")
    assert unknown_items(wrong, known)["item"].tolist() == ["nothing"]


def test_an_item_is_a_system_and_an_item():
    assert system_items("equipment/tcb; chain/hbm_bits_gb") == [
        ("equipment", "tcb"),
        ("chain", "hbm_bits_gb"),
    ]
    assert system_items("") == []
    with pytest.raises(ValueError, match="'tcb' is not of the form system/item"):
        system_items("tcb")


def test_rows_are_known_from_the_report_s_day_on(rows):
    assert visible(rows, date(2024, 1, 22)).empty
    assert len(visible(rows, date(2024, 1, 23))) == len(rows)


def test_who_is_exposed_to_which_interval_is_one_join(rows, forecasts):
    found = exposure(rows, *forecasts, AS_OF)
    assert tuple(found.columns) == EXPOSURE_COLUMNS
    assert set(found["company_en"]) == set(rows["company_en"])
    hynix = found[(found["company_en"] == "SK hynix") & (found["item"] == "hbm_revenue_usd")]
    assert set(hynix["period"]) == {str(y) for y in range(2021, 2028)}
    assert (hynix[["p05", "p50", "p95"]] == [1, 2, 3]).all(axis=None)
    assert hynix["domestic_share_p50"].isna().all()
    asmpt = found[(found["company_en"] == "ASMPT") & (found["item"] == "tcb")]
    assert len(asmpt) == 7
    assert set(asmpt["part"]) == {"total"}
    # Without a forecast for its item a row stands once, without numbers.
    plater = found[(found["company_en"] == "Applied Materials")]
    assert len(plater) == 1
    assert plater["p50"].isna().all()


def test_chinese_rows_have_the_domestic_share_of_their_segment_beside_them(rows, forecasts):
    mine = rows.iloc[:1].assign(company_en="Mine", segment="equipment", system_item="equipment/tcb")
    found = exposure(pd.concat([rows, mine], ignore_index=True), *forecasts, AS_OF)
    added = found[found["company_en"] == "Mine"].set_index("period")
    systems = forecasts[0]
    share = systems[(systems["system"] == "substitution") & (systems["item"] == "equipment")].set_index(
        "period"
    )
    np.testing.assert_allclose(added["domestic_share_p50"], share.loc[added.index, "p50"])
    assert len(added) == 7


def test_shares_have_their_assumptions_quantiles_at_the_reference_and_widen_from_it():
    assumed = table("assumptions").set_index("assumption")
    at = QUARTERS.index(REFERENCE_QUARTER)
    for series in shares():
        found = np.quantile(draws(series)[:, at], [0.05, 0.95])
        level = assumed.loc[f"substitution.{series.item}.level", ["p05", "p95"]].astype(float)
        np.testing.assert_allclose(found, level, rtol=0.12)
        odds = np.log(draws(series) / (1 - draws(series))).std(axis=0)
        assert odds[0] > odds[at]
        assert odds[-1] > odds[at]
        assert series.trust == "assumed"
        assert ((draws(series) > 0) & (draws(series) < 1)).all()
        np.testing.assert_allclose(
            yearly_values(series)[:, 3], draws(series)[:, 12:16].mean(axis=1), rtol=1e-5
        )
    assert [s.item for s in shares()] == list(SEGMENTS)


def test_shares_are_paired_by_seed_and_unknown_before_their_assumptions():
    for one, other, third in zip(shares(1), shares(1), shares(2), strict=True):
        np.testing.assert_array_equal(draws(one), draws(other))
        assert (draws(one) != draws(third)).any()
    assert shares(as_of=date(2024, 1, 22)) == []
    assert len(shares(as_of=date(2024, 1, 23))) == len(SEGMENTS)


def test_a_shock_reaches_the_segment_it_names():
    halved = shares(shock=lambda name, x: x / 2 if name == "substitution.packaging" else x)
    for one, other in zip(shares(), halved, strict=True):
        np.testing.assert_array_equal(draws(other), draws(one) / 2 if one.item == "packaging" else draws(one))
