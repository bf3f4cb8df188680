"""Padding and packing change shapes, never numbers."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from models.chain.drivers import drivers
from models.chain.equations import chain, stacked
from models.inference.from_evidence import problem_from_evidence, shared_operator
from models.inference.observation import log_likelihood, log_points
from models.inference.packing import CAPACITY_STEP, capacity, layout_of, pack, padded, padded_shape, unpack
from models.inference.problem import parameter_shapes, working_values
from models.inference.pymc_model import model_data
from tests.benchmarks.world import DAY, evidence
from tests.market import MARKET
from tests.models.forecast_world import figure
from tests.models.small_problem import (
    ROUNDING_OF_LOGS,
    draws_of_prior,
    every_kind_of_figure,
    one,
    problem,
)

FLOATS = hnp.arrays(np.float64, hnp.array_shapes(max_dims=3, max_side=4), elements=st.floats(-1e9, 1e9))
INTEGERS = hnp.arrays(np.int64, hnp.array_shapes(max_dims=2, max_side=4), elements=st.integers(0, 10_000))


@given(st.dictionaries(st.text("abcdef_", min_size=1, max_size=6), FLOATS | INTEGERS, min_size=1, max_size=6))
def test_packing_is_undone_by_unpacking(data):
    data = {"x_float": np.ones(2), "x_int": np.ones(2, dtype=np.int64)} | data
    packed = pack(data)
    assert packed["floats"].dtype == np.float64
    assert packed["ints"].dtype == np.int32
    found = unpack(packed["floats"], packed["ints"], layout_of(data))
    assert set(found) == set(data)
    for name, values in data.items():
        assert found[name].shape == values.shape
        np.testing.assert_array_equal(found[name], values)


@given(st.integers(1, 5000), st.sampled_from(sorted(CAPACITY_STEP)))
def test_capacity_is_the_next_whole_step(n, dimension):
    found = capacity(n, dimension)
    assert found % CAPACITY_STEP[dimension] == 0
    assert n <= found < n + CAPACITY_STEP[dimension]


def likelihood(data, raw, fixed):
    theta = working_values(raw, data)
    obs = {k.removeprefix("obs_"): v for k, v in data.items() if k.startswith("obs_")}
    points = log_points(np, stacked(np, chain(np, drivers(np, theta, fixed, MARKET), MARKET), MARKET), obs)
    return log_likelihood(np, points, theta, obs)


@settings(max_examples=15)
@given(st.integers(1, 18), st.integers(0, 2**32 - 1))
def test_padding_changes_no_figures_likelihood(n, seed):
    """Whatever the number of figures; padded ones have no weight and no numbers that could poison the sum."""
    of = problem(every_kind_of_figure()[:n])
    raw = one(draws_of_prior(of, 1, seed), 0)
    data = of.data()
    wide = padded(data)
    padded_raw = {
        k: np.pad(v, [(0, p - s) for p, s in zip(padded_shape(k, v.shape), v.shape, strict=True)])
        for k, v in raw.items()
    }
    expected = likelihood(data, raw, of.fixed)
    found = likelihood(wide, padded_raw, of.fixed)
    assert len(found) == capacity(n, "figure")
    np.testing.assert_allclose(found[:n], expected, rtol=1e-12, atol=ROUNDING_OF_LOGS)
    assert np.isfinite(found).all(), "a padded figure's likelihood times its weight of zero must be zero"
    np.testing.assert_array_equal(wide["weight"][n:], 0.0)
    whole = (data["weight"] * expected).sum()
    assert (wide["weight"] * found).sum() == pytest.approx(whole, rel=1e-12, abs=n * ROUNDING_OF_LOGS)


def test_padded_error_terms_do_nothing():
    of = problem()
    wide = padded(of.data())
    for name in ("definition_offset", "publisher_bias", "street_target", "street_time"):
        size = parameter_shapes(of.operator, MARKET)[name][0]
        assert len(wide[f"scale_{name}"]) == capacity(
            size, {"definition_offset": "definition", "publisher_bias": "publisher"}.get(name, name)
        )
        np.testing.assert_array_equal(wide[f"scale_{name}"][size:], 0.0)
        np.testing.assert_array_equal(wide[f"loc_{name}"][size:], 0.0)


def test_padding_leaves_its_input_alone():
    data = problem().data()
    before = {k: v.copy() for k, v in data.items()}
    padded(data)
    for name, values in before.items():
        np.testing.assert_array_equal(data[name], values)


def test_a_few_more_figures_and_another_date_fit_the_same_compiled_model():
    few = problem()
    new = figure("new", 2e10, publisher="New House", period="2027", published_on="2025-07-01")
    more = problem([*every_kind_of_figure(), new], as_of=date(2026, 1, 1))
    assert layout_of(padded(few.data())) == layout_of(padded(more.data()))


def test_vintages_of_the_committed_evidence_take_one_compiled_model():
    """The same figures, whatever a vintage makes of them: arrays of the same shapes."""
    known = evidence()
    operator = shared_operator(known, DAY)
    days = (date(2023, 8, 31), date(2023, 11, 30), date(2025, 8, 31))
    problems = (problem_from_evidence(known, day, operator) for day in days)
    first, *others = ({name: v.shape for name, v in model_data(of).items()} for of in problems)
    for other in others:
        assert other == first
