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
    # The quantity that a chain item is stands for the item itself.
    tree = _Tree(behind, year, depth, first_level=int(item["system"] != CHAIN))
    steps = [tree.of_catalogue(row) for row in _records(behind["catalogue"])]
    own = _figures(behind["figures"], year)
    # Those of the rows stand with them.
    others = [name for name in named.get("assumption", []) if ("assumption", name) not in tree.told]
    assumed = [tree.assumption(name) for name in others]
    made_of = [tree.quantity(name) for name in named.get("quantity", [])]
    if item["system"] == CHAIN:
        (only,) = made_of
        made_of = only["inputs"]
    return {"kind": "item", **item, "rows": rows, "inputs": [*steps, *own, *assumed, *made_of]}


class _Tree:
    """Makes nodes of what lies behind an item, each told once: the second time it is only named.

    Parameters
    ----------
    behind, depth
        As for `explanation`.
    year : str
        Figures on it stand first.
    first_level : int
        Level of the quantities that the item is made of.
    """

    def __init__(
        self, behind: dict[str, pd.DataFrame], year: str, depth: int | None, first_level: int
    ) -> None:
        self.depth, self.first_level, self.market = depth, first_level, market_of(behind)
        # A figure about a sum informs each of its parts.
        informing = behind["fitted"].assign(quantity=behind["fitted"]["quantity"].map(summands))
        self.fitted = {
            name: _figures(frame, year) for name, frame in informing.explode("quantity").groupby("quantity")
        }
        self.cited = {node["name"]: node for node in _figures(behind["cited"], year)}
        self.quantities = {row["quantity"]: row for row in _records(behind["quantities"])}
        self.assumptions = {row["assumption"]: row for row in _records(behind["assumptions"])}
        self.told: set[tuple[str, str]] = set()

    def of_catalogue(self, row: Node) -> Node:
        """Node of a row of a catalogue, with the assumptions that it names."""
        needs = [self.assumption(each) for each in row.pop("assumptions")]
        return {"kind": "row", **row, "inputs": [*self._citing(row), *needs]}

    def assumption(self, name: str) -> Node:
        """Node of an assumption, with the figures that it cites."""
        row = self.assumptions.get(name, {"assumption": name, "missing": True})
        node = {"kind": "assumption", "name": name, **self._once(("assumption", name), row)}
        return node if node.get("above") else node | {"inputs": self._citing(row)}

    def quantity(self, name: str, within: tuple[str, ...] = ()) -> Node:
        """Node of a quantity, with all that it is made of; `within` are the quantities it stands below."""
        is_known = name in self.market.by_name
        enters = assumptions_of(name, list(self.assumptions), self.market) if is_known else []
        # A share is made of its part, and the part of its share: told from one side only.
        made = [each for each in inputs_of(name, self.market) if each not in within] if is_known else []
        row, figures = self.quantities.get(name, {}), self.fitted.get(name, [])
        level = len(within) + self.first_level
        if self.depth is not None and level >= self.depth and ("quantity", name) not in self.told:
            counts = {"figure": len(figures), "assumption": len(enters), "quantity": len(made)}
            return {"kind": "quantity", "name": name, **row, "beneath": counts}
        node = {"kind": "quantity", "name": name, **self._once(("quantity", name), row)}
        if node.get("above") or not is_known:
            return node
        assumed = [self.assumption(each) for each in enters]
        parts = [self.quantity(each, (*within, name)) for each in made]
        return node | {"inputs": [*figures, *assumed, *parts]}

    def _once(self, key: tuple[str, str], row: Node) -> Node:
        if key in self.told:
            return {"above": True}
        self.told.add(key)
        return row

    def _citing(self, row: Node) -> list[Node]:
        """Figures whose number stands in the words of a row."""
        words = " ".join(str(row.get(name, "")) for name in ("source", "description", "note"))
        return [node for name, node in self.cited.items() if re.search(rf"\b{name}\b", words)]


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
