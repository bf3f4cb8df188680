"""The vocabulary: every name once, every ratio of known parts, and what the chain gives is what it lists."""

import itertools
import re

import pytest

from models.vocabulary.quantities import HEADLINES
from tests.market import MARKET

UNITS = {
    "units",
    "USD",
    "GB",
    "fraction",
    "count",
    "stacks",
    "wafers",
    "wafers_per_month",
    "USD_per_GB",
    "dies",
    "dies_per_wafer",
    "ratio",
}


def test_names_are_unique_and_full_words():
    names = [q.name for q in MARKET.quantities]
    assert len(set(names)) == len(names) == len(MARKET.by_name)
    assert all(re.fullmatch(r"[a-z][a-z0-9_]+", name) for name in names)
    assert {q.unit for q in MARKET.quantities} <= UNITS
    assert all(q.description for q in MARKET.quantities)


def test_the_chain_gives_exactly_what_is_not_a_ratio():
    # China's chips are packaged outside CoWoS: the row is computed, zero, and not published.
    unpublished = {"cowos_wafers_china"}
    assert set(MARKET.row_names) - unpublished == {q.name for q in MARKET.quantities if q.yearly != "ratio"}
    assert len(set(MARKET.row_names)) == len(MARKET.row_names)


@pytest.mark.parametrize(
    "quantity", [q for q in MARKET.quantities if q.yearly == "ratio"], ids=lambda q: q.name
)
def test_a_ratio_is_made_of_two_published_rows(quantity):
    parts = MARKET.by_name[quantity.numerator], MARKET.by_name[quantity.denominator]
    assert all(part.yearly in ("sum", "end") for part in parts)
    assert parts[0].yearly == parts[1].yearly
    assert quantity.unit != "fraction" or parts[0].unit == parts[1].unit


def test_parts_are_given_only_for_ratios():
    for quantity in MARKET.quantities:
        assert (quantity.yearly == "ratio") == bool(quantity.numerator) == bool(quantity.denominator)


def test_classes_of_a_customer_and_of_a_family_stand_side_by_side():
    for attribute in ("customer", "family"):
        labels = [getattr(c, attribute) for c in MARKET.classes]
        changes = 1 + sum(a != b for a, b in itertools.pairwise(labels))
        assert changes == len(set(labels)), f"a {attribute} is torn apart: {labels}"
    assert [c.customer for c in MARKET.classes if not c.on_cowos] == ["china"]
    assert MARKET.members["accelerator_shipments_{}"] == MARKET.customers


def test_headlines():
    assert set(HEADLINES) == {
        "hbm_revenue_usd",
        "hbm_bits_gb",
        "hbm_price_usd_per_gb",
        "accelerator_shipments",
        "cowos_wafers",
        "cowos_capacity_wafers_per_month",
    }
