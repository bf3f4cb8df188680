"""`hbmcast leave-out`: what the served posterior predicts for what is left out of it."""

import io
import json
import shutil
from datetime import date

import numpy as np
import pandas as pd
import pytest

from flows.commands.leave_out import leave_out, left_out_rows
from flows.runtime.artifacts import save_posterior
from flows.runtime.errors import HbmcastError
from flows.runtime.evidence import evidence_of
from flows.runtime.progress import Progress
from models.inference.from_evidence import problem_from_evidence
from models.inference.posterior import named
from models.inference.problem import parameter_shapes
from tests.flows.small_state import FakeSampler, take_in
from tests.market import MARKET
from warehouse.layout import posterior_file
from warehouse.left_out import publish_left_out
from warehouse.query import query

AS_OF = date(2025, 6, 30)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A state with a posterior that is the prior; not to be changed by a test."""
    state = tmp_path_factory.mktemp("made") / "state"
    take_in(state)
    problem = problem_from_evidence(evidence_of(state, AS_OF), AS_OF)
    rng = np.random.default_rng(3)
    shapes = parameter_shapes(problem.operator, MARKET)
    raw = {k: rng.standard_normal((2, 200, *shape)) for k, shape in shapes.items()}
    save_posterior(posterior_file(state, "abc"), named(raw, {}, MARKET, problem.operator))
    return state


@pytest.fixture
def state(made, tmp_path, monkeypatch):
    """A state that serves a run of that posterior."""
    run = {"run_id": "night-1", "content_hash": "abc", "as_of": AS_OF.isoformat(), "seed": 1}
    monkeypatch.setattr("warehouse.read.latest_run", lambda _state: run)
    return shutil.copytree(made, tmp_path / "state")


def test_nothing_is_published(made):
    with pytest.raises(HbmcastError, match="nothing is published yet"):
        left_out_rows(made, False, 3, 1, Progress(shown=False))


def test_every_used_figure_is_left_out_alone_and_with_its_publisher(state):
    run_id, rows = left_out_rows(state, False, 3, 1, Progress(shown=False))
    problem = problem_from_evidence(evidence_of(state, AS_OF), AS_OF)
    used = problem.operator.figures[problem.weight > 0]
    singly = rows[rows["left_out"] == rows["figure_id"]]
    assert sorted(singly["figure_id"]) == sorted(used["figure_id"])
    counted = used["publisher"].value_counts()
    enough = set(counted.index[counted >= 3])
    assert enough
    assert set(rows["left_out"]) - set(rows["figure_id"]) == enough
    publish_left_out(state, run_id, rows)
    publish_left_out(state, run_id, rows)
    kept = query(state, "select run_id, count(*) as n from left_out group by all").to_pylist()
    assert kept == [{"run_id": "night-1", "n": len(rows)}], "a second look replaces the first"


def test_publishers_whose_weights_fail_are_fitted_without(state, monkeypatch):
    sampler, seen = FakeSampler(), []
    monkeypatch.setattr("models.inference.fit.compile_model", sampler.compile_model)

    def sampled(compiled, problem, *rest):
        seen.append(problem.weight.copy())
        return sampler.sample(compiled, problem, *rest)

    monkeypatch.setattr("models.inference.fit.sample", sampled)
    monkeypatch.setattr("models.inference.left_out.PARETO_LIMIT", -10.0)
    _, rows = left_out_rows(state, True, 3, 1, Progress(shown=False))
    together = rows[rows["left_out"] != rows["figure_id"]]
    assert set(together["method"]) == {"refit"}
    assert len(seen) == together["left_out"].nunique()
    problem = problem_from_evidence(evidence_of(state, AS_OF), AS_OF)
    for weight, publisher in zip(seen, sorted(set(together["left_out"])), strict=True):
        mine = (problem.operator.figures["publisher"] == publisher).to_numpy()
        assert (weight[mine] == 0).all()
        assert (weight[~mine] > 0).any()


@pytest.mark.parametrize("format", ["json", "csv", "table"])
def test_what_is_printed_can_be_read_as_one(state, capsys, format):
    leave_out(refit=False, minimum=3, format=format, state=state)
    said = capsys.readouterr().out
    names = ("Figures left out one by one", "Publishers left out", "Figures that surprise most")
    if format == "json":
        parts = json.loads(said)
        assert [name.split(" (")[0] for name in parts] == list(names)
        assert all(parts.values())
        assert parts["Publishers left out"][0]["publisher"] == "all"
    elif format == "csv":
        table = pd.read_csv(io.StringIO(said))
        assert {part.split(" (")[0] for part in table["part"]} == set(names)
    else:
        assert all(name in said for name in names)
