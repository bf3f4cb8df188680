from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from models.systems.materials import ALL, materials
from models.systems.output_checks import faults
from models.systems.output_tables import summarise
from tests.market import MARKET
from tests.models.systems.tool_world import by_key, evidence, joint_draws, said, tables

AS_OF = date(2025, 6, 30)
NAMES = (
    "emc",
    "underfill_ncf",
    "plating_chemicals",
    "pspi",
    "temporary_bonding_adhesive",
    "cmp_consumables",
    "fcbga_substrate",
)


def run(known=None, as_of=AS_OF):
    return materials(joint_draws(), known or evidence(), as_of, np.random.default_rng(11))


@pytest.fixture(scope="module")
def base():
    return run()


def test_every_material_is_there_and_can_be_published(base):
    assert {s.item for s in base} == {*NAMES, ALL, "hbm_stacks", "hbm_dies"}
    lineage = pd.DataFrame([(s.system, s.item, s.measure) for s in base if s.inputs])
    lineage.columns = ["system", "item", "measure"]
    assert faults(summarise(base, "run", AS_OF, n_chains=4), lineage) == []
    assert len(run(as_of=date(2021, 3, 31))) == len(base)


def test_totals_are_sums_of_parts_and_of_materials(base):
    found = by_key(base)
    for name in (*NAMES, ALL):
        parts = [found[name, "usd", p] for p in ("hbm", "cowos") if (name, "usd", p) in found]
        np.testing.assert_allclose(sum(parts), found[name, "usd", "total"], rtol=2e-6)
    every = sum(found[name, "usd", "total"].astype(float) for name in NAMES)
    np.testing.assert_allclose(every, found[ALL, "usd", "total"], rtol=2e-6)


def test_amount_times_price_is_usd_in_every_draw(base):
    found = by_key(base)
    price = found["fcbga_substrate", "usd", "total"] / found["fcbga_substrate", "amount", "cowos"]
    np.testing.assert_allclose(price, price[:, :1].repeat(28, axis=1), rtol=1e-5)


def test_dies_and_stacks_add_up_over_generations(base):
    found = by_key(base)
    for item, unit in (("hbm_stacks", "stacks"), ("hbm_dies", "dies")):
        parts = [found[item, unit, g].astype(float) for g in ("hbm2e", "hbm3", "hbm3e", "hbm4")]
        np.testing.assert_allclose(sum(parts), found[item, unit, "total"], rtol=2e-6)


def test_adding_a_material_is_a_row(base):
    known = evidence()
    row = known.materials.iloc[-1].to_dict() | {"material": "solder_balls", "form": "ball"}
    known = replace(known, materials=pd.concat([known.materials, pd.DataFrame([row])], ignore_index=True))
    found, before = by_key(run(known)), by_key(base)
    assert (found["solder_balls", "usd", "total"] > 0).all()
    for key, values in before.items():
        if key[0] != ALL:
            np.testing.assert_array_equal(found[key], values)


def test_a_market_bounds_a_material_from_above(base):
    before = by_key(base)["pspi", "usd", "total"][:, 12:16].sum(axis=1)
    bound = 0.2 * np.median(before)
    rows = [said("pspi", "upper_bound", (1, 1), system="materials")]
    learned = run(evidence([{"value": bound}], rows))
    after = by_key(learned)["pspi", "usd", "total"][:, 12:16].sum(axis=1)
    assert np.quantile(after, 0.95) < 2.5 * bound
    assert ("pspi", "usd", "bottom_up") in by_key(learned)
    assert {s.trust for s in learned if s.item == "pspi"} == {"assumed"}


def test_an_unknown_unit_is_named():
    known = evidence()
    known.materials.loc[0, "touches"] = "hbm_stack"
    with pytest.raises(ValueError, match=r"emc: touches 'hbm_stack' is not one of"):
        run(known)


def test_every_input_is_a_quantity_or_an_assumption(base):
    assumptions = set(tables()["assumptions"]["assumption"])
    for series in base:
        assert series.inputs
        assert all(name in MARKET.by_name or name in assumptions for name in series.inputs)
