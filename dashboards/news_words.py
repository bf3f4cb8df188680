"""What moved a forecast, in words: for the page, the log, Prefect's page and the terminal."""

from datetime import date
from typing import Any, Final

import pandas as pd

from dashboards.labels import number, parameter_words, quantity_title, quantity_unit
from dashboards.tables import headline_quantities, years_asked
from models.vocabulary.results.news import (
    CODE,
    LAST_RUN,
    NEW,
    NOISE,
    RULES,
    RULES_TOGETHER,
    SINCE,
    TOGETHER,
    WHOLE,
)
from models.vocabulary.rows import records
from models.vocabulary.wording import first_few

PARTS_IN_WORDS: Final = 2
PARTS_IN_PARAGRAPH: Final = 3
PUBLISHERS_NAMED: Final = 3
BEYOND_NOISE: Final = 2.0
"""A move of fewer standard errors than this is one that sampling alone makes."""
LEFT_OVER: Final = (NOISE, CODE)


def news_in_words(news: pd.DataFrame, quantity: str, period: str) -> str:
    """Say in one sentence what moved a quantity since the last run most.

    Parameters
    ----------
    news : pandas.DataFrame
        Table ``news`` of the run; may be without columns.
    quantity, period : str

    Returns
    -------
    str
        Empty where the table says nothing of it, or that nothing moved it at all.
    """
    rows = news[(news["quantity"] == quantity) & (news["period"] == period)] if len(news) else news
    rows = rows[rows["since"] == LAST_RUN] if len(rows) else rows
    if rows.empty or not (rows["part"] == WHOLE).any() or not rows["p50"].any():
        return ""
    divisor, unit = quantity_unit(quantity, str(rows["unit"].iloc[0]), rows["earlier_p50"])
    largest = _largest_first(rows[rows["part"] != WHOLE]).head(PARTS_IN_WORDS)
    largest = largest[largest["p50"] != 0]
    whole = float(rows.loc[rows["part"] == WHOLE, "p50"].iloc[0]) / divisor
    said = "; ".join(f"{signed(row['p50'] / divisor)} {part_in_words(row)}" for row in records(largest))
    return f"{period} moved by {signed(whole)} {unit} since the {LAST_RUN}" + (f": {said}" if said else "")


def paragraph(news: pd.DataFrame, as_of: date) -> str:
    """Say what `sentences` say in one paragraph."""
    return " ".join(sentences(news, as_of))


def sentences(news: pd.DataFrame, as_of: date) -> list[str]:
    """Say what moved the headline quantities of the year to come, since each run that is compared with.

    Parameters
    ----------
    news : pandas.DataFrame
        Table ``news`` of the run.
    as_of : datetime.date
        Of the run.

    Returns
    -------
    list of str
        Plain text: since when, then one for each quantity that moved; empty without rows. A last run that is
        that of a month ago too is told of once.
    """
    year = (years_asked(as_of) or ("2027",))[-1]
    names: dict[str, list[str]] = {}
    for since in SINCE:
        rows = news[news["since"] == since] if len(news) else news
        if len(rows):
            names.setdefault(rows["earlier_run_id"].iloc[0], []).append(since)
    return [
        sentence
        for since, *also in names.values()
        for sentence in _since(
            news[(news["since"] == since) & (news["period"] == year)], ", a ".join([since, *also]), year
        )
    ]


def _since(rows: pd.DataFrame, since: str, year: str) -> list[str]:
    known = [name for name in headline_quantities() if name in set(rows["quantity"])]
    moved, still = [], []
    for quantity in known:
        sentence = moved_in_words(rows[rows["quantity"] == quantity], f"{quantity_title(quantity)} {year}")
        if sentence:
            moved.append(sentence)
        else:
            still.append(quantity_title(quantity))
    earlier, day = rows["earlier_run_id"].iloc[0], str(rows["earlier_as_of"].iloc[0])[:10]
    head = f"Since the {since} ({earlier}, as of {day}): "
    if not moved:
        return [f"{head}no headline quantity of {year} moved by more than noise."]
    rest = [f"Within noise: {', '.join(still)}."] if still else []
    return [f"{head}{moved[0]}.", *(f"{sentence}." for sentence in moved[1:]), *rest]


def moved_in_words(rows: pd.DataFrame, name: str) -> str:
    """Say how far a quantity moved in one period, and what by: 'X rose from 141 to 149 USD bn: +6 from ...'.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows of the table ``news`` of one quantity, period and earlier run.
    name : str
        Of the quantity and the period.

    Returns
    -------
    str
        Empty where it moved by no more than noise.
    """
    whole = next(iter(records(rows[rows["part"] == WHOLE])))
    move, before = float(whole["p50"]), float(whole["earlier_p50"])
    if abs(move) <= BEYOND_NOISE * float(whole["error_p50"]):
        return ""
    divisor, unit = quantity_unit(str(whole["quantity"]), str(whole["unit"]), [before])
    parts = _largest_first(rows[~rows["part"].isin([WHOLE, *LEFT_OVER])])
    largest = records(parts.head(PARTS_IN_PARAGRAPH))
    told = [f"{signed(row['p50'] / divisor)} from {who(row)}" for row in largest]
    if (more := len(parts) - PARTS_IN_PARAGRAPH) > 0:
        rest = float(parts["p50"].iloc[PARTS_IN_PARAGRAPH:].sum())
        told.append(f"{signed(rest / divisor)} from {more} more")
    left = next(iter(records(rows[rows["part"].isin(LEFT_OVER)])))
    noise = f"{left['part']} {signed(left['p50'] / divisor)} ± {number(left['error_p50'] / divisor, 2)}"
    verb = "rose" if move > 0 else "fell"
    ends = f"from {number(before / divisor)} to {number((before + move) / divisor)} {unit}"
    return f"{name} {verb} {ends}: {', '.join(told) + '; ' if told else ''}{noise}"


def signed(value: float, digits: int = 2) -> str:
    """Write a move with its sign and so many significant digits: '+6.1', '-0.040'."""
    return ("-" if value < 0 else "+") + number(abs(value), digits)


def part_in_words(row: dict[str, Any]) -> str:
    """Name a part of a move: 'new figure: TrendForce, HBM revenue 2027'."""
    if row["part"] == WHOLE:
        return "the whole move"
    by = row.get("publisher")
    by = first_few(by.split("; "), PUBLISHERS_NAMED) if isinstance(by, str) else ""
    named = ", ".join(text for text in (by, _about(row)) if text)
    return f"{row['part']}: {named}" if named else str(row["part"])


def who(row: dict[str, Any]) -> str:
    """Name what moved a forecast within a sentence: 'TrendForce (HBM revenue 2027, 29 Sep 2026)'."""
    if row["part"] == RULES:
        return str(row["part"])
    day, by = row.get("known_on"), row.get("publisher")
    by = by if isinstance(by, str) and by else "unknown"
    on = "" if day is None or pd.isna(day) else f"{pd.Timestamp(day):%d %b %Y}".lstrip("0")
    if row["part"] in (TOGETHER, RULES_TOGETHER):
        named = first_few(by.split("; "), PUBLISHERS_NAMED)
        which = f"{_about(row)} together" if row["part"] == TOGETHER else f"{RULES} with {_about(row)}"
        return f"{which} ({named}{f'; to {on}' if on else ''})"
    told = [text for text in (_about(row), on) if text]
    kind = "" if row["part"] == NEW else f"{row['part']} of "
    return f"{kind}{by}{f' ({", ".join(told)})' if told else ''}"


def _about(row: dict[str, Any]) -> str:
    about = row.get("about")
    if not isinstance(about, str) or not about:
        return ""
    quantity, _, period = about.rpartition(" ")
    if period == "figures":
        return about
    above, _, below = quantity.partition(" over ")
    return f"{quantity_title(above)}{f' over {parameter_words(below)}' if below else ''} {period}"


def _largest_first(parts: pd.DataFrame) -> pd.DataFrame:
    return parts.loc[parts["p50"].abs().sort_values(ascending=False, kind="stable").index]
