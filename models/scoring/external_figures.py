"""Figures from outside made ready for prediction, or listed with the reason why not."""

import math
from collections.abc import Mapping
from datetime import date
from typing import Any

import pandas as pd

from models.evidence.checks.figures import check_sources
from models.evidence.checks.printed import columns_of_the_number
from models.evidence.checks.rows import Collector
from models.evidence.checks.rows import text as cell_text
from models.evidence.idle import nearest_rule
from models.evidence.mapping import period_reason, resolve
from models.evidence.shared_header import FIGURE_COLUMNS, SHARED_COLUMNS, SOURCE_COLUMNS, from_shared_header
from models.evidence.validation import checked_figures
from models.vocabulary.periods import parse_period
from models.vocabulary.rows import records
from models.vocabulary.units import VALUE_COLUMNS, to_metric_units

NEEDED = ("metric", "entity", "segment", "period", "unit", "kind")
SOURCE_FIELDS = ("publisher", "published_on", "published_precision")
FILE = "figures"
NO_DATE = ("no publication date", "give published_on, or the source_id of a publication in sources.csv")
SHOWN = ("metric", "entity", "segment", "period", *VALUE_COLUMNS, "unit", "kind", "publisher")


class HeaderError(ValueError):
    """The columns of a file are those of neither format."""


def to_contract(raw: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Bring either format into figures and sources of the contract.

    Parameters
    ----------
    raw : DataFrame of str
        Columns of data/figures/*.csv, or the shared header. Files of the first kind may carry ``publisher``,
        ``published_on`` and ``published_precision`` themselves.

    Returns
    -------
    figures, sources : DataFrame of str
        ``row`` of the figures is the line of the file (the header is line 1).

    Raises
    ------
    HeaderError
        Neither format; says what is missing from each.
    """
    lines = range(2, len(raw) + 2)
    if not set(SHARED_COLUMNS) - set(raw.columns):
        figures, sources = from_shared_header(raw.reset_index(drop=True))
        return figures.assign(row=lines), sources
    missing = [name for name in (*NEEDED, *VALUE_COLUMNS, "source_id") if name not in raw.columns]
    if missing and not ("source_id" in missing and {"publisher", "published_on"} <= set(raw.columns)):
        shared = [name for name in SHARED_COLUMNS if name not in raw.columns]
        raise HeaderError(
            f"columns of data/figures: {', '.join(missing)} missing; "
            f"shared header: {', '.join(shared)} missing"
        )
    figures = raw.reset_index(drop=True).copy()
    for name in (*FIGURE_COLUMNS, "row"):
        if name not in figures.columns:
            figures[name] = ""
    return figures.assign(row=lines), pd.DataFrame(columns=["source_id", *SOURCE_FIELDS])


def usable_newcomers(
    figures: pd.DataFrame,
    sources: pd.DataFrame,
    metrics: pd.DataFrame,
    exchange_rates: pd.DataFrame,
    definitions: set[str],
    today: date,
) -> tuple[pd.DataFrame, list[dict[str, Any]], list[dict[str, Any]]]:
    """Make figures ready for `models.scoring.predictive.predictive`.

    What ingestion would refuse is refused here, for the same reason. Each row stands for itself: who repeats
    whom can't be told from outside.

    Parameters
    ----------
    figures : DataFrame of str
        From `to_contract`.
    sources : DataFrame
        ``source_id, publisher, published_on, published_precision``; the figures' own columns come first.
    metrics, exchange_rates : DataFrame
        Columns of the CSVs of the contract.
    definitions : set of str
        Names of the definition offsets.
    today : datetime.date
        Nothing may be published after it.

    Returns
    -------
    usable : DataFrame
        Base units; ``figure_id`` is `row-<line>`, ``given_id`` what the file calls it.
    unmapped : list of dict
        ``row``, ``figure_id``, the columns `SHOWN`, ``reason`` and ``remedy`` ('' where there is nothing to
        mend): every row that is not in `usable`.
    read_as : list of dict
        ``row``, ``field``, ``printed``, ``read``: cells of accepted rows that were read in another form.
    """
    by_source = sources.drop_duplicates("source_id").set_index("source_id").to_dict("index")
    rows = [_with_publication(row, by_source) for row in records(figures)]
    if not rows:
        return pd.DataFrame(), [], []
    accepted, refused, read_as = _checked(rows, metrics, exchange_rates, definitions, today)
    unmapped = [_listed(row, *refused[row["figure_id"]]) for row in rows if row["figure_id"] in refused]
    if accepted.empty:
        return pd.DataFrame(), unmapped, read_as
    columns = ["figure_id", "given_id", *SOURCE_FIELDS]
    resolved = resolve(accepted.merge(pd.DataFrame(rows)[columns], on="figure_id"), metrics)
    informs = resolved["mapped"] & (resolved["quantity"] != "")
    unmapped += [
        _listed(row, str(row["unmapped_reason"]) or "informs no quantity", _what_is_scored(row, metrics))
        for row in records(resolved[~informs])
    ]
    usable = resolved[informs].reset_index(drop=True)
    ready = to_metric_units(usable, exchange_rates) if len(usable) else pd.DataFrame()
    return ready, unmapped, read_as


def _what_is_scored(row: Mapping[str, Any], metrics: pd.DataFrame) -> str:
    """Say what of such a figure could be scored; '' where nothing of the row would help."""
    if not row["rule"]:
        return nearest_rule(row, metrics[metrics["metric"] == row["metric"]])
    period = parse_period(row["period"], row["fiscal_year_end_month"])
    if period_reason(period, row["aggregation"]):
        return "give a figure about a period inside; as evidence this one is kept, and informs nothing"
    return ""


def _with_publication(row: Mapping[str, Any], by_source: Mapping[Any, Mapping]) -> dict[str, Any]:
    """Give a row its publication and an id of its own."""
    out = {name: cell_text(cell) for name, cell in row.items()}
    known = by_source.get(out["source_id"], {})
    for name in SOURCE_FIELDS:
        out[name] = out.get(name, "") or cell_text(known.get(name))
    if out["published_on"] and not out["published_precision"]:
        # A text of no known length is refused as the day that it is not.
        out["published_precision"] = {4: "year", 7: "month"}.get(len(out["published_on"]), "day")
    name = f"row-{out['row']}"
    return out | {"given_id": out["figure_id"], "figure_id": name, "origin_id": name}


def _publication(row: Mapping[str, Any]) -> dict[str, Any]:
    """Make a row of sources.csv of what is told of a figure's publication."""
    printed = {name: row[name] for name in SOURCE_FIELDS}
    own = {"source_id": row["figure_id"], "title": row["figure_id"], "file": FILE, "row": row["row"]}
    return dict.fromkeys(SOURCE_COLUMNS, "") | printed | own


def _checked(
    rows: list[dict[str, Any]],
    metrics: pd.DataFrame,
    exchange_rates: pd.DataFrame,
    definitions: set[str],
    today: date,
) -> tuple[pd.DataFrame, dict[str, tuple[str, str]], list[dict[str, Any]]]:
    """Put rows through the checks of ingestion.

    Returns
    -------
    accepted : DataFrame
        As from `models.evidence.validation.checked_figures`.
    refused : dict
        Reason and remedy by figure_id.
    read_as : list of dict
        Cells read in another form than printed.
    """
    dated = [row for row in rows if row["published_on"]]
    # Each row brings its publication, under an id of its own; only its date and publisher are looked at.
    publications = Collector(today)
    check_sources([_publication(row) for row in dated], publications)
    named = {row["figure_id"] for row in dated}
    frame = pd.DataFrame(rows).assign(
        source_id=[row["figure_id"] if row["published_on"] else row["source_id"] for row in rows]
    )
    accepted, rejected, read = checked_figures(
        frame[[*FIGURE_COLUMNS, *columns_of_the_number(frame)]],
        named,
        metrics,
        definitions,
        exchange_rates,
        today,
        FILE,
    )
    found: dict[str, list[tuple[str, str]]] = {}
    for row in rows:
        if not row["published_on"] and row["publisher"]:
            found[row["figure_id"]] = [NO_DATE]
    for record in [*publications.records, *records(rejected)]:
        # Who published an undated row is known: that no source is named is not what is wrong with it.
        is_said = record["field"] == "source_id" and NO_DATE in found.get(f"row-{record['row']}", [])
        if not is_said:
            found.setdefault(f"row-{record['row']}", []).append((record["problem"], record["remedy"]))
    refused = {
        figure_id: ("; ".join(p for p, _ in reasons), "; ".join(r for _, r in reasons))
        for figure_id, reasons in found.items()
    }
    own = ("figure_id", "origin_id", "source_id")
    read_as = [
        {name: record[name] for name in ("row", "field", "printed", "read")}
        for record in records(read)
        if record["field"] not in own and f"row-{record['row']}" not in refused
    ]
    return accepted[~accepted["figure_id"].isin(list(refused))], refused, read_as


def _listed(row: Mapping[str, Any], reason: str, remedy: str = "") -> dict[str, Any]:
    return {
        "row": int(row["row"]),
        "figure_id": str(row["given_id"]),
        **{name: plain(row.get(name)) for name in SHOWN},
        "reason": reason,
        "remedy": remedy,
    }


def plain(value: object) -> object:
    """Turn a cell into what JSON knows: missing of any kind is None."""
    if value is None or value == "" or (isinstance(value, float) and not math.isfinite(value)):
        return None
    return value.isoformat() if isinstance(value, date) else value
