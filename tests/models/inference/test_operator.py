"""Published figures as observations: terms, weights over quarters, and how much each counts on a date."""

from datetime import date

import numpy as np
import pytensor.tensor as pt
import pytest

from models.chain.equations import supply
from models.inference.observation import log_points, predicted, with_sums
from models.inference.operator import PUBLISHER_MINIMUM, build_operator
from models.vocabulary.periods import N_ALL, QUARTERS
from tests.market import MARKET
from tests.models.forecast_world import figure, figures
from tests.models.small_problem import NAN, every_kind_of_figure


def operator_of(*rows, as_of=None):
    return build_operator(figures(*rows), MARKET, as_of)


def rows_with(**by_name) -> np.ndarray:
    """Quantities (row, quarter): ones but for the named ones."""
    out = np.ones((len(MARKET.row_names), N_ALL))
    for name, values in by_name.items():
        out[MARKET.row_names.index(name)] = values
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


def test_an_excess_is_supply_over_demand_less_one():
    row = figure("x", -0.2, quantity="hbm_sufficiency", aggregation="excess", period="2022")
    assert operator_of(row).arrays["y"][0] == pytest.approx(np.log(0.8))
    found = expected_of(row, hbm_bits_supply_gb=REVENUE, hbm_bits_demand_gb=np.full(N_ALL, 10.0))
    assert np.exp(found) == pytest.approx((5 + 6 + 7 + 8) / 40)


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


def test_a_kind_that_the_model_does_not_know_is_not_read_as_another():
    with pytest.raises(ValueError, match="figures of rumour; the model knows actual, estimate"):
        operator_of(figure("heard", 1.0, kind="rumour"))


def test_only_forecasts_share_the_street_error():
    found = operator_of(
        figure("ahead", 1.0, period="2025"),
        figure("ahead-too", 1.0, period="2025Q4", publisher="House B"),
        figure("past", 1.0, period="2022"),
        figure("actual", 1.0, period="2025", kind="actual"),
    )
    for cells in ("street_target", "street_time"):
        np.testing.assert_array_equal((found.arrays[cells] > 0).any(axis=1), [True, True, False, False])
        np.testing.assert_array_equal(found.arrays[cells][0], found.arrays[cells][1])
    assert found.street_targets == ["", "ai:2025", "hbm_capacity:2025", "hbm_price:2025"]
    assert found.street_times == ["", "ai:2024H1", "hbm_capacity:2024H1", "hbm_price:2024H1"]


def test_a_component_of_the_chain_and_a_year_are_misjudged_as_one():
    found = operator_of(
        figure("revenue", 1.0, period="2025"),
        figure("bits", 1.0, period="2025", quantity="hbm_bits_gb"),
        figure("price", 1.0, period="2025", quantity="hbm_price_usd_per_gb"),
        figure("share", 0.3, period="2025", quantity="hbm_share_of_dram_revenue", scale="logit"),
        figure("next", 1.0, period="2026"),
    )
    labels = [{found.street_targets[i] for i in row} - {""} for row in found.arrays["street_target"]]
    of_hbm = {"ai:2025", "hbm_price:2025", "hbm_capacity:2025"}
    assert labels[:3] == [of_hbm] * 3
    assert labels[3] == {"ai:2025", "hbm_price:2025", "dram_revenue:2025", "dram_bits:2025"}
    assert labels[4] == {label.replace("2025", "2026") for label in of_hbm}


def test_results_have_no_bias_and_make_nobody_known():
    """TrendForce's DRAM quarters are what DRAM revenue means: its habits elsewhere don't bend them."""
    results = [
        figure(f"r{i}", 1.0, kind="actual", publisher="Reporter", period=f"202{i}", published_on="2025-02-01")
        for i in range(1, 1 + PUBLISHER_MINIMUM)
    ]
    forecasts = [
        figure(f"f{i}", 1.0, publisher="Reporter", period=str(2025 + i)) for i in range(PUBLISHER_MINIMUM)
    ]
    assert operator_of(*results).publishers == [""]
    found = operator_of(*results, *forecasts)
    assert found.publishers == ["", "Reporter"]
    np.testing.assert_array_equal(found.arrays["publisher"], [0] * 3 + [1] * 3)


def test_publishers_of_few_figures_have_no_bias_of_their_own():
    rows = [figure(f"a{i}", 1.0, period=str(2021 + i)) for i in range(PUBLISHER_MINIMUM)]
    rows += [
        figure(f"b{i}", 1.0, publisher="House B", period=str(2021 + i)) for i in range(PUBLISHER_MINIMUM - 1)
    ]
    found = operator_of(*rows)
    assert found.publishers == ["", "House A"]
    np.testing.assert_array_equal(found.arrays["publisher"], [1, 1, 1, 0, 0])


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
        (figure("x", 1.0, period="FY2024"), "fiscal but fiscal_year_end_month is empty"),
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
    assert all(len(v) == n for k, v in found.arrays.items() if not k.startswith(("point_", "sum_")))
    assert found.counts == {"figures": n, "points": len(found.arrays["point_row"])}


def test_points_are_shared_between_figures():
    found = operator_of(figure("a", 1e10), figure("b", 2e10, publisher="B"), figure("c", 3e10, period="2025"))
    # Two years.
    assert found.counts == {"figures": 3, "points": 2}
    assert found.arrays["term_point"][0, 0] == found.arrays["term_point"][1, 0]
    assert QUARTERS[found.arrays["point_quarter"][0, 0]] == "2024Q1"


BLACKWELL = "accelerator_shipments_class_nvidia_blackwell"
ULTRA = "accelerator_shipments_class_nvidia_blackwell_ultra"
FAMILY = f"{BLACKWELL} + {ULTRA}"


def test_a_figure_about_a_sum_is_about_its_parts_together():
    rows = {BLACKWELL: REVENUE, ULTRA: 2 * REVENUE, "accelerator_shipments_nvidia": 10 * REVENUE}
    assert np.exp(expected_of(figure("x", 5.0, quantity=FAMILY, period="2021"), **rows)) == pytest.approx(30)
    share = figure("x", 0.3, quantity=FAMILY, per_quantity="accelerator_shipments_nvidia", period="2022")
    assert np.exp(expected_of(share, **rows)) == pytest.approx(0.3)
    of_sum = figure("x", 0.3, quantity=ULTRA, per_quantity=FAMILY, period="2022")
    assert np.exp(expected_of(of_sum, **rows)) == pytest.approx(2 / 3)


def test_a_sum_is_one_row_whatever_the_order_of_its_parts():
    found = operator_of(
        figure("a", 1e6, quantity=FAMILY), figure("b", 1e6, quantity=f"{ULTRA}+{BLACKWELL}", period="2025")
    )
    assert found.arrays["sum_rows"].sum(axis=1).tolist() == [2.0]
    assert (found.arrays["point_row"] == len(MARKET.row_names)).all()
    assert operator_of(figure("a", 1e10)).arrays["sum_rows"].shape == (0, len(MARKET.row_names))


def test_sums_are_those_of_the_rows_in_both_namespaces():
    obs = operator_of(figure("a", 1e6, quantity=FAMILY)).arrays
    rows = np.random.default_rng(3).uniform(1, 9, (2, len(MARKET.row_names), N_ALL))
    first, second = (rows[:, MARKET.row_names.index(name)] for name in (BLACKWELL, ULTRA))
    for found in (
        with_sums(np, rows, obs["sum_rows"]),
        with_sums(pt, pt.as_tensor_variable(rows), obs["sum_rows"]).eval(mode="FAST_COMPILE"),
    ):
        assert np.array_equal(found[:, :-1], rows)
        np.testing.assert_allclose(found[:, -1], first + second, rtol=1e-14)


@pytest.mark.parametrize(
    ("quantity", "reason"),
    [
        (f"{BLACKWELL} + moon_dust", "quantity 'moon_dust' is not computed by the chain"),
        (f"{BLACKWELL} + ", "quantity '' is not computed by the chain"),
        (f"{BLACKWELL} + {BLACKWELL}", "is no sum"),
        (f"{BLACKWELL} + hbm_bits_gb", "is no sum"),
        ("hbm_price_usd_per_gb + dram_price_usd_per_gb", "is no sum"),
    ],
)
def test_what_cannot_be_added_is_listed_with_its_reason(quantity, reason):
    found = operator_of(figure("good", 1e10), figure("x", 1.0, quantity=quantity))
    assert reason in found.unused["reason"].iloc[0]


def test_the_wafers_of_a_year_are_those_its_capacity_can_process():
    capacity = np.linspace(1e3, 9e3, N_ALL)
    name = "cowos_capacity_tsmc_wafers_per_month"
    for period, quarters in (("2024", slice(12, 16)), ("2021", slice(0, 4)), ("2025H1", slice(16, 18))):
        row = figure("x", 5e5, quantity=name, period=period)
        made = supply(capacity)[quarters].sum()
        assert np.exp(expected_of(row, **{name: capacity})) == pytest.approx(made, rel=1e-12)
        assert operator_of(row).arrays["is_undated"][0] == 0.0
    fiscal = figure("x", 5e5, quantity=name, period="FY2024", fiscal_year_end_month=1)
    assert "6 quarters of" in operator_of(figure("good", 1e10), fiscal).unused["reason"].iloc[0]
