"""What a figure is about: signed logs of sums of one quantity over quarters.

A point is a weighted sum of one quantity over quarters, shared by all figures that refer to it.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np

from models.chain.equations import MONTHS_PER_QUARTER
from models.evidence.mapping import GROWTH
from models.vocabulary.market import Market
from models.vocabulary.periods import (
    N_ALL,
    Period,
    flow_weights,
    level_index,
    mean_weights,
    preceding_period,
    previous_period,
    quarter_of_day,
)
from models.vocabulary.quantities import is_undated
from models.vocabulary.sums import quantity_named, summands

N_TERMS = 4
N_QUARTERS_PER_POINT = 5


class Points:
    """Collects the distinct sums that figures refer to, of the quantities of a market."""

    def __init__(self, market: Market) -> None:
        self.market = market
        self.index: dict[tuple, int] = {}
        self.rows: list[tuple[int, np.ndarray, np.ndarray]] = []
        self.sums: list[tuple[int, ...]] = []

    def add(self, quantity: str, quarters: np.ndarray, weights: np.ndarray) -> int:
        """Position of the sum of a quantity over quarters with weights, which is added where it is new.

        Parameters
        ----------
        quantity : str
            One of `Market.row_names`, or a sum of some: ``a + b``.
        quarters : ndarray of int (quarter,)
            Positions in the grid.
        weights : ndarray (quarter,)

        Returns
        -------
        int

        Raises
        ------
        ValueError
            More quarters than `N_QUARTERS_PER_POINT`, or a quantity that is no row of the chain.
        """
        if len(quarters) > N_QUARTERS_PER_POINT:
            room = f"at most {N_QUARTERS_PER_POINT} are supported"
            raise ValueError(f"{len(quarters)} quarters of {quantity}; {room}")
        key = (quantity, tuple(quarters.tolist()), tuple(np.round(weights, 9).tolist()))
        if key not in self.index:
            self.index[key] = len(self.rows)
            self.rows.append((self._row(quantity), quarters, weights))
        return self.index[key]

    def _row(self, quantity: str) -> int:
        """Row of a quantity in the chain; that of a sum stands behind them all."""
        names = self.market.row_names
        parts = tuple(sorted(names.index(part) for part in summands(quantity)))
        if len(parts) == 1:
            return parts[0]
        if parts not in self.sums:
            self.sums.append(parts)
        return len(names) + self.sums.index(parts)

    def arrays(self) -> dict[str, np.ndarray]:
        """``point_row`` (point,), ``point_quarter``, ``point_weight`` (point, 5), ``sum_rows`` (sum, row)."""
        row = np.array([r for r, _, _ in self.rows], dtype=np.int64)
        quarter = np.zeros((len(self.rows), N_QUARTERS_PER_POINT), dtype=np.int64)
        weight = np.zeros((len(self.rows), N_QUARTERS_PER_POINT))
        for i, (_, at, w) in enumerate(self.rows):
            quarter[i] = at[0]
            quarter[i, : len(at)], weight[i, : len(w)] = at, w
        sums = np.zeros((len(self.sums), len(self.market.row_names)))
        for i, parts in enumerate(self.sums):
            sums[i, list(parts)] = 1.0
        return {"point_row": row, "point_quarter": quarter, "point_weight": weight, "sum_rows": sums}


def processed_weights(period: Period) -> tuple[np.ndarray, np.ndarray]:
    """Quarters and weights by which a capacity per month at their ends makes what it can process in a period.

    A quarter's is three months of the mean of its end and its beginning, as in
    `models.chain.equations.supply`.
    """
    quarters, part = flow_weights(period)
    half = 0.5 * MONTHS_PER_QUARTER * part
    weights = np.zeros(N_ALL)
    np.add.at(weights, quarters, half)
    np.add.at(weights, np.maximum(quarters - 1, 0), half)
    at = np.flatnonzero(weights)
    return at, weights[at]


def last_quarter_over(day: date) -> int:
    """Position in the grid of the last quarter that was over on a day, the first one at least."""
    return max(0, quarter_of_day(day) - 1)


def terms_of(figure: Mapping[str, Any], period: Period, points: Points) -> list[tuple[int, int]]:
    """Signed points whose logs add up to the figure: (sign, position of the point).

    Parameters
    ----------
    figure : mapping
        Columns ``quantity`` and ``per_quantity`` (the market's, or sums of them), ``aggregation``.
    period : Period
    points : Points
        New points are added.

    Raises
    ------
    ValueError
        A quantity that the chain does not compute, or more terms than the operator has room for.
    """
    terms: list[tuple[int, int]] = []
    per, aggregation, known = figure["per_quantity"], figure["aggregation"], points.market.by_name
    undated = is_undated(quantity_named(figure["quantity"], known), period) and aggregation not in (
        "growth",
        "end",
        "sum",
    )

    def add(name: str, at: Period, sign: int) -> None:
        q = quantity_named(name, known)
        if q.yearly == "ratio":
            add(q.numerator, at, sign)
            add(q.denominator, at, -sign)
            return
        if q.yearly == "sum":
            quarters, weights = flow_weights(at)
        elif aggregation == "sum":
            quarters, weights = processed_weights(at)
        elif undated:
            quarters, weights = mean_weights(at)
        else:
            quarters, weights = np.array([level_index(at)]), np.ones(1)
        terms.append((sign, points.add(name, quarters, weights)))

    add(figure["quantity"], period, 1)
    if per:
        add(per, period, -1)
    if aggregation in GROWTH:
        base = previous_period(period) if aggregation == "growth" else preceding_period(period)
        add(figure["quantity"], base, -1)
        if per:
            add(per, base, 1)
    if len(terms) > N_TERMS:
        raise ValueError(f"a figure with {len(terms)} terms; at most {N_TERMS} are supported")
    return terms
