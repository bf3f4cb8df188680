"""Figures that were accepted and inform nothing, told at the door: neither chain nor systems know of them."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

import pandas as pd

from models.evidence.mapping import ANY, resolve
from models.vocabulary.printed_text import did_you_mean
from models.vocabulary.rows import records

COLUMNS: Final = ("figure_id", "reason", "remedy")
_KIND: Final = ("metric", "entity", "segment")


def idle_figures(
    accepted: Mapping[str, pd.DataFrame],
    figure_ids: Collection[str] | None = None,
    of_systems: Collection[str] | None = None,
) -> pd.DataFrame:
    """Find accepted figures that no rule takes to the chain, and no row of system_evidence to a system.

    Parameters
    ----------
    accepted : mapping of str to DataFrame
        'figures', 'metrics', and where there is one 'system_evidence'
        (`models.evidence.validation.Validated.accepted`).
    figure_ids : collection of str, optional
        The ones to look at; by default all.
    of_systems : collection of str, optional
        Figures that the systems of the run served rest on: many are read by the systems' own code. Another
        one about the same metric, entity and segment is read like them.

    Returns
    -------
    DataFrame
        `COLUMNS`; the remedy names the nearest entity or segment that has a rule, '' where there is none.
    """
    figures = accepted["figures"]
    if figure_ids is not None:
        figures = figures[figures["figure_id"].isin(list(figure_ids))]
    if figures.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    return idle_resolved(resolve(figures, accepted["metrics"]), accepted, of_systems)


def idle_resolved(
    resolved: pd.DataFrame,
    accepted: Mapping[str, pd.DataFrame],
    of_systems: Collection[str] | None = None,
) -> pd.DataFrame:
    """Find those of some resolved figures that inform nothing.

    Parameters
    ----------
    resolved : DataFrame
        The ones to look at, after `models.evidence.mapping.resolve`.
    accepted, of_systems
        As in `idle_figures`; 'figures' need not hold those looked at.

    Returns
    -------
    DataFrame
        As `idle_figures`.
    """
    figures, metrics = accepted["figures"], accepted["metrics"]
    read = figures[figures["figure_id"].isin(list(of_systems or ()))]
    kinds = set(read[list(_KIND)].itertuples(index=False, name=None))
    links = records(accepted["system_evidence"]) if "system_evidence" in accepted else []
    found = []
    for row in records(resolved):
        if row["mapped"] or any(_speaks_of(link, row) for link in links):
            continue
        # What its editor left out informs nothing, whatever others of its kind do.
        if tuple(row[name] for name in _KIND) in kinds and not row["not_used_reason"]:
            continue
        rules = metrics[metrics["metric"] == row["metric"]]
        # A figure that a rule knows, and does not use, is no slip of a name.
        if row["rule"]:
            remedy = _nearest_informing(row, rules, _of_systems(row, kinds, links))
        else:
            remedy = nearest_rule(row, rules)
        found.append((row["figure_id"], row["unmapped_reason"], remedy))
    return pd.DataFrame(found, columns=list(COLUMNS))


def _of_systems(
    row: Mapping[str, object], kinds: Collection[tuple[str, ...]], links: Sequence[Mapping[str, object]]
) -> set[tuple[str, str]]:
    """Entities and segments of a metric that systems read."""
    read = {(entity, segment) for metric, entity, segment in kinds if metric == row["metric"]}
    linked = {(str(k["entity"]), str(k["segment"])) for k in links if k["metric"] == row["metric"]}
    return {(entity, segment) for entity, segment in read | linked if entity != ANY}


def _speaks_of(link: Mapping[str, object], row: Mapping[str, object]) -> bool:
    return link["metric"] == row["metric"] and all(
        link[name] in (ANY, row[name]) for name in ("entity", "segment")
    )


def nearest_rule(row: Mapping[str, object], rules: pd.DataFrame) -> str:
    """Say which entities and segments of a metric have a rule, for a row that none of its rules fits.

    Parameters
    ----------
    row : mapping
        ``entity, segment`` of a figure.
    rules : DataFrame
        The metric's rows of metrics.csv, one at least.
    """
    entities = sorted(set(rules["entity"]))
    if row["entity"] not in entities and ANY not in entities:
        return f"{did_you_mean(str(row['entity']), entities)}rules are for entity {_listed(entities)}"
    segments = sorted(set(rules.loc[rules["entity"].isin([ANY, row["entity"]]), "segment"]))
    return f"{did_you_mean(str(row['segment']), segments)}rules are for segment {_listed(segments)}"


def _nearest_informing(
    row: Mapping[str, object], rules: pd.DataFrame, of_systems: set[tuple[str, str]]
) -> str:
    """Say with which names a figure informs that only the rule for any entity took; '' where none is near."""
    if row["not_used_reason"]:
        return ""
    informing = rules[rules["quantity"] != ""]
    names = of_systems | set(zip(informing["entity"], informing["segment"], strict=True))
    entities, entity = sorted({name for name, _ in names} - {ANY}), str(row["entity"])
    if entity not in entities:
        nearest = did_you_mean(entity, entities)
        return nearest and f"{nearest}what informs has entity {_listed(entities)}"
    segments, segment = sorted({of for name, of in names if name == entity}), str(row["segment"])
    if segment in segments or ANY in segments:
        return ""
    nearest = did_you_mean(segment, segments) if segment else ""
    return f"{nearest}of {entity} what informs has segment {_listed(segments)}"


def _listed(names: list[str]) -> str:
    shown = [name or "(empty)" for name in names]
    return ", ".join(shown[:5]) + ", ..." * (len(shown) > 5)


def informs_nothing(reason: str) -> str:
    """Say of one figure that it informs nothing, and why."""
    return reason if reason.startswith("informs nothing") else f"informs nothing: {reason}"


def idle_words(idle: pd.DataFrame, n_looked_at: int, shown: int = 3) -> str:
    """Say in one line how many of some figures inform nothing, and why; '' where all inform something.

    Parameters
    ----------
    idle : DataFrame
        As `idle_figures` gives it.
    n_looked_at : int
        Figures among which they were found.
    shown : int
        Reasons that are named; with 0 only the count.
    """
    if idle.empty:
        return ""
    count = f"{len(idle)} of {n_looked_at} figures inform nothing"
    reasons = []
    for reason, group in idle.groupby("reason", sort=False):
        first = group.iloc[0]
        more = f", {len(group)} in all" if len(group) > 1 else ""
        remedy = f" ({first['remedy']})" if first["remedy"] else ""
        reasons.append(f"{first['figure_id']}{more}: {reason}{remedy}")
    return f"{count}: {'; '.join(reasons[:shown])}{'; ...' * (len(reasons) > shown)}" if shown else count
