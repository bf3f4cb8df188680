"""How publishers changed their views: successive figures of one publisher about one target."""

from typing import Any, Final

import numpy as np
import pandas as pd

from dashboards import grammar
from dashboards.blocks import ChartBlock, NothingBlock, Section, TableBlock, section_block, table_block
from dashboards.chart_cache import Gallery
from dashboards.frames import ReportFrames
from dashboards.grammar import Spec
from dashboards.labels import (
    FAN_QUANTITIES,
    RELATED_QUANTITIES,
    amounts,
    quantity_title,
    words,
)

CHAIN: Final = ["publisher", "metric", "entity", "segment", "period", "unit"]
MOST_CHAINS = 28
LOOK: Final = (
    "Look at the direction: a market that is being discovered is revised upwards by all. A row is one "
    "publisher on one target; the hollow point is the first figure, the full ones are what was said later."
)


def revisions_section(frames: ReportFrames, _gallery: Gallery) -> Section:
    """Make the section of revision chains."""
    chains, title = frames.revisions, "Revisions: who changed views"
    if chains.empty:
        return section_block(
            "revisions", title, [], "No publisher has said anything twice that this run could see."
        )
    topics = frames.evidence.drop_duplicates("figure_id").set_index("figure_id")
    mapped = chains.assign(
        quantity=chains["figure_id"].map(topics["quantity"]),
        aggregation=chains["figure_id"].map(topics["aggregation"]),
    )
    return section_block(
        "revisions", title, [revisions_chart(frames, mapped), _table(chains)],
        "The view revision_chains has them all: `hbmcast sql \"from revision_chains\"`.",
    )  # fmt: skip


def revisions_chart(frames: ReportFrames, chains: pd.DataFrame) -> ChartBlock | NothingBlock:
    """Make the chart of the longest ways that publishers went, in per cent of their first figure.

    Parameters
    ----------
    frames : dashboards.frames.ReportFrames
    chains : pandas.DataFrame
        View ``revision_chains`` with ``quantity`` and ``aggregation`` of each figure.

    Returns
    -------
    ChartBlock or NothingBlock
        Chains about levels of the quantities on fan charts.
    """
    title = "Largest revisions of figures about the quantities on fan charts"
    shown = chains[chains["quantity"].isin([*FAN_QUANTITIES, *RELATED_QUANTITIES])]
    shown = shown[
        shown["aggregation"].isin(["sum", "end", "mean"]) & (shown["first_value"] > 0) & (shown["value"] > 0)
    ]
    if shown.empty:
        return grammar.nothing_block(title, "no revised figure about a level of these quantities")
    farthest = shown["change_since_first"].add(1).map(np.log).abs().groupby([shown[c] for c in CHAIN]).max()
    largest = farthest.sort_values(ascending=False).head(MOST_CHAINS)
    place: dict[Any, int] = {chain: row for row, chain in enumerate(largest.index)}
    keys = shown[CHAIN].itertuples(index=False, name=None)
    rows = shown.assign(row=pd.Series([place.get(key) for key in keys], index=shown.index, dtype=float))
    rows = rows.dropna(subset=["row"])
    ends = rows.groupby("row")["change_since_first"].agg(["min", "max", "last"]) * 100
    labels = [
        f"{c[0]}: {words(c[1])}{f', {c[2]}' if c[2] not in ('', 'industry') else ''} {c[4]}"
        for c in largest.index
    ]
    x = grammar.value_axis([0.0, *ends["min"], *ends["max"]], zero=False, signed=True)
    x["label"] = "% of the publisher's first figure"
    note = f"{len(farthest)} chains about these quantities; the {len(largest)} that moved most."
    foot = grammar.footline(frames.provenance, "% of the first figure", "", note=note)
    one = grammar.panel("", x, grammar.rows_axis(labels), _marks(rows, ends))
    return grammar.chart_block("revision-chains", title, LOOK, [one], foot, "%")


def _marks(rows: pd.DataFrame, ends: pd.DataFrame) -> list[Spec]:
    """Mark the way of each chain as a bar, its first figure and the later ones as points."""
    marks: list[Spec] = [
        {"type": "rule", "key": "zero", "name": "first figure", "at": 0.0, "dash": ""},
        {
            "type": "bars",
            "key": "way",
            "name": "way",
            "colour": "light",
            "opacity": 0.7,
            "silent": True,
            "at": [int(row) for row in ends.index],
            "from": grammar.numbers(ends["min"]),
            "to": grammar.numbers(ends["max"]),
        },
    ]
    for first, key, colour in ((True, "first", "grey"), (False, "later", "blue")):
        part = rows[(rows["step"] == 1) == first]
        printed = part[["published_on", "value", "unit", "kind"]].itertuples(index=False)
        marks.append(
            grammar.interval(
                key,
                key,
                [int(row) for row in part["row"]],
                pd.DataFrame({"p50": 100 * part["change_since_first"]}),
                colour=colour,
                hollow=[first] * len(part),
                words=[
                    f"{str(day)[:10]}: {' '.join(amounts(unit, value, digits=4))} ({kind})"
                    for day, value, unit, kind in printed
                ],
            )
        )
    return marks


def _table(chains: pd.DataFrame) -> TableBlock:
    last = chains[chains["step"] == chains["n_steps"]]
    sizes = [
        amounts(unit, *ends, digits=4)
        for unit, *ends in last[["unit", "first_value", "value"]].itertuples(index=False, name=None)
    ]
    cells = pd.DataFrame({
        "Publisher": last["publisher"], "Metric": [quantity_title(str(m)) for m in last["metric"]],
        "Entity": last["entity"], "Period": last["period"].astype(str),
        "Unit": [unit for _, _, unit in sizes], "Steps": last["n_steps"].map("{:.0f}".format),
        "First": [first for first, _, _ in sizes], "Last": [now for _, now, _ in sizes],
        "On": last["published_on"].astype(str).str[:10],
        "Link": last["url"].fillna("").astype(str),
    })  # fmt: skip
    return table_block(
        cells,
        numeric=("Steps", "First", "Last"),
        links=("Link",),
        summary=f"All {len(cells)} revision chains",
    )
