"""Checks of the small tables, besides those that follow from their descriptions, and corrections applied."""

import math
from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import Any, Final, cast

from models.evidence.assumptions import prior_from_quantiles
from models.evidence.checks.cells import CellError, word
from models.evidence.checks.row_model import Known, Rule, checked_rows, judged_rows
from models.evidence.checks.rows import Collector
from models.evidence.mapping import AGGREGATIONS, ANY, LESS_ONE, SCALES
from models.evidence.tables.described import BY_NAME
from models.vocabulary.periods import PeriodError, parse_period
from models.vocabulary.printed_amounts import is_plain
from models.vocabulary.printed_text import did_you_mean
from models.vocabulary.quantity import Quantity
from models.vocabulary.sums import quantity_named, summands
from models.vocabulary.units import KNOWN, is_known

OFFSET_PREFIX: Final = "definition_offset."


def check_metrics(rows: list[dict], known: Known, collector: Collector) -> list[dict]:
    """Check mapping rules against the chain's vocabulary.

    Parameters
    ----------
    rows : list of dict
        Rows of metrics.csv.
    known : dict of str to collection of str
        'quantities', 'definitions'.
    collector : Collector

    Returns
    -------
    list of dict
        All rows, `lower` and `upper` as floats (infinite where empty). A rejected rule stays as one that maps
        nothing and says why.
    """
    rules = [Rule(("unit", "quantity"), _rule_unit), Rule(("quantity", "per_quantity"), _denominator_alone)]
    for name, words in (("aggregation", AGGREGATIONS), ("scale", SCALES)):
        rules.append(Rule(("quantity", "per_quantity", name), _needed_to_map(name, words)))
    rules.append(Rule(("quantity", "per_quantity", "aggregation", "scale", "lower"), _logs_can_be_taken))
    for name in ("quantity", "per_quantity"):
        # Quantities by their name: what is added must be of one kind.
        quantities = cast("Mapping[str, Quantity]", known["quantities"])
        rules.append(Rule((name,), partial(_can_be_added, name, quantities)))
    judged = judged_rows(BY_NAME["metrics"], rows, collector, known, rules)
    # A rule without a metric is nobody's.
    named = [row for row in judged if row["metric"]]
    return [_with_bounds(row) if collector.is_good(row) else _disabled(row, collector) for row in named]


def _rule_unit(values: Mapping[str, Any]) -> None:
    unit = values["unit"]
    if not (unit == ANY and not values["quantity"]) and not is_known(unit):
        remedy = f"{did_you_mean(unit, KNOWN)}use one of {', '.join(KNOWN)}, or two of them as X_per_Y"
        raise CellError("unit", f"unknown unit {unit!r}", remedy)


def _denominator_alone(values: Mapping[str, Any]) -> None:
    if values["per_quantity"] and not values["quantity"]:
        raise CellError("quantity", "unknown quantity ''", "give the quantity above the line")


def _can_be_added(name: str, known: Mapping[str, Quantity], values: Mapping[str, Any]) -> None:
    if len(summands(values[name])) > 1:
        try:
            quantity_named(values[name], known)
        except ValueError as error:
            raise CellError(name, str(error), "add up quantities of one kind, each once") from error


def _needed_to_map(name: str, words: tuple[str, ...]) -> Callable[[Mapping[str, Any]], None]:
    def check(values: Mapping[str, Any]) -> None:
        if values["quantity"] or values["per_quantity"]:
            word(name, values[name], words, "see CONTRIBUTING")

    return check


def _logs_can_be_taken(values: Mapping[str, Any]) -> None:
    """Refuse a lower bound that lets numbers in whose logarithm there is none of.

    A rule that takes its figures nowhere takes no logarithm: a count there may well be 0.
    """
    is_mapped = values["quantity"] or values["per_quantity"]
    if not is_mapped or values["scale"] != "log" or math.isnan(values["lower"]):
        return
    least = -1.0 if values["aggregation"] in LESS_ONE else 0.0
    if values["lower"] <= least:
        problem = f"lower {values['lower']:g} lets in {least:g}, which has no place on a log scale"
        remedy = f"give the smallest plausible value, above {least:g}, or scale logit for a share of 0..1"
        raise CellError("lower", problem, remedy)


def _with_bounds(row: dict) -> dict:
    lower, upper = row["lower"], row["upper"]
    return {
        **row,
        "lower": -math.inf if math.isnan(lower) else lower,
        "upper": math.inf if math.isnan(upper) else upper,
    }


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


def check_products(rows: list[dict], known: Known, collector: Collector) -> list[dict]:
    """Check the accelerator catalogue.

    A product may have several rows: each holds from its `announced_on` until the next one's.

    Parameters
    ----------
    rows : list of dict
        Rows of products.csv.
    known : dict of str to collection of str
        'sources', 'classes'.
    collector : Collector

    Returns
    -------
    list of dict
        Good rows, with numbers as floats (nan where empty).
    """
    rules = [
        Rule(("hbm_generation",), partial(_generation, known["generations"])),
        Rule(("launch_quarter",), _launch_quarter),
    ]
    return checked_rows(BY_NAME["products"], rows, collector, known, rules)


def _generation(words: Collection[str], values: Mapping[str, Any]) -> None:
    """Makers write a generation in capitals or not."""
    if values["hbm_generation"].upper() not in words:
        hint = "a new generation is a row of hbm_generations.csv"
        word("hbm_generation", values["hbm_generation"], words, hint)


def _launch_quarter(values: Mapping[str, Any]) -> None:
    try:
        if parse_period(values["launch_quarter"]).kind != "quarter":
            raise PeriodError(f"launch_quarter {values['launch_quarter']!r} is not a quarter")
    except PeriodError as error:
        remedy = "write the quarter of first volume as 2024Q4"
        raise CellError("launch_quarter", str(error), remedy) from error


def check_assumptions(rows: list[dict], collector: Collector) -> list[dict]:
    """Check priors: numbers in order, a known shape, a basis and a date.

    An assumption may have several rows: each holds from its `known_since` until the next one's.

    Returns
    -------
    list of dict
        Good rows, p05 and p95 as floats.
    """
    rules = [Rule(("p05", "p95", "shape"), _prior)]
    return checked_rows(BY_NAME["assumptions"], rows, collector, rules=rules)


def _prior(values: Mapping[str, Any]) -> None:
    try:
        prior_from_quantiles(values["p05"], values["p95"], values["shape"])
    except ValueError as error:
        field = "shape" if "is not one of" in str(error) else "p05"
        raise CellError(field, str(error), "mend p05, p95 or shape so that they fit together") from error


def definition_keys(assumptions: list[dict]) -> set[str]:
    """Keys of the definition offsets among the assumptions."""
    names = (row["assumption"] for row in assumptions)
    return {name.removeprefix(OFFSET_PREFIX) for name in names if name.startswith(OFFSET_PREFIX)}


def apply_corrections(figures: list[dict], corrections: list[dict], collector: Collector) -> list[dict]:
    """Put corrected values in place of values known to be wrong.

    Where the wrong value that a correction expects is not there, nobody can tell which of the two changed:
    correction and figure are both put aside, so that what is in force of the figure stays.

    Parameters
    ----------
    figures, corrections : list of dict
        Rows as text.
    collector : Collector

    Returns
    -------
    list of dict
        Figures, with `corrected` naming the mended fields ('' for most).
    """
    by_id: dict[str, dict] = {}
    out = [{**row, "corrected": ""} for row in figures]
    for row in out:
        by_id.setdefault(row["figure_id"], row)
    for correction in checked_rows(BY_NAME["corrections"], corrections, collector):
        figure, field = by_id.get(correction["figure_id"]), correction["field"]
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
            _put_both_aside(figure, correction, collector)
            continue
        figure[field] = correction["corrected_value"]
        figure["corrected"] = " ".join(filter(None, (figure["corrected"], field)))
    return out


def _put_both_aside(figure: dict, correction: dict, collector: Collector) -> None:
    field, expected = correction["field"], correction["expected_wrong_value"]
    of_figure, of_correction = (f"{row['file']} row {row['row']}" for row in (figure, correction))
    problem = f"field {field} of figure {figure['figure_id']} ({of_figure}) is {figure[field]!r}"
    problem += f", not the expected wrong value {expected!r}"
    remedy = "if the source mended it, delete the correction; otherwise mend its expected_wrong_value"
    collector.reject(correction, "expected_wrong_value", problem, remedy)
    problem = f"{of_correction} corrects {field} from {expected!r}, which is not what stands here"
    collector.reject(figure, field, problem, f"look at {of_correction}: {remedy}")


def _same(given: str, expected: str) -> bool:
    return given == expected or (is_plain(given) and is_plain(expected) and float(given) == float(expected))
