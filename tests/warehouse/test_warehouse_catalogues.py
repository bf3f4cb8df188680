"""The systems' catalogues in the warehouse: the columns of their CSVs, versions, vintages."""

import shutil
from datetime import UTC, date, datetime

import pytest

import tests.warehouse.synthetic_systems as systems
import tests.warehouse.synthetic_warehouse as synthetic
from models.evidence.checks.scenarios import SCENARIO_COLUMNS
from models.evidence.tables.described import BY_NAME, SYSTEM_EVIDENCE
from tests.market import MARKET_TABLES
from warehouse.ingest import ingest
from warehouse.query import query
from warehouse.read import evidence
from warehouse.tables import EVIDENCE, name_of, table_of
from warehouse.versions import BOOKKEEPING, Counts

CATALOGUES = {table: described for table, described in EVIDENCE.items() if described.viewed}
LATER = datetime(2026, 2, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    """State that took the catalogues in; not to be changed by a test."""
    state = tmp_path_factory.mktemp("first") / "state"
    ingest(state, synthetic.evidence() | systems.evidence(), None, "night-0", synthetic.INGESTED_AT)
    return state


@pytest.fixture
def taken(first, tmp_path):
    return shutil.copytree(first, tmp_path / "state")


def test_tables_have_the_columns_of_their_files(taken):
    shown = [name for name, table in BY_NAME.items() if table.shown_only]
    described = {name: BY_NAME[name].column_names for name in (*MARKET_TABLES, *SYSTEM_EVIDENCE, *shown)}
    assert {name_of(table) for table in CATALOGUES} == set(described)
    for name, columns in described.items():
        table = query(taken, f"FROM {table_of(name)} LIMIT 0")
        assert set(table.column_names) - set(BOOKKEEPING) == set(columns), name


def test_keys_are_those_of_the_checks():
    for table, catalogue in CATALOGUES.items():
        assert catalogue.keys == BY_NAME[name_of(table)].keys, table


@pytest.mark.parametrize(
    ("day", "n"), [(date(2024, 1, 30), 0), (date(2024, 1, 31), 3), (date(2026, 2, 1), 4)]
)
def test_a_vintage_knows_no_company_before_its_time(taken, day, n):
    assert len(evidence(taken, day)["supply_chain"]) == n


def test_rows_without_a_date_are_always_known(taken):
    known = evidence(taken, date(2021, 1, 1))["scenarios"]
    assert list(known["p05"]) == [0.7, 0.7]
    assert set(known.columns) == set(SCENARIO_COLUMNS)


def test_a_changed_shock_is_a_version_and_a_missing_one_withdrawn(taken):
    changed = systems.evidence()
    changed["scenarios"] = changed["scenarios"].iloc[:1].assign(p05="0.6")
    report = ingest(taken, synthetic.evidence() | changed, None, "night-1", LATER)
    assert report.tables["scenario_shocks"] == Counts(changed=1, withdrawn=1)
    assert list(evidence(taken, date(2026, 1, 1))["scenarios"]["p05"]) == [0.6]
    versions = query(taken, "SELECT count(*) AS n FROM scenario_shocks").to_pylist()
    assert versions == [{"n": 4}]


def test_a_refused_row_keeps_its_table_in_force(taken):
    less = systems.evidence()
    less["scenarios"] = less["scenarios"].iloc[:1]
    refused = synthetic.rejected().assign(file="scenarios.csv", raw="{}")
    report = ingest(taken, synthetic.evidence() | less, refused, "night-1", LATER)
    assert report.tables["scenario_shocks"] == Counts(unchanged=1)
    assert len(evidence(taken, date(2026, 1, 1))["scenarios"]) == 2
