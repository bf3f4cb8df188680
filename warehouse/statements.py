"""Reads the .sql files: SQL stands nowhere else."""

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

HERE = Path(__file__).resolve().parent
_PLACEHOLDER = re.compile(r"\{\{(\w+)\}\}")


@cache
def text(name: str) -> str:
    """Content of ``<name>.sql`` in this package, `name` relative and without ending."""
    return (HERE / f"{name}.sql").read_text(encoding="utf-8")


def statement(name: str, /, **parts: str) -> str:
    """Content of a .sql file with its ``{{placeholders}}`` filled in.

    Parameters
    ----------
    name : str
        File relative to this package, without ``.sql``.
    **parts : str
        SQL for each placeholder: make it with `literal` or `identifier`. Values that a statement can take as
        parameters are bound as parameters instead.

    Raises
    ------
    KeyError
        When a placeholder is not given.
    """
    return _PLACEHOLDER.sub(lambda match: parts[match.group(1)], text(name))


def literal(value: object) -> str:
    """Quote a text as an SQL literal."""
    return "'" + str(value).replace("'", "''") + "'"


def identifier(name: str) -> str:
    """Quote a name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def identifiers(names: Iterable[str], prefix: str = "") -> str:
    """Comma-separated quoted identifiers, each with an optional table prefix such as ``s.``."""
    return ", ".join(prefix + identifier(name) for name in names)
