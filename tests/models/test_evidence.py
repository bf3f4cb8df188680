"""Published figures as observations: terms, weights over quarters, and how much each counts on a date."""

from datetime import date

import numpy as np
import pytest
from forecast_world import figure, figures
from hypothesis import given, settings
from hypothesis import strategies as st
from small_problem import NAN, every_kind_of_figure

from models.chain import ROW_NAMES
from models.evidence import PUBLISHER_MINIMUM, build_operator, vintage_weights
from models.observation import log_points, predicted
from models.periods import N_ALL, QUARTERS

LATE = date(2026, 11, 22)


def operator_of(*rows, as_of=None):
    return build_operator(figures(*rows), as_of)


def weights(*rows, as_of=LATE, withhold=frozenset()):
    found = operator_of(*rows)
    assert found.unused.empty
    return dict(zip(found.figures["figure_id"], vintage_weights(found.figures, as_of, withhold), strict=True))


def rows_with(**by_name) -> np.ndarray:
    """Quantities (row, quarter): ones but for the named ones."""
    out = np.ones((len(ROW_NAMES), N_ALL))
    for name, values in by_name.items():
        out[ROW_NAMES.index(name)] = values
    return out


def expected_of(row: dict, **by_name) -> float:
    obs = operator_of(row).arrays
    return float(predicted(np, log_points(np, rows_with(**by_name), obs), obs)[0])


REVENUE = np.arange(1.0, N_ALL + 1)


@pytest.mark.parametrize(
    ("period", "month", "total"),
    [
        ("2021Q1", NAN, 1),
        ("2021", NAN, 1 + 2 + 3 + 4),
        ("2022H2", NAN, 7 + 8),
        ("2021-02", NAN, 1 / 3),
        # NVIDIA's FY2024 runs from February 2023 to January 2024: two thirds of 2023Q1, a third of 2024Q1.
        ("FY2024", 1, 2 / 3 * 9 + 10 + 11 + 12 + 1 / 3 * 13),
        # Micron's FY2023 runs from September 2022 to August 2023.
        ("FY2023", 8, 1 / 3 * 7 + 8 + 9 + 10 + 2 / 3 * 11),
        ("FY2025Q2", 1, 2 / 3 * 14 + 1 / 3 * 15),
    ],
)
def test_a_flow_is_the_sum_over_its_months(period, month, total):
    row = figure("x", 5.0, period=period, fiscal_year_end_month=month)
    assert np.exp(expected_of(row, hbm_revenue_usd=REVENUE)) == pytest.approx(total, rel=1e-12)


def test_growth_is_the_ratio_to_the_year_before():
    row = figure("x", 0.5, aggregation="growth", period="2022Q3")
    assert np.exp(expected_of(row, hbm_revenue_usd=REVENUE)) == pytest.approx(7 / 3)
    assert operator_of(row).arrays["y"][0] == pytest.approx(np.log(1.5))
    year = figure("x", -0.2, aggregation="growth", period="2023")
    assert np.exp(expected_of(year, hbm_revenue_usd=REVENUE)) == pytest.approx(
        (9 + 10 + 11 + 12) / (5 + 6 + 7 + 8)
    )
    assert operator_of(year).arrays["y"][0] == pytest.approx(np.log(0.8))


def test_sequential_growth_is_the_ratio_to_the_period_before():
    row = figure("x", 0.1, aggregation="sequential_growth", period="2022Q3")
    assert np.exp(expected_of(row, hbm_revenue_usd=REVENUE)) == pytest.approx(7 / 6)
    half = figure("x", 0.1, aggregation="sequential_growth", period="2022H1")
    assert np.exp(expected_of(half, hbm_revenue_usd=REVENUE)) == pytest.approx((5 + 6) / (3 + 4))


def test_a_ratio_of_a_year_is_the_ratio_of_its_sums():
    row = figure("x", 2.0, quantity="hbm_price_usd_per_gb", period="2021")
    bits = np.arange(N_ALL, 0, -1.0)
    expected = (1 + 2 + 3 + 4) / bits[:4].sum()
    assert np.exp(expected_of(row, hbm_revenue_usd=REVENUE, hbm_bits_gb=bits)) == pytest.approx(expected)
    per = figure("x", 2.0, quantity="hbm_revenue_usd", per_quantity="hbm_bits_gb", period="2021")
    assert np.exp(expected_of(per, hbm_revenue_usd=REVENUE, hbm_bits_gb=bits)) == pytest.approx(expected)


def test_growth_of_a_ratio_has_four_terms():
    row = figure("x", 0.1, quantity="hbm_price_usd_per_gb", aggregation="growth", period="2022Q1")
    bits = np.arange(N_ALL, 0, -1.0)
    expected = (5 / bits[4]) / (1 / bits[0])
    assert np.exp(expected_of(row, hbm_revenue_usd=REVENUE, hbm_bits_gb=bits)) == pytest.approx(expected)


def test_a_share_is_on_the_logit_scale():
    row = figure("x", 0.2, quantity="hbm_share_of_dram_revenue", scale="logit", period="2022Q1")
    obs = operator_of(row).arrays
    assert obs["y"][0] == pytest.approx(np.log(0.2 / 0.8))
    found = expected_of(row, hbm_revenue_usd=np.full(N_ALL, 2.0), dram_revenue_usd=np.full(N_ALL, 8.0))
    assert found == pytest.approx(np.log(0.25 / 0.75))


LEVEL = "cowos_capacity_tsmc_wafers_per_month"


@pytest.mark.parametrize(
    ("period", "aggregation", "level", "undated"),
    [
        ("2023-12", "end", 12, 0),
        ("2023Q2", "end", 10, 0),
        ("2023", "end", 12, 1),  # "at the end of 2023" and "in 2023" look alike: extra noise
        ("2023", "mean", (9 + 10 + 11 + 12) / 4, 1),
        ("2023H1", "mean", (9 + 10) / 2, 1),
    ],
)
def test_a_level_is_that_of_its_date_and_uncertain_without_one(period, aggregation, level, undated):
    row = figure("x", 5.0, quantity=LEVEL, aggregation=aggregation, period=period)
    assert np.exp(expected_of(row, **{LEVEL: REVENUE})) == pytest.approx(level)
    assert operator_of(row).arrays["is_undated"][0] == undated


def test_a_range_has_its_half_width():
    obs = operator_of(
        figure("both", low=80.0, high=125.0),
        figure("three", 110.0, low=80.0, high=125.0),
        figure("point", 100.0),
    ).arrays
    np.testing.assert_allclose(obs["half_width"], [np.log(125 / 80) / 2] * 2 + [0.0])
    np.testing.assert_allclose(np.exp(obs["y"]), [100.0, 110.0, 100.0])
    assert (obs["censored"] == 0).all()


def test_one_sided_figures_are_censored():
    obs = operator_of(figure("over", low=80.0), figure("under", high=80.0)).arrays
    np.testing.assert_array_equal(obs["censored"], [1, -1])
    np.testing.assert_allclose(np.exp(obs["y"]), 80.0)
    np.testing.assert_array_equal(obs["half_width"], 0.0)


def test_horizon_counts_from_the_middle_of_what_the_date_may_mean():
    rows = [
        figure("day", 1.0, period="2025", published_on="2024-12-31"),
        figure("month", 1.0, period="2025", published_on="2024-12", published_precision="month"),
        figure("year", 1.0, period="2025", published_on="2024", published_precision="year"),
        figure("past", 1.0, period="2023", published_on="2024-12-31"),
        figure("actual", 1.0, period="2025", kind="actual"),
    ]
    horizon = operator_of(*rows).arrays["horizon"]
    np.testing.assert_allclose(horizon, [1.0, 1.04, 1.5, 0.0, 0.0], atol=0.01)


def test_only_forecasts_share_the_street_error():
    found = operator_of(
        figure("ahead", 1.0, period="2025"),
        figure("ahead-too", 1.0, period="2025Q4", publisher="House B"),
        figure("past", 1.0, period="2022"),
        figure("actual", 1.0, period="2025", kind="actual"),
    )
    np.testing.assert_array_equal(found.arrays["street_target"], [1, 1, 0, 0])
    np.testing.assert_array_equal(found.arrays["street_time"], [1, 1, 0, 0])
    assert found.street_targets == ["", "hbm_revenue_usd:2025"]
    assert found.street_times == ["", "hbm:2024H1"]


def test_publishers_of_few_figures_have_no_bias_of_their_own():
    rows = [figure(f"a{i}", 1.0, period=str(2021 + i)) for i in range(PUBLISHER_MINIMUM)]
    rows += [
        figure(f"b{i}", 1.0, publisher="House B", period=str(2021 + i)) for i in range(PUBLISHER_MINIMUM - 1)
    ]
    found = operator_of(*rows)
    assert found.publishers == ["", "House A"]
    np.testing.assert_array_equal(found.arrays["publisher"], [1, 1, 1, 0, 0])


# -- what counts how much on a date


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


@pytest.mark.xfail(raises=KeyError, strict=True, reason="build_operator needs at least one usable figure")
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


@settings(max_examples=60, deadline=None)
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


# -- what can't be read


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (figure("x"), "neither value, low nor high is given"),
        (figure("x", -1.0), "value -1 can't be taken to the log scale"),
        (figure("x", -1.0, aggregation="growth"), "value -1 can't be taken to the log scale"),
        (
            figure("x", 1.0, quantity="hbm_share_of_dram_revenue", scale="logit"),
            "can't be taken to the logit scale",
        ),
        (figure("x", 1.0, period="soon"), "period 'soon' can't be read"),
        (figure("x", 1.0, period="2019"), "outside the grid"),
        (figure("x", 1.0, period="2021", aggregation="growth"), "outside the grid"),
        (figure("x", 1.0, period="FY2024"), "fiscal but fiscal_year_end_month is None"),
        (figure("x", 1.0, quantity="moon_dust"), "quantity 'moon_dust' is not computed by the chain"),
        (figure("x", 1.0, per_quantity="moon_dust"), "quantity 'moon_dust' is not computed by the chain"),
        (
            figure(
                "x",
                1.0,
                quantity="hbm_price_usd_per_gb",
                per_quantity="dram_price_usd_per_gb",
                aggregation="growth",
            ),
            "a figure with 8 terms; at most 4 are supported",
        ),
    ],
)
def test_what_cannot_be_read_is_listed_with_its_reason(row, reason):
    found = operator_of(figure("good", 1e10), row)
    assert list(found.figures["figure_id"]) == ["good"]
    assert list(found.unused["figure_id"]) == ["x"]
    assert reason in found.unused["reason"].iloc[0]


def test_every_figure_is_used_or_listed():
    rows = [*every_kind_of_figure(), figure("bad", -5.0), figure("later", 1.0, published_on="2026-01-01")]
    found = operator_of(*rows, as_of=date(2025, 6, 30))
    assert set(found.figures["figure_id"]) | set(found.unused["figure_id"]) == {
        r["figure_id"] for r in rows
    } - {"later"}
    n = len(found.figures)
    assert all(len(v) == n for k, v in found.arrays.items() if not k.startswith("point_"))
    assert found.counts == {"figures": n, "points": len(found.arrays["point_row"])}


def test_points_are_shared_between_figures():
    found = operator_of(figure("a", 1e10), figure("b", 2e10, publisher="B"), figure("c", 3e10, period="2025"))
    assert found.counts == {"figures": 3, "points": 2}
    assert found.arrays["term_point"][0, 0] == found.arrays["term_point"][1, 0]
    assert QUARTERS[found.arrays["point_quarter"][0, 0]] == "2024Q1"
