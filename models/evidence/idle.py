"""Figures that were accepted and inform nothing, told at the door: neither chain nor systems know of them."""

from collections.abc import Collection, Mapping
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
    figures, metrics = accepted["figures"], accepted["metrics"]
    read = figures[figures["figure_id"].isin(list(of_systems or ()))]
    kinds = set(read[list(_KIND)].itertuples(index=False, name=None))
    if figure_ids is not None:
        figures = figures[figures["figure_id"].isin(list(figure_ids))]
    if figures.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    links = records(accepted["system_evidence"]) if "system_evidence" in accepted else []
    found = []
    for row in records(resolve(figures, metrics)):
        if row["mapped"] or any(_speaks_of(link, row) for link in links):
            continue
        # What its editor left out informs nothing, whatever others of its kind do.
        if tuple(row[name] for name in _KIND) in kinds and not row["not_used_reason"]:
            continue
        rules = metrics[metrics["metric"] == row["metric"]]
        # A figure that a rule knows, and does not use, is no slip of a name.
        remedy = _nearest_informing(row, rules) if row["rule"] else nearest_rule(row, rules)
        found.append((row["figure_id"], row["unmapped_reason"], remedy))
    return pd.DataFrame(found, columns=list(COLUMNS))


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


def _nearest_informing(row: Mapping[str, object], rules: pd.DataFrame) -> str:
    """Say with which names a figure informs that only the rule for any entity took; '' where none is near."""
    if row["not_used_reason"]:
        return ""
    informing = rules[rules["quantity"] != ""]
    entities, entity = sorted(set(informing["entity"]) - {ANY}), str(row["entity"])
    if entity not in entities:
        nearest = did_you_mean(entity, entities)
        return nearest and f"{nearest}what informs has entity {_listed(entities)}"
    segments, segment = (
        sorted(set(informing.loc[informing["entity"] == entity, "segment"])),
        str(row["segment"]),
    )
    if segment in segments:
        return ""
    nearest = did_you_mean(segment, segments) if segment else ""
    return f"{nearest}of {entity} what informs has segment {_listed(segments)}"


def _listed(names: list[str]) -> str:
    shown = [name or "(empty)" for name in names]
    return ", ".join(shown[:5]) + ", ..." * (len(shown) > 5)


def idle_words(idle: pd.DataFrame, n_looked_at: int, shown: int = 3) -> str:
    """Say in one line how many of some figures inform nothing, and why; '' where all inform something."""
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
