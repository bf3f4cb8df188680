"""Pages of the documentation that are made, not written: data dictionary, cookbook, commands."""

from collections.abc import Iterable, Iterator
from typing import Any

from warehouse.dictionary import cookbook, data_dictionary

DICTIONARY = {
    "view": ("reference/views.md", "Views", "What analysts read."),
    "macro": ("reference/macros.md", "Macros", "Questions to the joint draws."),
    "table": (
        "reference/tables.md", "Tables",
        "What the views are made of: rows of every run, and all versions of the evidence.",
    ),
}  # fmt: skip
COOKBOOK, COMMANDS = "reference/cookbook.md", "reference/commands.md"


def reference_pages() -> dict[str, str]:
    """Each made page, by its path in the site: Markdown."""
    rows = data_dictionary()
    pages = {path: _dictionary_page(kind, rows) for kind, (path, _, _) in DICTIONARY.items()}
    return {**pages, COOKBOOK: _cookbook_page(), COMMANDS: _commands_page()}


def _dictionary_page(kind: str, rows: list[dict[str, str | None]]) -> str:
    _, title, what = DICTIONARY[kind]
    comments = {str(row["name"]): row["comment"] for row in rows if row["kind"] == kind}
    columns: dict[str, list[list[str]]] = {name: [] for name in comments}
    for row in rows:
        if row["kind"] == "column" and row["name"] in columns:
            cells = [f"`{row['column_name']}`", str(row["data_type"]).lower(), row["comment"] or ""]
            columns[str(row["name"])].append(cells)
    lines = [
        f"# {title}",
        f"{what} The same rows: `hbmcast sql \"from data_dictionary where kind = '{kind}'\"`.",
    ]
    for name, comment in comments.items():
        lines += [f"## {name}", _plain(comment or "")]
        if columns[name]:
            lines.append(_table(("column", "type", "what"), columns[name]))
    return "\n\n".join(lines) + "\n"


def _cookbook_page() -> str:
    questions = cookbook()
    lines = [
        "# Cookbook",
        f"{len(questions)} questions with their SQL. A test works out each answer without SQL and compares. "
        "In a terminal: `hbmcast sql - < warehouse/cookbook/<file>`.",
    ]
    for question in questions:
        number = question.name.split("_")[0]
        lines += [f"## {number}. {question.words}", f"`{question.name}`", f"```sql\n{question.sql}\n```"]
    return "\n\n".join(lines) + "\n"


def _commands_page() -> str:
    import typer.main

    from flows.commands.cli import app

    lines = ["# Commands", "What `--help` says of each."]
    for name, command in _commands(typer.main.get_command(app), "hbmcast"):
        words = (command.help or "").split("\n\n")
        lines += [f"## {name}", *(_plain(part) for part in words)]
        options = [_option(parameter) for parameter in command.params if parameter.name != "help"]
        if options:
            width = 3 if any(default for *_, default in options) else 2
            lines.append(_table(("option", "what", "default")[:width], (row[:width] for row in options)))
    return "\n\n".join(lines) + "\n"


def _commands(command: Any, name: str) -> Iterator[tuple[str, Any]]:
    for part, inner in getattr(command, "commands", {}).items():
        yield from _commands(inner, f"{name} {part}")
    if not hasattr(command, "commands"):
        yield name, command


def _option(parameter: Any) -> list[str]:
    is_argument = parameter.param_type_name == "argument"
    names = (
        [parameter.make_metavar_of_docs()] if hasattr(parameter, "make_metavar_of_docs") else parameter.opts
    )
    shown = ", ".join(f"`{name.upper() if is_argument else name}`" for name in names)
    default = parameter.default
    silent = default is None or default is False or callable(default) or default in ("", [], ())
    return [shown, getattr(parameter, "help", None) or "", "" if silent else f"`{default}`"]


def _table(header: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    head = list(header)
    lines = [head, ["---"] * len(head), *([_plain(cell).replace("|", "\\|") for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _plain(text: str) -> str:
    """Words as they are: what Markdown or HTML would take for markup is kept from it."""
    if text.startswith("`"):
        return " ".join(text.split())
    words = " ".join(text.split())
    for sign in "\\*_[]<>":
        words = words.replace(sign, f"\\{sign}" if sign not in "<>" else {"<": "&lt;", ">": "&gt;"}[sign])
    return words
