"""Running the systems of a night: one that fails is left out and told, the others and the chain go on."""

import sys
from dataclasses import replace
from types import ModuleType

import numpy as np
import pandas as pd
import pytest

from flows.night.fence import FAILED, SystemTables
from flows.night.scenarios import tables_of_scenarios
from flows.night.systems import run_systems
from flows.runtime.fingerprint import run_hash, tables_hash
from flows.runtime.settings import resolve
from models.draws.gate import gate_passed
from models.draws.joint import PERIODS, Draws
from models.evidence.evidence import Evidence
from models.systems.output_checks import faults
from models.systems.run import diagnostics_with_systems, random_stream
from models.systems.series import Series
from models.vocabulary.systems import System
from tests.market import MARKET, MARKET_TABLES

N_DRAWS = 40
EVIDENCE = Evidence(**MARKET_TABLES, process=pd.DataFrame({"step": ["bond"]}))


@pytest.fixture
def settings(tmp_path):
    return resolve(state=tmp_path, as_of="2025-01-01", seed=5)


@pytest.fixture
def drawn():
    rng = np.random.default_rng(1)
    shape = (N_DRAWS, len(PERIODS))
    return Draws({q.name: rng.lognormal(size=shape).astype(np.float32) for q in MARKET.quantities})


@pytest.fixture
def fake(monkeypatch):
    """Put a system in the place of a module of models/systems."""

    def put(name, function):
        module = ModuleType(name)
        setattr(module, name, function)
        monkeypatch.setitem(sys.modules, f"models.systems.{name}", module)
        return System(name, f"{name}.", "A system of a test")

    return put


def good(drawn, evidence, as_of, rng):
    values = drawn["hbm_revenue_usd"][:, :28] * rng.lognormal(size=(N_DRAWS, 1)).astype(np.float32)
    inputs = ("hbm_revenue_usd", "made.up")
    return [Series("equipment", "tcb", "usd", "total", "USD", "sum", values, inputs=inputs)]


def negative(drawn, evidence, as_of, rng):
    (one,) = good(drawn, evidence, as_of, rng)
    return [Series("equipment", "dicing", "usd", "total", "USD", "sum", -one.values, inputs=one.inputs)]  # noqa: PD011


def broken(drawn, evidence, as_of, rng):
    raise KeyError("assumption 'equipment.uptime' is missing")


def test_the_log_has_the_traceback_of_a_system_that_fails(settings, drawn, fake, caplog):
    run_systems(settings, "night", drawn, EVIDENCE, systems=(fake("broken", broken), fake("good", good)))
    (record,) = [record for record in caplog.records if record.exc_info]
    assert "broken is left out of run night" in record.getMessage()
    assert "in broken\n" in caplog.text, "the line that raised is in the log"
    assert "equipment.uptime" in caplog.text


def test_the_log_has_the_traceback_of_a_scenario_that_fails(settings, caplog, monkeypatch):
    def torn(*_):
        raise ValueError("off the grid")

    monkeypatch.setattr("models.draws.simulate.carried", lambda *_: {})
    monkeypatch.setattr("models.draws.simulate.simulate", lambda *_, **__: iter(()))
    monkeypatch.setattr("models.draws.joint.collect", lambda _: Draws({}))
    monkeypatch.setattr("models.scenarios.run.run_scenario", torn)
    out, rows = SystemTables(), pd.DataFrame({"scenario": ["war"], "driver": ["x"]})
    tables_of_scenarios(out, settings, "night", None, {}, Evidence(scenarios=rows))
    assert (out.failed, out.frames) == (["scenario war"], {})
    assert "in torn\n" in caplog.text
    assert "off the grid" in caplog.text


def test_a_system_that_fails_is_left_out_and_told(settings, drawn, fake):
    chosen = (
        fake("broken", broken),
        fake("good", good),
        System("absent", "absent.", "A system of a test"),
        fake("negative", negative),
    )
    out = run_systems(settings, "night", drawn, EVIDENCE, systems=chosen)
    assert out.failed == ["broken", "absent", "negative"]
    assert list(out.frames["system_forecast"]["item"].unique()) == ["tcb"]
    assert len(out.frames["system_lineage"]) == 2
    told = dict(zip(out.failed, out.notes, strict=True))
    assert "equipment.uptime" in told["broken"]
    assert "absent" in told["absent"]
    assert "below zero: equipment dicing usd" in told["negative"]
    noted = {name: detail for _, name, *_, detail in out.diagnostics}
    assert {f"{FAILED}{name}" for name in out.failed} | {"system:good"} == set(noted)
    assert "equipment.uptime" in noted[f"{FAILED}broken"]


def test_what_is_noted_of_systems_holds_no_run_back(settings, drawn, fake):
    out = run_systems(settings, "night", drawn, EVIDENCE, systems=(fake("broken", broken),))
    gate = pd.DataFrame(
        [("night", "rhat", 1.0, 1.01, True, "")],
        columns=["run_id", "name", "value", "threshold", "passed", "detail"],
    ).astype({"passed": object})
    both = diagnostics_with_systems(gate, out.diagnostics)
    assert list(both["name"]) == ["rhat", f"{FAILED}broken"]
    assert gate_passed(both)
    assert out.frames == {}


def test_evidence_without_systems_gives_none_and_no_alarm(settings, drawn, fake):
    out = run_systems(settings, "night", drawn, Evidence(), systems=(fake("good", good),))
    assert (out.frames, out.failed, out.notes) == ({}, [], [])
    assert [name for _, name, *_ in out.diagnostics] == ["system:none"]


def test_a_system_draws_the_same_whatever_others_there_are(settings, drawn, fake):
    alone = run_systems(settings, "n", drawn, EVIDENCE, systems=(fake("good", good),))
    beside = run_systems(settings, "n", drawn, EVIDENCE, systems=(fake("broken", broken), fake("good", good)))
    pd.testing.assert_frame_equal(alone.frames["system_forecast"], beside.frames["system_forecast"])
    assert random_stream(5, "a").random() != random_stream(5, "b").random()
    assert random_stream(5, "a").random() != random_stream(6, "a").random()


def test_catalogues_change_the_tables_but_not_the_posterior():
    known = Evidence(
        figures=pd.DataFrame({"figure_id": ["a"], "value": [1.0]}),
        process=pd.DataFrame({"step": ["bond"], "passes_p05": [1.0]}),
    )
    more = replace(known, process=pd.DataFrame({"step": ["bond", "mold"], "passes_p05": [1.0, 1.0]}))
    assert run_hash(known, seed=1) == run_hash(more, seed=1)
    assert tables_hash(known) != tables_hash(more)
    other = replace(known, figures=pd.DataFrame({"figure_id": ["a"], "value": [2.0]}))
    assert run_hash(known, seed=1) != run_hash(other, seed=1)
    assert tables_hash(known) != tables_hash(other)


def rows(**changes):
    base = {"system": "equipment", "item": "tcb", "measure": "share", "part": "total", "period": "2026"}
    levels = {f"p{level:02d}": 0.1 + level / 200 for level in (5, 10, 25, 50, 75, 90, 95)}
    return pd.DataFrame([{**base, **levels, **changes}])


LINEAGE = pd.DataFrame(
    [{"system": system, "item": "tcb", "measure": "share"} for system in ("equipment", "supplier")]
)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"p25": 0.9}, "fall"),
        ({"p25": float("nan")}, "not finite"),
        ({"p95": float("inf")}, "not finite"),
        ({"p05": -0.1}, "below zero"),
        ({"p50": 1.2, "p75": 1.3, "p90": 1.3, "p95": 1.3}, "outside 0 to 1"),
        ({"system": "supplier", "mean": 0.7}, "add up"),
        ({"item": "nobody"}, "rest on"),
    ],
)
def test_rows_that_cannot_be_published_are_named(changes, says):
    (found,) = faults(rows(**changes), LINEAGE)
    assert says in found
    assert changes.get("item", "tcb") in found


def test_sound_rows_pass():
    assert faults(rows(), LINEAGE) == []
    missing = dict.fromkeys(["p05", "p10", "p25", "p50", "p75", "p90", "p95"], float("nan"))
    assert faults(rows(**missing), LINEAGE) == []
    assert faults(rows().iloc[:0], LINEAGE) == ["it gives no series"]
