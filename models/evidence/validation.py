"""All the evidence at once: what is accepted, what is put aside and why, and what must stop the run."""

from dataclasses import dataclass
from datetime import date
from typing import Final

import pandas as pd

from models.evidence.checks.figures import check_figures, check_sources, figure_frame, source_frame
from models.evidence.checks.reference import (
    ASSUMPTION_COLUMNS,
    CORRECTION_COLUMNS,
    METRIC_COLUMNS,
    PRODUCT_COLUMNS,
    RATE_COLUMNS,
    apply_corrections,
    check_assumptions,
    check_exchange_rates,
    check_metrics,
    check_products,
    definition_keys,
)
from models.evidence.checks.rows import REJECTED_COLUMNS, Collector, records
from models.evidence.checks.scenarios import SCENARIO_COLUMNS, check_scenarios
from models.evidence.checks.systems import CATALOGUES, check_catalogue
from models.evidence.shared_header import FIGURE_COLUMNS, SOURCE_COLUMNS
from models.vocabulary.units import rate_table

__all__ = ["REJECTED_COLUMNS", "TABLES", "Validated", "checked_figures", "message", "validate"]

TABLES: Final[dict[str, tuple[str, ...]]] = {
    "sources": SOURCE_COLUMNS,
    "metrics": METRIC_COLUMNS,
    "products": PRODUCT_COLUMNS,
    "assumptions": ASSUMPTION_COLUMNS,
    "corrections": CORRECTION_COLUMNS,
    "exchange_rates": RATE_COLUMNS,
}
# Without these nothing can be judged, so a broken header stops the run instead of putting every figure aside.
_NEEDED: Final = ("sources", "metrics", "assumptions")


@dataclass(frozen=True)
class Validated:
    """Evidence after its checks.

    Attributes
    ----------
    accepted : dict of DataFrame
        'sources' (with known_on), 'figures' (with file, row and corrected), 'metrics', 'products',
        'assumptions', 'corrections', 'exchange_rates', and those catalogues of the systems that there are
        (`models.evidence.checks.systems.CATALOGUES`); numbers are floats.
    rejected : DataFrame
        file, row, field, value, problem, remedy, raw (JSON of the whole row); one row per problem.
    fatal : tuple of str
        Reasons to stop before anything is computed; empty when all is well.
    """

    accepted: dict[str, pd.DataFrame]
    rejected: pd.DataFrame
    fatal: tuple[str, ...]


def validate(raw: dict[str, pd.DataFrame], today: date) -> Validated:
    """Check the evidence as read from its files.

    Parameters
    ----------
    raw : dict of DataFrame of str
        By file name relative to the evidence folder: 'sources.csv', 'metrics.csv', 'products.csv',
        'assumptions.csv', 'corrections.csv', 'exchange_rates.csv', the catalogues of the systems and
        'figures/<topic>.csv'. Corrections, exchange rates and catalogues may be absent. Row numbers count
        the header as row 1.
    today : datetime.date
        Nothing may be published after it.

    Returns
    -------
    Validated
        Every row of `raw` is in `accepted` or in `rejected`; a rejected row of metrics.csv is in both,
        there as a rule that maps nothing.
    """
    collector = Collector(today)
    fatal = [
        f"{name}.csv is missing from the evidence folder" for name in _NEEDED if f"{name}.csv" not in raw
    ]
    read = {name: _table(raw, name, columns, collector) for name, columns in TABLES.items()}
    fatal += [
        f"{name}.csv can't be used: {record['problem']}"
        for name in _NEEDED
        for record in collector.records
        if record["file"] == f"{name}.csv" and not read[name]
    ][:1]
    assumptions = check_assumptions(read["assumptions"], collector)
    definitions = definition_keys(assumptions)
    sources = check_sources(read["sources"], collector)
    source_ids = {row["source_id"] for row in sources}
    rates = check_exchange_rates(read["exchange_rates"], collector)
    rate_frame = pd.DataFrame(rates, columns=[*RATE_COLUMNS, "file", "row"])
    metrics = _frame(check_metrics(read["metrics"], definitions, collector), METRIC_COLUMNS)
    figures = [
        row
        for file, frame in raw.items()
        if file.startswith("figures/")
        for row in records(file, frame, FIGURE_COLUMNS, collector)
    ]
    corrected, stale = apply_corrections(figures, read["corrections"], collector)
    accepted_figures = check_figures(
        corrected, source_ids, metrics, definitions, rate_table(rate_frame), collector
    )
    products = check_products(read["products"], source_ids, collector)
    accepted = {
        "sources": source_frame(sources),
        "figures": figure_frame(accepted_figures),
        "metrics": metrics,
        "products": _frame(products, PRODUCT_COLUMNS),
        "assumptions": _frame(assumptions, ASSUMPTION_COLUMNS),
        "corrections": _frame(collector.kept(read["corrections"]), CORRECTION_COLUMNS),
        "exchange_rates": rate_frame,
    }
    figure_ids = {row["figure_id"] for row in figures}
    for name, catalogue in CATALOGUES.items():
        if f"{name}.csv" in raw:
            rows = _table(raw, name, catalogue.columns, collector)
            good = check_catalogue(catalogue, rows, source_ids, figure_ids, collector)
            accepted[name] = _frame(good, catalogue.columns)
    if "scenarios.csv" in raw:
        rows = _table(raw, "scenarios", SCENARIO_COLUMNS, collector)
        accepted["scenarios"] = _frame(check_scenarios(rows, collector), SCENARIO_COLUMNS)
    return Validated(accepted, collector.frame(), tuple(fatal + stale))


def checked_figures(
    figures: pd.DataFrame,
    source_ids: set[str],
    metrics: pd.DataFrame,
    definitions: set[str],
    exchange_rates: pd.DataFrame,
    today: date,
    file: str = "figures",
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Check figures that stand outside the evidence folder, as `validate` checks those within.

    Parameters
    ----------
    figures : DataFrame of str
        Columns `FIGURE_COLUMNS`; others are kept in `raw` of a rejected row only. Rows count from 2, as in
        a file with a header, whatever the index.
    source_ids : set of str
        Publications that count as known.
    metrics : DataFrame
        Accepted mapping rules, bounds as floats.
    definitions : set of str
        Names of the definition offsets (`models.evidence.checks.reference.definition_keys`).
    exchange_rates : DataFrame
        Accepted exchange rates.
    today : datetime.date
        Nothing may be published after it.
    file : str
        Name of the file, for messages.

    Returns
    -------
    accepted, rejected : DataFrame
        `FIGURE_COLUMNS` with corrected ('' here), file and row, numbers as floats (nan where empty);
        `REJECTED_COLUMNS`, one row per problem.
    """
    collector = Collector(today)
    rows = [{**row, "corrected": ""} for row in records(file, figures, FIGURE_COLUMNS, collector)]
    kept = check_figures(rows, source_ids, metrics, definitions, rate_table(exchange_rates), collector)
    return figure_frame(kept), collector.frame()


def message(rejected: dict | pd.Series) -> str:
    """One line for a person: file, row, field, value, problem and remedy of a rejected row."""
    return (
        f"{rejected['file']} row {rejected['row']}, field {rejected['field']}, value {rejected['value']!r}: "
        f"{rejected['problem']}. Remedy: {rejected['remedy']}."
    )


def _table(
    raw: dict[str, pd.DataFrame], name: str, columns: tuple[str, ...], collector: Collector
) -> list[dict]:
    file = f"{name}.csv"
    return records(file, raw[file], columns, collector) if file in raw else []


def _frame(rows: list[dict], columns: tuple[str, ...]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=[*columns, "file", "row"])
