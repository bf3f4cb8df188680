"""The committed SQL follows from the descriptions of the tables, and a table more is one description."""

from dataclasses import asdict, replace
from importlib.util import find_spec

import duckdb
import pandas as pd
import pytest

from flows.commands.schema import descriptions
from models.evidence.tables.described import BY_NAME, EVIDENCE_TABLES, REJECTED
from models.vocabulary.results.described import RESULT_TABLES
from models.vocabulary.tables import Column, EvidenceTable
from tests.places import DATA
from warehouse.generate import generated, write
from warehouse.statements import HERE
from warehouse.tables import EVIDENCE, RESULTS

MORE = EvidenceTable(
    "ports",
    "Ports of the world, it's said",
    keys=("port", "since"),
    known_since="since",
    columns=(
        Column("port", "Name", filled=True, not_null=True),
        Column("check", "A word that SQL knows", type="number"),
        Column("since", "When"),
    ),
)


def test_what_is_committed_follows_from_the_descriptions():
    texts = generated(*descriptions())
    for name, text in texts.items():
        assert (HERE / name).read_text(encoding="utf-8") == text, f"{name} is not of today: run `make schema`"
    assert {path.name for path in (HERE / "generated").iterdir()} == {
        name.split("/")[1] for name in texts if name.startswith("generated/")
    }


def test_a_changed_description_is_written_and_an_unchanged_one_is_not(tmp_path):
    evidence, results, systems = descriptions()
    assert len(write(evidence, results, systems, tmp_path)) == len(generated(evidence, results, systems))
    assert write(evidence, results, systems, tmp_path) == []
    changed = [{**evidence[0], "comment": "Another"}, *evidence[1:]]
    assert [path.name for path in write(changed, results, systems, tmp_path)] == ["schema.sql"]


def test_a_further_table_has_columns_comments_a_view_and_its_check():
    texts = generated([asdict(MORE)], [], {})
    connection = duckdb.connect(":memory:")
    connection.execute(texts["generated/schema.sql"])
    connection.execute("CREATE MACRO effective_date(printed, exact) AS printed::DATE")
    connection.execute("CREATE TABLE latest_run AS SELECT DATE '2024-06-01' AS as_of")
    connection.execute(texts["generated/evidence_views.sql"])
    stamp = "false, now()::TIMESTAMP, 'night', ''"
    rows = ", ".join(f"('Busan', 1, '2024-01-01', {version}, {stamp})" for version in (1, 2, 4))
    connection.execute(f"INSERT INTO ports VALUES {rows}")
    (found,) = connection.execute(texts["checks/versions_unique.sql"]).fetchall()
    assert found[0] == "ports"
    assert found[2] == [1, 2, 4]
    assert len(connection.execute("FROM ports_current").fetchall()) == 1
    assert len(connection.execute("FROM ports_in_force").fetchall()) == 1
    (comment,) = connection.execute(
        "SELECT comment FROM duckdb_tables() WHERE table_name = 'ports'"
    ).fetchone()
    assert comment == MORE.comment
    with pytest.raises(duckdb.ConstraintException):
        connection.execute(f"INSERT INTO ports VALUES (NULL, 1, '2024', 1, {stamp})")


@pytest.mark.parametrize("table", EVIDENCE_TABLES, ids=lambda table: table.name)
def test_a_description_is_sound(table):
    names = table.column_names
    assert len(set(names)) == len(names)
    used = {*table.keys, *table.sum_to_one, *(name for pair in table.ordered for name in pair)}
    assert used | ({table.known_since} if table.known_since else set()) <= set(names)
    assert all(column.comment for column in table.columns)
    files = [DATA / f"{table.name}.csv", *sorted((DATA / table.name).glob("*.csv"))]
    for path in filter(lambda path: path.is_file(), files):
        assert set(pd.read_csv(path, nrows=0).columns) == set(names), path.name
    assert table.name == REJECTED or any(path.is_file() for path in files)


def test_the_warehouse_knows_the_tables_described():
    assert {fields.name for fields in EVIDENCE.values()} == set(BY_NAME)
    assert set(RESULTS) == {table.name for table in RESULT_TABLES}
    for table in RESULT_TABLES:
        assert find_spec(table.made_by), f"{table.name} is made by nobody: {table.made_by}"
        names = table.column_names
        # What the others are recorded in, and what is looked at long after its run.
        alone = table.name in ("runs", "backtests", "left_out")
        assert bool(table.recorded) == ("run_id" in names and not alone), table.name
        assert set(table.optional_columns) <= set(names)


def test_a_word_of_a_result_that_is_not_allowed_is_refused():
    described = next(table for table in RESULT_TABLES if table.name == "left_out")
    texts = generated([], [asdict(replace(described, columns=described.columns[-4:-3]))], {})
    connection = duckdb.connect(":memory:")
    connection.execute(texts["generated/schema.sql"])
    connection.execute("INSERT INTO left_out VALUES ('psis')")
    with pytest.raises(duckdb.ConstraintException):
        connection.execute("INSERT INTO left_out VALUES ('guess')")
