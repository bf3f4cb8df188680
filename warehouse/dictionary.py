"""The data dictionary and the cookbook, as documentation shows them: without a published forecast."""

import re
import tempfile
from pathlib import Path
from typing import NamedTuple

from warehouse.builds import swap_in
from warehouse.query import query
from warehouse.statements import HERE, text


class Question(NamedTuple):
    """A question of the cookbook: the name of its file, its words, and the SQL that answers it."""

    name: str
    words: str
    sql: str


def data_dictionary() -> list[dict[str, str | None]]:
    """Rows of the view ``data_dictionary`` of an empty warehouse."""
    with tempfile.TemporaryDirectory() as folder:
        swap_in(Path(folder), lambda _: None, scopes=())
        return query(Path(folder), text("sql/data_dictionary")).to_pylist()


def cookbook() -> list[Question]:
    """Every question of the cookbook, in the order of its number."""
    return [_question(path) for path in sorted((HERE / "cookbook").glob("*.sql"))]


def _question(path: Path) -> Question:
    whole = path.read_text(encoding="utf-8")
    words = re.match(r"(?:--[^\n]*\n)+", whole)
    if words is None:
        raise ValueError(f"{path.name} does not begin with its question")
    return Question(path.name, " ".join(re.findall(r"-- ?(.*)", words[0])), whole[words.end() :].strip())
