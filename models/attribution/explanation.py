"""The chain behind one number, as a tree: rows of catalogues, quantities, assumptions, figures."""

import re
from typing import Any

import pandas as pd

from models.chain.lineage import assumptions_of, inputs_of
from models.vocabulary.market import market_of
from models.vocabulary.rows import records
from models.vocabulary.sums import summands
from models.vocabulary.systems import CHAIN

Node = dict[str, Any]


def explanation(behind: dict[str, pd.DataFrame], depth: int | None = None) -> Node:
    """Join what lies behind an item into a tree.

    Parameters
    ----------
    behind : dict of DataFrame
        ``item``, ``rows``, ``lineage``, ``catalogue``, ``quantities``, ``fitted``, ``figures``,
        ``assumptions``, ``cited`` and the market's tables, as the warehouse gives them.
    depth : int, optional
        Levels of quantities that are followed: 1 names those that the item is made of and says what is
        beneath each (``beneath``: kind -> count), 2 opens these too. Without it all are followed to the end.

    Returns
    -------
    dict
        ``kind`` 'item', ``system``, ``item``, ``rows`` (list of dict) and ``inputs``: nodes of kind 'row' (of
        a catalogue, with the assumptions it names), 'figure', 'assumption' and 'quantity'. A quantity has
        ``inputs`` in turn: the figures that informed it, the assumptions that enter with it, the quantities
        it is made of, but for those it is part of itself. An assumption or a row has the figures it cites.
        Figures on the year asked stand first, later ones before earlier. What was told before is only named,
        with ``above`` true.
    """
    (item,), rows = _records(behind["item"]), _records(behind["rows"])
    of_item = behind["lineage"]
    named = {
        kind: list(of_item.loc[of_item["input_kind"] == kind, "input_name"])
        for kind in set(of_item["input_kind"])
    }
    year = str(rows[0]["period"])[:4]
    # A figure about a sum informs each of its parts.
    informing = behind["fitted"].assign(quantity=behind["fitted"]["quantity"].map(summands))
    fitted = {
        name: _figures(frame, year) for name, frame in informing.explode("quantity").groupby("quantity")
    }
    cited = {node["name"]: node for node in _figures(behind["cited"], year)}
    quantities = {row["quantity"]: row for row in _records(behind["quantities"])}
    assumptions = {row["assumption"]: row for row in _records(behind["assumptions"])}
    market = market_of(behind)
    told: set[tuple[str, str]] = set()

    def once(key: tuple[str, str], row: Node) -> Node:
        if key in told:
            return {"above": True}
        told.add(key)
        return row

    def citing(row: Node) -> list[Node]:
        words = " ".join(str(row.get(name, "")) for name in ("source", "description", "note"))
        return [node for name, node in cited.items() if re.search(rf"\b{name}\b", words)]

    def assumption(name: str) -> Node:
        row = assumptions.get(name, {"assumption": name, "missing": True})
        node = {"kind": "assumption", "name": name, **once(("assumption", name), row)}
        return node if node.get("above") else node | {"inputs": citing(row)}

    def of_catalogue(row: Node) -> Node:
        needs = [assumption(each) for each in row.pop("assumptions")]
        return {"kind": "row", **row, "inputs": [*citing(row), *needs]}

    def quantity(name: str, within: tuple[str, ...] = ()) -> Node:
        is_known = name in market.by_name
        enters = assumptions_of(name, list(assumptions), market) if is_known else []
        # A share is made of its part, and the part of its share: told from one side only.
        made = [each for each in inputs_of(name, market) if each not in within] if is_known else []
        # The quantity that a chain item is stands for the item itself.
        level = len(within) + (item["system"] != CHAIN)
        if depth is not None and level >= depth and ("quantity", name) not in told:
            counts = {"figure": len(fitted.get(name, [])), "assumption": len(enters), "quantity": len(made)}
            return {"kind": "quantity", "name": name, **quantities.get(name, {}), "beneath": counts}
        node = {"kind": "quantity", "name": name, **once(("quantity", name), quantities.get(name, {}))}
        if node.get("above") or not is_known:
            return node
        assumed = [assumption(each) for each in enters]
        parts = [quantity(each, (*within, name)) for each in made]
        return node | {"inputs": [*fitted.get(name, []), *assumed, *parts]}

    steps = [of_catalogue(row) for row in _records(behind["catalogue"])]
    own = _figures(behind["figures"], year)
    # Those of the rows stand with them.
    assumed = [assumption(each) for each in named.get("assumption", []) if ("assumption", each) not in told]
    made_of = [quantity(each) for each in named.get("quantity", [])]
    if item["system"] == CHAIN:
        (only,) = made_of
        made_of = only["inputs"]
    return {"kind": "item", **item, "rows": rows, "inputs": [*steps, *own, *assumed, *made_of]}


def _records(frame: pd.DataFrame) -> list[Node]:
    """Rows as dictionaries, what is missing left out."""
    return [
        {
            k: v
            for k, v in row.items()
            if not (isinstance(v, float) and v != v) and v is not None and v is not pd.NaT
        }
        for row in records(frame)
    ]


def _figures(frame: pd.DataFrame, year: str) -> list[Node]:
    """Figures as nodes, those on a year before the others."""
    # A figure has a kind of its own: actual, estimate, forecast.
    nodes = [
        row | {"kind": "figure", "name": row["figure_id"], "figure_kind": row.get("kind", "")}
        for row in _records(frame)
    ]
    return sorted(nodes, key=lambda node: year not in str(node.get("period", "")))
