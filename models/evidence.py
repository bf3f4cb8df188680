"""Published figures stacked into one observation operator.

Every figure becomes ``y = sum_j sign_j log(point_j)`` plus errors, where a point is a weighted sum of one
quantity over quarters. Points are shared between figures, so the operator is two small gathers and no dense
matrix. What depends on the date of the vintage is only a weight per figure (`vintage_weights`).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from models.chain import ROW_NAMES
from models.periods import (
    Period,
    PeriodError,
    effective_date,
    flow_weights,
    horizon_years,
    level_index,
    mean_weights,
    parse_period,
    preceding_period,
    previous_period,
)
from models.quantities import BY_NAME, Quantity

N_TERMS = 4
N_QUARTERS_PER_POINT = 5
KINDS = ("actual", "estimate", "forecast", "guidance", "assumption", "spec")
TOPICS = ("server", "ai_server", "accelerator", "hbm", "dram", "cowos")
OBSERVATION_COLUMNS = (
    "figure_id",
    "origin_id",
    "publisher",
    "quantity",
    "per_quantity",
    "aggregation",
    "period",
    "end",
    "start",
    "kind",
    "definition",
    "known_on",
    "topic",
    "terms",
    "y",
    "half_width",
    "censored",
    "horizon",
    "is_logit",
    "is_undated",
    "street_target",
    "street_time",
    "biased_by",
)
PUBLISHER_MINIMUM = 3
"""Publishers with fewer usable figures, results aside, get no bias of their own: their error is noise."""


@dataclass
class Operator:
    """Figures as arrays; figure i is row i of `figures`.

    Attributes
    ----------
    figures : DataFrame
        Used figures with ``figure_id, quantity, period, known_on`` and the keys of the vintage rules.
    unused : DataFrame
        ``figure_id, reason`` of the figures that could not be turned into an observation.
    arrays : dict of ndarray
        ``point_row`` (point,), ``point_quarter`` and ``point_weight`` (point, 5), ``term_point`` and
        ``term_sign`` (figure, 4), ``y, half_width, horizon`` (figure,), ``is_logit, is_undated`` (figure,),
        ``censored`` (figure,) in {-1: "under", 0, +1: "over"}, and the index of each figure into
        kinds, topics, definitions, publishers and street cells.
    definitions, publishers, street_targets, street_times : list
        Labels of the pooled error terms; index 0 of definitions and publishers means none.
    """

    figures: pd.DataFrame
    unused: pd.DataFrame
    arrays: dict[str, np.ndarray]
    definitions: list[str]
    publishers: list[str]
    street_targets: list[str]
    street_times: list[str]
    counts: dict[str, int] = field(default_factory=dict)


class _Points:
    """Collects the distinct (quantity, quarters) sums that figures refer to."""

    def __init__(self) -> None:
        self.index: dict[tuple, int] = {}
        self.rows: list[tuple[int, np.ndarray, np.ndarray]] = []

    def add(self, quantity: str, quarters: np.ndarray, weights: np.ndarray) -> int:
        key = (quantity, tuple(quarters.tolist()), tuple(np.round(weights, 9).tolist()))
        if key not in self.index:
            self.index[key] = len(self.rows)
            self.rows.append((ROW_NAMES.index(quantity), quarters, weights))
        return self.index[key]

    def arrays(self) -> dict[str, np.ndarray]:
        row = np.array([r for r, _, _ in self.rows], dtype=np.int64)
        quarter = np.zeros((len(self.rows), N_QUARTERS_PER_POINT), dtype=np.int64)
        weight = np.zeros((len(self.rows), N_QUARTERS_PER_POINT))
        for i, (_, at, w) in enumerate(self.rows):
            quarter[i] = at[0]
            quarter[i, : len(at)], weight[i, : len(w)] = at, w
        return {"point_row": row, "point_quarter": quarter, "point_weight": weight}


def build_operator(figures: pd.DataFrame, as_of: date | None = None) -> Operator:
    """Stack resolved figures into one operator.

    Parameters
    ----------
    figures : DataFrame
        Columns ``figure_id, origin_id, publisher, quantity, per_quantity, aggregation, scale, definition,
        period, fiscal_year_end_month, value, low, high`` (base units), ``kind, published_on,
        published_precision``; only rows that map to a quantity.
    as_of : date, optional
        Rows published later are left out altogether.

    Returns
    -------
    Operator
    """
    points = _Points()
    rows, unused = [], []
    for figure in figures.itertuples(index=False):
        known = effective_date(str(figure.published_on), str(figure.published_precision))
        if as_of is not None and known > as_of:
            continue
        try:
            rows.append(_observation(figure, known, points))
        except (PeriodError, ValueError) as error:
            unused.append({"figure_id": figure.figure_id, "reason": str(error)})
    table = pd.DataFrame(rows, columns=list(rows[0]) if rows else OBSERVATION_COLUMNS)
    return _stacked(table, pd.DataFrame(unused, columns=["figure_id", "reason"]), points)


def _observation(figure: Any, known: date, points: _Points) -> dict:
    """Read one figure: its terms, its value on the working scale and the keys of its error terms."""
    end_month = None if pd.isna(figure.fiscal_year_end_month) else int(figure.fiscal_year_end_month)
    period = parse_period(str(figure.period), end_month)
    quantity = BY_NAME.get(figure.quantity)
    if quantity is None:
        raise ValueError(f"quantity {figure.quantity!r} is not computed by the chain")
    undated = _is_undated(quantity, period)
    terms = _terms(figure, period, points, undated)
    y, half_width, censored = _working_value(figure)
    middle = _middle_date(str(figure.published_on), str(figure.published_precision))
    horizon = horizon_years(middle, period) if figure.kind != "actual" else 0.0
    # Prices, bits and revenues of one market and year are misjudged together; a share errs on its own.
    market = figure.quantity if quantity.unit == "fraction" else quantity.topic
    return {
        "figure_id": figure.figure_id,
        "origin_id": figure.origin_id,
        "publisher": figure.publisher,
        "quantity": figure.quantity,
        "per_quantity": figure.per_quantity or "",
        "aggregation": figure.aggregation,
        "period": str(figure.period),
        "end": period.end,
        "start": period.start,
        "kind": figure.kind,
        "definition": figure.definition or "",
        "known_on": known,
        "topic": quantity.topic,
        "terms": terms,
        "y": y,
        "half_width": half_width,
        "censored": censored,
        "horizon": horizon,
        "is_logit": figure.scale == "logit",
        "is_undated": undated,
        "street_target": f"{market}:{period.end_date.year}" if horizon > 0 else "",
        # What is reported of a quarter that is over defines the quantity: nobody's habit stands in between.
        "biased_by": "" if figure.kind == "actual" else figure.publisher,
        "street_time": f"{quantity.topic}:{middle.year}H{1 + (middle.month > 6)}" if horizon > 0 else "",
    }


def _is_undated(quantity: Quantity, period: Period) -> bool:
    """Say whether a level is given for a span without a date ("capacity in 2025")."""
    level = quantity.yearly == "end" or (
        quantity.yearly == "ratio" and BY_NAME[quantity.numerator].yearly == "end"
    )
    return level and period.kind not in ("month", "quarter", "fiscal_quarter")


def _terms(figure: Any, period: Period, points: _Points, undated: bool) -> list[tuple[int, int]]:
    """Signed points whose logs add up to the figure."""
    terms: list[tuple[int, int]] = []

    def add(name: str, at: Period, sign: int) -> None:
        q = BY_NAME.get(name)
        if q is None:
            raise ValueError(f"quantity {name!r} is not computed by the chain")
        if q.yearly == "ratio":
            add(q.numerator, at, sign)
            add(q.denominator, at, -sign)
        elif q.yearly == "sum":
            terms.append((sign, points.add(name, *flow_weights(at))))
        elif undated and figure.aggregation not in ("growth", "end"):
            terms.append((sign, points.add(name, *mean_weights(at))))
        else:
            terms.append((sign, points.add(name, np.array([level_index(at)]), np.ones(1))))

    add(figure.quantity, period, 1)
    if figure.per_quantity:
        add(figure.per_quantity, period, -1)
    if figure.aggregation in ("growth", "sequential_growth"):
        base = previous_period(period) if figure.aggregation == "growth" else preceding_period(period)
        add(figure.quantity, base, -1)
        if figure.per_quantity:
            add(figure.per_quantity, base, 1)
    if len(terms) > N_TERMS:
        raise ValueError(f"a figure with {len(terms)} terms; at most {N_TERMS} are supported")
    return terms


def _working_value(figure: Any) -> tuple[float, float, int]:
    """Value, half-width and censoring of a figure on its working scale.

    A growth rate g becomes log(1 + g).
    """
    shift = 1.0 if figure.aggregation in ("growth", "sequential_growth") else 0.0

    def working(x: float) -> float:
        x = float(x) + shift
        if x <= 0 or (figure.scale == "logit" and x >= 1):
            raise ValueError(f"value {x - shift:g} can't be taken to the {figure.scale} scale")
        return float(np.log(x / (1 - x))) if figure.scale == "logit" else float(np.log(x))

    has_value, has_low, has_high = (not pd.isna(v) for v in (figure.value, figure.low, figure.high))
    if has_low and has_high:
        low, high = working(figure.low), working(figure.high)
        return (working(figure.value) if has_value else (low + high) / 2), (high - low) / 2, 0
    if has_value:
        return working(figure.value), 0.0, 0
    if has_low:
        return working(figure.low), 0.0, 1
    if has_high:
        return working(figure.high), 0.0, -1
    raise ValueError("neither value, low nor high is given")


def _middle_date(published_on: str, precision: str) -> date:
    """Middle of the span in which a publication may have appeared: its horizon counts from there.

    Visibility counts from the end of the span, so that nothing is seen early.
    """
    end = effective_date(published_on, precision)
    return end - timedelta(days={"day": 0, "month": 15, "year": 183}[precision])


def _stacked(table: pd.DataFrame, unused: pd.DataFrame, points: _Points) -> Operator:
    n = len(table)
    # Absent terms have the sign zero, whatever the point.
    term_point = np.zeros((n, N_TERMS), dtype=np.int64)
    term_sign = np.zeros((n, N_TERMS))
    for i, terms in enumerate(table.get("terms", [])):
        for j, (sign, point) in enumerate(terms):
            term_point[i, j], term_sign[i, j] = point, sign
    definitions = ["", *sorted(set(table["definition"]) - {""})]
    counted = table.loc[table["biased_by"] != "", "biased_by"].value_counts()
    publishers = ["", *sorted(counted.index[counted >= PUBLISHER_MINIMUM])]
    targets = ["", *sorted(set(table["street_target"]) - {""})]
    times = ["", *sorted(set(table["street_time"]) - {""})]

    def index(labels: list[str], values: Iterable[str]) -> np.ndarray:
        position = {label: i for i, label in enumerate(labels)}
        return np.array([position.get(v, 0) for v in values], dtype=np.int64)

    arrays = {
        **points.arrays(),
        "term_point": term_point,
        "term_sign": term_sign,
        **{
            name: table[name].to_numpy(float)
            for name in ("y", "half_width", "horizon", "is_logit", "is_undated", "censored")
        },
        "kind": index(list(KINDS), table["kind"]),
        "topic": index(list(TOPICS), table["topic"]),
        "definition": index(definitions, table["definition"]),
        "publisher": index(publishers, table["biased_by"]),
        "street_target": index(targets, table["street_target"]),
        "street_time": index(times, table["street_time"]),
    }
    return Operator(
        table.drop(columns="terms"),
        unused,
        arrays,
        definitions,
        publishers,
        targets,
        times,
        {"figures": n, "points": len(points.rows)},
    )


def vintage_weights(figures: pd.DataFrame, as_of: date, withhold: frozenset[str] = frozenset()) -> np.ndarray:
    """Weight of each figure in the vintage of a date.

    Zero for what was not published yet, for what the same publisher replaced since by a newer figure for the
    same target, and for `withhold` (publishers left out by a cross-validation). Figures that repeat one
    origin, or that one publisher gave side by side for one target, share a weight of one.

    Parameters
    ----------
    figures : DataFrame
        `Operator.figures`.
    as_of : date
    withhold : frozenset of str
        Publishers to leave out.

    Returns
    -------
    ndarray (figure,)
    """
    weight = np.zeros(len(figures))
    seen = figures[(figures["known_on"] <= as_of) & ~figures["publisher"].isin(withhold)].copy()
    if seen.empty:
        return weight
    target = ["quantity", "per_quantity", "aggregation", "start", "end", "definition"]
    newest = seen.groupby(["publisher", *target])["known_on"].transform("max")
    seen = seen[seen["known_on"] == newest]
    # One origin for one target is one observation, however many pages repeat it; so is a publisher's target.
    copies = seen.groupby(["origin_id", *target])["figure_id"].transform("count")
    beside = seen.groupby(["publisher", *target])["figure_id"].transform("count")
    weight[figures.index.get_indexer(seen.index)] = 1.0 / np.maximum(copies, beside)
    return weight
