"""What a scenario of one's own asks for, and how it is shown; running it is tested beside the model."""

from datetime import date

import pandas as pd
import pytest

from flows.commands import scenario
from flows.commands.scenario_rows import asked_rows, warn_of_history
from flows.runtime.errors import HbmcastError
from models.evidence.evidence import Evidence
from tests.models.systems.shares_world import tables

WINDOW = ("2027Q1", None, 0)


@pytest.fixture(scope="module")
def known() -> Evidence:
    return Evidence(**tables())


def asked(known, name=None, multiply=(), delay=(), window=WINDOW):
    return asked_rows(name, list(multiply), list(delay), window, None, known)


def test_shocks_of_the_command_line_are_rows_until_the_end(known):
    rows = asked(known, multiply=["hbm_server_penetration=1.1"], delay=["samsung=2"])
    assert list(rows["driver"]) == ["hbm_server_penetration", "supplier.samsung"]
    assert set(rows["from_quarter"]) == {"2027Q1"}
    assert set(rows["to_quarter"]) == {"2027Q4"}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "no scenario is asked for"),
        ({"name": "cowos_delay", "multiply": ["x=1"]}, "Ask for one of the two"),
        ({"multiply": ["penetration=1.1"]}, "unknown driver 'penetration'.*hbm_server_penetration"),
        ({"multiply": ["hbm_server_penetration"]}, "write driver=size"),
        ({"multiply": ["hbm_server_penetration=-30"]}, "fall by 30 %"),
        ({"delay": ["samsung=2"], "window": ("2027", None, 0)}, "no quarter of the grid"),
    ],
)
def test_what_is_no_scenario_is_refused(known, options, said):
    with pytest.raises(HbmcastError, match=said):
        asked(known, **options)


def test_a_window_that_begins_in_the_past_is_warned_of(known, capsys):
    rows = asked(known, multiply=["hbm_server_penetration=1.1"], window=("2026Q1", None, 0))
    warn_of_history(rows, date(2026, 11, 29))
    assert "begins in 2026Q1, before the as-of day 2026-11-29" in capsys.readouterr().err
    warn_of_history(rows.assign(from_quarter="as_of+0"), date(2026, 11, 29))
    assert capsys.readouterr().err == ""


def test_the_headline_comes_first_and_the_rest_on_request():
    moved = {"hbm_bits_gb": 0.0, "supplier/a/gb/total": 0.1, "supplier/b/gb/total": -0.3}
    moved |= {f"supplier/c/{i}/total": 0.01 * i for i in range(9)} | {"equipment/tcb/usd/total": 0.0}
    table = pd.DataFrame(
        [
            {"quantity": name, "period": period, "period_kind": "year", "relative_p50": change}
            for name, change in moved.items()
            for period, change in (("2026", -change), ("2027", change))
        ]
    )
    shown, left_out = scenario.headline_first(table, ["equipment"])
    names = list(dict.fromkeys(shown["quantity"]))
    in_front = ["hbm_bits_gb", "equipment/tcb/usd/total", "supplier/b/gb/total", "supplier/a/gb/total"]
    assert names[:4] == in_front
    assert (len(names), len(shown)) == (2 + scenario.SHOWN_SERIES, 2 * (2 + scenario.SHOWN_SERIES))
    assert left_out == "of supplier what moves most; --every shows 6 more series"
    whole, left_out = scenario.headline_first(table, ["equipment", "supplier"])
    assert (len(whole), left_out) == (len(table), "")


def test_differences_are_shown_as_per_cent():
    row = {"base_p50": 55e9, "scenario_p50": 50e9, "probability_lower": 0.974}
    row |= {"relative_p05": -0.2, "relative_p50": -0.0911, "relative_p95": 0.001}
    assert scenario._cells(row, 1e9) == ["55.0", "50.0", "-9.1 (-20.0 to +0.1)", "97%"]
