"""The headline table, for the terminal, the Prefect artifact and the report."""

from datetime import date
from typing import Final

import pandas as pd

from dashboards.labels import STAGES, number, plain, quantity_title, quantity_unit
from models.scoring.horizons import ALL, LONG
from models.vocabulary.opponents import LATEST
from models.vocabulary.periods import YEARS
from models.vocabulary.quantities import HEADLINES
from models.vocabulary.results.chain import NEWEST_FIGURE

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


def score_line(board: pd.DataFrame) -> str:
    """Say how good forecasts over six months were, and whose backtest says so.

    Parameters
    ----------
    board : pandas.DataFrame
        As `warehouse.scores.shown_scores` gives it.
    """
    rows = board[
        (board["quantity"] == ALL)
        & (board["horizon_group"] == LONG)
        & (board["opponent"] == LATEST)
    ] if len(board) else board  # fmt: skip
    if rows.empty:
        return "How good the forecast is was not measured: no backtest is stored, and none came with the code"
    row = rows.iloc[0]
    whose = (
        f"committed with the code: version {row['code_version']}, {row['run_at']}; not measured here"
        if "code_version" in board
        else f"backtest of {row['finished_at']:%Y-%m-%d}"
    )
    targets = row["n_targets"] if pd.isna(row["n_independent"]) else row["n_independent"]
    return (
        f"Skill over six months against the latest figure: {row['skill']:.2f} "
        f"({row['skill_low']:.2f} to {row['skill_high']:.2f}) on {targets:.0f} targets ({whose})"
    )


def headline_quantities() -> list[str]:
    """Names of the headline quantities, in the order of the table."""
    return sorted(HEADLINES, key=lambda name: _ORDER.index(name) if name in _ORDER else len(_ORDER))


def headline_table(
    forecast: pd.DataFrame, binding: pd.DataFrame, years: tuple[str, ...] = YEARS[3:]
) -> pd.DataFrame:
    """Median, 50 % and 90 % intervals per year of the headline quantities, and P(binding), as text.

    Parameters
    ----------
    forecast : pandas.DataFrame
        Forecast rows of one run (``quantity, period, unit, p05, p25, p50, p75, p95``).
    binding : pandas.DataFrame
        Binding rows of one run (``period, stage, probability``).
    years : tuple of str
        Years to show; 2024 to 2027 by default.

    Returns
    -------
    pandas.DataFrame
        Columns `HEADLINE_COLUMNS`, all text, one row per quantity and year; P(binding) has no
        intervals (dashes). A quantity or year the run lacks has no row.
    """
    rows = []
    for quantity in headline_quantities():
        part = forecast[(forecast["quantity"] == quantity) & forecast["period"].astype(str).isin(years)]
        if part.empty:
            continue
        divisor, unit = quantity_unit(quantity, str(part["unit"].iloc[0]), part["p50"])
        for row in part.sort_values("period").to_dict("records"):
            shown = {k: number(row[k] / divisor) for k in ("p05", "p25", "p50", "p75", "p95")}
            rows.append((
                quantity_title(quantity), unit, str(row["period"]), shown["p50"],
                f"{shown['p25']} to {shown['p75']}", f"{shown['p05']} to {shown['p95']}",
            ))  # fmt: skip
    for stage, words in STAGES.items():
        part = binding[(binding["stage"] == stage) & binding["period"].astype(str).isin(years)]
        for row in part.sort_values("period").to_dict("records"):
            share = f"{100 * row['probability']:.0f}"
            rows.append((f"P({words} limits)", "%", str(row["period"]), share, "–", "–"))
    return pd.DataFrame(rows, columns=list(HEADLINE_COLUMNS))


def as_markdown(table: pd.DataFrame) -> str:
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


def diagnostics_table(diagnostics: pd.DataFrame) -> pd.DataFrame:
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
    number_or_nan = pd.to_numeric(value, errors="coerce")
    if pd.notna(number_or_nan):
        return plain(float(number_or_nan))
    return str(value) if isinstance(value, str) and value else "–"


def evidence_ages(diagnostics: pd.DataFrame) -> pd.DataFrame:
    """Rows of ``diagnostics`` about the newest figure of each topic, with the topic and whether it is old."""
    rows = diagnostics[diagnostics["name"].str.startswith(NEWEST_FIGURE)]
    topics = rows["name"].str.removeprefix(NEWEST_FIGURE).str.replace("_", " ")
    return rows.assign(topic=topics, is_old=rows["value"] > rows["threshold"])


def ages_in_words(ages: pd.DataFrame) -> str:
    """Write rows of `evidence_ages` in their order: 'days from the newest figure to the as-of day: hbm 9'."""
    said = (f"{topic} {days:.0f}" for topic, days in zip(ages["topic"], ages["value"], strict=True))
    return "days from the newest figure to the as-of day: " + ", ".join(said)
