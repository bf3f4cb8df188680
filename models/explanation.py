"""The chain behind one number of a system, as a tree: quantities, assumptions, figures."""

from typing import Any

import pandas as pd

from models.lineage import assumptions_of, inputs_of
from models.quantities import BY_NAME

Node = dict[str, Any]


def explanation(behind: dict[str, pd.DataFrame]) -> Node:
    """Join what lies behind an item into a tree.

    Parameters
    ----------
    behind : dict of DataFrame
        ``item``, ``rows``, ``lineage``, ``quantities``, ``fitted``, ``figures`` and ``assumptions``, as the
        warehouse gives them.

    Returns
    -------
    dict
        ``kind`` 'item', ``system``, ``item``, ``rows`` (list of dict) and ``inputs``: nodes of kind 'figure',
        'assumption' and 'quantity'. A quantity has ``inputs`` in turn: the quantities it is made of, the
        assumptions that enter with it, the figures that informed it. What was told before is only named, with
        ``above`` true.
    """
    of_item = behind["lineage"]
    named = {
        kind: list(of_item.loc[of_item["input_kind"] == kind, "input_name"])
        for kind in set(of_item["input_kind"])
    }
    fitted = {name: _records(rows) for name, rows in behind["fitted"].groupby("quantity")}
    quantities = {row["quantity"]: row for row in _records(behind["quantities"])}
    assumptions = {row["assumption"]: row for row in _records(behind["assumptions"])}
    told: set[tuple[str, str]] = set()

    def assumption(name: str) -> Node:
        row = assumptions.get(name, {"assumption": name, "missing": True})
        return {"kind": "assumption", "name": name, **_once(("assumption", name), row)}

    def _once(key: tuple[str, str], row: Node) -> Node:
        if key in told:
            return {"above": True}
        told.add(key)
        return row

    def quantity(name: str) -> Node:
        node = {"kind": "quantity", "name": name, **_once(("quantity", name), quantities.get(name, {}))}
        if node.get("above") or name not in BY_NAME:
            return node
        figures = [_figure(row) for row in fitted.get(name, [])]
        assumed = [assumption(each) for each in assumptions_of(name, list(assumptions))]
        return node | {"inputs": [*figures, *assumed, *(quantity(each) for each in inputs_of(name))]}

    own = [_figure(row) for row in _records(behind["figures"])]
    inputs = [*own, *map(assumption, named.get("assumption", [])), *map(quantity, named.get("quantity", []))]
    (item,) = _records(behind["item"])
    return {"kind": "item", **item, "rows": _records(behind["rows"]), "inputs": inputs}


def _records(frame: pd.DataFrame) -> list[Node]:
    """Rows as dictionaries, what is missing left out."""
    return [
        {
            k: v
            for k, v in row.items()
            if not (isinstance(v, float) and v != v) and v is not None and v is not pd.NaT
        }
        for row in frame.to_dict("records")
    ]


def _figure(row: Node) -> Node:
    # A figure has a kind of its own: actual, estimate, forecast.
    return row | {"kind": "figure", "name": row["figure_id"], "figure_kind": row.get("kind", "")}
