"""The change of variables before sampling: linear, and round for a Gaussian."""

import numpy as np
import pytest

from models.inference.whitening import (
    LEAST_CURVATURE,
    curvature,
    no_whitening,
    stretched,
    unwhiten,
    whitening_from_curvature,
)

SIZE = 12


@pytest.fixture
def gaussian():
    """Precision of a badly scaled Gaussian, flattest direction as flat as is stretched."""
    generator = np.random.default_rng(1)
    vectors, _ = np.linalg.qr(generator.standard_normal((SIZE, SIZE)))
    return vectors @ np.diag(np.geomspace(LEAST_CURVATURE, 1e5, SIZE)) @ vectors.T


def test_curvature_of_a_quadratic_is_its_matrix(gaussian):
    position = np.random.default_rng(2).standard_normal(SIZE)
    found = curvature(lambda x: -gaussian @ (x - 1.0), position)
    np.testing.assert_allclose(found, gaussian, rtol=1e-6, atol=1e-4)


def test_a_whitened_gaussian_is_round(gaussian):
    center = np.arange(SIZE, dtype=float)
    whitening = whitening_from_curvature(gaussian, center)
    linear = unwhiten(np, np.eye(SIZE), whitening) - center
    np.testing.assert_allclose(linear @ gaussian @ linear.T, np.eye(SIZE), atol=1e-7)


def test_flat_and_negative_directions_stretch_only_so_far():
    whitening = whitening_from_curvature(np.diag([-3.0, 0.0, 1e-6, 1.0]), np.zeros(4))
    linear = unwhiten(np, np.eye(4), whitening)
    np.testing.assert_allclose(np.diag(linear), [LEAST_CURVATURE**-0.5] * 3 + [1.0])


def test_colour_takes_leading_axes_and_the_identity_is_one(gaussian):
    whitening = whitening_from_curvature(gaussian, np.ones(SIZE))
    white = np.random.default_rng(3).standard_normal((2, 5, SIZE))
    together = unwhiten(np, white, whitening)
    # A parameter is a sum of products, which may cancel: the rounding is that of the largest of them.
    atol = 1e-12 * np.abs(together).max()
    np.testing.assert_allclose(together[1, 3], unwhiten(np, white[1, 3], whitening), rtol=1e-12, atol=atol)
    np.testing.assert_array_equal(unwhiten(np, white, no_whitening(SIZE)), white)


def test_a_direction_that_is_wider_than_its_curvature_says_is_stretched_half_as_far_in_logs(gaussian):
    whitening = whitening_from_curvature(gaussian, np.arange(SIZE, dtype=float))
    white = np.random.default_rng(4).standard_normal((100_000, SIZE)) * ([8.0] + [1.0] * (SIZE - 1)) + 3.0
    found = stretched(whitening, white)
    before, after = (unwhiten(np, np.eye(SIZE), w) - w["center"] for w in (whitening, found))
    stretch = np.diag([8.0**0.5] + [1.0] * (SIZE - 1))
    # The covariance of what is sampled: the map itself may turn.
    np.testing.assert_allclose(after.T @ after, before.T @ stretch**2 @ before, rtol=0.03, atol=0.02)
    np.testing.assert_allclose(found["center"], unwhiten(np, white, whitening).mean(axis=0), atol=1e-9)
