"""How many targets there really are: those that share their evidence count once.

Two targets belong together when they are periods of one quantity that overlap (a year and its quarters, a
fiscal year and the calendar year beside it), or when their outcomes are made of a common figure. What hangs
together through others belongs together too, so the four quarters of a year that is a target itself are one.
Targets of different quantities of one market and year are not merged, although they err together: the count
says how much evidence there is, not how independent its errors are.
"""

import numpy as np
import pandas as pd
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

GROUP = "independent_group"


def grouped(outcomes: pd.DataFrame) -> pd.DataFrame:
    """Outcomes with a column `GROUP`: targets with equal numbers share their evidence."""
    groups = independent_groups(outcomes).rename(GROUP).reset_index()
    return outcomes.merge(groups, on=["quantity", "period"], validate="one_to_one")


def independent_groups(outcomes: pd.DataFrame) -> pd.Series:
    """Assign numbers to the groups of targets that share their evidence.

    Parameters
    ----------
    outcomes : DataFrame
        Columns ``quantity, period, start, end`` (months since January 2021) and ``figure_ids`` (separated by
        spaces), a row a target.

    Returns
    -------
    Series of int
        Index ``quantity, period``; equal numbers share evidence.
    """
    table = outcomes.drop_duplicates(["quantity", "period"]).reset_index(drop=True)
    links = [*_overlapping(table), *_of_common_figures(table)]
    first, second = (np.array(side, int) for side in zip(*links, strict=True)) if links else ([], [])
    graph = coo_matrix((np.ones(len(links)), (first, second)), shape=(len(table), len(table)))
    labels = connected_components(graph, directed=False)[1] if len(table) else []
    return pd.Series(
        labels, index=pd.MultiIndex.from_frame(table[["quantity", "period"]]), name="group", dtype=int
    )


def _overlapping(table: pd.DataFrame) -> list[tuple[int, int]]:
    found = []
    for _, rows in table.groupby("quantity"):
        order = rows.sort_values(["start", "end"])
        # Overlaps with what came before are overlaps with whatever of it reaches furthest.
        reaches, holder = -1, -1
        for position, start, end in order[["start", "end"]].itertuples():
            if holder >= 0 and start <= reaches:
                found.append((holder, position))
            if end > reaches:
                reaches, holder = end, position
    return found


def _of_common_figures(table: pd.DataFrame) -> list[tuple[int, int]]:
    first_with: dict[str, int] = {}
    found = []
    for position, ids in enumerate(table["figure_ids"]):
        for figure in str(ids).split():
            found.append((first_with.setdefault(figure, position), position))
    return found
