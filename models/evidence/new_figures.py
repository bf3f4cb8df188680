"""Figures that the last night did not have, one by one: what was read of each, and what becomes of it."""

from collections.abc import Collection, Mapping

import pandas as pd

from models.evidence.idle import idle_resolved, informs_nothing
from models.evidence.moved import as_text
from models.vocabulary.rows import records
from models.vocabulary.units import VALUE_COLUMNS
from models.vocabulary.wording import value_or_range

COLUMNS = ("file", "row", "figure_id", "says", "since", "becomes", "remedy")
_SAYS = ("metric", "entity", "segment", "period")
_COMPARED = (*_SAYS, *VALUE_COLUMNS, "unit", "kind", "not_used_reason")
_NEW, _CHANGED = "new", "changed"


def new_figures(
    resolved: pd.DataFrame,
    accepted: Mapping[str, pd.DataFrame],
    before: pd.DataFrame | None,
    doubtful: pd.DataFrame,
    of_systems: Collection[str] | None = None,
) -> pd.DataFrame:
    """List the accepted figures that are not in force as they stand now.

    Parameters
    ----------
    resolved : DataFrame
        Accepted figures after `models.evidence.mapping.resolve`, with `file` and `row` as they lie.
    accepted : mapping of str to DataFrame
        As of `models.evidence.validation.Validated`.
    before : DataFrame or None
        Figures in force; None before a first night, when all are new and none is listed.
    doubtful : DataFrame
        ``figure_id`` and ``finding`` of `models.evidence.second_look`.
    of_systems : collection of str, optional
        As `models.evidence.idle.idle_figures` takes them.

    Returns
    -------
    DataFrame
        `COLUMNS`: what is said of what (in the row's own unit), whether the figure is new or changed, what it
        informs or why nothing, and a remedy where there is one.
    """
    if before is None:
        return pd.DataFrame(columns=list(COLUMNS))
    known = {row["figure_id"]: _compared(row) for row in records(before)}
    rows = [row for row in records(resolved) if known.get(row["figure_id"]) != _compared(row)]
    of_rows = resolved[resolved["figure_id"].isin([row["figure_id"] for row in rows])]
    idle = idle_resolved(of_rows, accepted, of_systems).set_index("figure_id")
    doubts = dict(zip(doubtful["figure_id"], doubtful["finding"], strict=True))
    listed = []
    for row in rows:
        name = row["figure_id"]
        is_idle = name in idle.index
        becomes = informs_nothing(idle.loc[name, "reason"]) if is_idle else _informed(row)
        if name in doubts:
            becomes = f"{becomes}; doubtful: {doubts[name]}"
        listed.append(
            {
                **{column: row[column] for column in ("file", "row", "figure_id")},
                "says": _said(row),
                "since": _CHANGED if name in known else _NEW,
                "becomes": becomes,
                "remedy": idle.loc[name, "remedy"] if is_idle else "",
            }
        )
    return pd.DataFrame(listed, columns=list(COLUMNS))


def _compared(row: Mapping[str, object]) -> tuple[str, ...]:
    return tuple(as_text(row.get(column)) for column in _COMPARED)


def _said(row: Mapping[str, object]) -> str:
    about = " ".join(filter(None, (as_text(row[name]) for name in _SAYS)))
    value, low, high = ("" if (n := row[name]) is None or n != n else f"{n:,.15g}" for name in VALUE_COLUMNS)
    return f"{about} = {value_or_range(value, low, high)} {row['unit']}, {row['kind']}"


def _informed(row: Mapping[str, object]) -> str:
    if not row["mapped"] or not row["quantity"]:
        return "informs systems"
    per = f" / {row['per_quantity']}" if row["per_quantity"] else ""
    how = {"growth": ", its growth", "sequential_growth": ", its growth on the period before"}
    return f"informs {row['quantity']}{per}{how.get(str(row['aggregation']), '')}"
