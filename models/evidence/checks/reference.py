"""Checks of the small tables: metrics, products, assumptions, exchange rates, corrections."""

import math
from typing import Final

from models.evidence.assumptions import prior_from_quantiles
from models.evidence.checks.rows import Collector, known_date, number, one_of, required, unique
from models.evidence.mapping import AGGREGATIONS, ANY, SCALES
from models.vocabulary.periods import PeriodError, date_precision, parse_period
from models.vocabulary.quantities import BY_NAME, CLASS_NAMES
from models.vocabulary.units import CURRENCIES, is_known

METRIC_COLUMNS: Final = (
    *("metric", "entity", "segment", "unit", "quantity", "per_quantity", "aggregation", "scale"),
    *("lower", "upper", "definition", "description"),
)
PRODUCT_NUMBERS: Final = (
    *("hbm_gb", "hbm_stacks", "stack_height", "interposer_area_mm2", "packages_per_cowos_wafer"),
)
PRODUCT_COLUMNS: Final = (
    *("vendor", "product", "class", "announced_on", "launch_quarter", "hbm_generation", "source_id", "note"),
    *PRODUCT_NUMBERS,
)
PRODUCT_GENERATIONS: Final = ("hbm2", "hbm2e", "hbm3", "hbm3e", "hbm4", "hbm4e")
ASSUMPTION_COLUMNS: Final = (
    *("assumption", "p05", "p95", "shape", "unit", "basis", "source", "known_since", "description"),
)
BASES: Final = ("published", "derived", "judgement")
RATE_COLUMNS: Final = ("currency", "year", "usd_per_unit", "source", "note")
CORRECTION_COLUMNS: Final = (
    *("figure_id", "field", "expected_wrong_value", "corrected_value", "reason", "source_id"),
)
OFFSET_PREFIX: Final = "definition_offset."


def check_metrics(rows: list[dict], definitions: set[str], collector: Collector) -> list[dict]:
    """Check mapping rules against the chain's vocabulary.

    Parameters
    ----------
    rows : list of dict
        Rows of metrics.csv.
    definitions : set of str
        Keys of the definition offsets in assumptions.csv.
    collector : Collector

    Returns
    -------
    list of dict
        All rows, `lower` and `upper` as floats (infinite where empty). A rejected rule stays as one that maps
        nothing and says why.
    """
    rows = unique(rows, ("metric", "entity", "segment", "unit"), collector)
    for row in rows:
        required(row, ("metric", "entity", "unit", "description"), collector)
        is_any = row["unit"] == ANY and not row["quantity"]
        if row["unit"] and not is_any and not is_known(row["unit"]):
            collector.reject(
                row,
                "unit",
                f"unknown unit {row['unit']!r}",
                "use a unit of models/vocabulary/units.py, or add it there",
            )
        lower, upper = number(row, "lower", collector), number(row, "upper", collector)
        if lower > upper:
            collector.reject(
                row, "lower", f"lower {lower:g} lies above upper {upper:g}", "swap the two bounds"
            )
        _check_definition(row, definitions, collector)
        if row["quantity"] or row["per_quantity"]:
            for column in ("quantity", "per_quantity"):
                if row[column] or column == "quantity":
                    one_of(
                        row,
                        column,
                        BY_NAME,
                        collector,
                        "the quantities are listed in models/vocabulary/quantities.py",
                    )
            one_of(row, "aggregation", AGGREGATIONS, collector, "see CONTRIBUTING")
            one_of(row, "scale", SCALES, collector, "see CONTRIBUTING")
        # Only now, so that a rejected row shows what its file says.
        row["lower"] = -math.inf if math.isnan(lower) else lower
        row["upper"] = math.inf if math.isnan(upper) else upper
    return [row if collector.is_good(row) else _disabled(row, collector) for row in rows]


def _disabled(row: dict, collector: Collector) -> dict:
    """Turn a rejected rule into one that maps nothing.

    Without it, figures would fall through to a less specific rule and be used as something they are not.
    """
    problem = next(
        r["problem"] for r in collector.records if (r["file"], r["row"]) == (row["file"], row["row"])
    )
    reason = f"its rule in {row['file']} row {row['row']} was rejected: {problem}"
    blank = dict.fromkeys(("quantity", "per_quantity", "aggregation", "scale", "definition"), "")
    return {**row, **blank, "unit": ANY, "lower": -math.inf, "upper": math.inf, "description": reason}


def _check_definition(row: dict, definitions: set[str], collector: Collector) -> None:
    if row["definition"] and row["definition"] not in definitions:
        collector.reject(
            row,
            "definition",
            f"definition {row['definition']!r} has no offset",
            f"add a row {OFFSET_PREFIX}{row['definition']} to assumptions.csv, or use one of "
            + ", ".join(sorted(definitions)),
        )


def check_products(rows: list[dict], source_ids: set[str], collector: Collector) -> list[dict]:
    """Check the accelerator catalogue.

    A product may have several rows: each holds from its `announced_on` until the next one's.

    Returns
    -------
    list of dict
        Good rows, with numbers as floats (nan where empty).
    """
    rows = unique(rows, ("product", "vendor", "announced_on"), collector)
    for row in rows:
        required(row, ("vendor", "product", "note"), collector)
        one_of(
            row, "class", CLASS_NAMES, collector, "a new class is added in models/vocabulary/quantities.py"
        )
        _check_printed_date(row, "announced_on", collector)
        generation = row["hbm_generation"].lower()
        if generation not in PRODUCT_GENERATIONS:
            one_of(row, "hbm_generation", PRODUCT_GENERATIONS, collector, "the generation makes the price")
        try:
            if parse_period(row["launch_quarter"]).kind != "quarter":
                raise PeriodError(f"launch_quarter {row['launch_quarter']!r} is not a quarter")
        except PeriodError as error:
            collector.reject(row, "launch_quarter", str(error), "write the quarter of first volume as 2024Q4")
        if row["source_id"] and row["source_id"] not in source_ids:
            _missing_source(row, collector)
        numbers = {column: number(row, column, collector) for column in PRODUCT_NUMBERS}
        for column, value in numbers.items():
            if value <= 0:
                remedy = "leave it empty where it is unknown"
                collector.reject(row, column, f"{column} {row[column]} is not positive", remedy)
        row.update(numbers)
    return collector.kept(rows)


def _check_printed_date(row: dict, column: str, collector: Collector) -> None:
    """Check a date whose precision only its length shows."""
    try:
        known_date(row, column, date_precision(row[column]), collector)
    except PeriodError as error:
        collector.reject(row, column, str(error), "write YYYY-MM-DD, YYYY-MM or YYYY")


def _missing_source(row: dict, collector: Collector) -> None:
    problem = f"source_id {row['source_id']!r} is no accepted row of sources.csv"
    collector.reject(row, "source_id", problem, "add the publication to sources.csv, or mend its row there")


def check_assumptions(rows: list[dict], collector: Collector) -> list[dict]:
    """Check priors: numbers in order, a known shape, a basis and a date.

    Returns
    -------
    list of dict
        Good rows, p05 and p95 as floats.
    """
    # An assumption may have several rows: each holds from its known_since until the next one's.
    rows = unique(rows, ("assumption", "known_since"), collector)
    for row in rows:
        required(row, ("assumption", "unit", "source", "description"), collector)
        one_of(row, "basis", BASES, collector, "published, derived or judgement")
        p05, p95 = (number(row, column, collector, required=True) for column in ("p05", "p95"))
        if not (math.isnan(p05) or math.isnan(p95)):
            try:
                prior_from_quantiles(p05, p95, row["shape"])
            except ValueError as error:
                field = "shape" if "is not one of" in str(error) else "p05"
                collector.reject(row, field, str(error), "mend p05, p95 or shape so that they fit together")
        row["p05"], row["p95"] = p05, p95
        _check_printed_date(row, "known_since", collector)
    return collector.kept(rows)


def check_exchange_rates(rows: list[dict], collector: Collector) -> list[dict]:
    """Check exchange rates.

    Returns
    -------
    list of dict
        Good rows, `year` as int and `usd_per_unit` as float.
    """
    rows = unique(rows, ("currency", "year"), collector)
    for row in rows:
        one_of(
            row, "currency", CURRENCIES, collector, "a new currency is added in models/vocabulary/units.py"
        )
        required(row, ("source",), collector)
        if number(row, "usd_per_unit", collector, required=True) <= 0:
            collector.reject(
                row, "usd_per_unit", "a rate must be positive", "give US dollars per unit of currency"
            )
        if not (row["year"].isascii() and row["year"].isdigit() and len(row["year"]) == 4):
            collector.reject(row, "year", f"year {row['year']!r} is not a year", "write it as 2024")
    kept = collector.kept(rows)
    return [{**row, "year": int(row["year"]), "usd_per_unit": float(row["usd_per_unit"])} for row in kept]


def definition_keys(assumptions: list[dict]) -> set[str]:
    """Keys of the definition offsets among the assumptions."""
    names = (row["assumption"] for row in assumptions)
    return {name.removeprefix(OFFSET_PREFIX) for name in names if name.startswith(OFFSET_PREFIX)}


def apply_corrections(
    figures: list[dict], corrections: list[dict], collector: Collector
) -> tuple[list[dict], list[str]]:
    """Put corrected values in place of values known to be wrong.

    Parameters
    ----------
    figures, corrections : list of dict
        Rows as text.
    collector : Collector

    Returns
    -------
    figures : list of dict
        With `corrected` naming the mended fields ('' for most).
    fatal : list of str
        Corrections whose expected wrong value is no longer there: somebody must look before anything runs.
    """
    fatal = []
    by_id: dict[str, dict] = {}
    out = [{**row, "corrected": ""} for row in figures]
    for row in out:
        by_id.setdefault(row["figure_id"], row)
    for correction in corrections:
        if not required(correction, ("figure_id", "field", "reason"), collector):
            continue
        figure, field = by_id.get(correction["figure_id"]), correction["field"]
        place = f"{correction['file']} row {correction['row']}"
        if figure is None:
            collector.reject(
                correction,
                "figure_id",
                f"no figure {correction['figure_id']!r}",
                "delete the correction, or mend the id",
            )
            continue
        if field not in figure or field in ("file", "row", "figure_id", "corrected"):
            collector.reject(
                correction, "field", f"figures have no field {field!r}", "name a column of figures"
            )
            continue
        if not _same(figure[field], correction["expected_wrong_value"]):
            named = f"{figure['figure_id']} ({figure['file']} row {figure['row']})"
            fatal.append(
                f"{place}: field {field} of figure {named} is {figure[field]!r}, not the expected "
                f"wrong value {correction['expected_wrong_value']!r}; "
                "if the source mended it, delete the correction; otherwise mend its expected_wrong_value"
            )
            continue
        figure[field] = correction["corrected_value"]
        figure["corrected"] = " ".join(filter(None, (figure["corrected"], field)))
    return out, fatal


def _same(given: str, expected: str) -> bool:
    if given == expected:
        return True
    try:
        return float(given) == float(expected)
    except ValueError:
        return False
