"""What a scenario of one's own asks for, and how it is shown; running it is tested beside the model."""

from datetime import date

import pytest

from flows.commands import scenario
from flows.runtime.errors import HbmcastError
from models.evidence.evidence import Evidence
from tests.models.systems.shares_world import tables

WINDOW = ("2027Q1", None, 0)


@pytest.fixture(scope="module")
def known() -> Evidence:
    return Evidence(**tables())


def asked(known, name=None, multiply=(), delay=(), window=WINDOW):
    return scenario._asked(name, list(multiply), list(delay), window, None, known)


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
    scenario._warn_of_history(rows, date(2026, 11, 29))
    assert "begins in 2026Q1, before the as-of day 2026-11-29" in capsys.readouterr().err
    scenario._warn_of_history(rows.assign(from_quarter="as_of+0"), date(2026, 11, 29))
    assert capsys.readouterr().err == ""


def test_differences_are_shown_as_per_cent():
    row = {"base_p50": 55e9, "scenario_p50": 50e9, "probability_lower": 0.974}
    row |= {"relative_p05": -0.2, "relative_p50": -0.0911, "relative_p95": 0.001}
    assert scenario._cells(row, 1e9) == ["55.0", "50.0", "-9.1 (-20.0 to +0.1)", "97%"]
