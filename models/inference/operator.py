"""Published figures stacked into one observation operator.

Every figure becomes ``y = sum_j sign_j log(point_j)`` plus errors, where a point is a weighted sum of one
quantity over quarters. Points are shared between figures, so the operator is two small gathers and no dense
matrix. What depends on the date of the vintage is only a weight per figure (`vintage_weights`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from models.evidence.known import known_by, known_figures
from models.evidence.readings import FORESIGHT, foresight_group, read_figure
from models.inference.terms import N_TERMS, Points, last_quarter_over, terms_of
from models.vocabulary.market import Market
from models.vocabulary.periods import N_ALL
from models.vocabulary.quantities import is_level
from models.vocabulary.rows import records
from models.vocabulary.sums import quantity_named

KINDS = ("actual", "estimate", "forecast", "guidance", "assumption", "spec")
TOPICS = ("server", "ai_server", "accelerator", "hbm", "dram", "cowos")
COMPONENTS = {
    "server": "server_shipments",
    "ai": "hbm_server_penetration",
    "hbm_price": "hbm_base_price_usd_per_gb",
    "dram_revenue": "dram_revenue_ex_hbm_usd",
    "dram_bits": "dram_bits_ex_hbm_gb",
    "hbm_capacity": "hbm_tsv_capacity_wafers_per_month",
    "cowos_capacity": "cowos_capacity_tsmc_wafers_per_month",
}
"""Drivers that forecasters misjudge together: their error of a revenue is that of bits plus that of price."""
MISJUDGED = {
    "server": ("server",),
    "ai_server": ("server", "ai"),
    "accelerator": ("server", "ai"),
    "hbm": ("ai", "hbm_price", "hbm_capacity"),
    "dram": ("dram_revenue", "dram_bits", "hbm_price", "ai"),
    "cowos": ("ai", "cowos_capacity"),
}
"""Topic to the components whose shared error its figures carry."""
READ = ("y", "half_width", "horizon", "is_logit", "is_undated", "censored")
"""Columns that `models.evidence.readings.read_figure` gives."""
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
    "foresight",
    "terms",
    *READ,
    "is_quarter",
    "last_known",
    "misjudged_year",
    "misjudged_half",
    "biased_by",
)
TARGET = ("quantity", "per_quantity", "aggregation", "start", "end", "definition")
"""Columns that say what a figure is about."""
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
        ``point_row`` (point,), ``point_quarter`` and ``point_weight`` (point, 5), ``sum_rows``
        (sum, row) ones where a row of the chain is part of a sum, whose row is the chain's last and on,
        ``term_point`` and
        ``term_sign`` (figure, 4), ``last_known`` (figure,) last quarter over when it was published,
        ``y, half_width, horizon`` (figure,), ``is_logit, is_undated`` (figure,), ``censored`` (figure,) in
        {-1: "under", 0, +1: "over"}, and the index of each figure into kinds, topics, foresight,
        definitions, publishers and street cells.
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


def build_operator(figures: pd.DataFrame, market: Market, as_of: date | None = None) -> Operator:
    """Stack resolved figures into one operator.

    Parameters
    ----------
    figures : DataFrame
        Columns ``figure_id, origin_id, publisher, quantity, per_quantity, aggregation, scale, definition,
        period, fiscal_year_end_month, value, low, high`` (base units), ``kind, published_on,
        published_precision``; only rows that map to a quantity.
    market : Market
        Whose quantities the figures are about.
    as_of : date, optional
        Rows published later are left out altogether.

    Returns
    -------
    Operator
    """
    points = Points(market)
    rows, unused = [], []
    visible = figures if as_of is None else known_figures(figures, as_of)
    for figure in records(visible):
        try:
            rows.append(_observation(figure, points))
        except ValueError as error:
            unused.append({"figure_id": figure["figure_id"], "reason": str(error)})
    table = pd.DataFrame(rows, columns=list(rows[0]) if rows else OBSERVATION_COLUMNS)
    return _stacked(table, pd.DataFrame(unused, columns=["figure_id", "reason"]), points)


def _observation(figure: Mapping[str, Any], points: Points) -> dict:
    """Read one figure: its terms, its value on the working scale and the keys of its error terms."""
    quantity = quantity_named(figure["quantity"], points.market.by_name)
    reading = read_figure(figure)
    period, middle = reading.period, reading.middle_on
    terms = terms_of(figure, period, points)
    is_ahead = reading.horizon > 0
    return {
        **{column: figure[column] for column in ("figure_id", "origin_id", "publisher", "quantity")},
        "per_quantity": figure["per_quantity"] or "",
        "aggregation": figure["aggregation"],
        "period": str(figure["period"]),
        "end": period.end,
        "start": period.start,
        "kind": figure["kind"],
        "definition": figure["definition"] or "",
        "known_on": reading.known_on,
        "topic": quantity.topic,
        "foresight": foresight_group(quantity),
        "terms": terms,
        **{name: getattr(reading, name) for name in READ},
        # DRAM's revenue keeps its quarters: its path is not smooth.
        "is_quarter": period.n_months <= 3
        and not is_level(quantity)
        and not quantity.name.startswith("dram_revenue"),
        "last_known": last_quarter_over(middle) if is_ahead else N_ALL - 1,
        "misjudged_year": str(period.end_date.year) if is_ahead else "",
        # What is reported of a quarter that is over defines the quantity: nobody's habit stands in between.
        "biased_by": "" if figure["kind"] == "actual" else figure["publisher"],
        "misjudged_half": f"{middle.year}H{1 + (middle.month > 6)}" if is_ahead else "",
    }


def _cells(table: pd.DataFrame, column: str) -> list[list[str]]:
    """Name the cell of the street's error of each figure and component: 'ai:2026', 'hbm_price:2025H2'."""
    return [
        [f"{c}:{label}" if label and c in MISJUDGED[topic] else "" for c in COMPONENTS]
        for label, topic in zip(table[column], table["topic"], strict=True)
    ]


def _stacked(table: pd.DataFrame, unused: pd.DataFrame, points: Points) -> Operator:
    n = len(table)
    # Absent terms have the sign zero, whatever the point.
    term_point = np.zeros((n, N_TERMS), dtype=np.int64)
    term_sign = np.zeros((n, N_TERMS))
    for i, terms in enumerate(table["terms"]):
        for j, (sign, point) in enumerate(terms):
            term_point[i, j], term_sign[i, j] = point, sign
    definitions = ["", *sorted(set(table["definition"]) - {""})]
    counted = table.loc[table["biased_by"] != "", "biased_by"].value_counts()
    publishers = ["", *sorted(counted.index[counted >= PUBLISHER_MINIMUM])]
    of_year, of_half = (_cells(table, column) for column in ("misjudged_year", "misjudged_half"))
    targets, times = (["", *sorted({c for row in cells for c in row} - {""})] for cells in (of_year, of_half))

    def index(labels: list[str], values: Iterable[str]) -> np.ndarray:
        position = {label: i for i, label in enumerate(labels)}
        if "" not in position and (unknown := sorted(set(values) - set(labels))):
            raise ValueError(f"figures of {', '.join(unknown)}; the model knows {', '.join(labels)}")
        # Of publishers and the like the first is none: what is too rare for a term of its own.
        return np.array([position.get(v, 0) for v in values], dtype=np.int64)

    arrays = {
        **points.arrays(),
        "term_point": term_point,
        "term_sign": term_sign,
        **{name: table[name].to_numpy(float) for name in READ},
        "kind": index(list(KINDS), table["kind"]),
        "topic": index(list(TOPICS), table["topic"]),
        "foresight": index(list(FORESIGHT), table["foresight"]),
        "definition": index(definitions, table["definition"]),
        "publisher": index(publishers, table["biased_by"]),
        "last_known": table["last_known"].to_numpy(np.int64),
        "is_quarter": table["is_quarter"].to_numpy(float),
        # A column a component.
        "street_target": index(targets, np.ravel(of_year)).reshape(n, len(COMPONENTS)),
        "street_time": index(times, np.ravel(of_half)).reshape(n, len(COMPONENTS)),
    }
    return Operator(
        table.drop(columns=["terms"]),
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
    seen = known_by(figures[~figures["publisher"].isin(withhold)], as_of, "known_on")
    if seen.empty:
        return weight
    target = list(TARGET)
    newest = seen.groupby(["publisher", *target])["known_on"].transform("max")
    seen = seen[seen["known_on"] == newest]
    # One origin for one target is one observation, however many pages repeat it; so is a publisher's target.
    copies = seen.groupby(["origin_id", *target])["figure_id"].transform("count")
    beside = seen.groupby(["publisher", *target])["figure_id"].transform("count")
    weight[figures.index.get_indexer(seen.index)] = 1.0 / np.maximum(copies, beside)
    return weight
