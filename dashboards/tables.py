"""The headline table, for the terminal, the Prefect artifact and the report.

What the terminal asks for takes plain rows: it would wait longer for pandas than for its answer.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from dashboards.labels import STAGES, number, plain, quantity_title, quantity_unit, words
from models.scoring.horizons import ALL, LONG
from models.vocabulary.opponents import LATEST
from models.vocabulary.periods import HEADLINE_YEARS, YEARS
from models.vocabulary.quantities import HEADLINES
from models.vocabulary.results.chain import NEWEST_FIGURE
from models.vocabulary.rows import records

if TYPE_CHECKING:
    import pandas as pd

Row = Mapping[str, Any]

HEADLINE_COLUMNS: Final = ("Quantity", "Unit", "Year", "Median", "50 % interval", "90 % interval")
# Revenue first: it is what most readers came for.
_ORDER: Final = (
    "hbm_revenue_usd",
    "hbm_bits_gb",
    "hbm_price_usd_per_gb",
    "accelerator_shipments",
    "cowos_wafers",
)


def years_asked(as_of: date) -> tuple[str, ...]:
    """Name the as-of day's year and the next, as far as the grid goes."""
    return tuple(str(year) for year in (as_of.year, as_of.year + 1) if str(year) in YEARS)


def score_line(board: Iterable[Row]) -> str:
    """Say how good forecasts over six months were, and whose backtest says so.

    Parameters
    ----------
    board : iterable of mapping
        Rows of the scoreboard as `warehouse.scores.shown_scores` gives it.
    """
    wanted = (ALL, LONG, LATEST)
    row = next(
        (row for row in board if (row["quantity"], row["horizon_group"], row["opponent"]) == wanted), None
    )
    if row is None:
        return "How good the forecast is was not measured: no backtest is stored, and none came with the code"
    whose = (
        f"committed with the code: version {row['code_version']}, {row['run_at']}; not measured here"
        if "code_version" in row
        else f"backtest of {row['finished_at']:%Y-%m-%d}"
    )
    targets = row["n_targets"] if _is_missing(row["n_independent"]) else row["n_independent"]
    return (
        f"Skill over six months against the latest figure: {row['skill']:.2f} "
        f"({row['skill_low']:.2f} to {row['skill_high']:.2f}) on {targets:.0f} targets ({whose})"
    )


def _is_missing(value: float | None) -> bool:
    return value is None or math.isnan(value)


def headline_quantities() -> list[str]:
    """Names of the headline quantities, in the order of the table."""
    return sorted(HEADLINES, key=lambda name: _ORDER.index(name) if name in _ORDER else len(_ORDER))


def headline_rows(forecast: Iterable[Row], binding: Iterable[Row]) -> list[tuple[str, ...]]:
    """Median, 50 % and 90 % intervals per year of the headline quantities, and P(binding), as text.

    Parameters
    ----------
    forecast : iterable of mapping
        Forecast rows of one run (``quantity, period, unit, p05, p25, p50, p75, p95``).
    binding : iterable of mapping
        Binding rows of one run (``period, stage, probability``).

    Returns
    -------
    list of tuple
        `HEADLINE_COLUMNS`, one row per quantity and year of `HEADLINE_YEARS`; P(binding) has no intervals
        (dashes). A quantity or year the run lacks has no row.
    """
    of_each = _by("quantity", forecast, HEADLINE_YEARS)
    rows: list[tuple[str, ...]] = []
    for quantity in headline_quantities():
        if not (part := of_each.get(quantity)):
            continue
        divisor, unit = quantity_unit(quantity, str(part[0]["unit"]), [row["p50"] for row in part])
        for row in part:
            shown = {k: number(row[k] / divisor) for k in ("p05", "p25", "p50", "p75", "p95")}
            rows.append((
                quantity_title(quantity), unit, str(row["period"]), shown["p50"],
                f"{shown['p25']} to {shown['p75']}", f"{shown['p05']} to {shown['p95']}",
            ))  # fmt: skip
    of_stage = _by("stage", binding, HEADLINE_YEARS)
    for stage, title in STAGES.items():
        for row in of_stage.get(stage, []):
            share = f"{100 * row['probability']:.0f}"
            rows.append((f"P({title} limits)", "%", str(row["period"]), share, "–", "–"))
    return rows


def _by(column: str, rows: Iterable[Row], years: Sequence[str]) -> dict[str, list[Row]]:
    """Rows of some years by what stands in a column, in the order of the years."""
    found: dict[str, list[Row]] = {}
    for row in sorted(rows, key=lambda row: str(row["period"])):
        if row["period"] in years:
            found.setdefault(row[column], []).append(row)
    return found


def headline_table(forecast: "pd.DataFrame", binding: "pd.DataFrame") -> "pd.DataFrame":
    """Lay out `headline_rows` of the tables of a run as a table of text."""
    import pandas as pd

    found = headline_rows(records(forecast), records(binding))
    return pd.DataFrame(found, columns=list(HEADLINE_COLUMNS))


def as_markdown(table: "pd.DataFrame") -> str:
    """Write a table of text as a Markdown table (for the Prefect artifact).

    Parameters
    ----------
    table : pandas.DataFrame

    Returns
    -------
    str
    """
    lines = ["| " + " | ".join(table.columns) + " |", "|" + " --- |" * len(table.columns)]
    lines += [
        "| " + " | ".join(str(v).replace("|", "\\|") for v in row) + " |"
        for row in table.itertuples(index=False)
    ]
    return "\n".join(lines) + "\n"


def diagnostics_table(diagnostics: "pd.DataFrame") -> "pd.DataFrame":
    """Gate results as text, failures first.

    Parameters
    ----------
    diagnostics : pandas.DataFrame
        ``name, value, threshold, passed, detail`` of one run.

    Returns
    -------
    pandas.DataFrame
        ``Check, Value, Threshold, Passed, Detail``, all text.
    """
    import pandas as pd

    rows = diagnostics.sort_values("passed", kind="stable", na_position="last")
    return pd.DataFrame({
        "Check": rows["name"].astype(str),
        "Value": [plain(v) for v in pd.to_numeric(rows["value"], errors="coerce")],
        "Threshold": [_threshold(t) for t in rows["threshold"]],
        # A measure that only informs has neither passed nor failed.
        "Passed": ["informs" if pd.isna(p) else "yes" if p else "NO" for p in rows["passed"]],
        "Detail": rows["detail"].fillna("").astype(str),
    }).reset_index(drop=True)  # fmt: skip


def _threshold(value: float | str) -> str:
    import pandas as pd

    number_or_nan = pd.to_numeric(value, errors="coerce")
    if pd.notna(number_or_nan):
        return plain(float(number_or_nan))
    return str(value) if isinstance(value, str) and value else "–"


def evidence_ages(diagnostics: Iterable[Row]) -> list[dict[str, Any]]:
    """Rows of ``diagnostics`` about the newest figure of each topic, with the topic and whether it is old."""
    return [
        {
            **row,
            "topic": words(str(row["name"]).removeprefix(NEWEST_FIGURE)),
            # No figure at all is no fresh one, as the view evidence_age has it.
            "is_old": _is_missing(row["value"]) or float(row["value"]) > float(row["threshold"]),
        }
        for row in diagnostics
        if str(row["name"]).startswith(NEWEST_FIGURE)
    ]


def ages_in_words(ages: Iterable[Row]) -> str:
    """Write rows of `evidence_ages` in their order: 'days from the newest figure to the as-of day: HBM 9'."""
    said = (
        f"{row['topic']} {'none' if _is_missing(row['value']) else format(row['value'], '.0f')}"
        for row in ages
    )
    return "days from the newest figure to the as-of day: " + ", ".join(said)
