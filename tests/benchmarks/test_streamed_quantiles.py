"""Streamed quantiles against NumPy's, on what breaks shortcuts: constants, zeros, heavy tails."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from models.draws.quantiles import LEVELS, exact_quantiles
from tests.benchmarks.streamed_quantiles import (
    BINS,
    NINE_LEVELS,
    add,
    new_histograms,
    quantiles,
    stream_quantiles,
)

SHARES = np.array(NINE_LEVELS) / 1000
LARGEST = float(np.float32(1e30))
FLOATS = st.floats(-LARGEST, LARGEST, width=32, allow_subnormal=False)
SERIES = hnp.arrays(np.float32, st.integers(1, 400), elements=FLOATS)


def stream(series: np.ndarray, chunk: int) -> tuple[np.ndarray, np.ndarray]:
    histograms = new_histograms(len(series))
    for start in range(0, series.shape[1], chunk):
        add(histograms, 0, series[:, start : start + chunk])
    return quantiles(histograms, NINE_LEVELS)


@settings(max_examples=100)
@given(SERIES, st.integers(1, 150))
def test_streamed_quantiles_stay_within_their_bound(values, chunk):
    found, bound = stream(values[None, :], chunk)
    assert (np.abs(found[:, 0] - np.quantile(values.astype(float), SHARES)) <= bound[:, 0]).all()
    assert (np.diff(found[:, 0]) >= 0).all()


@settings(max_examples=40)
@given(SERIES, st.integers(1, 60), st.randoms(use_true_random=False))
def test_streamed_quantiles_do_not_depend_on_order_or_chunks(values, chunk, random):
    shuffled = values.copy()
    random.shuffle(shuffled)
    np.testing.assert_array_equal(
        stream(values[None, :], len(values))[0], stream(shuffled[None, :], chunk)[0]
    )


def test_streamed_error_is_far_below_the_bound_for_the_shapes_of_the_chain():
    generator = np.random.default_rng(3)
    n = 200_000
    series = np.exp(generator.standard_normal((3, n)) * np.array([[0.05], [0.3], [1.5]]) + 20).astype(
        np.float32
    )
    found, bound = stream(series, 1024)
    expected = np.quantile(series.astype(float), SHARES, axis=1)
    spread = expected[-1] - expected[0]
    assert (bound <= 0.02 * found).all()
    assert (np.abs(found - expected) < 5e-4 * spread).all()


def test_constants_zeros_and_mixtures_are_safe():
    generator = np.random.default_rng(4)
    n = 50_000
    some_zeros = np.where(generator.random(n) < 0.3, 0.0, np.exp(generator.standard_normal(n)))
    series = np.stack([np.zeros(n), np.full(n, 7.3), some_zeros, np.full(n, -2.5)]).astype(np.float32)
    found, _ = stream(series, 1000)
    np.testing.assert_array_equal(found[:, 0], 0.0)
    np.testing.assert_allclose(found[:, 1], np.float32(7.3), rtol=1e-7)
    np.testing.assert_array_equal(found[:4, 2], 0.0)
    np.testing.assert_allclose(found[:, 2], np.quantile(series[2], SHARES), rtol=5e-3)
    np.testing.assert_array_equal(found[:, 3], -2.5)


def test_heavy_tails_lose_no_value():
    values = np.random.default_rng(5).standard_cauchy((1, 100_000)).astype(np.float32)
    histograms = new_histograms(1)
    for start in range(0, values.shape[1], 500):
        add(histograms, 0, values[:, start : start + 500])
    assert histograms.counts.sum() + histograms.zeros.sum() == values.size
    assert histograms.counts.shape == (1, BINS)


def test_not_a_number_is_not_hidden():
    values = np.ones((2, 100), np.float32)
    values[1, 50] = np.nan
    found, _ = stream(values, 10)
    assert np.isfinite(found[:, 0]).all()
    assert np.isnan(found[:, 1]).all()


def test_streaming_blocks_gives_the_quantiles_of_all_draws():
    draws = {
        name: np.random.default_rng(i).lognormal(3, 0.4, (3000, 5)).astype(np.float32)
        for i, name in enumerate("ab")
    }
    blocks = [{name: values[at : at + 700] for name, values in draws.items()} for at in range(0, 3000, 700)]
    found, bound = stream_quantiles(blocks, LEVELS, slice(2, None))
    for name, values in draws.items():
        assert found[name].shape == (len(LEVELS), 3)
        assert (np.abs(found[name] - exact_quantiles(values[:, 2:])) <= bound[name]).all()


def test_no_blocks_is_an_error():
    with pytest.raises(ValueError, match="no blocks"):
        stream_quantiles([])
