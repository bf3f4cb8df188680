"""Published figures as points on a chart, and as the table that says what became of each."""

from collections.abc import Iterable, Mapping
from statistics import NormalDist
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from dashboards.labels import display_unit, number, quantity_unit, words
from models.evidence.mapping import resolve
from models.vocabulary.periods import FIRST_YEAR, YEARS, PeriodError, parse_period
from models.vocabulary.rows import records
from models.vocabulary.units import VALUE_COLUMNS, to_metric_units

if TYPE_CHECKING:
    from dashboards.frames import ReportFrames

EVIDENCE_COLUMNS: Final = (
    "figure_id", "quantity", "metric", "entity", "segment", "period", "fiscal_year_end_month", "value", "low",
    "high", "unit", "kind", "aggregation", "per_quantity", "definition", "publisher", "relayed_by", "title",
    "url", "published_on", "known_on", "used", "reason", "printed", "note",
)  # fmt: skip
"""Columns the plots and tables read; values are in the quantity's own unit. ``published_on`` is as printed,
``known_on`` (YYYY-MM-DD) the day from which a vintage sees the figure."""

YEAR_SPREAD: Final = 0.76
QUARTER_SPREAD: Final = 0.2
"""Widths, in years, over which the points of one year or one quarter are spread."""
LEVEL_AGGREGATIONS: Final = ("sum", "end", "mean")
GROWTH_AGGREGATIONS: Final = ("growth", "sequential_growth")
NOT_DRAWN_GROWTH = "a growth rate"
NOT_DRAWN_RATIO = "a ratio to another quantity"
NOT_DRAWN_PERIOD = "period off the chart"
NOT_DRAWN_VALUE = "no number in this unit"


def gather(
    figures: pd.DataFrame,
    metrics: pd.DataFrame,
    exchange_rates: pd.DataFrame,
    fit: pd.DataFrame,
    quantities: pd.DataFrame,
) -> pd.DataFrame:
    """Put together what is known about each figure a run could see.

    Parameters
    ----------
    figures : pandas.DataFrame
        Figures with their sources, as the view `figures_current` has them; only those the run could see.
    metrics : pandas.DataFrame
        Mapping rules.
    exchange_rates : pandas.DataFrame
    fit : pandas.DataFrame
        The run's ``figure_id, used, reason``.
    quantities : pandas.DataFrame
        The published ``quantity, numerator, denominator``.

    Returns
    -------
    pandas.DataFrame
        `EVIDENCE_COLUMNS`, values in the unit of the metric's rule. A figure about the ratio of two
        quantities counts as one about the ratio's own name, where it has one.
    """
    resolved = to_metric_units(resolve(figures, metrics), exchange_rates)
    own = fit.drop_duplicates("figure_id").set_index("figure_id")
    pairs = list(zip(resolved["quantity"], resolved["per_quantity"], strict=True))
    parts = quantities.loc[quantities["numerator"] != "", ["numerator", "denominator", "quantity"]]
    ratios = {(above, below): name for above, below, name in parts.itertuples(index=False)}
    ratio = pd.Series([ratios.get(pair, "") for pair in pairs], index=resolved.index, dtype=object)
    seen = resolved["figure_id"].isin(own.index)
    reason = resolved["figure_id"].map(own["reason"]).where(seen, resolved["unmapped_reason"])
    out = resolved.assign(
        quantity=resolved["quantity"].mask(ratio.ne(""), ratio),
        per_quantity=resolved["per_quantity"].mask(ratio.ne(""), ""),
        used=resolved["figure_id"].map(own["used"]).fillna(False).astype(bool),
        reason=reason.map(_text),
        printed=resolved["figure_id"].map({row["figure_id"]: printed(row) for row in records(figures)}),
        note=resolved["note"].map(_text) if "note" in resolved else "",
        known_on=resolved["effective_published_on"].astype(str).str[:10],
    )
    return out[list(EVIDENCE_COLUMNS)].reset_index(drop=True)


def printed(row: "pd.Series | Mapping[str, Any]") -> str:
    """Write a figure as its row has it, before any conversion: '17 tn KRW', 'at least 3 GB', '23 %'."""
    is_fraction = _text(row["unit"]) == "fraction"
    value, low, high = (_size(row.get(name), 100 if is_fraction else 1) for name in VALUE_COLUMNS)
    unit = "%" if is_fraction else _text(row["unit"]).replace("_", " ")
    return f"{value_and_range(value, low, high)} {unit}"


def value_and_range(value: str, low: str, high: str) -> str:
    """Say a number with its range, or a range or bound alone; each is '' where it was not said.

    Parameters
    ----------
    value, low, high : str
        Numbers in words, without their unit.
    """
    if value:
        return f"{value} ({low or '…'} to {high or '…'})" if low or high else value
    if low and high:
        return f"{low} to {high}"
    return f"at least {low}" if low else f"at most {high}" if high else "–"


def _size(value: Any, times: int = 1) -> str:
    """Write a number with all its digits, in trillions, billions or millions."""
    number = _number(value)
    if number is None:
        return ""
    number *= times
    for size, word in ((1e12, " tn"), (1e9, " bn"), (1e6, " million")):
        if abs(number) >= size:
            return f"{number / size:,.10g}{word}"
    return f"{number:,.10g}"


def place_figures(evidence: pd.DataFrame, unit: str) -> tuple[pd.DataFrame, dict[str, int]]:
    """Find the panel and horizontal place of each published figure of one quantity.

    Parameters
    ----------
    evidence : pandas.DataFrame
        Rows of one quantity with `EVIDENCE_COLUMNS`.
    unit : str
        Unit of the quantity; what is given in another can't be drawn.

    Returns
    -------
    points : pandas.DataFrame
        The rows that can be drawn, with ``panel`` ('quarter' or 'year'), ``x`` (decimal year), ``half_width``
        (years), and, on the quarterly panel, ``value``, ``low``, ``high`` of flows as amounts per quarter.
    not_drawn : dict of str to int
        Reason -> number of rows that can't stand on this chart; they still inform the forecast when used.
    """
    rows: list[dict] = []
    not_drawn: dict[str, int] = {}
    for row in evidence.to_dict("records"):
        placed, reason = _place(row, unit)
        if placed is None:
            not_drawn[reason] = not_drawn.get(reason, 0) + 1
        else:
            rows.append({**row, **placed})
    points = pd.DataFrame(rows, columns=[*evidence.columns, *_new_columns(evidence)])
    return _spread(points), not_drawn


def _new_columns(evidence: pd.DataFrame) -> list[str]:
    return [name for name in ("panel", "x", "half_width") if name not in evidence.columns]


def _place(row: dict, unit: str) -> tuple[dict | None, str]:
    if row["aggregation"] not in LEVEL_AGGREGATIONS:
        return None, NOT_DRAWN_GROWTH
    if _text(row.get("per_quantity")):
        return None, NOT_DRAWN_RATIO
    values = {name: _number(row.get(name)) for name in VALUE_COLUMNS}
    other_unit = str(row["unit"]).casefold() != unit.casefold()
    if other_unit or all(v is None for v in values.values()):
        return None, NOT_DRAWN_VALUE
    try:
        period = parse_period(str(row["period"]), row.get("fiscal_year_end_month"))
    except PeriodError:
        return None, NOT_DRAWN_PERIOD
    start = FIRST_YEAR + period.start / 12
    end = FIRST_YEAR + (period.end + 1) / 12
    middle = (start + end) / 2
    if not FIRST_YEAR <= middle <= FIRST_YEAR + len(YEARS):
        return None, NOT_DRAWN_PERIOD
    if period.n_months == 12:
        return {**values, "panel": "year", "x": middle, "half_width": 0.5}, ""
    if row["aggregation"] == "end":
        return {**values, "panel": "quarter", "x": end, "half_width": 0.0}, ""
    # A flow over a half-year or a month is shown as what it makes per quarter.
    per_quarter = 3 / period.n_months if row["aggregation"] == "sum" else 1.0
    scaled = {name: None if v is None else v * per_quarter for name, v in values.items()}
    return {**scaled, "panel": "quarter", "x": middle, "half_width": (end - start) / 2}, ""


def _spread(points: pd.DataFrame) -> pd.DataFrame:
    """Order the points of one slot by publication: none hides another, and the street's path can be read."""
    points = points.copy()
    for column in (*VALUE_COLUMNS, "x", "half_width"):
        points[column] = pd.to_numeric(points[column], errors="coerce")
    yearly = points["panel"].eq("year")
    slot = points["x"].where(~yearly, points["x"].floordiv(1) + 0.5)
    dated = points.assign(date=points["known_on"].astype(str))
    by_slot = [points["panel"], slot.round(3)]
    rank = dated.groupby(by_slot)["date"].rank(method="first")
    count = dated.groupby(by_slot)["date"].transform("size")
    points["x"] = slot + ((rank - 0.5) / count - 0.5) * yearly.map({True: YEAR_SPREAD, False: QUARTER_SPREAD})
    return points


def _number(value: Any) -> float | None:
    # Pandas takes its time over a single number, and there are some ten thousand.
    number = value if isinstance(value, float) else pd.to_numeric(value, errors="coerce")
    return None if pd.isna(number) else float(number)


def _text(value: object) -> str:
    return "" if value is None or value is pd.NA or value != value else str(value).strip()


AS_THEY_CAME: Final = ("publisher", "relayed_by", "title", "url", "kind", "note")


def figure_facts(frames: "ReportFrames", named: set[str]) -> dict[str, dict[str, Any]]:
    """Give what a reader may ask about a published figure.

    Parameters
    ----------
    frames : dashboards.frames.ReportFrames
    named : set of str
        Ids of the figures that stand on charts.

    Returns
    -------
    dict of str to dict
        Texts as they came, to be escaped by who shows them; ``pull`` is the PIT as standard deviations of a
        normal distribution: how far the print lies from what the model expects of such a figure.
    """
    # A what-if names none, and is not to wait for rows of all figures.
    fit = frames.figure_fit[frames.figure_fit["figure_id"].isin(named)].drop_duplicates("figure_id")
    rows = {str(row["figure_id"]): row for row in records(fit)}
    facts = {}
    asked = frames.evidence[frames.evidence["figure_id"].isin(named)]
    for row in records(asked.drop_duplicates("figure_id")):
        id_ = str(row["figure_id"])
        own = rows.get(id_)
        pit = _number(own["pit"]) if own is not None else None
        about = [words(_text(row[name])) for name in ("metric", "entity", "segment")]
        facts[id_] = {
            **{name: _text(row[name]) for name in AS_THEY_CAME},
            "published": _text(row["published_on"])[:10], "printed": _text(row["printed"]),
            "period": _text(row["period"]), "about": " · ".join(text for text in about if text),
            "used": "yes" if row["used"] else f"no: {_text(row['reason']) or 'no reason recorded'}",
            "pit": None if pit is None else round(pit, 4),
            "pull": None if pit is None or not 0 < pit < 1 else round(NormalDist().inv_cdf(pit), 2),
            "expected": _expected(own, row),
        }  # fmt: skip
    return facts


def figure_unit(row: Mapping[str, Any], values: Iterable[float]) -> tuple[float, str]:
    """Divisor and name of the unit in which a figure is shown: growth in per cent, a ratio in its own unit.

    Parameters
    ----------
    row : mapping
        With ``quantity, per_quantity, aggregation, unit``.
    values : iterable of float
        To be shown together.
    """
    if row["aggregation"] in GROWTH_AGGREGATIONS:
        return display_unit("fraction", values)
    if _text(row.get("per_quantity")):
        return display_unit(_text(row["unit"]), values)
    return quantity_unit(_text(row["quantity"]), _text(row["unit"]), values)


def _expected(own: dict[str, Any] | None, row: Mapping[str, Any]) -> str:
    """Median and 90 % interval of what the model expects to see printed."""
    if own is None or pd.isna(own["predicted_p50"]):
        return ""
    divisor, name = figure_unit(row, [own["predicted_p50"]])
    low, median, high = (number(own[f"predicted_{level}"] / divisor) for level in ("p05", "p50", "p95"))
    return f"median {median}, 90 %: {low} to {high} {name}"


def evidence_table(evidence: pd.DataFrame, quantity: str) -> pd.DataFrame:
    """List every figure of a quantity, with what became of it.

    Parameters
    ----------
    evidence : pandas.DataFrame
        Rows with `EVIDENCE_COLUMNS`, any quantities.
    quantity : str

    Returns
    -------
    pandas.DataFrame
        The quantity's rows, ordered by period and date of publication, with ``source`` (publisher and who
        relayed it) and ``status`` ('used' or the reason why not).
    """
    rows = evidence[evidence["quantity"] == quantity].copy()
    publisher, relayed = rows["publisher"].map(_text), rows["relayed_by"].map(_text)
    rows["source"] = publisher.where(relayed.eq("") | relayed.eq(publisher), publisher + ", via " + relayed)
    reason = rows["reason"].map(_text).replace("", "not used; no reason recorded")
    rows["status"] = reason.mask(rows["used"].fillna(False).astype(bool), "used")
    return rows.sort_values(["period", "published_on", "figure_id"], key=lambda c: c.astype(str)).reset_index(
        drop=True
    )
