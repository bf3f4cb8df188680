"""What a vendor's unknown share is worth over the years."""

import numpy as np

from models.systems.reconcile import share_covariance

SD = 0.3


def test_an_unknown_share_has_an_unknown_trend():
    """The growth of a vendor's figures is uncertain by 0.4 of its share's own spread a year."""
    ago = np.array([-2.0, -1.0, 0.0, 1.0, 2.0])
    sd, year = np.full(5, SD), 2024 + ago
    covariance = share_covariance(np.full(5, "a"), sd, year, ago)
    variance = np.diag(covariance)
    assert variance[2] < variance[1] < variance[0]
    # Figures before and after the year of the evidence err less together than those of one side.
    assert covariance[0, 4] < covariance[0, 2] < covariance[0, 1]
    # Of a growth, what each year has of its own falls away over the years; the trend stays.
    own_of_years = 2 * 0.5**2 * SD**2
    growth = np.array([-1.0, 0.0, 0.0, 0.0, 1.0])
    a_year = np.sqrt(growth @ covariance @ growth - own_of_years) / 4
    np.testing.assert_allclose(a_year, 0.4 * SD)
