"""`hbmcast explain` and `hbmcast scenario` on a small published warehouse."""

import csv
import json
from types import SimpleNamespace

import pandas as pd
import pytest
from typer.testing import CliRunner

import tests.warehouse.synthetic_systems as of_systems
import tests.warehouse.synthetic_warehouse as synthetic
from flows.commands import scenario
from flows.commands.cli import app
from flows.runtime.errors import HbmcastError
from flows.runtime.preparation import prepare_state
from flows.runtime.settings import resolve
from models.chain.lineage import assumption_starts, assumptions_of, inputs, inputs_of
from models.evidence.evidence import Evidence
from tests.market import MARKET, MARKET_TABLES
from warehouse.errors import WarehouseError

DRAWS = synthetic.joint_draws(1)


@pytest.fixture(scope="module")
def state(tmp_path_factory):
    state = tmp_path_factory.mktemp("explained")
    prepare_state(state)
    synthetic.ingest(
        state,
        synthetic.evidence() | MARKET_TABLES | of_systems.evidence(),
        synthetic.rejected(),
        "night-0",
        synthetic.INGESTED_AT,
    )
    synthetic.publish(state, "night-1", DRAWS, **of_systems.frames(DRAWS, "night-1"))
    return state


def hbmcast(state, *words):
    done = CliRunner().invoke(app, [*words, "--state", str(state)])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.output


def test_explain_reaches_assumptions_and_figures_with_their_addresses(state):
    said = hbmcast(state, "explain", "equipment", "tcb", "2026", "--depth", "9")
    assert "equipment tcb in 2026, run night-1" in said
    assert "usd (top_down)" in said
    assert "few figures, 1 figure of its own" in said
    assert "figure hbm-0001: TrendForce, 2024-05-06: hbm_revenue industry 2024 = 16 billion USD" in said
    assert "https://example.org/1" in said
    assert "assumption stack_yield: 60 to 90 % (90 %); judgement" in said
    assert "quantity hbm_bits_gb" in said
    assert "quantity hbm_bits_demand_gb" in said


@pytest.mark.parametrize(
    ("short", "whole"),
    [
        ("hbm_revenue_usd 2026", "chain hbm_revenue_usd in 2026"),
        ("equipment/tcb/usd/total 2026", "equipment tcb in 2026"),
        ("tcb 2026Q1", "equipment tcb in 2026Q1"),
    ],
)
def test_an_item_is_named_as_claims_and_queries_name_it(state, short, whole):
    for words in (short.split(), [short]):
        assert whole in hbmcast(state, "explain", *words)


@pytest.mark.parametrize(
    ("words", "error", "said"),
    [
        ("hbm_revenue_usd", HbmcastError, "hbmcast explain hbm_revenue_usd 2027"),
        ("equipment tcb usd 2026", HbmcastError, "is no item and period"),
        ("hbm_revnue_usd 2026", WarehouseError, "nearest: hbm_revenue_usd"),
    ],
)
def test_what_names_no_item_is_told_how_it_is_named(state, words, error, said):
    with pytest.raises(error, match=said):
        hbmcast(state, "explain", *words.split())


def test_a_tree_stops_at_what_an_item_is_made_of_and_says_how_to_go_on(state):
    first, second = (hbmcast(state, "explain", "chain", "hbm_revenue_usd", "2026", *more)
                     for more in ((), ("--depth", "2")))  # fmt: skip
    assert "quantity hbm_bits_gb" in first
    assert "hbm_bits_supply_gb" not in first
    assert "[beneath: " in first
    assert "--depth 2 opens" in first
    assert "quantity hbm_bits_supply_gb" in second
    assert "--depth 3 opens" in second
    whole = json.loads(hbmcast(state, "explain", "chain", "hbm_revenue_usd", "2026", "--format", "json"))
    assert "beneath" not in json.dumps(whole)


def test_a_file_of_an_explanation_asks_for_no_private_figures(state, tmp_path, monkeypatch):
    import warehouse.explain

    asked, answer = [], warehouse.explain.rows_behind_item

    def noted(*place, private):
        asked.append(private)
        return answer(*place, private=private)

    monkeypatch.setattr(warehouse.explain, "rows_behind_item", noted)
    hbmcast(state, "explain", "equipment", "tcb", "2026")
    hbmcast(state, "explain", "equipment", "tcb", "2026", "-o", str(tmp_path / "tree.json"))
    assert asked == [True, False]


def test_explain_gives_its_rows_in_any_format(state, tmp_path):
    file = tmp_path / "tree.csv"
    hbmcast(state, "explain", "equipment", "tcb", "2026", "-o", str(file))
    with file.open() as lines:
        rows = list(csv.DictReader(lines))
    assert rows[0]["kind"] == "forecast"
    below = [row for row in rows if row["kind"] == "assumption" and row["name"] == "stack_yield"]
    assert below[0]["basis"] == "judgement"
    assert int(below[0]["depth"]) > 0
    assert any(row["figure_id"] == "hbm-0001" and row["url"] == "https://example.org/1" for row in rows)


def test_explain_tells_the_rows_of_the_catalogues_with_what_they_name_and_cite(state):
    tree = json.loads(hbmcast(state, "explain", "equipment", "tcb", "2026", "--format", "json"))
    (step,) = (node for node in tree["inputs"] if node["kind"] == "row")
    assert (step["file"], step["name"], step["p05"], step["p95"]) == ("process.csv", "bonding", 1.0, 1.2)
    # The row cites one figure; speed and price of its tool stand under it, and not a second time below.
    assert [(n["kind"], n["name"]) for n in step["inputs"]] == [
        ("figure", "cowos-0001"),
        *(("assumption", f"equipment.{name}") for name in ("throughput.bonder", "uptime", "price.bonder")),
    ]
    names = [node["name"] for node in tree["inputs"] if node["kind"] == "assumption"]
    assert names == ["stack_yield"]
    said = hbmcast(state, "explain", "equipment", "tcb", "2026")
    assert "process.csv bonding: 1 to 1.2 (90 %) passes of each hbm_die on a bonder, on route tc_ncf" in said
    assert "judgement: own count; see cowos-0001" in said
    assert "figure cowos-0001: Yole" in said
    assert "process.csv" not in hbmcast(state, "explain", "equipment", "plating", "2026")


def test_explain_takes_quantities_of_the_chain_and_scenarios(state):
    said = hbmcast(state, "explain", "chain", "hbm_revenue_usd", "2026")
    assert "chain hbm_revenue_usd in 2026, run night-1" in said
    # As published, not as converted; the year asked first; no part is told as made of its whole.
    first, second = (said.index(f"figure {name}") for name in ("hbm-0002", "hbm-0001"))
    assert first < second
    assert "hbm_revenue industry 2026 = 90 billion USD" in said
    assert said.count("quantity hbm_revenue_usd") == 0
    late = hbmcast(state, "explain", "scenario", "cowos_delay", "2027")
    assert "hbm_revenue_usd (against the base): -20.0 % of the base" in late
    assert "scenarios.csv cowos_capacity_tsmc_wafers_per_month: 0.7 to 0.9 (90 %) times the forecast" in late
    assert "quantity cowos_capacity_tsmc_wafers_per_month" in late


def test_explain_follows_the_chain_to_figures_of_other_quantities(state):
    tree = json.loads(hbmcast(state, "explain", "equipment", "plating", "2026Q1", "--format", "json"))
    seen: dict[str, list] = {}

    def walk(node):
        seen.setdefault(node["kind"], []).append(node)
        for one in node.get("inputs", []):
            walk(one)

    walk(tree)
    # cowos_wafers rests on the capacity, and a figure speaks of that.
    assert {"cowos_wafers", "cowos_wafers_supply", "cowos_capacity_wafers_per_month"} <= {
        node["name"] for node in seen["quantity"]
    }
    assert [(f["name"], f["url"]) for f in seen["figure"]] == [("cowos-0001", "https://example.org/3")]
    told = [node["name"] for node in seen["quantity"] if not node.get("above")]
    assert len(told) == len(set(told))


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("equipment", "tcx", "2026"), "no item 'tcx'; there are: all_categories, plating, tcb"),
        (("equipmnt", "tcb", "2026"), "no system 'equipmnt'"),
        (("equipment", "tcb", "2031"), "no forecast for '2031'"),
        (("equipment", "t", "2026"), "part of several names"),
    ],
)
def test_explain_says_what_there_is(state, words, says):
    with pytest.raises(WarehouseError, match=says):
        hbmcast(state, "explain", *words)


def test_a_part_of_a_name_is_enough(state):
    assert "equipment plating in 2026" in hbmcast(state, "explain", "equipment", "plat", "2026")


def test_the_map_of_the_chain_names_only_what_there_is():
    assert set(inputs(MARKET)) | set(assumption_starts(MARKET)) <= set(MARKET.by_name)
    for name, quantity in MARKET.by_name.items():
        assert set(inputs_of(name, MARKET)) <= set(MARKET.by_name), name
        if quantity.yearly == "ratio":
            assert inputs_of(name, MARKET) == (quantity.numerator, quantity.denominator)
    names = list(pd.read_csv("data/assumptions.csv")["assumption"])
    for name in MARKET.by_name:
        assert inputs_of(name, MARKET) or assumptions_of(name, names, MARKET), f"{name} rests on nothing"
    # Every start of a name that is written there has its assumptions.
    starts = [start for group in assumption_starts(MARKET).values() for start in group]
    assert [start for start in starts if not any(name.startswith(start) for name in names)] == []


@pytest.fixture
def served(monkeypatch, state):
    """The forecast served with a posterior that costs nothing, and a scenario that does what it is told."""
    fit = SimpleNamespace(problem=SimpleNamespace(as_of=synthetic.date(2026, 1, 2)), flat=dict)
    known = Evidence(**MARKET_TABLES, scenarios=of_systems.evidence()["scenarios"])
    monkeypatch.setattr(scenario, "_served", lambda given: (resolve(state=given), known, fit))
    monkeypatch.setattr(scenario, "_evidence", lambda known: known)
    asked = {}

    def run_scenario(problem, flat, rows, draws, seed, functions, evidence, quantities):
        asked.update(rows=rows, draws=draws, functions=functions, quantities=quantities)
        table = of_systems.frames(DRAWS, "night-1")["scenarios"]
        return table.drop(columns=["run_id", "as_of"]).assign(scenario=rows["scenario"].iloc[0])

    monkeypatch.setattr("models.scenarios.run.run_scenario", run_scenario)
    return asked


def test_scenarios_are_listed_and_run(state, served):
    assert "cowos_delay" in hbmcast(state, "scenario", "list", "--format", "csv")
    said = hbmcast(state, "scenario", "run", "cowos_delay", "--draws", "500", "--format", "csv")
    assert (served["draws"], len(served["rows"]), served["functions"]) == (500, 2, [])
    assert "hbm_revenue_usd,2026,USD" in said
    assert "2026Q1" not in said
    assert "500 pairs of draws" in said


def test_a_scenario_of_the_users_own(state, served, tmp_path):
    own = of_systems.evidence()["scenarios"].assign(scenario="mine", title="My own")
    own.to_csv(tmp_path / "own.csv", index=False)
    hbmcast(state, "scenario", "run", "mine", "--file", str(tmp_path / "own.csv"))
    assert set(served["rows"]["scenario"]) == {"mine"}
    with pytest.raises(HbmcastError, match="There are: mine"):
        hbmcast(state, "scenario", "run", "yours", "--file", str(tmp_path / "own.csv"))
    own.assign(driver="no_driver").to_csv(tmp_path / "bad.csv", index=False)
    with pytest.raises(HbmcastError, match=r"bad.csv row 2, field driver, value 'no_driver'.*Remedy"):
        hbmcast(state, "scenario", "run", "mine", "--file", str(tmp_path / "bad.csv"))


def test_a_shock_to_domestic_shares_brings_them_along(state, served, tmp_path):
    own = of_systems.evidence()["scenarios"].iloc[:1]
    own = own.assign(scenario="mine", driver="substitution.equipment", p05="0.3", p95="0.8")
    own.to_csv(tmp_path / "own.csv", index=False)
    hbmcast(state, "scenario", "run", "mine", "--file", str(tmp_path / "own.csv"))
    assert [function.__name__ for function in served["functions"]] == ["substitution"]
    with pytest.raises(HbmcastError, match="no system tools"):
        hbmcast(state, "scenario", "run", "cowos_delay", "--systems", "tools")
