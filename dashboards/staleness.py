"""Why a forecast may be old, by the clock and by its evidence: the same words in terminal, page and app."""

import math
from collections.abc import Iterable
from pathlib import Path

from dashboards.labels import words
from dashboards.tables import Row, ages_in_words
from warehouse import read


def staleness(state: Path, topics: bool = True) -> list[str]:
    """Say in lines why the forecast served may be old.

    Parameters
    ----------
    state : Path
    topics : bool
        Whether topics with old evidence are told too.

    Returns
    -------
    list of str
        None of them where it is fresh.
    """
    lines = [stale_line(read.freshness(state))]
    if topics:
        ages = read.evidence_age(state)
        lines.append(old_line({**row, "topic": words(row["topic"]), "value": row["days"]} for row in ages))
    return [line for line in lines if line]


def stale_line(fresh: Row | None) -> str:
    """Say why the row of the view `freshness` is that of a stale forecast; '' where it is none."""
    if not fresh or not fresh["stale"]:
        return ""
    # A file of before the reason was said has only the one of the attempt.
    return f"Stale: {fresh.get('stale_reason') or fresh['last_attempt_reason']}"


def old_line(ages: Iterable[Row], with_others: bool = False) -> str:
    """Say which topics have old evidence; '' where none has.

    Parameters
    ----------
    ages : iterable of dict
        As `dashboards.tables.evidence_ages` gives them.
    with_others : bool
        Whether the age of the others is told too.
    """
    sorted_ages = oldest_first(ages)
    old = [row for row in sorted_ages if row["is_old"]]
    return f"Old evidence: {ages_in_words(sorted_ages if with_others else old)}" if old else ""


def oldest_first(ages: Iterable[Row]) -> list[Row]:
    """Sort topics by the age of their evidence, those without any first."""

    def youth(row: Row) -> float:
        days = row["value"]
        return -math.inf if days is None or math.isnan(days) else -days

    return sorted(ages, key=youth)
