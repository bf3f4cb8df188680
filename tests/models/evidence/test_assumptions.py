"""Assumptions become normals on a working scale, as they were known on a date."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import logit, ndtri
from scipy.stats import norm

from models.evidence.assumptions import Z95, prior_from_quantiles, prior_named, read_priors
from tests.models.forecast_world import assumptions

POSITIVE = st.floats(1e-6, 1e12)
SHARES = st.floats(1e-4, 1 - 1e-4)


def quantile(prior, level):
    return float(prior.natural(np.array(prior.loc + prior.scale * norm.ppf(level))))


def test_the_working_scale_is_scipys_without_loading_it():
    assert ndtri(0.95) == Z95
    for share in (1e-9, 0.02, 0.3, 0.5, 0.7, 0.999999):
        prior = prior_from_quantiles(share * 0.9, share, "logitnormal")
        ends = prior.loc + np.array([-1.0, 1.0]) * Z95 * prior.scale
        np.testing.assert_allclose(ends, logit([share * 0.9, share]), rtol=1e-13, atol=1e-15)


@given(st.tuples(POSITIVE, POSITIVE).filter(lambda q: q[1] > q[0] * (1 + 1e-9)))
def test_lognormal_reproduces_its_quantiles(q):
    prior = prior_from_quantiles(*q, "lognormal")
    np.testing.assert_allclose([quantile(prior, 0.05), quantile(prior, 0.95)], q, rtol=1e-9)
    assert quantile(prior, 0.5) == pytest.approx(np.sqrt(q[0] * q[1]), rel=1e-9)


@given(st.tuples(SHARES, SHARES).filter(lambda q: q[1] > q[0] + 1e-9))
def test_logitnormal_reproduces_its_quantiles(q):
    prior = prior_from_quantiles(*q, "logitnormal")
    np.testing.assert_allclose([quantile(prior, 0.05), quantile(prior, 0.95)], q, rtol=1e-9)


@given(st.tuples(st.floats(-100, 100), st.floats(-100, 100)).filter(lambda q: q[1] > q[0] + 1e-6))
def test_normal_reproduces_its_quantiles(q):
    prior = prior_from_quantiles(*q, "normal")
    np.testing.assert_allclose([quantile(prior, 0.05), quantile(prior, 0.95)], q, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(
    ("p05", "p95", "shape", "says"),
    [
        (1, 2, "gamma", "shape 'gamma' is not one of normal, lognormal, logitnormal"),
        (2, 1, "normal", "p05 2 must lie below p95 1"),
        (1, 1, "normal", "p05 1 must lie below p95 1"),
        (float("nan"), 1, "normal", "must lie below"),
        (0, 1, "lognormal", "needs p05 above 0, not 0"),
        (0, 0.5, "logitnormal", "needs 0 < p05 and p95 < 1"),
        (0.5, 1, "logitnormal", "needs 0 < p05 and p95 < 1"),
    ],
)
def test_impossible_quantiles_are_refused(p05, p95, shape, says):
    with pytest.raises(ValueError, match=says):
        prior_from_quantiles(p05, p95, shape)


def table(*rows):
    columns = ["assumption", "p05", "p95", "shape", "known_since"]
    return pd.DataFrame(rows, columns=columns)


VERSIONS = table(
    ("x", 1, 10, "lognormal", "2021-01"),
    ("x", 3, 4, "lognormal", "2025-05-22"),
    ("x", 2, 8, "lognormal", "2023"),
    ("late", 1, 2, "normal", "2026-01-01"),
)


@pytest.mark.parametrize(
    ("as_of", "expected"),
    [
        (date(2021, 1, 31), (1, 10)),
        (date(2023, 12, 30), (1, 10)),  # "2023" may have been its last day
        (date(2023, 12, 31), (2, 8)),
        (date(2025, 5, 21), (2, 8)),
        (date(2025, 5, 22), (3, 4)),
    ],
)
def test_the_row_known_then_holds_whatever_the_order_of_rows(as_of, expected):
    prior = read_priors(VERSIONS, as_of)["x"]
    np.testing.assert_allclose([quantile(prior, 0.05), quantile(prior, 0.95)], expected, rtol=1e-9)


def test_what_is_known_only_later_does_not_exist():
    assert "x" not in read_priors(VERSIONS, date(2021, 1, 30))
    assert "late" not in read_priors(VERSIONS, date(2025, 12, 31))
    with pytest.raises(KeyError, match=r"assumption 'late' is missing .*add a row"):
        prior_named(read_priors(VERSIONS, date(2025, 12, 31)), "late")


def test_a_bad_row_is_named():
    with pytest.raises(ValueError, match=r"assumptions\.csv, assumption y: p05 5 must lie below p95 1"):
        read_priors(table(("y", 5, 1, "normal", "2021-01")), date(2024, 1, 1))


def test_the_real_assumptions_can_all_be_read_at_the_first_vintage():
    rows = assumptions()
    early, late = (read_priors(rows, day) for day in (date(2023, 7, 31), date(2026, 11, 22)))
    assert set(late) == set(rows["assumption"])
    # Nobody spoke of substitution before the report named makers: that system begins then.
    # A company's revenue of a year is known when it is reported: before, its shares bound nothing.
    later = {name for name in late if name.startswith(("substitution.", "packaging.revenue_usd."))}
    assert set(early) >= set(late) - later, (
        "an assumption without an early row makes past vintages impossible"
    )
    assert all(np.isfinite([p.loc, p.scale]).all() and p.scale > 0 for p in late.values())
