"""All the evidence at once: what is accepted, what is put aside and why, and what must stop the run."""

import json
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from typing import Final

import pandas as pd

from models.evidence.checks.figures import check_actuals, check_figures, check_sources, figure_frame
from models.evidence.checks.market import check_classes, check_generations
from models.evidence.checks.rates import check_rates
from models.evidence.checks.reference import (
    apply_corrections,
    check_assumptions,
    check_metrics,
    check_products,
    definition_keys,
)
from models.evidence.checks.row_model import Known, checked_rows
from models.evidence.checks.rows import READ_AS_COLUMNS, Collector, records
from models.evidence.checks.scenarios import check_scenarios
from models.evidence.tables.described import BY_NAME, REJECTED
from models.evidence.tables.files import FIGURES, SOURCES_FILE, file_of, is_of
from models.vocabulary.market import CLASS_TABLE, GENERATION_TABLE, Market, read_market
from models.vocabulary.units import rate_table

MARKET: Final = (CLASS_TABLE, GENERATION_TABLE)
TABLES: Final = (*MARKET, "sources", "metrics", "products", "assumptions", "corrections", "exchange_rates")
"""Tables that every collection of evidence has, besides its figures."""
OTHERS: Final = tuple(name for name in BY_NAME if name not in (*TABLES, FIGURES, REJECTED))
"""Tables that it may have."""
# Without these nothing can be judged, so a broken header stops the run instead of putting every figure aside.
_NEEDED: Final = (*MARKET, "sources", "metrics", "assumptions")


@dataclass(frozen=True)
class Validated:
    """Evidence after its checks.

    Attributes
    ----------
    accepted : dict of DataFrame
        'sources' (with known_on), 'figures' (with file, row and corrected), 'metrics', 'products',
        'assumptions', 'corrections', 'exchange_rates', 'product_classes', 'hbm_generations', and those
        catalogues of the systems that there are (`OTHERS`); numbers are floats.
    rejected : DataFrame
        file, row, field, value, problem, remedy, raw (JSON of the whole row); one row per problem.
    fatal : tuple of str
        Reasons to stop before anything is computed; empty when all is well.
    read_as : DataFrame
        file, row, field, printed, read: cells of accepted rows that are kept in another form than printed.
    """

    accepted: dict[str, pd.DataFrame]
    rejected: pd.DataFrame
    fatal: tuple[str, ...]
    read_as: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(READ_AS_COLUMNS)))


def validate(raw: dict[str, pd.DataFrame], today: date, aside: Collection[tuple[str, int]] = ()) -> Validated:
    """Check the evidence as read from its files.

    Parameters
    ----------
    raw : dict of DataFrame of str
        By file name relative to the evidence folder: 'sources.csv', 'metrics.csv', 'products.csv',
        'assumptions.csv', 'corrections.csv', 'exchange_rates.csv', 'product_classes.csv',
        'hbm_generations.csv', the catalogues of the systems and 'figures/<topic>.csv'. Corrections, exchange
        rates and the systems' catalogues may be absent. Row numbers count the header as row 1.
    today : datetime.date
        Nothing may be published after it.
    aside : collection of (str, int)
        File and row of rows that were put aside before; they are not looked at.

    Returns
    -------
    Validated
        Where something fatal is found before the rows can be judged, nothing is accepted. Otherwise every row
        of `raw` is in `accepted` or in `rejected`; a rejected row of metrics.csv is in both,
        there as a rule that maps nothing.
    """
    collector = Collector(today, aside=frozenset(aside))
    read = {name: _table(raw, name, collector) for name in TABLES}
    fatal = _fatal(raw, read, collector)
    # Classes and generations give the names that all other rows are checked against.
    market_tables, broken = _market_tables(read, collector)
    fatal += broken
    if fatal:
        return Validated({}, collector.frame(), tuple(fatal))
    market = read_market(*market_tables.values())
    assumptions = check_assumptions(read["assumptions"], collector)
    known: Known = {
        "classes": market.class_names,
        "generations": market.generation_of,
        "quantities": market.by_name,
        "definitions": definition_keys(assumptions),
    }
    sources = check_sources(read["sources"], collector)
    known["sources"] = {row["source_id"] for row in sources}
    printed_rates = checked_rows(BY_NAME["exchange_rates"], read["exchange_rates"], collector, known)
    rates = _frame("exchange_rates", check_rates(printed_rates, collector))
    metrics = _frame("metrics", check_metrics(read["metrics"], known, collector))
    figures = _figure_rows(raw, collector)
    corrected = apply_corrections(figures, read["corrections"], collector)
    accepted_figures = check_figures(corrected, known, metrics, rate_table(rates), collector)
    accepted_figures = check_actuals(accepted_figures, sources, metrics, collector)
    _name_refused_sources(collector)
    accepted = {
        **market_tables,
        "sources": _frame("sources", sources, "known_on"),
        "figures": figure_frame(accepted_figures),
        "metrics": metrics,
        "products": _frame("products", check_products(read["products"], known, collector)),
        "assumptions": _frame("assumptions", assumptions),
        "corrections": _frame("corrections", collector.kept(read["corrections"])),
        "exchange_rates": rates,
    }
    known["figures"] = {row["figure_id"] for row in figures}
    known["metrics"] = set(metrics["metric"])
    for name in OTHERS:
        if file_of(name) in raw:
            rows = _table(raw, name, collector)
            accepted[name] = _frame(name, _checked(name, rows, known, market, collector))
    return Validated(accepted, collector.frame(), (), collector.read_as_frame())


def _fatal(raw: dict[str, pd.DataFrame], read: dict[str, list[dict]], collector: Collector) -> list[str]:
    """Say which tables are missing without which no row can be judged, and the first that can't be read."""
    missing = [
        f"{file_of(name)} is missing from the evidence folder" for name in _NEEDED if file_of(name) not in raw
    ]
    unread = [
        f"{file_of(name)} can't be used: {record['problem']}"
        for name in _NEEDED
        for record in collector.records
        if record["file"] == file_of(name) and not read[name]
    ]
    return [*missing, *unread[:1]]


def _figure_rows(raw: dict[str, pd.DataFrame], collector: Collector) -> list[dict]:
    """Rows of all files of figures."""
    return [
        row
        for file, frame in raw.items()
        if is_of(file, FIGURES)
        for row in records(file, frame, BY_NAME[FIGURES].column_names, collector)
    ]


def checked_figures(
    figures: pd.DataFrame,
    source_ids: Collection[str],
    metrics: pd.DataFrame,
    definitions: Collection[str],
    exchange_rates: pd.DataFrame,
    today: date,
    file: str = "figures",
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Check figures that stand outside the evidence folder, as `validate` checks those within.

    Parameters
    ----------
    figures : DataFrame of str
        Columns of data/figures; others are kept in `raw` of a rejected row only. Rows count from 2, as in
        a file with a header, whatever the index.
    source_ids : collection of str
        Publications that count as known.
    metrics : DataFrame
        Accepted mapping rules, bounds as floats.
    definitions : collection of str
        Names of the definition offsets (`models.evidence.checks.reference.definition_keys`).
    exchange_rates : DataFrame
        Accepted exchange rates.
    today : datetime.date
        Nothing may be published after it.
    file : str
        Name of the file, for messages.

    Returns
    -------
    accepted, rejected, read_as : DataFrame
        The same columns with corrected ('' here), file and row, numbers as floats (nan where empty);
        ``REJECTED_COLUMNS`` of `models.evidence.checks.rows`, one row per problem; `READ_AS_COLUMNS`, a row
        per cell read in another form than printed.
    """
    collector = Collector(today)
    columns = BY_NAME[FIGURES].column_names
    rows = [{**row, "corrected": ""} for row in records(file, figures, columns, collector)]
    known: Known = {"sources": source_ids, "definitions": definitions}
    kept = check_figures(rows, known, metrics, rate_table(exchange_rates), collector)
    return figure_frame(kept), collector.frame(), collector.read_as_frame()


def _name_refused_sources(collector: Collector) -> None:
    """Say of a figure whose source was put aside what is wrong with the source, not that it is unknown."""
    refused = {
        json.loads(record["raw"]).get("source_id"): record
        for record in reversed(collector.records)
        if record["file"] == SOURCES_FILE
    }
    for record in collector.records:
        because = refused.get(record["value"]) if record["field"] == "source_id" else None
        if because is not None and record["file"] != SOURCES_FILE:
            place = f"{because['file']} row {because['row']}"
            record["problem"] = f"its source {record['value']!r} is put aside ({place}: {because['problem']})"
            record["remedy"] = f"mend {place}: {because['remedy']}"


def _market_tables(
    read: dict[str, list[dict]], collector: Collector
) -> tuple[dict[str, pd.DataFrame], list[str]]:
    """Check classes and generations, and say why to stop where any of their rows can't be used."""
    assumptions = {row["assumption"] for row in read["assumptions"]}
    generations = check_generations(read[GENERATION_TABLE], assumptions, collector)
    tables = {
        CLASS_TABLE: _frame(CLASS_TABLE, check_classes(read[CLASS_TABLE], collector)),
        GENERATION_TABLE: _frame(GENERATION_TABLE, generations),
    }
    files = [file_of(name) for name in tables]
    return tables, [message(record) for record in collector.records if record["file"] in files]


def message(rejected: dict | pd.Series) -> str:
    """One line for a person: file, row, field, value, problem and remedy of a rejected row."""
    return (
        f"{rejected['file']} row {rejected['row']}, field {rejected['field']}, value {rejected['value']!r}: "
        f"{rejected['problem']}. Remedy: {rejected['remedy']}."
    )


def _checked(name: str, rows: list[dict], known: Known, market: Market, collector: Collector) -> list[dict]:
    if name == "scenarios":
        return check_scenarios(rows, market, collector)
    return checked_rows(BY_NAME[name], rows, collector, known)


def _table(raw: dict[str, pd.DataFrame], name: str, collector: Collector) -> list[dict]:
    file = file_of(name)
    return records(file, raw[file], BY_NAME[name].column_names, collector) if file in raw else []


def _frame(name: str, rows: list[dict], *added: str) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=[*BY_NAME[name].column_names, *added, "file", "row"])
