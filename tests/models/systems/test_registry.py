"""One list of systems: whatever names a system, in code, SQL or evidence, follows it."""

import re
from importlib import import_module

import pandas as pd
import pytest

from dashboards.sections import systems as section
from models.systems import output_checks, substitution
from models.systems.registry import SYSTEM_ASSUMPTIONS, system_function, system_named
from models.vocabulary.systems import CHAIN, SYSTEM_NAMES, SYSTEMS, system_items
from tests.places import DATA, ROOT

SCENARIO = "scenario"
"""Stands where a system could be named in `hbmcast explain`, as the chain does."""
IN_CODE = re.compile(r"""\["system"\] == "(\w+)"|\bSYSTEM = "(\w+)\"""")
IN_SQL = re.compile(r"(?:\bsystem|\$system) = '(\w+)'")
VIEW = re.compile(
    r"CREATE VIEW \"(\w+)_forecast\" AS\nSELECT .*\nFROM latest_system_forecast s WHERE s\.system = '(\w+)'"
)


def texts(pattern: str) -> dict[str, str]:
    """Return the files of the packages by path."""
    return {str(p): p.read_text(encoding="utf-8") for p in ROOT.glob(pattern) if "tests" not in p.parts}


@pytest.mark.parametrize("system", SYSTEMS, ids=SYSTEM_NAMES)
def test_a_system_has_one_name(system):
    assert callable(system_function(system))
    assert system.name == import_module(system.module).SYSTEM
    assert system_named(system.name) is system


def test_names_and_streams_are_not_shared():
    assert len(set(SYSTEM_NAMES)) == len(SYSTEMS)
    assert len({system.stream for system in SYSTEMS}) == len(SYSTEMS)
    with pytest.raises(KeyError, match="equipment, materials"):
        system_named("nothing")


def test_every_system_has_the_view_of_its_name_and_no_other_has():
    views = VIEW.findall(texts("warehouse/generated/system_views.sql").popitem()[1])
    assert [view for view, _ in views] == [system for _, system in views]
    assert {view for view, _ in views} == set(SYSTEM_NAMES)


def test_sql_names_no_other_system():
    found = {name for text in texts("warehouse/**/*.sql").values() for name in IN_SQL.findall(text)}
    assert {"equipment", "supplier"} <= found <= {*SYSTEM_NAMES, CHAIN, SCENARIO}


def test_code_names_no_other_system():
    found = {
        name
        for package in ("models", "flows", "dashboards")
        for text in texts(f"{package}/**/*.py").values()
        for pair in IN_CODE.findall(text)
        for name in pair
        if name
    }
    assert set(SYSTEM_NAMES) == found


def test_the_report_and_the_domestic_shares_speak_of_systems_there_are():
    targets = [target.split("/")[0] for target in (*section.TARGETS, section.DOMESTIC) if "/" in target]
    assert targets
    assert set(targets) <= set(SYSTEM_NAMES)
    assert {system for system, _ in substitution.WHOLE.values()} <= {*SYSTEM_NAMES, CHAIN}
    assert set(output_checks.SHARES_OF_A_WHOLE) <= set(SYSTEM_NAMES)


def test_the_evidence_names_no_other_system():
    rows = pd.read_csv(DATA / "supply_chain.csv", dtype=str, keep_default_na=False)
    served = {system for cell in rows["system_item"] for system, _ in system_items(cell)}
    assert {"equipment", CHAIN} <= served <= {*SYSTEM_NAMES, CHAIN}
    links = pd.read_csv(DATA / "system_evidence.csv", dtype=str, keep_default_na=False)
    assert set(links["system"]) <= set(SYSTEM_NAMES)


def test_every_system_has_assumptions_of_its_own():
    names = pd.read_csv(DATA / "assumptions.csv", dtype=str, keep_default_na=False)["assumption"]
    for prefix in SYSTEM_ASSUMPTIONS:
        assert names.str.startswith(prefix).any(), prefix
