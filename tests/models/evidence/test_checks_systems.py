"""Catalogues of the systems: one description each, every bad cell named with its remedy, good rows kept."""

from datetime import date
from functools import lru_cache

import pandas as pd
import pytest

from models.evidence.checks.row_model import checked_rows
from models.evidence.checks.rows import Collector, records
from models.evidence.checks.scenarios import check_scenarios
from models.evidence.tables.described import BY_NAME, SYSTEM_EVIDENCE
from models.evidence.validation import message, validate
from tests.market import MARKET, MARKET_TABLES
from tests.places import DATA

TODAY = date(2026, 11, 1)
CATALOGUES = {name: BY_NAME[name] for name in SYSTEM_EVIDENCE if name != "scenarios"}
NAMES = sorted(p.stem for p in DATA.glob("*.csv") if p.stem in CATALOGUES)


def read(name):
    return pd.read_csv(DATA / f"{name}.csv", dtype=str, keep_default_na=False)


TABLES = (*MARKET_TABLES, "sources", "metrics", "products", "assumptions", "corrections", "exchange_rates")


@lru_cache(maxsize=1)
def everything():
    """Read the real evidence, by file."""
    return {
        str(p.relative_to(DATA).as_posix()): pd.read_csv(p, dtype=str, keep_default_na=False)
        for p in DATA.rglob("*.csv")
    }


def judged(name, frame):
    """Check one catalogue as `validate` does; gives its good rows and the rows put aside."""
    collector = Collector(TODAY)
    if name == "scenarios":
        rows = records("scenarios.csv", frame, BY_NAME["scenarios"].column_names, collector)
        return check_scenarios(rows, MARKET, collector), collector.frame()
    catalogue = CATALOGUES[name]
    figure_ids = {
        i for file, f in everything().items() if file.startswith("figures/") for i in f["figure_id"]
    }
    source_ids = set(everything()["sources.csv"]["source_id"])
    rows = records(f"{name}.csv", frame, catalogue.column_names, collector)
    known = {"sources": source_ids, "figures": figure_ids, "classes": MARKET.class_names}
    return checked_rows(catalogue, rows, collector, known), collector.frame()


@pytest.fixture(scope="module")
def accepted():
    return everything(), validate(everything(), TODAY)


def test_every_catalogue_there_is_has_a_description_and_its_header():
    assert set(CATALOGUES) == set(NAMES)
    for name, catalogue in CATALOGUES.items():
        assert set(read(name).columns) == set(catalogue.column_names), name
        assert set(catalogue.keys) <= set(catalogue.column_names)
    assert set(read("scenarios").columns) == set(BY_NAME["scenarios"].column_names)


def test_our_own_catalogues_pass_whole(accepted):
    raw, found = accepted
    ours = found.rejected[found.rejected["file"].isin([f"{name}.csv" for name in (*NAMES, "scenarios")])]
    assert [message(row) for row in ours.to_dict("records")] == []
    for name in (*NAMES, "scenarios"):
        assert len(found.accepted[name]) == len(raw[f"{name}.csv"]) > 0


@pytest.mark.parametrize(
    ("name", "change", "says"),
    [
        ("process", {"passes_p05": "many"}, "is not a number"),
        ("process", {"passes_p05": "9999"}, "lies above passes_p95"),
        ("process", {"passes_p05": "0"}, "outside what is possible"),
        ("process", {"part": "gpu"}, "unknown part 'gpu'"),
        ("process", {"known_since": "spring"}, "none of YYYY-MM-DD"),
        ("process", {"known_since": "2031"}, "after today"),
        ("process", {"equipment": ""}, "equipment is empty"),
        ("materials", {"price": ""}, "price is empty"),
        ("system_evidence", {"relation": "hearsay"}, "unknown relation 'hearsay'"),
        ("suppliers", {"bits_ratio_p95": "-1"}, "outside what is possible"),
        ("server_content", {"unit": "TB"}, "unknown unit 'TB'"),
        ("server_content", {"figure_ids": "report-9999"}, "no row of figures/"),
        ("cowos_variants", {"cowos_s": "0.2"}, "not 1"),
        ("cowos_variants", {"class": "gpu"}, "unknown class 'gpu'"),
        ("supply_chain", {"status": "rumour"}, "unknown status 'rumour'"),
        ("supply_chain", {"source_id": "nobody"}, "no row of sources.csv"),
        ("supply_chain", {"system_item": "tcb"}, "system/item"),
        ("supply_chain", {"as_of": "spring"}, "spring"),
        ("report_findings", {"input_figure_ids": "report-9999"}, "no row of figures/"),
        ("scenarios", {"driver": "weather"}, "unknown driver 'weather'"),
    ],
)
def test_a_bad_row_is_put_aside_with_its_remedy_and_the_others_stay(name, change, says):
    frame = read(name)
    frame.loc[0, list(change)] = list(change.values())
    kept, rejected = judged(name, frame)
    bad = rejected[rejected["row"] == 2]
    assert set(rejected["file"]) == {f"{name}.csv"}
    assert set(change) & set(bad["field"])
    assert any(says in problem for problem in bad["problem"])
    assert (bad["remedy"] != "").all()
    # A scenario with a bad row goes whole; elsewhere the row alone.
    gone = (frame["scenario"] == frame["scenario"].iloc[0]).sum() if name == "scenarios" else 1
    assert len(kept) == len(frame) - gone


def test_a_missing_column_is_named_and_harms_no_other_table():
    raw = {name: frame for name, frame in everything().items() if not name.startswith("figures/")}
    found = validate(raw | {"process.csv": read("process").drop(columns="passes_p95")}, TODAY)
    bad = found.rejected[found.rejected["file"] == "process.csv"]
    assert bad["problem"].str.contains("no column passes_p95").all()
    assert found.accepted["process"].empty
    assert len(found.accepted["materials"]) > 0
    assert found.fatal == ()


@pytest.mark.parametrize(
    ("name", "key"),
    [
        *(("process", "step"), ("materials", "material"), ("suppliers", "supplier")),
        *(("scenarios", "scenario"), ("supply_chain", "company_en"), ("server_content", "server")),
    ],
)
def test_a_further_row_is_one_row_of_csv(name, key):
    frame = read(name)
    more = pd.concat([frame, frame.iloc[:1].assign(**{key: "one_more"})], ignore_index=True)
    kept, rejected = judged(name, more)
    assert len(kept) == len(frame) + 1
    assert rejected.empty


def test_without_catalogues_the_evidence_stands():
    raw = {f"{name}.csv": everything()[f"{name}.csv"] for name in TABLES}
    found = validate(raw | {"corrections.csv": raw["corrections.csv"].iloc[:0]}, TODAY)
    assert found.fatal == ()
    assert not set(found.accepted) & {*NAMES, "scenarios"}
