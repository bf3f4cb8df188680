# ruff: noqa: E501 - rows are easier to read uncut
"""The supply chain: every row joins to something forecast, and domestic shares are as wide as assumed."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from models.draws.joint import Draws
from models.evidence.evidence import Evidence
from models.evidence.known import known_by
from models.evidence.tables.described import BY_NAME as TABLES
from models.systems.series import Series, yearly_values
from models.systems.substitution import (
    REFERENCE_QUARTER,
    WHOLE,
    substitution,
)
from models.vocabulary.periods import QUARTERS
from models.vocabulary.systems import ALL_SEGMENTS, CHAIN, SEGMENTS, STATUSES, system_items
from tests.market import MARKET
from tests.places import DATA

AS_OF = date(2026, 11, 22)
N = 4000


def table(name):
    return pd.read_csv(DATA / f"{name}.csv", dtype=str, keep_default_na=False)


def draws(series):
    return series.values  # noqa: PD011 (no pandas)


def shares(seed=1, as_of=AS_OF, **options):
    evidence = Evidence(assumptions=table("assumptions"))
    return substitution(
        Draws({"x": np.ones((N, 35))}), evidence, as_of, np.random.default_rng(seed), **options
    )


@pytest.fixture(scope="module")
def rows():
    return table("supply_chain")


def test_the_file_is_whole_and_speaks_one_vocabulary(rows):
    assert set(rows.columns) == {column.name for column in TABLES["supply_chain"].columns}
    # What the report of January 2024 names, and who has been named since.
    of_the_report = rows["known_since"] == "2024-01-23"
    assert of_the_report.sum() == 158
    assert (rows["country"] == "China").sum() == 118
    since = set(rows.loc[~of_the_report, "company_en"])
    assert {"Hanmi Semiconductor", "SEMES", "Hanwha Semitech", "ASMPT", "Kulicke & Soffa", "BESI"} <= since
    assert (rows.loc[~of_the_report, "known_since"] > "2024-01-23").all()
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
    linked = rows[rows["system_item"] != ""]
    assert len(linked) > 120
    # Each category has somebody who makes it.
    named = {pair for cell in linked["system_item"] for pair in system_items(cell)}
    assert {item for item in known if item[0] != "supplier"} - named == set()
    assert named <= {*known, *((CHAIN, name) for name in MARKET.by_name)}


def test_an_item_is_a_system_and_an_item():
    assert system_items("equipment/tcb; chain/hbm_bits_gb") == [
        ("equipment", "tcb"),
        ("chain", "hbm_bits_gb"),
    ]
    assert system_items("") == []
    with pytest.raises(ValueError, match="'tcb' is not of the form system/item"):
        system_items("tcb")


def test_rows_are_known_from_the_report_s_day_on(rows):
    assert known_by(rows, date(2024, 1, 22)).empty
    assert len(known_by(rows, date(2024, 1, 23))) == 158
    # TheElec's page says October 2024: known from the month's end.
    asmpt = known_by(rows[rows["source_id"] == "theelec-2024-10-hynix"], date(2024, 10, 30))
    assert asmpt.empty
    assert len(known_by(rows, date(2026, 11, 29))) == len(rows)


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


@pytest.fixture(scope="module")
def in_usd(rows):
    """Shares, what is bought in China and what of it is domestic, with the demand they rest on."""
    rng = np.random.default_rng(3)
    drawn = Draws({"hbm_revenue_usd": rng.lognormal(size=(N, 35)).astype(np.float32)})
    demand = [
        Series(system, item, "usd", "total", "USD", "sum", rng.lognormal(size=(N, 28)).astype(np.float32), inputs=("x",))
        for system, item in (("equipment", "all_categories"), ("equipment", "thinning"), ("materials", "emc"), ("supplier", "sk_hynix"))
    ]  # fmt: skip
    evidence = Evidence(assumptions=table("assumptions"), supply_chain=rows)
    found = substitution(drawn, evidence, AS_OF, np.random.default_rng(1), demand=demand)
    wanted = {(s.system, s.item): draws(s) for s in demand}
    return {(s.item, s.part): s for s in found}, wanted | {WHOLE["chips"]: drawn["hbm_revenue_usd"][:, :28]}


def test_share_times_what_china_buys_is_the_domestic_usd_in_every_draw(in_usd):
    found, _ = in_usd
    items = {item for item, part in found if part == "domestic"}
    assert items == {
        "equipment.all_categories",
        "equipment.thinning",
        "material.emc",
        "chips.hbm_revenue_usd",
    }
    for item in items:
        share = draws(found[item.partition(".")[0], "total"])
        bought, domestic = draws(found[item, "china"]), draws(found[item, "domestic"])
        np.testing.assert_allclose(domestic, share * bought, rtol=1e-6)
        assert found[item, "domestic"].trust == "assumed"


def test_china_s_part_of_the_demand_is_one_number_a_draw_for_all_items_and_as_wide_as_assumed(in_usd):
    found, demand = in_usd
    pairs = {
        "equipment.thinning": ("equipment", "thinning"),
        "material.emc": ("materials", "emc"),
        "chips.hbm_revenue_usd": WHOLE["chips"],
    }
    parts = [draws(found[item, "china"]) / demand[pair] for item, pair in pairs.items()]
    for part in parts:
        np.testing.assert_allclose(part, parts[0][:, :1] * np.ones(28), rtol=1e-5)
    np.testing.assert_allclose(np.quantile(parts[0][:, 0], [0.05, 0.95]), [0.01, 0.3], rtol=0.15)
    # The shares themselves are drawn before, and are what they are without any demand.
    for alone in shares():
        np.testing.assert_array_equal(draws(alone), draws(found[alone.item, "total"]))
    assert set(found["equipment.thinning", "domestic"].inputs) == {
        "x", "substitution.china_part", "substitution.volatility",
        *(f"substitution.equipment.{name}" for name in ("level", "drift")),
    }  # fmt: skip
