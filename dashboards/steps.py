"""Earlier runs and vintages: what the page steps through, and what changed since."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pandas as pd

from dashboards.frames import ReportFrames
from dashboards.grammar import Spec, middle_of, quantiles
from dashboards.labels import quantity_unit
from models.vocabulary.results.news import LAST_RUN, MONTH, MONTH_AGO
from models.vocabulary.rows import rows_of

NEWEST_RUNS = 14
"""Runs kept on the page before this one; of older ones the last of each month."""
MOST_STEPS = 60
THE_LAST_RUN, A_MONTH_AGO = f"the {LAST_RUN}", f"a {MONTH_AGO}"


def earlier_runs(history: pd.DataFrame, run_id: str, as_of: date) -> pd.DataFrame:
    """List the published runs that are not later than a run, itself last.

    Parameters
    ----------
    history : pandas.DataFrame
        As `warehouse.history.forecasts_of_runs` gives it.
    run_id : str
    as_of : datetime.date
        Of the run.

    Returns
    -------
    pandas.DataFrame
        ``run_id, as_of (datetime.date), run_number``, in the order of stepping.
    """
    columns = ["run_id", "as_of", "run_number"]
    if history.empty:
        return pd.DataFrame(columns=columns)
    runs = (
        history[columns].drop_duplicates("run_id").assign(as_of=lambda f: pd.to_datetime(f["as_of"]).dt.date)
    )
    own = runs.loc[runs["run_id"] == run_id, "run_number"]
    number = own.iloc[0] if len(own) else runs["run_number"].max() + 1
    before = runs[(runs["as_of"] < as_of) | ((runs["as_of"] == as_of) & (runs["run_number"] <= number))]
    return before.sort_values(["as_of", "run_number"]).reset_index(drop=True)


def thinned(runs: pd.DataFrame) -> pd.DataFrame:
    """Keep the newest runs, and of those before the last of each month."""
    newest, older = runs.tail(NEWEST_RUNS + 1), runs.head(max(0, len(runs) - NEWEST_RUNS - 1))
    monthly = (
        older.groupby(older["as_of"].map(lambda day: (day.year, day.month))).tail(1) if len(older) else older
    )
    return pd.concat([monthly, newest]).tail(MOST_STEPS)


def steps_of(frames: ReportFrames, quantity: str) -> list[Spec]:
    """Give the fans of a quantity that can be laid over the present one, the present one last.

    Parameters
    ----------
    frames : dashboards.frames.ReportFrames
    quantity : str

    Returns
    -------
    list of dict
        ``run, label, as_of`` and, for ``quarter`` and ``year``, ``x`` and the bands in the unit shown.
    """
    rows = frames.forecast[frames.forecast["quantity"] == quantity]
    if rows.empty:
        return []
    unit, level = str(rows["unit"].iloc[0]), str(rows["yearly"].iloc[0]) == "end"
    divisor, _ = quantity_unit(quantity, unit, rows["p95"])
    own, day = frames.provenance.run_id, pd.Timestamp(frames.provenance.as_of).date()
    kept = thinned(earlier_runs(frames.history, own, day))
    found: list[tuple[date, int, str, str, pd.DataFrame]] = []
    if len(frames.vintages):
        of = frames.vintages[frames.vintages["quantity"] == quantity]
        for as_of, part in of.groupby(pd.to_datetime(of["as_of"]).dt.date):
            if as_of < day:
                found.append((as_of, 0, f"vintage-{as_of}", "vintage of the backtest", part))
    of = frames.history[frames.history["quantity"] == quantity] if len(frames.history) else frames.history
    by_run = {str(run): part for run, part in of.groupby("run_id")} if len(of) else {}
    for run in rows_of(kept):
        if run.run_id in by_run and run.run_id != own:
            found.append((run.as_of, 1 + run.run_number, run.run_id, f"run {run.run_id}", by_run[run.run_id]))
    found.sort(key=lambda one: one[:2])
    made = [_step(run, label, as_of, part, divisor, level) for as_of, _, run, label, part in found]
    return [*made, {"run": own, "label": "this run", "as_of": str(day)}]


def _step(run: str, label: str, as_of: date, part: pd.DataFrame, divisor: float, level: bool) -> Spec:
    step: Spec = {"run": run, "label": label, "as_of": str(as_of)}
    for kind, has_quarter in (("quarter", True), ("year", False)):
        rows = part[part["period"].astype(str).str.contains("Q") == has_quarter].copy()
        rows["x"] = [middle_of(str(period), level) for period in rows["period"]]
        rows = rows.sort_values("x")
        step[kind] = {
            "x": rows["x"].round(4).tolist(), "periods": rows["period"].astype(str).tolist(),
            **quantiles(rows, divisor),
        }  # fmt: skip
    return step


def compared(frames: ReportFrames) -> dict[str, pd.DataFrame]:
    """Find the forecasts that tonight's is compared with.

    Parameters
    ----------
    frames : dashboards.frames.ReportFrames

    Returns
    -------
    dict of str to pandas.DataFrame
        `THE_LAST_RUN` and `A_MONTH_AGO` -> its rows of the history, where there is one.
    """
    day = pd.Timestamp(frames.provenance.as_of).date()
    runs = earlier_runs(frames.history, frames.provenance.run_id, day)
    before = runs[runs["run_id"] != frames.provenance.run_id]
    month = before[before["as_of"] <= day - MONTH]
    return {
        words: frames.history[frames.history["run_id"] == some["run_id"].iloc[-1]]
        for words, some in ((THE_LAST_RUN, before), (A_MONTH_AGO, month))
        if len(some)
    }


def change_in_words(now: float, then: Mapping[str, Any] | None) -> str:
    """Say by how much a median moved: '+3.1 %', 'unchanged'; with a star where it left the earlier 50 %.

    Parameters
    ----------
    now : float
        Median of this run.
    then : mapping, optional
        ``p25, p50, p75`` of the earlier one.

    Returns
    -------
    str
        A dash without an earlier one.
    """
    if then is None or not then["p50"] or pd.isna(then["p50"]) or pd.isna(now):
        return "–"
    change = now / then["p50"] - 1
    star = "" if then["p25"] <= now <= then["p75"] else " *"
    return "unchanged" if abs(change) < 0.0005 else f"{100 * change:+.1f} %{star}"
