"""The vocabulary: every name once, every ratio of known parts, and what the chain gives is what it lists."""

import itertools
import re

import pytest

from models.chain.equations import MEMBERS, ROW_NAMES
from models.vocabulary.quantities import BY_NAME, CLASSES, CUSTOMERS, HEADLINES, QUANTITIES

UNITS = {"units", "USD", "GB", "fraction", "count", "stacks", "wafers", "wafers_per_month", "USD_per_GB"}


def test_names_are_unique_and_full_words():
    names = [q.name for q in QUANTITIES]
    assert len(set(names)) == len(names) == len(BY_NAME)
    assert all(re.fullmatch(r"[a-z][a-z0-9_]+", name) for name in names)
    assert {q.unit for q in QUANTITIES} <= UNITS
    assert all(q.description for q in QUANTITIES)


def test_the_chain_gives_exactly_what_is_not_a_ratio():
    # China's chips are packaged outside CoWoS: the row is computed, zero, and not published.
    unpublished = {"cowos_wafers_china"}
    assert set(ROW_NAMES) - unpublished == {q.name for q in QUANTITIES if q.yearly != "ratio"}
    assert len(set(ROW_NAMES)) == len(ROW_NAMES)


@pytest.mark.parametrize("quantity", [q for q in QUANTITIES if q.yearly == "ratio"], ids=lambda q: q.name)
def test_a_ratio_is_made_of_two_published_rows(quantity):
    parts = BY_NAME[quantity.numerator], BY_NAME[quantity.denominator]
    assert all(part.yearly in ("sum", "end") for part in parts)
    assert parts[0].yearly == parts[1].yearly
    assert quantity.unit != "fraction" or parts[0].unit == parts[1].unit


def test_parts_are_given_only_for_ratios():
    for quantity in QUANTITIES:
        assert (quantity.yearly == "ratio") == bool(quantity.numerator) == bool(quantity.denominator)


def test_classes_of_a_customer_and_of_a_family_stand_side_by_side():
    for attribute in ("customer", "family"):
        labels = [getattr(c, attribute) for c in CLASSES]
        changes = 1 + sum(a != b for a, b in itertools.pairwise(labels))
        assert changes == len(set(labels)), f"a {attribute} is torn apart: {labels}"
    assert [c.customer for c in CLASSES if not c.on_cowos] == ["china"]
    assert MEMBERS["accelerator_shipments_{}"] == CUSTOMERS


def test_headlines():
    assert set(HEADLINES) == {
        "hbm_revenue_usd",
        "hbm_bits_gb",
        "hbm_price_usd_per_gb",
        "accelerator_shipments",
        "cowos_wafers",
        "cowos_capacity_wafers_per_month",
    }
