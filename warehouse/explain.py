"""Reads what lies behind one number: of a system, of the chain, or of a scenario, for the run served."""

import re
from difflib import get_close_matches
from pathlib import Path

import pandas as pd

from warehouse.connect import connect, read_frame
from warehouse.errors import WarehouseError
from warehouse.private import private_rows_behind
from warehouse.read import MARKET, market_tables
from warehouse.statements import statement

# Part of an explanation -> the parameters its query takes.
PARTS = {
    "rows": ("system", "item", "period"),
    "lineage": ("system", "item"),
    "catalogue": ("system", "item"),
    "quantities": ("period",),
    "fitted": (),
    "figures": ("system", "item"),
    "assumptions": (),
}
SHOWN_NAMES = 60
# How the words of an assumption or a row name a figure.
FIGURE_ID = re.compile(r"\b[a-z]+-\d{4}\b")
WORDS = ("source", "description", "note")


def rows_behind_item(
    state: Path, system: str, item: str, period: str, private: bool = False
) -> dict[str, pd.DataFrame]:
    """Read everything that one item of a system rests on.

    Parameters
    ----------
    state : Path
        State folder.
    system : str
        Name of the system; 'chain' for a quantity of the chain, 'scenario' for a scenario; '' for the one
        that has the item.
    item : str
        Name of the item, or a part of its name that only one item of the system has.
    period : str
        Quarter 2026Q1 or year 2026.
    private : bool
        Whether figures that may not leave are among them.

    Returns
    -------
    dict of str to DataFrame
        ``rows`` (its forecast in the period), ``lineage``, ``catalogue`` (rows of process.csv and others that
        it is computed from), ``quantities`` (the chain's forecast in the period), ``fitted`` (figures that
        informed the chain), ``figures`` (those of the item itself), ``assumptions`` (as they stood),
        ``product_classes`` and ``hbm_generations``, ``cited`` (figures that assumptions and rows name); and
        ``item`` with the full name.

    Raises
    ------
    WarehouseError
        No such system, item or period, with those there are; or the state is older than what is read.
    """
    with connect(state) as connection:
        known = read_frame(connection, statement("sql/system_items"), None)
        system = system or _system_of(known, item)
        asked = {"system": system, "item": _item(known, system, item), "period": period}
        found = {
            name: read_frame(
                connection,
                statement(f"sql/explain_{name}"),
                {parameter: asked[parameter] for parameter in parameters} or None,
            )
            for name, parameters in PARTS.items()
        }
        ids = _cited(found["assumptions"], found["catalogue"])
        found["cited"] = read_frame(connection, statement("sql/explain_cited"), {"ids": ids})
    beside = private_rows_behind(state, _run_of(found["rows"]), system, asked["item"]) if private else {}
    for name, rows in beside.items():
        found[name] = pd.concat([found[name], rows], ignore_index=True) if len(rows) else found[name]
    if found["rows"].empty:
        raise WarehouseError(
            f"{system} {asked['item']} has no forecast for {period!r}; write a quarter as 2026Q1 or a year "
            "as 2026, from 2021 to 2027"
        )
    market = market_tables(state)
    if missing := [name for name in MARKET if name not in market or market[name].empty]:
        raise WarehouseError(
            f"this state was published before {' and '.join(missing)} were rows of evidence; the next "
            "`hbmcast nightly` takes them in"
        )
    return found | market | {"item": pd.DataFrame({"system": [system], "item": [asked["item"]]})}


def _run_of(rows: pd.DataFrame) -> str:
    return str(rows["run_id"].iloc[0]) if len(rows) else ""


def _cited(*frames: pd.DataFrame) -> list[str]:
    words = (str(w) for frame in frames for column in WORDS if column in frame for w in frame[column])
    return sorted({name for each in words for name in FIGURE_ID.findall(each)})


def _system_of(known: pd.DataFrame, item: str) -> str:
    """Find the system that has an item of a name, else a part of it: the chain, where it has it."""
    names = known["item"].astype(str)
    systems = list(known.loc[names == item, "system"]) or list(
        dict.fromkeys(known.loc[names.str.contains(item, regex=False), "system"])
    )
    if "chain" in systems or len(systems) == 1:
        return "chain" if "chain" in systems else systems[0]
    if systems:
        named = ", ".join(f"{system} {item}" for system in systems)
        raise WarehouseError(f"{item!r} is an item of several systems; write one of: {named}")
    near = ", ".join(get_close_matches(item, names.unique(), n=3) or ["none"])
    raise WarehouseError(
        f'no quantity or item {item!r}; nearest: {near}. hbmcast sql "FROM quantities" lists more'
    )


def _item(known: pd.DataFrame, system: str, item: str) -> str:
    """Find the item meant; a part of a name is enough where it is the only one."""
    if known.empty:
        raise WarehouseError(
            "the run served has no systems; run `hbmcast nightly`, then see the table diagnostics"
        )
    items = list(known.loc[known["system"] == system, "item"])
    if not items:
        names = ", ".join(dict.fromkeys(known["system"]))
        raise WarehouseError(f"no system {system!r}; there are: {names}")
    matching = [name for name in items if name == item] or [name for name in items if item in name]
    if len(matching) != 1:
        names = ", ".join((matching or items)[:SHOWN_NAMES])
        words = f"{item!r} is part of several names" if matching else f"no item {item!r}"
        raise WarehouseError(f"{system}: {words}; there are: {names}")
    return matching[0]
