"""What a figure is about: signed logs of sums of one quantity over quarters.

A point is a weighted sum of one quantity over quarters, shared by all figures that refer to it.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np

from models.evidence.mapping import GROWTH
from models.vocabulary.market import Market
from models.vocabulary.periods import (
    Period,
    flow_weights,
    level_index,
    mean_weights,
    preceding_period,
    previous_period,
    quarter_of_day,
)
from models.vocabulary.quantities import is_undated

N_TERMS = 4
N_QUARTERS_PER_POINT = 5


class Points:
    """Collects the distinct sums that figures refer to, of the quantities of a market."""

    def __init__(self, market: Market) -> None:
        self.market = market
        self.index: dict[tuple, int] = {}
        self.rows: list[tuple[int, np.ndarray, np.ndarray]] = []

    def add(self, quantity: str, quarters: np.ndarray, weights: np.ndarray) -> int:
        """Position of the sum of a quantity over quarters with weights."""
        key = (quantity, tuple(quarters.tolist()), tuple(np.round(weights, 9).tolist()))
        if key not in self.index:
            self.index[key] = len(self.rows)
            self.rows.append((self.market.row_names.index(quantity), quarters, weights))
        return self.index[key]

    def arrays(self) -> dict[str, np.ndarray]:
        """``point_row`` (point,), ``point_quarter`` and ``point_weight`` (point, 5)."""
        row = np.array([r for r, _, _ in self.rows], dtype=np.int64)
        quarter = np.zeros((len(self.rows), N_QUARTERS_PER_POINT), dtype=np.int64)
        weight = np.zeros((len(self.rows), N_QUARTERS_PER_POINT))
        for i, (_, at, w) in enumerate(self.rows):
            quarter[i] = at[0]
            quarter[i, : len(at)], weight[i, : len(w)] = at, w
        return {"point_row": row, "point_quarter": quarter, "point_weight": weight}


def last_quarter_over(day: date) -> int:
    """Position in the grid of the last quarter that was over on a day, the first one at least."""
    return max(0, quarter_of_day(day) - 1)


def terms_of(figure: Mapping[str, Any], period: Period, points: Points) -> list[tuple[int, int]]:
    """Signed points whose logs add up to the figure: (sign, position of the point).

    Parameters
    ----------
    figure : mapping
        Columns ``quantity`` (one of the market's), ``per_quantity, aggregation``.
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
    undated = is_undated(known[figure["quantity"]], period) and aggregation not in ("growth", "end")

    def add(name: str, at: Period, sign: int) -> None:
        q = known.get(name)
        if q is None:
            raise ValueError(f"quantity {name!r} is not computed by the chain")
        if q.yearly == "ratio":
            add(q.numerator, at, sign)
            add(q.denominator, at, -sign)
            return
        if q.yearly == "sum":
            quarters, weights = flow_weights(at)
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
