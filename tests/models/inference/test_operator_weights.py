"""How much each published figure counts on a date: nothing unseen, nothing twice."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.inference.operator import build_operator, vintage_weights
from tests.market import MARKET
from tests.models.forecast_world import figure, figures
from tests.models.small_problem import every_kind_of_figure

LATE = date(2026, 11, 22)


def operator_of(*rows, as_of=None):
    return build_operator(figures(*rows), MARKET, as_of)


def weights(*rows, as_of=LATE, withhold=frozenset()):
    found = operator_of(*rows)
    assert found.unused.empty
    return dict(zip(found.figures["figure_id"], vintage_weights(found.figures, as_of, withhold), strict=True))


def test_copies_of_one_origin_weigh_as_one():
    rows = [figure("origin", 1e10), figure("copy-1", 1e10, publisher="B", origin_id="origin")]
    rows.append(figure("copy-2", 1e10, publisher="C", origin_id="origin", published_on="2024-05-01"))
    rows.append(figure("own", 1.2e10, publisher="D"))
    found = weights(*rows)
    assert found == pytest.approx({"origin": 1 / 3, "copy-1": 1 / 3, "copy-2": 1 / 3, "own": 1.0})
    # Before the last copy was published the two that existed shared the weight.
    before = weights(*rows, as_of=date(2024, 4, 30))
    assert before == pytest.approx({"origin": 1 / 2, "copy-1": 1 / 2, "copy-2": 0.0, "own": 1.0})


def test_one_origin_for_two_targets_is_two_figures():
    rows = [figure("a", 1e10), figure("b", 2e10, origin_id="a", period="2025")]
    assert weights(*rows) == {"a": 1.0, "b": 1.0}


def test_a_newer_figure_of_the_same_publisher_replaces_the_older():
    old = figure("old", 1e10, published_on="2024-01-10")
    new = figure("new", 1.4e10, published_on="2024-06-10")
    other = figure("other", 1.1e10, publisher="House B", published_on="2023-01-10")
    assert weights(old, new, other) == {"old": 0.0, "new": 1.0, "other": 1.0}
    assert weights(old, new, other, as_of=date(2024, 6, 9)) == {"old": 1.0, "new": 0.0, "other": 1.0}


def test_another_definition_or_period_is_not_replaced():
    old = figure("old", 18e6, quantity="server_shipments", published_on="2024-01-10")
    defined = old | {
        "figure_id": "defined",
        "origin_id": "defined",
        "definition": "server_count_digitimes",
        "published_on": "2024-06-10",
    }
    later = old | {"figure_id": "later", "origin_id": "later", "period": "2025", "published_on": "2024-06-10"}
    assert weights(old, defined, later) == {"old": 1.0, "defined": 1.0, "later": 1.0}


def test_figures_of_one_publisher_side_by_side_share_one_weight():
    assert weights(figure("low-case", 1e10), figure("high-case", 1.4e10)) == {
        "low-case": 0.5,
        "high-case": 0.5,
    }


@pytest.mark.parametrize(
    ("published_on", "precision", "last_day_unseen", "first_day_seen"),
    [
        ("2024-03-15", "day", date(2024, 3, 14), date(2024, 3, 15)),
        ("2024-02", "month", date(2024, 2, 28), date(2024, 2, 29)),
        ("2024", "year", date(2024, 12, 30), date(2024, 12, 31)),
    ],
)
def test_a_figure_exists_from_the_end_of_its_date(published_on, precision, last_day_unseen, first_day_seen):
    row = figure("x", 1e10, published_on=published_on, published_precision=precision)
    assert weights(row, as_of=last_day_unseen) == {"x": 0.0}
    assert weights(row, as_of=first_day_seen) == {"x": 1.0}
    first = figure("first", 1e10, published_on="2023-01-01", publisher="House B")
    assert len(operator_of(first, row, as_of=last_day_unseen).figures) == 1
    assert len(operator_of(first, row, as_of=first_day_seen).figures) == 2


def test_a_date_before_all_figures_has_an_empty_operator():
    found = operator_of(figure("x", 1e10, published_on="2024-03-15"), as_of=date(2024, 3, 14))
    assert len(found.figures) == 0
    assert found.counts == {"figures": 0, "points": 0}


def test_a_planted_future_figure_changes_nothing():
    """Neither its number, nor that it replaces, repeats or makes its publisher known."""
    seen = [
        figure("a", 1e10, published_on="2024-01-10"),
        figure("b", 2e10, period="2025", published_on="2024-01-10"),
    ]
    planted = [
        figure("p1", 9e11, published_on="2024-07-01"),
        figure("p2", 9e11, origin_id="b", period="2025", publisher="House B", published_on="2024-07-01"),
        figure("p3", 9e11, period="2026", published_on="2024-07", published_precision="month"),
    ]
    as_of = date(2024, 6, 30)
    assert weights(*seen, *planted, as_of=as_of) == {"a": 1.0, "b": 1.0, "p1": 0.0, "p2": 0.0, "p3": 0.0}
    without, with_planted = operator_of(*seen, as_of=as_of), operator_of(*seen, *planted, as_of=as_of)
    assert with_planted.publishers == without.publishers == [""]
    assert with_planted.street_targets == without.street_targets
    for name, values in without.arrays.items():
        np.testing.assert_array_equal(with_planted.arrays[name], values, err_msg=name)


def test_withheld_publishers_weigh_nothing_and_hide_nothing():
    rows = [figure("a", 1e10), figure("b", 1e10, publisher="House B", origin_id="a")]
    assert weights(*rows, withhold=frozenset({"House A"})) == {"a": 0.0, "b": 1.0}


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(
            st.sampled_from("ABC"), st.integers(0, 4), st.integers(1, 28), st.sampled_from(["2024", "2025"])
        ),
        min_size=1,
        max_size=25,
    ),
    st.integers(1, 28),
)
def test_no_origin_and_no_publisher_counts_twice_for_one_target(rows, day):
    made = [
        figure(f"f{i}", 1e10, publisher=p, origin_id=f"o{o}", published_on=f"2024-02-{d:02d}", period=target)
        for i, (p, o, d, target) in enumerate(rows)
    ]
    found = operator_of(*made)
    table = found.figures.assign(weight=vintage_weights(found.figures, date(2024, 2, day)))
    assert table["weight"].between(0, 1).all()
    assert (table.loc[table["known_on"] > date(2024, 2, day), "weight"] == 0).all()
    for key in ("origin_id", "publisher"):
        assert table.groupby([key, "period"])["weight"].sum().max() <= 1 + 1e-12
    for _, group in table[table["known_on"] <= date(2024, 2, day)].groupby("period"):
        assert group["weight"].sum() > 0, "a target with visible figures keeps a say"


def test_weights_do_not_depend_on_the_order_of_rows():
    rows = [
        *every_kind_of_figure(),
        figure("copy", 1.6e10, period="2026", publisher="Z", origin_id="forecast"),
    ]
    one = weights(*rows)
    assert weights(*rows[::-1]) == one
