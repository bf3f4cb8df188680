"""Every macro answers a right question and refuses a wrong argument in words: nothing empty, no traceback."""

import re
from collections.abc import Callable, Iterator

import duckdb
import pandas as pd
import pytest

import tests.warehouse.synthetic_systems as systems
import tests.warehouse.synthetic_warehouse as synthetic
from tests.places import ROOT
from warehouse.connect import connect
from warehouse.errors import WarehouseError
from warehouse.query import query

REVENUE, SERIES = "hbm_revenue_usd", "equipment/tcb/usd/total"
RIGHT = {
    **dict.fromkeys(("of_quantity", "of_numerator"), REVENUE),
    **dict.fromkeys(("with_quantity", "and_quantity", "given_quantity", "to_denominator"), "cowos_wafers"),
    **dict.fromkeys(("in_period", "with_period", "and_period", "given_period"), "2026"),
    "from_period": "2025",
    **dict.fromkeys(("of_run_id", "earlier_run_id"), "night-1"),
    "later_run_id": "night-2",
    **dict.fromkeys(("given_level", "and_level", "growth"), 0.0),
    "day": "2026-06-30",
    "since_which": "last run",
}
"""An argument that is right, by the name it has in every macro."""
HELPERS = {
    "raised", "has_draws", "nearest_quantities", "nearest_runs", "no_such_draws", "no_such_forecast",
    "no_such_news", "checked_level", "checked_number", "hours_until_stale", "effective_date",
}  # fmt: skip
"""What other macros are made of: they say what is wrong instead of refusing it."""
INJECTED = "x' OR 1=1; DROP TABLE runs; --"
NAMES = {"wrong": "hbm_revenu_usd", "empty": "", "long": "x" * 10_000, "injected": INJECTED, "null": None}
PERIODS = {"wrong": "2026q5", "empty": "", "far": "9999", "injected": INJECTED, "null": None}
QUANTILES = {"per cent": 95, "negative": -0.5, "huge": 1e300, "nan": "nan", "text": "'half'", "null": None}
NUMBERS = {"nan": "nan", "text": "'much'", "null": None}
DAYS = {"wrong": "the other day", "empty": "", "null": None}
SAID = re.compile(
    r"nearest: \w|not NULL|between 0 and 1|number is wanted|periods are years|no draw has|'last run' or a"
    r"|those kept: \w|Could not convert string|invalid (date|timestamp) field"
)
"""What tells how to mend it: the nearest names, what is wanted, or the text that is no number or day."""


def parameters() -> dict[str, tuple[str, list[str]]]:
    """Macros of the warehouse: kind and parameters of each, as the SQL has them."""
    found = {}
    for file in ("macros.sql", "draws_of_run.sql"):
        source = (ROOT / "warehouse" / file).read_text(encoding="utf-8")
        for name, given, kind in re.findall(
            r"CREATE (?:OR REPLACE )?MACRO (\w+)\(([^)]*)\) AS( TABLE)?", source
        ):
            found[name] = (kind.strip(), [one.strip() for one in given.split(",") if one.strip()])
    return found


ASKED = {name: of for name, of in parameters().items() if name not in HELPERS}


def is_quantile(macro: str, parameter: str) -> bool:
    return parameter == "level" and macro.startswith("quantile")


def wrong(macro: str, parameter: str) -> dict[str, object]:
    if is_quantile(macro, parameter):
        return QUANTILES
    if parameter in ("level", "given_level", "and_level", "growth"):
        return NUMBERS
    if parameter == "day":
        return DAYS
    return PERIODS if parameter.endswith("period") else NAMES


def asked(macro: str, **changed: object) -> str:
    kind, names = ASKED[macro]
    # What is given is a condition that some draws meet: above nothing, or below a great deal.
    few = {"given_level": 1e15} if macro.endswith("below") else {}
    given = {name: RIGHT.get(name, 0.5) for name in names} | few | changed
    given = {name: given[name] for name in names}
    told = ", ".join(f"{name} := {written(value)}" for name, value in given.items())
    return f"SELECT * FROM {macro}({told})" if kind else f"SELECT {macro}({told}) AS answer"


def written(value: object) -> str:
    if value is None:
        return "NULL"
    if value == "nan":
        return "'nan'::DOUBLE"
    if not isinstance(value, str) or value.startswith("'"):
        return str(value)
    return "'" + value.replace("'", "''") + "'"


def cases() -> Iterator[pytest.param]:
    """Every wrong argument of every macro: one a parameter, in turn, the others only among slow tests."""
    arguments = [(macro, name) for macro, (_, names) in ASKED.items() for name in names]
    for number, (macro, name) in enumerate(arguments):
        ways = wrong(macro, name)
        for way, (how, value) in enumerate(ways.items()):
            marks = () if way == number % len(ways) else pytest.mark.slow
            yield pytest.param(macro, name, value, id=f"{macro}-{name}-{how}", marks=marks)


def test_the_macros_are_all_here_and_their_arguments_known(two_nights):
    listed = query(two_nights, "SELECT name FROM data_dictionary WHERE kind = 'macro'").to_pylist()
    assert {row["name"] for row in listed} - HELPERS == set(ASKED)
    assert {name for _, names in ASKED.values() for name in names} <= {*RIGHT, "level"}


@pytest.mark.parametrize("macro", [name for name in ASKED if name != "news_of"])
def test_a_right_question_has_an_answer(two_nights, macro):
    rows = query(two_nights, asked(macro)).to_pylist()
    assert rows
    assert all(value is not None for value in rows[0].values())


@pytest.fixture(scope="module")
def ask(two_nights) -> Iterator[Callable[[str], object]]:
    """Put a question to one connection: opened for each, hundreds would take minutes."""
    with connect(two_nights) as connection:
        yield lambda sql: connection.execute(sql).fetchall()


@pytest.mark.parametrize(("macro", "parameter", "value"), cases())
def test_a_wrong_argument_is_refused_in_words(two_nights, ask, macro, parameter, value):
    sql = asked(macro, **{parameter: value})
    # Which file of draws is missing is told by the reader.
    question = (lambda: query(two_nights, sql)) if parameter == "of_run_id" else (lambda: ask(sql))
    with pytest.raises((WarehouseError, duckdb.Error)) as refused:
        question()
    said = str(refused.value)
    assert SAID.search(said), said
    assert "INTERNAL" not in said


@pytest.mark.parametrize("way", ["above", "below"])
def test_an_interval_of_no_draws_is_refused(two_nights, way):
    far = 1e30 if way == "above" else -1e30
    with pytest.raises(WarehouseError, match=f"no draw has cowos_wafers in 2026 {way}"):
        query(two_nights, asked(f"interval_given_{way}", given_level=far))


def test_any_number_may_be_compared_with(two_nights):
    for level, share in ((-1e308, 1.0), (1e308, 0.0), ("'inf'::DOUBLE", 0.0)):
        answer = query(two_nights, asked("probability_above", level=level)).to_pylist()
        assert answer == [{"answer": share}]


def test_series_of_systems_of_an_earlier_run_are_checked_too(two_nights):
    assert query(two_nights, asked("draws_of_run", of_quantity=SERIES)).num_rows
    for changed in (
        {"of_quantity": "equipment/tcb/usd/totl"},
        {"of_quantity": SERIES, "in_period": "2026q5"},
    ):
        with pytest.raises(WarehouseError, match=f"nearest: {SERIES}"):
            query(two_nights, asked("draws_of_run", **changed))


def test_news_of_what_no_night_splits_names_what_it_splits(state, draws):
    assert query(state, asked("news_of")).num_rows == 0, "no night has said anything of news"
    row = {
        "run_id": "night-3", "since": "last run", "earlier_run_id": "night-2", "earlier_as_of": "2026-01-02",
        "quantity": REVENUE, "period": "2026", "part": "whole", "unit": "USD", "p05": 1.0, "p50": 2.0,
        "p95": 3.0, **dict.fromkeys(("figure_ids", "publisher", "about", "known_on", "pareto_k")),
        **{f"{of}_{level}": 0.5 for of in ("error", "earlier") for level in ("p05", "p50", "p95")},
    }  # fmt: skip
    news = pd.DataFrame([row])
    synthetic.publish(state, "night-3", draws, **systems.frames(draws, "night-3"), news=news)
    assert query(state, asked("news_of")).num_rows == 1
    with pytest.raises(
        WarehouseError, match=r"news is not told of cowos_wafers in 2026, but of hbm_revenue_usd"
    ):
        query(state, asked("news_of", of_quantity="cowos_wafers"))
