"""A second look at figures that pass every check: what their neighbours make doubtful.

Bounds are wide. Within them a share of 0.35 percent stands beside twenty of 35, a quarter's sale is filed
under a second period, one statement comes twice within a month under two publishers, and a page's growth rate
repeats its own two levels. None of it is refused; all of it is told, with the figure that makes it doubtful.
"""

import math
from collections.abc import Collection, Mapping
from statistics import median
from typing import Any, Final

import pandas as pd

from models.evidence.beside import (
    ComparedFigure,
    Kind,
    comparable_groups,
    is_same_period,
    likely_echoes,
    publishers_last,
)
from models.evidence.checks.rates import is_confirmed
from models.evidence.mapping import GROWTH
from models.vocabulary.periods import Period, preceding_period, previous_period

COLUMNS: Final = ("file", "row", "figure_id", "finding", "beside", "remedy")
FEWEST_OTHERS: Final = 3
MONTHS_NEAR: Final = 12
LEAST_SURPRISE: Final = {False: math.log(4.0), True: 0.5}
"""How far, on the log scale, a level (False) or 1 + growth (True) must lie from the median of others."""
LARGEST_REVISION: Final = {False: math.log(2.0), True: 0.5}
"""How far, on the same scales, a publisher may move from what he said last of the same period: of 159 such
steps in the figures of 2026-11, 4 are longer."""
SPREADS: Final = 6.0
PERCENT: Final = 0.01
_SLIPS: Final = {
    "percent for fraction": 100.0,
    "a thousand": 1e3,
    "a million": 1e6,
    "bits for bytes": 8.0,
}


def second_look(
    resolved: pd.DataFrame,
    exchange_rates: pd.DataFrame,
    sources: pd.DataFrame,
    figure_ids: Collection[str] | None = None,
) -> pd.DataFrame:
    """Find figures that their neighbours make doubtful.

    Parameters
    ----------
    resolved : DataFrame
        Accepted figures after `models.evidence.mapping.resolve`, with `file` and `row`.
    exchange_rates, sources : DataFrame
        Accepted.
    figure_ids : collection of str, optional
        Figures to look at, beside all others; by default all.

    Returns
    -------
    DataFrame
        Columns `COLUMNS`; ``beside`` names the figures compared with. A figure whose note begins with
        'confirmed:' is not named.
    """
    groups = comparable_groups(resolved, exchange_rates, sources)
    wanted = None if figure_ids is None else set(figure_ids)
    found: list[dict[str, Any]] = []
    for group in groups.values():
        for seen in group:
            if _is_asked(seen, wanted):
                found += [f for look in _LOOKS if (f := look(seen, group))]
    found += _growth_of_own_levels(groups, wanted)
    return pd.DataFrame(found, columns=list(COLUMNS))


def surprise(row: Mapping[str, Any]) -> float:
    """Say how likely a figure so far out, or farther, was: two tails of a number, one of a bound.

    Parameters
    ----------
    row : mapping
        Its ``pit`` in what was expected of it, None for a bound; ``probability`` of a bound.
    """
    if row["pit"] is None:
        return float(row["probability"])
    return 2.0 * min(float(row["pit"]), 1.0 - float(row["pit"]))


def _is_asked(seen: ComparedFigure, wanted: set[str] | None) -> bool:
    return (wanted is None or seen.figure_id in wanted) and not is_confirmed(str(seen.row["note"]))


def _log(seen: ComparedFigure) -> float:
    x = 1.0 + seen.number if seen.row["aggregation"] in GROWTH else seen.number
    return math.log(x) if x > 0 else -math.inf


def _far_off(seen: ComparedFigure, group: list[ComparedFigure]) -> dict[str, Any] | None:
    """Compare with what other statements say of the same months, or of a year earlier or later."""
    others = [
        other
        for other in group
        if other.row["origin_id"] != seen.row["origin_id"]
        and other.period.n_months == seen.period.n_months
        and abs(other.period.end - seen.period.end) <= MONTHS_NEAR
    ]
    if len(others) < FEWEST_OTHERS:
        return None
    logs = [_log(other) for other in others]
    middle = median(logs)
    spread = 1.4826 * median(abs(x - middle) for x in logs)
    growth = seen.row["aggregation"] in GROWTH
    off = _log(seen) - middle
    if growth and (slip := _slip_of_growth(seen.number, math.expm1(middle))):
        finding = f"growth of {seen.number:.3g} beside a median of {math.expm1(middle):.2g}: {slip}"
        return _finding(seen, finding, others[:3], "look at the unit and the page")
    if abs(off) <= max(LEAST_SURPRISE[growth], SPREADS * spread):
        return None
    times = math.exp(abs(off))
    finding = f"{times:.3g} times {'above' if off > 0 else 'below'} the median of {len(others)} other figures"
    return _finding(seen, finding + _slip(times), others[:3], "look at the unit and the page")


def _slip(times: float) -> str:
    """Name the slip that would explain how far off a level is; '' where none does."""
    near = [name for name, size in _SLIPS.items() if abs(math.log(times / size)) < math.log(1.6)]
    return f": {near[0]}?" if near else ""


def _slip_of_growth(growth: float, others: float) -> str:
    """Name the slip that brings a growth near that of others; '' where none does."""
    off = abs(growth - others)
    if 0 < abs(growth) < PERCENT and abs(others) > 10 * PERCENT and abs(100 * growth - others) < off:
        return "percent for fraction?"
    if growth > 1 and abs(growth - 1 - others) < off / 2:
        return "an index, where 100 is no change?"
    return ""


def _other_period(seen: ComparedFigure, group: list[ComparedFigure]) -> dict[str, Any] | None:
    """Find the same number of the same maker under a period that overlaps or neighbours this one."""
    if seen.row["kind"] != "actual" or seen.row["aggregation"] in GROWTH:
        return None
    same = [
        other
        for other in group
        if other.number == seen.number
        and other.row["kind"] == "actual"
        and not is_same_period(other, seen)
        and other.period.n_months == seen.period.n_months
        and (other.row["file"], other.row["row"]) < (seen.row["file"], seen.row["row"])
    ]
    remedy = "one sale under two periods: keep the one that the maker's own page names"
    return _finding(seen, "the same number is given for another period", same, remedy) if same else None


def _echo(seen: ComparedFigure, group: list[ComparedFigure]) -> dict[str, Any] | None:
    """Find the same number for the same period from somebody else a few weeks before."""
    before = likely_echoes(seen, group)
    remedy = "if it repeats that one, give its origin_id"
    return (
        _finding(seen, "the same number from somebody else, days before", before, remedy) if before else None
    )


def _own_last(seen: ComparedFigure, group: list[ComparedFigure]) -> dict[str, Any] | None:
    """Compare with what its publisher said last of the same period."""
    last = publishers_last(seen, group)
    if last is None:
        return None
    growth = seen.row["aggregation"] in GROWTH
    off = _log(seen) - _log(last)
    if not math.isfinite(off) or abs(off) <= LARGEST_REVISION[growth]:
        return None
    times = math.exp(abs(off))
    finding = f"{times:.3g} times {'above' if off > 0 else 'below'} what its publisher said last"
    return _finding(seen, f"{finding}{_slip(times)}", [last], "look at the unit and the page")


_LOOKS: Final = (_far_off, _other_period, _echo, _own_last)


def _growth_of_own_levels(
    groups: Mapping[Kind, list[ComparedFigure]], wanted: set[str] | None
) -> list[dict[str, Any]]:
    """Find growth rates whose two levels stand on the same page and inform too: one statement, not two."""
    levels: dict[tuple, ComparedFigure] = {}
    for seen in (seen for group in groups.values() for seen in group):
        if seen.row["aggregation"] not in GROWTH:
            levels[_place(seen, seen.period)] = seen
    found = []
    for seen in (seen for group in groups.values() for seen in group):
        if seen.row["aggregation"] not in GROWTH or not _is_asked(seen, wanted):
            continue
        sequential = seen.row["aggregation"] == "sequential_growth"
        base = preceding_period(seen.period) if sequential else previous_period(seen.period)
        ends = [levels.get(_place(seen, at)) for at in (seen.period, base)]
        if ends[0] is not None and ends[1] is not None:
            remedy = "give it a not_used_reason: its levels say it already"
            found.append(
                _finding(seen, "a growth and both its levels on one page", [ends[0], ends[1]], remedy)
            )
    return found


def _place(seen: ComparedFigure, period: Period) -> tuple:
    metric = str(seen.row["metric"]).removesuffix("_growth")
    named = tuple(seen.row[name] for name in ("source_id", "entity", "segment"))
    return (*named, metric, period.start, period.end)


def _finding(seen: ComparedFigure, finding: str, beside: list[ComparedFigure], remedy: str) -> dict[str, Any]:
    return {
        **{name: seen.row[name] for name in ("file", "row", "figure_id")},
        "finding": finding,
        "beside": " ".join(str(other.row["figure_id"]) for other in beside),
        "remedy": f"{remedy}; if it is right as it is, begin its note with 'confirmed:'",
    }
