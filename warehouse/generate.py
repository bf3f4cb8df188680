"""Writes the SQL that follows from the descriptions of tables; ``make schema`` calls it, the tests compare.

The descriptions are Python of models/, which this package does not know: they come in as plain dictionaries,
and what this package needs of them at run time goes out as tables.json (`warehouse.tables` reads it).
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from warehouse.statements import HERE, identifier, identifiers, literal, statement
from warehouse.tables import is_archived, recent

Description = Mapping[str, Any]
SQL_TYPES = {
    **{"text": "VARCHAR", "number": "DOUBLE", "integer": "INTEGER", "count": "BIGINT"},
    **{"flag": "BOOLEAN", "day": "DATE", "time": "TIMESTAMP"},
}
EVIDENCE_FIELDS = ("name", "keys", "known_since", "viewed", "shown_only")
RESULT_FIELDS = ("recorded", "brought", "of_a_run", "optional_columns")


def generated(
    evidence: Sequence[Description], results: Sequence[Description], systems: Mapping[str, str]
) -> dict[str, str]:
    """Content of every generated file.

    Parameters
    ----------
    evidence, results : sequence of mapping
        Fields of `models.vocabulary.tables.EvidenceTable` and `ResultTable`, columns as mappings too.
    systems : mapping of str to str
        Name and description of each system.

    Returns
    -------
    dict of str to str
        By path relative to this package.
    """
    tables = [_table("evidence_table", _stored(table), table) for table in evidence]
    tables += [_table("result_table", _placed(table), table) for table in results]
    listed = {
        "evidence": {_stored(t): {field: t[field] for field in EVIDENCE_FIELDS} for t in evidence},
        "results": {
            t["name"]: {field: t[field] for field in RESULT_FIELDS}
            | {"comment": t["comment"]}
            | {"columns": [c["name"] for c in t["columns"]]}
            for t in results
        },
    }
    viewed = [table for table in evidence if table["viewed"]]
    views = "\n".join(
        [_view(table) for table in viewed] + [_in_force(table) for table in viewed if table["known_since"]]
    )
    of_systems = "\n".join(_system_view(name, said) for name, said in systems.items())
    versions = "\n    ".join(_versions(table) for table in evidence)
    traced = "\n".join(_traced(table) for table in results if table["recorded"])
    return {
        "generated/schema.sql": statement("templates/schema", tables="\n".join(tables)),
        "generated/evidence_views.sql": statement("templates/evidence_views", views=views),
        "generated/system_views.sql": statement("templates/system_views", views=of_systems),
        "generated/tables.json": json.dumps(listed, indent=1) + "\n",
        "checks/versions_unique.sql": statement("templates/versions_unique", parts=versions),
        "checks/rows_trace_to_runs.sql": statement("templates/rows_trace_to_runs", parts=traced),
    }


def write(
    evidence: Sequence[Description],
    results: Sequence[Description],
    systems: Mapping[str, str],
    folder: Path = HERE,
) -> list[Path]:
    """Write the generated files.

    Parameters
    ----------
    evidence, results, systems
        As for `generated`.
    folder : Path
        This package, or another folder to write into.

    Returns
    -------
    list of Path
        Files that changed; the others are left untouched.
    """
    changed = []
    for name, text in generated(evidence, results, systems).items():
        path = folder / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            changed.append(path)
    return changed


def _stored(table: Description) -> str:
    return table["table"] or table["name"]


def _placed(table: Description) -> str:
    """Name of the table that takes the rows of a table of results."""
    return recent(table["name"]) if is_archived(table["recorded"], table["brought"]) else table["name"]


def _table(template: str, name: str, table: Description) -> str:
    comments = (
        _line(
            "column_comment",
            table=identifier(name),
            column=identifier(c["name"]),
            comment=literal(c["comment"]),
        )
        for c in table["columns"]
    )
    return statement(
        f"templates/{template}",
        table=identifier(name),
        columns=",\n    ".join(_column(c, template == "result_table") for c in table["columns"]),
        comment=literal(table["comment"]),
        column_comments="\n".join(comments),
    )


def _column(column: Description, of_results: bool) -> str:
    """Define a column. Words are checked of results alone: a wrong one in evidence puts its row aside."""
    name, kind = identifier(column["name"]), SQL_TYPES[column["type"]]
    if of_results and column["words"]:
        words = ", ".join(literal(word) for word in column["words"])
        return _line("column_of_words", column=name, type=kind, words=words)
    return _line("column_not_null" if column["not_null"] else "column", column=name, type=kind)


def _view(table: Description) -> str:
    name = _stored(table)
    return statement(
        "templates/evidence_view",
        table=identifier(name),
        view=identifier(f"{name}_current"),
        keys=identifiers(table["keys"]),
        known=identifier(table["known_since"]) if table["known_since"] else "NULL",
    )


def _in_force(table: Description) -> str:
    name = _stored(table)
    return statement(
        "templates/evidence_in_force",
        view=identifier(f"{name}_in_force"),
        current=identifier(f"{name}_current"),
        names=identifiers((key for key in table["keys"] if key != table["known_since"]), "c."),
    )


def _system_view(name: str, description: str) -> str:
    return statement(
        "templates/system_view",
        view=identifier(f"{name}_forecast"),
        system=literal(name),
        comment=literal(description),
    )


def _versions(table: Description) -> str:
    keys, name = table["keys"], _stored(table)
    template = "versions_of_key" if len(keys) == 1 else "versions_of_keys"
    return _line(template, name=literal(name), table=identifier(name), keys=identifiers(keys))


def _traced(table: Description) -> str:
    name = table["name"]
    return _line(
        "rows_of_recorded",
        name=literal(name),
        table=identifier(_placed(table)),
        recorded=identifier(table["recorded"]),
    )


def _line(template: str, **parts: str) -> str:
    return statement(f"templates/{template}", **parts).rstrip("\n")
