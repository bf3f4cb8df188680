"""What a figure of tomorrow would narrow: held to the closed form of Gaussian draws."""

from datetime import date

import numpy as np
import pytest

from models.attribution.next_figure import candidates, following_period, narrowings
from tests.models.forecast_world import figure, figures

DAY = date(2025, 3, 31)


def test_the_narrowing_is_that_of_gaussian_draws():
    rng = np.random.default_rng(1)
    n = 40_000
    value = rng.standard_normal((2, n))
    prints = np.stack([0.8 * value[0] + 0.6 * rng.standard_normal(n), rng.standard_normal(n)], axis=1)
    found, error = narrowings(value, prints, [np.arange(n), np.arange(n)], seed=2)
    # Of a normal with correlation 0.8 to what is printed there remains 0.6 of the width.
    wanted = np.array([[0.4, 0.0], [0.0, 0.0]])
    # Within a bin the print still varies a little, most in the outermost.
    assert np.abs(found - wanted).max() < 0.02
    assert (found[0, 0], error[0]) == (pytest.approx(0.4, abs=0.02), pytest.approx(0.003, abs=0.003))
    assert np.isnan(narrowings(value, prints, [None, np.arange(n)], seed=2)[0][0]).all()


def test_a_figure_that_replaces_another_adds_only_what_is_new():
    rng = np.random.default_rng(3)
    n = 40_000
    # The draws know an old print already; without it they are twice as wide.
    value = 0.5 * rng.standard_normal(n)
    weight = np.exp(0.5 * (value / 0.5) ** 2 * 0.75)
    taken = rng.choice(n, n, p=weight / weight.sum())
    as_good = value + rng.standard_normal(n) / np.sqrt(3)
    found, _ = narrowings(value[None], as_good[:, None], [taken], seed=4)
    assert abs(found.item()) < 0.06
    added, _ = narrowings(value[None], as_good[:, None], [np.arange(n)], seed=4)
    assert added.item() > 0.2


@pytest.mark.parametrize(
    ("text", "following"),
    [("2024", "2025"), ("2024Q4", "2025Q1"), ("FY2025H1", "FY2025H2"), ("2024-12", "2025-01")],
)
def test_the_period_after_one(text, following):
    assert following_period(text) == following


def test_candidates_are_what_publishers_print_again():
    def said(name: str, period: str, published_on: str, **more) -> dict:
        common = {"metric": "hbm_revenue", "entity": "industry", "segment": "", "accessed_on": ""}
        return figure(name, 1e10, period=period, published_on=published_on, **common, **more)

    known = figures(
        said("a1", "2025", "2024-06-01"),
        said("a2", "2025", "2025-01-15"),
        said("a3", "2024", "2024-05-01"),
        said("b1", "2025", "2025-01-20", publisher="House B"),
        said("c1", "2024Q3", "2024-11-01", publisher="House C", kind="actual"),
        said("c2", "2024Q4", "2025-02-01", publisher="House C", kind="actual"),
        said("d1", "2024", "2023-11-01", publisher="House D"),
        said("d2", "2024", "2024-05-01", publisher="House D"),
        said("e1", "2025", "2022-06-01", publisher="House E"),
        said("e2", "2025", "2024-06-01", publisher="House E"),
    )
    found = candidates(known, DAY).set_index("figure_id")
    # House B printed once, House E too in two years; House D's year is over.
    assert set(found.index) == {"next:a2:2025", "next:c2:2025Q1", "next:d2:2025"}
    assert set(found["published_on"]) == {"2025-04-01"}
    assert found.loc["next:a2:2025", ["like_figure_id", "prints_usually"]].tolist() == ["a2", 3]
    assert candidates(known.iloc[:0], DAY).empty
