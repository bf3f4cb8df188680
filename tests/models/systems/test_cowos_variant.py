"""CoWoS by variant, maker and customer: everything adds up, and figures move what they speak of."""

from datetime import date

import numpy as np
import pytest

from models.chain.product_classes import gross_packages_per_wafer
from models.evidence.assumptions import read_priors
from models.evidence.evidence import Evidence
from models.systems.cowos_variant import VARIANTS, class_wafers, cowos_variant, interposer_area_mm2
from models.systems.series import yearly_values
from tests.market import MARKET
from tests.models.systems.shares_world import AS_OF, drawn, tables, values

DRAWN = drawn()
BRIDGES = {"metric": "cowos_allocation_share", "entity": "TSMC", "segment": "CoWoS-L", "period": "2025"}


def run(*rows, as_of=AS_OF, change=None):
    found = tables(*rows)
    if change is not None:
        change(found)
    return cowos_variant(DRAWN, Evidence(**found), as_of, np.random.default_rng(4))


def test_variants_add_up_to_the_wafers():
    out = run({**BRIDGES, "value": 0.6})
    total = sum(values(out, v, "wafers", "total").astype(float) for v in VARIANTS)
    np.testing.assert_allclose(total, DRAWN["cowos_wafers"][:, :28], rtol=1e-5)
    np.testing.assert_allclose(sum(values(out, v, "share", "total") for v in VARIANTS), 1, atol=1e-5)


def test_classes_add_up_to_their_customers():
    found = tables()
    wafers = class_wafers(DRAWN, found["products"], read_priors(found["assumptions"], AS_OF), MARKET, AS_OF)
    for customer in MARKET.customers:
        at = [i for i, c in enumerate(MARKET.classes) if c.customer == customer]
        if customer == "china":
            assert not wafers[:, at].any()
            continue
        np.testing.assert_allclose(
            wafers[:, at].sum(axis=1), DRAWN[f"cowos_wafers_{customer}"][:, :28], rtol=1e-5
        )


def test_a_figure_moves_the_split():
    low, high = run({**BRIDGES, "value": 0.2}), run({**BRIDGES, "value": 0.8})
    change = (
        values(high, "cowos_l", "share", "total")[:, 18] - values(low, "cowos_l", "share", "total")[:, 18]
    )
    assert change.mean() > 0.2


def test_over_pushes_up_and_not_down():
    nothing, over, met = run(), run({**BRIDGES, "low": 0.9}), run({**BRIDGES, "low": 0.02})
    found = [values(out, "cowos_l", "share", "total")[:, 18].mean() for out in (nothing, over, met)]
    assert found[1] > found[0] + 0.05
    assert found[2] == pytest.approx(found[0], abs=0.03)


def test_a_vintage_knows_only_the_variants_named_by_then():
    early, late = run(as_of=date(2024, 1, 31)), run(as_of=date(2024, 12, 31))
    share = [values(out, "cowos_l", "share", "total")[:, -1].mean() for out in (early, late)]
    assert share[1] > share[0] + 0.05


def test_area_is_the_inverse_of_packages_per_wafer():
    areas = np.array([800.0, 1700.0, 2831.0, 7470.0])
    gross = np.array([gross_packages_per_wafer(a) for a in areas])
    np.testing.assert_allclose(interposer_area_mm2(gross), areas, rtol=1e-3)


def test_makers_and_customers_add_up():
    out = run()
    for items, part in (
        (("tsmc", "others"), "capacity"),
        ([f"customer_{c}" for c in MARKET.customers[:-1]], "allocation"),
    ):
        chosen = [s for s in out if s.item in items and s.measure == "share" and s.part == part]
        assert len(chosen) == len(items)
        np.testing.assert_allclose(sum(s.values for s in chosen), 1, atol=1e-5)
        np.testing.assert_allclose(sum(yearly_values(s) for s in chosen), 1, atol=1e-5)


def test_a_class_without_a_row_and_a_wrong_split_are_named():
    def drop(found):
        table = found["cowos_variants"]
        found["cowos_variants"] = table[table["class"] != MARKET.class_names[1]]

    def spoil(found):
        found["cowos_variants"].loc[0, "cowos_s"] = 0.5

    with pytest.raises(ValueError, match=f"class {MARKET.class_names[1]} has no row"):
        run(change=drop)
    with pytest.raises(ValueError, match="nvidia_ampere: the shares don't add up"):
        run(change=spoil)
