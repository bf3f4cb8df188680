"""Which draws of the systems are kept for whoever asks about several numbers at once."""

from collections.abc import Sequence

import numpy as np

from models.systems.series import Series, yearly_values

KEPT_PARTS = frozenset(
    (
        *("total", "hbm", "cowos"),
        *("bits", "revenue", "tsv_capacity"),  # suppliers
        *("capacity", "allocation"),  # CoWoS makers and their customers
        *("of_hbm_revenue", "china", "domestic"),
    )
)
"""Parts of series whose draws are kept: totals, what adds up to them, shares. Breakdowns and what
a report states are left out; so are quarters, which would take four times the place."""


def kept_years(series: Sequence[Series]) -> dict[str, np.ndarray]:
    """Years of the series whose draws are kept.

    Parameters
    ----------
    series : sequence of Series

    Returns
    -------
    dict of str to ndarray of float32 (draw, 7)
        By `Series.name`; draw i belongs to draw i of the series, periods as
        `models.vocabulary.periods.YEARS`.
    """
    return {one.name: yearly_values(one) for one in series if one.part in KEPT_PARTS}
