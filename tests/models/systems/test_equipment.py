from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from models.systems.activity import assume, route_shares, stacks_and_dies
from models.systems.equipment import ALL, equipment
from models.systems.output_checks import faults
from models.systems.output_tables import summarise
from models.systems.reconcile import share_covariance
from models.systems.tools import tools_bought
from tests.market import MARKET
from tests.models.systems.tool_world import DATA, by_key, evidence, joint_draws, said, tables

AS_OF = date(2025, 6, 30)
# Categories of the report of January 2024; a row of process.csv may name a further one.
CATEGORIES = (
    "inspection_metrology",
    "tester",
    "handler",
    "prober",
    "thinning",
    "dicing",
    "temporary_bonding",
    "debonding",
    "tcb",
    "mass_reflow",
    "hybrid_bonding",
    "molding",
    "plating",
    "etch_deposition_lithography",
    "die_attach",
)


def run(known=None, drawn=None, as_of=AS_OF):
    return equipment(drawn or joint_draws(), known or evidence(), as_of, np.random.default_rng(11))


@pytest.fixture(scope="module")
def base():
    return run()


def test_every_category_is_there_and_can_be_published(base):
    assert {s.item for s in base} >= {*CATEGORIES, ALL}
    lineage = pd.DataFrame([(s.system, s.item, s.measure) for s in base if s.inputs])
    lineage.columns = ["system", "item", "measure"]
    assert faults(summarise(base, "run", AS_OF, n_chains=4), lineage) == []


def test_totals_are_sums_of_their_parts_in_every_draw(base):
    found = by_key(base)
    for item in (*CATEGORIES, ALL):
        for measure in ("tools", "usd"):
            total = found[item, measure, "total"]
            for parts in (("hbm", "cowos"), ("new_capacity", "replacement")):
                pieces = [found[item, measure, p] for p in parts if (item, measure, p) in found]
                np.testing.assert_allclose(sum(pieces), total, rtol=2e-6)
    for measure in ("tools", "usd"):
        every = sum(found[c, measure, "total"].astype(float) for c in CATEGORIES)
        np.testing.assert_allclose(every, found[ALL, measure, "total"], rtol=2e-6)


def test_tools_times_price_is_usd_in_every_draw(base):
    found = by_key(base)
    # Both steps of thinning run on grinders: one price a draw and quarter, whatever the part or reason.
    price = found["thinning", "usd", "hbm"] / found["thinning", "tools", "hbm"]
    for part in ("total", "cowos", "new_capacity", "replacement"):
        tools, usd = found["thinning", "tools", part], found["thinning", "usd", part]
        np.testing.assert_allclose(tools * price, usd, rtol=1e-5)
    np.testing.assert_allclose(
        found["tester", "tools", "total"] * found["tester", "usd_per_tool", "total"],
        found["tester", "usd", "total"],
        rtol=1e-5,
    )


def test_stacks_times_layers_are_dies_in_every_draw():
    drawn = joint_draws(50)
    assumed = assume(tables()["assumptions"], AS_OF, 50, np.random.default_rng(1))
    stacks, dies = stacks_and_dies(drawn, assumed, MARKET)
    for generation in stacks:
        layers = assumed(f"equipment.layers_per_stack.{generation}")
        np.testing.assert_allclose(stacks[generation] * layers, dies[generation], rtol=1e-12)
        gigabytes = dies[generation] * assumed(f"hbm.die_gbit.{generation}") / 8
        np.testing.assert_allclose(gigabytes, drawn[f"hbm_bits_{generation}_gb"][:, :28], rtol=1e-6)


def test_routes_share_all_dies_out_and_hybrid_starts_in_2026():
    assumed = assume(tables()["assumptions"], AS_OF, 50, np.random.default_rng(1))
    shares = route_shares(assumed)
    np.testing.assert_allclose(shares["tc_ncf"] + shares["mr_muf"] + shares["hybrid"], 1)
    np.testing.assert_allclose(shares["cow_reflow"] + shares["cow_tcb"], 1)
    assert (shares["hybrid"][:, :20] == 0).all()
    assert (shares["hybrid"][:, 20:] > 0).all()


def test_without_growth_only_replacement_is_bought():
    found = by_key(run(drawn=joint_draws(flat=True)))
    new = found["plating", "tools", "new_capacity"]
    assert np.abs(new).max() < 1e-6 * found["plating", "tools", "replacement"].min()
    assert (found["plating", "tools", "replacement"] > 0).all()


def test_tools_are_never_negative_and_idle_ones_are_used_again():
    needed = np.array([[10, 20, 5, 5, 20, *[20] * 23]], float)
    bought = tools_bought(needed, np.array([[1e-9]]), np.array([[10.0]]))
    assert (bought["new_capacity"] >= 0).all()
    # Back at 20 after the slump: the tools are still there.
    assert bought["new_capacity"][0, 3:].max() == pytest.approx(0, abs=1e-9)
    np.testing.assert_allclose(bought["replacement"][0, 1:], 20 / 10 / 4)


def test_tools_come_before_the_capacity_they_bring():
    needed = np.where(np.arange(28) >= 14, 100.0, 0.0)[None]
    early = tools_bought(needed, np.array([[3.0]]), np.array([[10.0]]))["new_capacity"][0]
    late = tools_bought(needed, np.array([[1.0]]), np.array([[10.0]]))["new_capacity"][0]
    assert early.sum() == pytest.approx(100)
    assert early @ np.arange(28) / 100 == pytest.approx(14 - 3)
    # Of a triangle about one quarter ahead, the part behind the capacity is cut off.
    assert 12 < late @ np.arange(28) / 100 < 14


def test_deliveries_do_not_stop_at_the_end_of_the_grid(base):
    new = np.median(by_key(base)["dicing", "tools", "new_capacity"], axis=0)
    assert new[27] > 0.5 * new[23]


def test_adding_a_step_is_a_row_and_leaves_other_categories_alone(base):
    known = evidence()
    row = known.process.iloc[0].to_dict() | {"step": "second_polish", "category": "polishing"}
    row |= {"equipment": "grinder", "touches": "hbm_wafer"}
    known = replace(known, process=pd.concat([known.process, pd.DataFrame([row])], ignore_index=True))
    found, before = by_key(run(known)), by_key(base)
    assert (found["polishing", "usd", "total"] > 0).all()
    assert (found[ALL, "usd", "total"] > before[ALL, "usd", "total"]).all()
    for key, values in before.items():
        if key[0] != ALL:
            np.testing.assert_array_equal(found[key], values)


def test_a_step_of_tomorrow_is_not_known_today():
    known = evidence()
    known.process["known_since"] = known.process["known_since"].astype(str)
    known.process.loc[known.process["category"] == "molding", "known_since"] = "2025-09"
    assert "molding" not in {s.item for s in run(known)}


def test_a_figure_moves_its_category_towards_it_and_narrows_it(base):
    before = by_key(base)["thinning", "usd", "total"][:, 12:16].sum(axis=1)
    told = 10 * np.median(before)
    learned = run(evidence([{"value": told}], [said()]))
    after = by_key(learned)["thinning", "usd", "total"][:, 12:16].sum(axis=1)
    assert 4 < np.median(after) / np.median(before) < 10
    assert np.log(after).std() < 0.6 * np.log(before).std()
    series = next(s for s in learned if (s.item, s.measure, s.part) == ("thinning", "usd", "total"))
    assert (series.n_figures, series.figure_ids) == (1, ("f-1",))
    top = by_key(learned)["thinning", "usd", "top_down"][:, 12:16].sum(axis=1)
    assert np.median(top) == pytest.approx(told, rel=0.1)
    gap = by_key(learned)["thinning", "ratio", "gap"]
    up, down = (by_key(learned)["thinning", "usd", p] for p in ("bottom_up", "top_down"))
    np.testing.assert_allclose(gap, up / down, rtol=1e-5)


@pytest.mark.parametrize(("relation", "factor"), [("upper_bound", 0.1), ("vendor_share", 10.0)])
def test_bounds_hold_from_their_side_and_say_nothing_from_the_other(base, relation, factor):
    before = by_key(base)["thinning", "usd", "total"][:, 12:16].sum(axis=1)
    middle = np.median(before)
    row = [said(relation=relation, share=(1, 1))]
    after = by_key(run(evidence([{"value": factor * middle}], row)))["thinning", "usd", "total"]
    ratio = np.median(after[:, 12:16].sum(axis=1)) / middle
    assert ratio < 0.15 if factor < 1 else ratio > 8
    slack = by_key(run(evidence([{"value": middle / factor**3}], row)))["thinning", "usd", "total"]
    assert np.median(slack[:, 12:16].sum(axis=1)) / middle == pytest.approx(1, abs=0.25)
    only_bounds = next(s for s in run(evidence([{"value": middle}], row)) if s.item == "thinning")
    assert only_bounds.trust == "assumed"


def test_a_figure_of_tomorrow_or_put_aside_is_not_seen(base):
    before = by_key(base)
    for change in ({"published_on": "2025-07-01"}, {"not_used_reason": "derived"}, {"entity": "Other"}):
        found = by_key(run(evidence([{"value": 1e12, **change}], [said()])))
        np.testing.assert_array_equal(found["thinning", "usd", "total"], before["thinning", "usd", "total"])


def test_one_vendor_many_times_is_not_many_vendors():
    quarters = [f"{y}Q{q}" for y in (2022, 2023, 2024) for q in (1, 2, 3, 4)]
    many = [{"figure_id": f"f-{p}", "origin_id": f"f-{p}", "period": p, "value": 1e8} for p in quarters]
    wide = [said(share=(0.1, 3))]
    year = by_key(run(evidence(many, wide)))["thinning", "usd", "total"][:, 12:16].sum(axis=1)
    # The share's own log spread is ln(30) / 3.29 = 1.03, against which the prior adds what it knows.
    assert np.log(year).std() > 0.45
    trust = {s.trust for s in run(evidence(many, wide)) if s.item == "thinning" and s.part == "total"}
    assert trust == {"few figures"}


def test_two_ranges_of_one_vendor_share_the_smaller_and_point_nowhere_else():
    sd, year, ago = np.array([0.3, 0.3, 1.0]), np.array([3, 3, 3]), np.array([0.0, 0.0, 0.0])
    covariance = share_covariance(np.array(["a", "a", "a"]), sd, year, ago)
    assert np.linalg.eigvalsh(covariance).min() > -1e-12
    weight = np.linalg.solve(covariance + 0.01 * np.eye(3), np.ones(3))
    assert (weight > -1e-9).all()
    apart = share_covariance(np.array(["a", "b", "a"]), sd, year, ago)
    assert apart[0, 1] == 0
    assert apart[0, 2] == covariance[0, 2] == pytest.approx(0.09 * 1.25)


def test_the_same_stream_gives_the_same_draws(base):
    for key, values in by_key(run()).items():
        np.testing.assert_array_equal(values, by_key(base)[key])


def test_a_row_that_cannot_be_read_is_named():
    known = evidence()
    known.process.loc[0, "touches"] = "hbm_waffle"
    with pytest.raises(ValueError, match=r"hbm_inspection: touches 'hbm_waffle'"):
        run(known)
    with pytest.raises(ValueError, match="relation 'knows'"):
        run(evidence([{}], [said(relation="knows")]))
    known = evidence()
    known.process.loc[0, "equipment"] = "tricorder"
    with pytest.raises(KeyError, match=r"equipment\.throughput\.tricorder"):
        run(known)


def test_every_input_is_a_quantity_or_an_assumption(base):
    assumptions = set(tables()["assumptions"]["assumption"])
    for series in base:
        assert series.inputs
        for name in series.inputs:
            assert name in MARKET.by_name or name in assumptions


def test_the_earliest_vintage_needs_nothing_known_later():
    assert len(run(as_of=date(2021, 3, 31))) > 100


def test_every_row_of_evidence_meets_a_figure_and_an_item():
    rows = pd.read_csv(DATA / "system_evidence.csv", keep_default_na=False)
    rows = rows[rows["system"].isin(["equipment", "materials"])]
    columns = ["metric", "entity", "segment"]
    figures = pd.concat(
        [pd.read_csv(f, usecols=columns, keep_default_na=False) for f in sorted(DATA.glob("figures/*.csv"))]
    )
    known = set(figures.itertuples(index=False, name=None))
    lost = [r for r in rows[columns].itertuples(index=False, name=None) if tuple(r) not in known]
    assert lost == []
    items = {*tables()["process"]["category"], *tables()["materials"]["material"]}
    assert set(rows["item"]) <= items
    assert not rows.duplicated([*columns, "system", "item", "measure"]).any()
    assert (rows["share_p05"].astype(float) <= rows["share_p95"].astype(float)).all()
