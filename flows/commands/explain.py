"""`hbmcast explain [SYSTEM] ITEM PERIOD`: the quantities, assumptions and figures behind one number."""

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flows.commands.formats import chosen_format, write_object, write_rows
from flows.commands.options import BomOption, OutputOption, StateOption
from flows.commands.output import interval, printed, terminal
from flows.commands.staleness import note_staleness
from flows.runtime.errors import HbmcastError
from flows.runtime.preparation import check_state
from flows.runtime.settings import state_folder

if TYPE_CHECKING:
    import pyarrow as pa

TREE = "tree"
SHOWN_FIGURES, SHOWN_DEPTH = 6, 1


def explain(
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="[SYSTEM] ITEM PERIOD",
            show_default=False,
            help="hbm_revenue_usd 2027, equipment/tcb/usd/total 2026, or a system (equipment, materials, "
            "packaging, supplier, ...; chain, scenario), an item or a part of its name, and a year or a "
            "quarter: equipment tcb 2026Q1.",
        ),
    ],
    format: Annotated[
        str | None,
        typer.Option(
            "--format",
            help="tree (the default without a file), json with every figure, or its rows: table, csv, xlsx.",
        ),
    ] = None,
    output: OutputOption = None,
    bom: BomOption = False,
    figures: Annotated[int, typer.Option(min=0, help="Figures shown for each quantity.")] = SHOWN_FIGURES,
    depth: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Levels of quantities that are followed; 1 in a tree, else to the end.",
            show_default=False,
        ),
    ] = None,
    state: StateOption = None,
) -> None:
    """Show what one number rests on: rows of catalogues, quantities, assumptions, figures with addresses."""
    from models.attribution.explanation import explanation
    from warehouse.explain import rows_behind_item

    system, item, period = item_and_period(words)
    is_tree = output is None and format in (None, TREE)
    chosen = TREE if is_tree else chosen_format(format, output, bom)
    folder = state_folder(state)
    check_state(folder)
    # A file is an export: figures that may not leave are shown on the screen only.
    behind = rows_behind_item(folder, system, item, period, private=output is None)
    tree = explanation(behind, SHOWN_DEPTH if is_tree and depth is None else depth)
    if chosen == TREE:
        print_tree(tree, period, figures, SHOWN_DEPTH if depth is None else depth)
    elif chosen == "json":
        write_object(tree, output)
    else:
        write_rows(rows_of_tree(tree), chosen, output, bom)
    note_staleness(folder)


def item_and_period(words: list[str]) -> tuple[str, str, str]:
    """Give system ('' where none is named), item and period of the words of a command line.

    A series may go by its name in SQL, `equipment/tcb/usd/total`, and all words may stand in one.

    Raises
    ------
    HbmcastError
        They are fewer or more.
    """
    *about, period = " ".join(words).split() or [""]
    if len(about) == 1 and "/" in about[0]:
        about = about[0].split("/")[:2]
    if len(about) not in (1, 2):
        raise HbmcastError(
            f"{' '.join(words)!r} is no item and period",
            "Write `hbmcast explain hbm_revenue_usd 2027`, or `hbmcast explain equipment tcb 2026`",
        )
    return (about[0] if len(about) == 2 else ""), about[-1], period


def rows_of_tree(tree: dict[str, Any]) -> "pa.Table":
    """Lay out a tree as rows from the top down: ``depth, under`` (what it stands under), then its cells."""
    import pandas as pd
    import pyarrow as pa

    rows: list[dict[str, Any]] = []

    def grow(nodes: list[dict[str, Any]], depth: int, under: str) -> None:
        for node in nodes:
            cells = {name: value for name, value in node.items() if not isinstance(value, (list, dict))}
            rows.append({"depth": depth, "under": under} | cells)
            grow(node.get("inputs", []), depth + 1, str(node.get("name", "")))

    grow([row | {"kind": "forecast", "name": tree["item"]} for row in tree["rows"]], 0, "")
    grow(tree["inputs"], 1, str(tree["item"]))
    frame = pd.DataFrame(rows).dropna(axis="columns", how="all")
    mixed = frame.select_dtypes("object").columns
    frame = frame.assign(**{name: frame[name].map(str, na_action="ignore") for name in mixed})
    return pa.Table.from_pandas(frame, preserve_index=False)


def print_tree(tree: dict[str, Any], period: str, figures: int, depth: int) -> None:
    """Write the tree for a terminal; where figures are many, the latest ones and how many more there are.

    Parameters
    ----------
    tree : dict
        From `models.attribution.explanation.explanation`.
    period : str
        As it was asked for.
    figures : int
        At most so many of each quantity are shown.
    depth : int
        Levels of quantities that were followed; what is cut off beneath is one deeper.
    """
    from rich.tree import Tree

    first = tree["rows"][0]
    title = (
        f"{tree['system']} {tree['item']} in {period}, run {first['run_id']} as of {str(first['as_of'])[:10]}"
    )
    root = Tree(_plain(title))
    for row in tree["rows"]:
        named = f"{row['measure']} ({row['part']})"
        known = f"; {row['trust']}, {_count(int(row['n_figures']))} of its own" if row.get("trust") else ""
        root.add(_plain(f"{named}: {_interval(row)}{known}"))
    _grow(root, tree["inputs"], figures)
    if _is_cut(tree):
        root.add(f"--depth {depth + 1} opens what those quantities rest on")
    terminal().print(root, soft_wrap=not sys.stdout.isatty())


def _grow(branch: Any, nodes: list[dict[str, Any]], figures: int) -> None:
    texts = {"row": _row, "figure": _figure, "assumption": _assumption, "quantity": _quantity}
    for kind, text in texts.items():
        of_kind = [node for node in nodes if node["kind"] == kind]
        shown = of_kind[:figures] if kind == "figure" else of_kind
        for node in shown:
            _grow(branch.add(_plain(text(node))), node.get("inputs", []), figures)
        if more := len(of_kind) - len(shown):
            branch.add(f"and {_count(more)} more (--figures, --format json)")


def _is_cut(node: dict[str, Any]) -> bool:
    return "beneath" in node or any(map(_is_cut, node.get("inputs", [])))


def _count(n: int, of: str = "figure") -> str:
    several = f"{of[:-1]}ies" if of.endswith("y") else f"{of}s"
    return f"{n} {of if n == 1 else several}"


def _row(node: dict[str, Any]) -> str:
    span = f"{_span(node)} " if "p05" in node else ""
    words = f"{node['file']} {node['name']}: {span}{node['what']}; {node['basis']}: {node.get('source', '')}"
    return f"{words}; {node['note']}" if node.get("note") else words


def _figure(node: dict[str, Any]) -> str:
    from models.vocabulary.units import VALUE_COLUMNS

    published = str(node.get("effective_published_on", ""))[:10]
    words = f"figure {node['name']}: {node.get('publisher', '')}, {published}"
    about = " ".join(str(node[key]) for key in ("metric", "entity", "segment", "period") if node.get(key))
    read = ""
    if node.get("relation"):
        part = {"p05": node["share_p05"], "p95": node["share_p95"]} if "share_p05" in node else {}
        span = f", item over figure {_span(part)}, {node['share_basis']}" if part else ""
        read = f"; read as {node['relation'].replace('_', ' ')}{span}"
    kind, unit = node.get("figure_kind", ""), str(node.get("unit", ""))
    numbers = [node.get(name) for name in VALUE_COLUMNS]
    return f"{words}: {about} = {printed(unit, *numbers)} ({kind}{read})  {node.get('url', '')}"


def _span(node: dict[str, Any], unit: str = "ratio") -> str:
    from dashboards.labels import amounts

    low, high, words = amounts(unit, node["p05"], node["p95"], digits=0)
    ends = low if low == high else f"{low} to {high}"
    return f"{ends} {words}".rstrip() + ("" if low == high else " (90 %)")


def _assumption(node: dict[str, Any]) -> str:
    if node.get("above"):
        return f"assumption {node['name']} (above)"
    if node.get("missing"):
        return f"assumption {node['name']}: not in assumptions.csv"
    span = f"see its source, {node['unit']}"
    if "p05" in node:
        span = _span(node, str(node["unit"]))
    basis = f"{node['basis']}: {node.get('source', '')}"
    return f"assumption {node['name']}: {span}; {basis}; {node.get('description', '')}"


def _quantity(node: dict[str, Any]) -> str:
    if node.get("above"):
        return f"quantity {node['name']} (above)"
    interval = _interval(node) if "p50" in node else "no forecast in this period"
    counts = [_count(n, kind) for kind, n in node.get("beneath", {}).items() if n]
    beneath = f" [beneath: {', '.join(counts)}]" if counts else ""
    return f"quantity {node['name']}: {interval}; {node.get('description', '')}{beneath}"


def _interval(row: dict[str, Any]) -> str:
    return interval(str(row["unit"]), row) if "p50" in row else "nothing in this period"


def _plain(text: str) -> Any:
    from rich.text import Text

    return Text(text)
