"""Tables that a night makes by calling what their descriptions name: nobody hands them over."""

import inspect
import sys
from datetime import date
from importlib import import_module
from types import ModuleType, SimpleNamespace

import pandas as pd
import pytest

from flows.night.called_tables import make_called_tables
from flows.night.fence import FAILED, SystemTables
from models.vocabulary.results.described import CALLED
from models.vocabulary.tables import Column, ResultTable

RUN = SimpleNamespace(as_of=date(2025, 1, 1), known="twelve figures")


@pytest.fixture
def table_of(monkeypatch):
    """Describe a table whose maker is given, in a module of its own."""

    def described(name, maker):
        module = ModuleType(f"models.systems.{name}_maker")
        setattr(module, name, maker)
        monkeypatch.setitem(sys.modules, module.__name__, module)
        columns = tuple(Column(column, "It is there") for column in ("run_id", "as_of", "said"))
        return ResultTable(name, "Said of a run", module.__name__, columns, called=True)

    return described


def broken(_run):
    raise ZeroDivisionError("nothing to divide by")


def test_each_is_made_of_the_run_and_one_that_fails_harms_no_other(table_of):
    tables = (
        table_of("broken_table", broken),
        table_of("sayings", lambda run: pd.DataFrame({"beside": [1], "said": [run.known]})),
        table_of("silence", lambda _run: None),
    )
    out = SystemTables()
    make_called_tables(out, "night-1", RUN, tables)
    (frame,) = out.frames.values()
    assert frame.to_dict("list") == {"run_id": ["night-1"], "as_of": [RUN.as_of], "said": ["twelve figures"]}
    assert out.failed == ["broken_table"]
    (row,) = out.diagnostics
    assert row[:2] == ("night-1", FAILED + "broken_table")
    assert "nothing to divide by" in row[-1]


@pytest.mark.parametrize("table", CALLED, ids=lambda table: table.name)
def test_a_described_maker_is_there_and_takes_a_run(table):
    maker = getattr(import_module(table.made_by), table.name)
    assert list(inspect.signature(maker).parameters) == ["run"]
    assert table.brought == "optional", "it may be left out"
