"""The audit of the evidence: what came in, what is used, what isn't and why, and what contradicts itself."""

import math
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, NamedTuple

import pandas as pd

from models.evidence.checks.rows import READ_AS_COLUMNS
from models.evidence.mapping import GROWTH
from models.vocabulary.periods import FIRST_YEAR, Period, parse_period, preceding_period, previous_period
from models.vocabulary.rows import rows_of
from models.vocabulary.units import UnitError, factor, half_unit

_REJECTION: Final = ("file", "row", "field", "value", "problem", "remedy")
_FIGURES: Final = r"(?:^|/)figures/"
_ENDPOINT_KEY: Final = ("source_id", "entity", "segment")


@dataclass(frozen=True)
class Audit:
    """Small tables about the evidence.

    Attributes
    ----------
    counts : DataFrame
        item, n: rows read, rejected, accepted, used, not used, publications, echoes.
    by_file : DataFrame
        file, accepted, used, not_used, rejected; files of figures only.
    rejections : DataFrame
        file, row, field, value, problem, remedy: everything put aside, of every file.
    not_used : DataFrame
        reason, n, example (a figure_id): figures that inform neither the chain nor a system; most frequent
        first.
    echoes : DataFrame
        origin_id, n (pages that repeat it, itself included), figure_ids.
    growth_conflicts : DataFrame
        figure_id, metric, entity, segment, period, stated, implied, tolerance, from_figure, to_figure, url.
    read_as : DataFrame
        file, row, field, printed, read: cells kept in another form than printed.
    """

    counts: pd.DataFrame
    by_file: pd.DataFrame
    rejections: pd.DataFrame
    not_used: pd.DataFrame
    echoes: pd.DataFrame
    growth_conflicts: pd.DataFrame
    read_as: pd.DataFrame


def audit(
    resolved: pd.DataFrame,
    sources: pd.DataFrame,
    rejected: pd.DataFrame,
    read_as: pd.DataFrame | None = None,
    of_systems: Collection[str] | None = None,
    figure_files: Collection[str] = (),
) -> Audit:
    """Audit the evidence.

    Parameters
    ----------
    resolved : DataFrame
        Accepted figures after `models.evidence.mapping.resolve` (numbers as floats), with `file`.
    sources : DataFrame
        Accepted publications.
    rejected : DataFrame
        As from `models.evidence.validation.validate`.
    read_as : DataFrame, optional
        As from `models.evidence.validation.validate`.
    of_systems : collection of str, optional
        Figures that a system rests on, whether or not they inform the chain; not known before a first night.
    figure_files : collection of str
        Files of figures that don't lie in `figures/`.

    Returns
    -------
    Audit
    """
    is_of_figures = rejected["file"].str.contains(_FIGURES) | rejected["file"].isin(list(figure_files))
    rejected_rows = rejected[is_of_figures].drop_duplicates(["file", "row"])
    echoes = _echoes(resolved)
    in_chain = resolved["mapped"].astype(bool)
    in_system = resolved["figure_id"].isin(list(of_systems or ()))
    mapped = in_chain | in_system
    resolved = resolved.assign(mapped=mapped)
    counts = [
        ("figures read", len(resolved) + len(rejected_rows)),
        ("figures rejected", len(rejected_rows)),
        ("figures accepted", len(resolved)),
        ("figures used", int(mapped.sum())),
        ("figures used by the chain", int(in_chain.sum())),
        *([] if of_systems is None else [("figures used by systems", int(in_system.sum()))]),
        ("figures accepted but not used", int((~mapped).sum())),
        ("publications accepted", len(sources)),
        ("publishers", sources["publisher"].nunique()),
        ("origins repeated elsewhere", len(echoes)),
        ("figures that repeat another's origin", int((echoes["n"] - 1).sum())),
        ("rows of other files rejected", len(rejected[~is_of_figures].drop_duplicates(["file", "row"]))),
    ]
    return Audit(
        counts=pd.DataFrame(counts, columns=["item", "n"]),
        by_file=_by_file(resolved, rejected_rows),
        not_used=_reasons(
            resolved.loc[~mapped, "unmapped_reason"], resolved.loc[~mapped, "figure_id"], "reason"
        ),
        rejections=rejected[list(_REJECTION)].reset_index(drop=True),
        echoes=echoes,
        growth_conflicts=growth_conflicts(resolved, sources),
        read_as=pd.DataFrame(columns=list(READ_AS_COLUMNS)) if read_as is None else read_as,
    )


def _by_file(resolved: pd.DataFrame, rejected_rows: pd.DataFrame) -> pd.DataFrame:
    grouped = resolved.groupby("file")["mapped"]
    table = pd.DataFrame(
        {
            "accepted": grouped.size(),
            "used": grouped.sum(),
            "rejected": rejected_rows.groupby("file").size(),
        }
    )
    table = table.fillna(0).astype(int)
    table["not_used"] = table["accepted"] - table["used"]
    return table.rename_axis("file").reset_index()[["file", "accepted", "used", "not_used", "rejected"]]


def _reasons(labels: pd.Series, examples: pd.Series, name: str) -> pd.DataFrame:
    table = pd.DataFrame({name: labels.to_numpy(), "example": examples.to_numpy()})
    counted = table.groupby(name)["example"].agg(n="size", example="first").reset_index()
    return counted.sort_values(["n", name], ascending=[False, True], ignore_index=True)


def _echoes(resolved: pd.DataFrame) -> pd.DataFrame:
    repeated = resolved[resolved["origin_id"].duplicated(keep=False)]
    grouped = repeated.groupby("origin_id")["figure_id"]
    table = grouped.agg(n="size", figure_ids=" ".join).reset_index()
    return table.sort_values(["n", "origin_id"], ascending=[False, True], ignore_index=True)


def growth_conflicts(resolved: pd.DataFrame, sources: pd.DataFrame) -> pd.DataFrame:
    """Stated growth rates that the end points on the same page don't give.

    Parameters
    ----------
    resolved : DataFrame
        Figures with metric, entity, segment, period, value, unit and aggregation. A growth metric is one
        whose rule says so, or whose name is another metric's with `_growth` behind it (even where it isn't
        used).
    sources : DataFrame
        Publications, for the URL.

    Returns
    -------
    DataFrame
        One row per rate that differs by more than the rounding of the three printed numbers explains
        (`tolerance`), in fractions. Rates whose end points aren't on the page, or stand there in two
        currencies, are not judged.
    """
    levels: dict[tuple, list[_Level]] = {}
    rates = []
    for row in rows_of(resolved):
        period = parse_period(row.period, row.fiscal_year_end_month)
        key = tuple(getattr(row, column) for column in _ENDPOINT_KEY)
        if row.aggregation in GROWTH or row.metric.endswith("_growth"):
            rates.append((row, key, period))
        elif not math.isnan(row.value):
            level = (*key, row.metric, period.start, period.end)
            levels.setdefault(level, []).append(_Level(row.figure_id, row.value, row.unit))
    urls = dict(zip(sources["source_id"], sources["url"], strict=True))
    found = []
    for row, key, period in rates:
        base = preceding_period(period) if row.aggregation == "sequential_growth" else previous_period(period)
        metric = row.metric.removesuffix("_growth")
        after, before = (_levels_of(levels, key, metric, at) for at in (period, base))
        if not after or not before:
            continue
        stated, half_width = _stated(row.value, row.low, row.high)
        by = _size(row.unit, "fraction")
        pairs = [(new, old) for new in after for old in before if _size(new.unit, old.unit) is not None]
        if math.isnan(stated) or by is None or not pairs:
            continue
        compared = [_compare(stated * by, half_width * by, new, old) for new, old in pairs]
        best = min(compared, key=lambda comparison: comparison["excess"])
        if best["excess"] > 0:
            named = {
                column: getattr(row, column)
                for column in ("figure_id", "metric", "entity", "segment", "period")
            }
            found.append({**named, **best, "url": urls.get(row.source_id, "")})
    columns = ("figure_id", "metric", "entity", "segment", "period", "stated", "implied", "tolerance")
    return pd.DataFrame(found, columns=[*columns, "from_figure", "to_figure", "url"])


class _Level(NamedTuple):
    figure_id: str
    value: float
    unit: str


def _levels_of(levels: dict, key: tuple, metric: str, at: Period) -> list[_Level]:
    return levels.get((*key, metric, at.start, at.end), [])


def _size(unit: str, of: str) -> float | None:
    """How many of another unit one is, where that is the same on all days; else None."""
    try:
        return factor(unit, of, FIRST_YEAR, {})
    except UnitError:
        return None


def _stated(value: float, low: float, high: float) -> tuple[float, float]:
    """Give the rate and its own half-width; a bound alone ("over 50 %") contradicts nothing precisely."""
    if not math.isnan(value):
        return value, half_unit(value)
    return (low + high) / 2.0, (high - low) / 2.0


def _compare(stated: float, half_width: float, new: _Level, old: _Level) -> dict:
    by = _size(new.unit, old.unit) or math.nan
    implied = new.value * by / old.value - 1.0 if old.value else math.inf
    ends = [level.value for level in (new, old) if level.value]
    tolerance = half_width + abs(1.0 + implied) * sum(half_unit(x) / abs(x) for x in ends)
    return {
        "stated": stated,
        "implied": implied,
        "tolerance": tolerance,
        "from_figure": old.figure_id,
        "to_figure": new.figure_id,
        "excess": abs(implied - stated) - tolerance,
    }
