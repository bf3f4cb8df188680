"""What leaves the product must be readable by the next tool: formats, cells, the width of a terminal."""

import io
import json
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dashboards.labels import amounts
from flows.commands import output
from flows.commands.cells import FORMULA, NOT_FINITE, Lost, csv_cell, json_text
from flows.commands.formats import BY_SUFFIX, chosen_format, write_object, write_parts, write_rows
from flows.commands.output import columns_that_fit, write_table
from flows.commands.workbook import write_workbook
from flows.runtime.errors import HbmcastError

# More digits than a float holds, a sum as DuckDB gives it, and what JSON has no word for.
LONG = 9007199254740993
ANSWER = pa.table(
    {
        "n": pa.array([LONG, None], pa.int64()),
        "total": pa.array([Decimal(34020000), None], pa.decimal128(38, 0)),
        "price": pa.array([Decimal("1.10"), None], pa.decimal128(10, 2)),
        "x": [float("nan"), float("-inf")],
        "text": ["=1+1", "-5"],
        "day": [date(2026, 11, 28), None],
        "at": [datetime(2026, 11, 28, 2), None],
        "flag": [True, None],
        "list": [[1, 2], None],
    }
)


@pytest.fixture(autouse=True)
def not_quiet():
    output.be_quiet(False)


def test_every_suffix_says_its_format_and_a_contradiction_is_refused():
    for suffix, format in BY_SUFFIX.items():
        assert chosen_format(None, Path(f"rows{suffix.upper()}")) == format
    assert chosen_format("markdown", Path("rows.txt")) == "markdown"
    assert chosen_format("csv", Path("rows.data")) == "csv"
    for format, name, said in (
        ("csv", "rows.parquet", "is to be parquet"),
        ("table", "rows.csv", "is to be csv"),
        (None, "rows.data", "says no format"),
        ("xml", None, "one of table"),
    ):
        with pytest.raises(HbmcastError, match=said):
            chosen_format(format, Path(name) if name else None)
    with pytest.raises(HbmcastError, match="--bom is for csv"):
        chosen_format("json", None, bom=True)


def written(tmp_path: Path, suffix: str, answer: pa.Table = ANSWER, **options: bool) -> Path:
    path = tmp_path / f"rows{suffix}"
    write_rows(answer, chosen_format(None, path, **options), path, **options)
    return path


def test_numbers_keep_their_digits_in_every_format(tmp_path, capsys):
    lines = written(tmp_path, ".csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "n,total,price,x,text,day,at,flag,list"
    assert lines[1] == f'{LONG},34020000,1.10,nan,\'=1+1,2026-11-28,2026-11-28 02:00:00,true,"[1, 2]"'
    assert lines[2] == ",,,-inf,-5,,,,"
    capsys.readouterr()
    text = written(tmp_path, ".json").read_text(encoding="utf-8")
    assert capsys.readouterr().err.splitlines()[0] == f"2 {NOT_FINITE}"
    first, second = json.loads(text, parse_constant=pytest.fail)
    assert (first["n"], first["total"], first["x"], first["text"]) == (LONG, 34020000, None, "=1+1")
    assert '"price": 1.10' in text
    assert set(second.values()) == {None, "-5"}
    lines = written(tmp_path, ".ndjson").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in lines] == [first, second]
    for table in (
        pq.read_table(written(tmp_path, ".parquet")),
        pa.ipc.open_file(written(tmp_path, ".arrow")).read_all(),
    ):
        assert table["n"].to_pylist() == [LONG, None]
        assert table.schema.field("total").type == pa.int64()
        assert table["price"].to_pylist() == [Decimal("1.10"), None]


def test_a_workbook_holds_numbers_and_days_and_runs_nothing(tmp_path, capsys):
    book = openpyxl.load_workbook(written(tmp_path, ".xlsx"))
    heads, first, second = book["answer"].iter_rows()
    assert [cell.value for cell in heads] == ANSWER.column_names
    found = dict(zip(ANSWER.column_names, first, strict=True))
    assert (found["total"].value, found["price"].value, found["flag"].value) == (34020000, 1.1, True)
    assert (found["day"].value.date(), found["at"].value) == (date(2026, 11, 28), datetime(2026, 11, 28, 2))
    # Sixteen digits are one more than a spreadsheet keeps; text that looks like a formula is text.
    assert (found["n"].value, found["n"].data_type) == (str(LONG), "s")
    assert (found["text"].value, found["text"].data_type) == ("=1+1", "s")
    assert found["x"].value is None
    assert {cell.value for cell in second} == {None, "-5"}
    assert "more than 15 digits" in capsys.readouterr().err


def test_a_table_larger_than_a_sheet_is_refused():
    with pytest.raises(HbmcastError, match="A sheet holds 1048575 rows"):
        write_workbook(io.BytesIO(), {"answer": pa.table({"n": pa.nulls(1_048_576)})}, Lost())


def test_a_byte_order_mark_on_request(tmp_path):
    table = pa.table({"s": ['Größe, "記憶體"\nx']})
    plain = written(tmp_path, ".csv", table).read_bytes()
    assert written(tmp_path, ".csv", table, bom=True).read_bytes() == b"\xef\xbb\xbf" + plain
    assert plain == 's\n"Größe, ""記憶體""\nx"\n'.encode()


@pytest.mark.parametrize("text", ["=1+1", "+cmd", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1", "-"])
def test_what_a_spreadsheet_would_run_is_harmless_in_csv(text):
    lost = Lost()
    assert csv_cell(text, lost) == "'" + text
    assert lost == {FORMULA: 1}


@pytest.mark.parametrize("value", ["-5", "+3.2e5", "-1.5%", "plain", "", "a=b", -5, -1.5e9, Decimal("-1.50")])
def test_numbers_stay_numbers(value):
    lost = Lost()
    assert csv_cell(value, lost) == str(value)
    assert not lost


def test_json_of_what_nests():
    lost = Lost()
    nested = {
        "a": [float("inf"), {"b": Decimal("0.10")}],
        "map": [("k", 1)],
        "none": [],
        "when": date(2026, 1, 2),
    }
    assert (
        json_text(nested, lost)
        == '{"a": [null, {"b": 0.10}], "map": {"k": 1}, "none": [], "when": "2026-01-02"}'
    )
    assert lost == {NOT_FINITE: 1}


def test_what_is_no_table_is_json_that_any_reader_takes(tmp_path, capsys):
    answer = {
        "whole": np.int64(LONG),
        "digits": Decimal("12345678901234567890.10"),
        "none": [
            np.float64("nan"),
            float("-inf"),
            Decimal("NaN"),
            pd.NaT,
            pd.NA,
            {"deep": np.array([np.inf])},
        ],
        "text": "=1+1",
        "day": date(2026, 11, 29),
        "empty": {},
    }
    write_object(answer, tmp_path / "answer.json")
    text = (tmp_path / "answer.json").read_text(encoding="utf-8")
    read = json.loads(text, parse_constant=pytest.fail)
    assert read["whole"] == LONG
    assert '"digits": 12345678901234567890.10' in text
    assert read["none"] == [None, None, None, None, None, {"deep": [None]}]
    assert (read["text"], read["day"], read["empty"]) == ("=1+1", "2026-11-29", {})
    assert capsys.readouterr().err.splitlines() == [f"4 {NOT_FINITE}", f"written: {tmp_path / 'answer.json'}"]


def test_a_text_of_others_steers_no_terminal(terminal):
    steering = pa.table({"title": ["\x1b[2J\x9bred", "two\nlines | a pipe"]})
    write_table(steering, terminal)
    assert not set("\x1b\x9b") & set(terminal.getvalue())
    assert "\\x1b[2J" in terminal.getvalue()
    assert output.markdown(steering)[3] == "| two lines \\| a pipe |\n"


@pytest.mark.parametrize(
    ("unit", "values", "told"),
    [
        ("fraction", (0.2312, 0.05), ("23.1", "5.00", "%")),
        ("USD", (55.84e9, 1e8), ("55.8", "0.100", "USD bn")),
        ("USD_per_tool", (2.1e6,), ("2.10", "USD million per tool")),
        ("billion_USD", (80.0,), ("80.0", "billion USD")),
        ("GB", (0.0,), ("0", "GB")),
    ],
)
def test_numbers_are_said_in_the_unit_a_reader_thinks_in(unit, values, told):
    assert amounts(unit, *values) == told


def test_printed_numbers_keep_what_was_printed():
    assert output.printed("percent", 24.578, None, None) == "24.578 percent"
    assert output.printed("USD", None, 80e9, None) == "over 80 USD bn"
    assert output.printed("GB", None, None, 36.0) == "under 36 GB"
    assert output.printed("fraction", None, 0.2, 0.3) == "20 to 30 %"


def test_parts_are_one_object_or_one_table(capsys):
    parts = {"a": pd.DataFrame({"x": [1.0, float("inf")]}), "b": pd.DataFrame({"y": [2]})}
    write_parts(parts, "json")
    assert json.loads(capsys.readouterr().out) == {"a": [{"x": 1.0}, {"x": None}], "b": [{"y": 2}]}
    write_parts(parts, "csv")
    # A whole number stays one where the other part has no such column, and one name may hold two kinds.
    assert capsys.readouterr().out.splitlines() == ["x,part,y", "1.0,a,", "inf,a,", ",b,2"]
    write_parts({"a": pd.DataFrame({"x": [LONG]}), "b": pd.DataFrame({"x": ["=1"]})}, "csv")
    assert capsys.readouterr().out.splitlines() == ["x,part", f"{LONG},a", "'=1,b"]


def test_parts_go_to_a_file_as_one_object_one_table_or_sheets(tmp_path):
    parts = {"a": pd.DataFrame({"x": [1.0]}), "b": pd.DataFrame({"y": ["=2"]})}
    for suffix in ("json", "csv", "xlsx"):
        write_parts(parts, suffix, tmp_path / f"p.{suffix}")
    assert json.loads((tmp_path / "p.json").read_text()) == {"a": [{"x": 1.0}], "b": [{"y": "=2"}]}
    assert (tmp_path / "p.csv").read_text().splitlines()[0] == "x,part,y"
    assert openpyxl.load_workbook(tmp_path / "p.xlsx").sheetnames == ["a", "b"]
    write_parts({"Skill: a name of more than 31 signs": parts["a"]}, "xlsx", tmp_path / "named.xlsx")
    assert openpyxl.load_workbook(tmp_path / "named.xlsx").sheetnames == ["Skill  a name of more than 31 s"]


class Terminal(io.StringIO):
    """A terminal of 80 columns."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def terminal(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERM", "dumb")
    return Terminal()


def wide(n_rows: int, n_columns: int = 12) -> pa.Table:
    return pa.table({f"column_{i}": [123456.5 + row for row in range(n_rows)] for i in range(n_columns)})


def test_nothing_is_cut_at_80_columns(terminal):
    long = "a text of some forty characters, no less than that, that is to be folded"
    write_table(pa.table({"id": ["x"], "text": [long], "n": [1234567.0]}), terminal)
    text = terminal.getvalue()
    assert max(map(len, text.splitlines())) <= 80
    assert "1,234,570" in text
    assert "…" not in text
    assert all(word in text for word in long.split())


def test_of_wide_rows_the_median_stays_and_what_never_changes_is_said_once(terminal):
    levels = ("p05", "p10", "p25", "p50", "p75", "p90", "p95", "mcse_p50", "mean")
    rows = {
        "period": [f"{2000 + i}" for i in range(30)],
        "run_id": ["a-long-name-of-a-run-that-is-served"] * 30,
    }
    numbers = {name: [1e9 + 1e6 * i * (3 + at) for i in range(30)] for at, name in enumerate(levels)}
    write_table(pa.table(rows | numbers), terminal)
    text = terminal.getvalue()
    assert max(map(len, text.splitlines())) <= 80
    (heads,) = (line.replace("┃", " ").split() for line in text.splitlines() if "period" in line)
    assert heads == ["period", "p05", "p50", "p95", "mean"]
    said = " ".join(text.split("┘")[-1].split())
    assert "the same in all rows: run_id a-long-name-of-a-run-that-is-served" in said
    assert "5 more columns: p10, p25, p75, p90, mcse_p50" in said


def test_names_and_numbers_are_not_cut_in_two(terminal):
    name = "cowos_capacity_wafers_per_month"
    write_table(pa.table({"quantity": [name], "text": ["word " * 30], "n": [1.5]}), terminal)
    assert name in terminal.getvalue()
    assert max(map(len, terminal.getvalue().splitlines())) <= 80


def test_a_few_runs_stand_side_by_side_with_whole_names(terminal):
    run = "20261129T213908Z-asof-20261129-87e"
    rows = {"run_id": [f"{run}{i}" for i in range(3)], "p": [0.1 + 0.01 * i for i in range(3)]}
    rows |= {f"n_{i}": [10**9 * (i + 1) + row for row in range(3)] for i in range(3)}
    write_table(pa.table(rows), terminal)
    assert f"{run}2" in terminal.getvalue()
    assert "1 more columns: n_2" in terminal.getvalue()


def test_a_wide_column_makes_way_for_narrow_ones_behind_it(terminal):
    urls = [f"https://example.org/{i:060}" for i in range(20)]
    periods = [f"{2000 + i}" for i in range(20)]
    rows = {"period": periods, "url": urls, "other_url": urls[::-1], "n": list(range(20))}
    write_table(pa.table(rows), terminal)
    text = terminal.getvalue()
    (heads,) = (line.replace("┃", " ").split() for line in text.splitlines() if "period" in line)
    assert heads == ["period", "url", "n"]
    assert "1 more columns: other_url" in text


def test_what_is_next_to_nothing_is_written_as_such(terminal):
    values = [
        5e-17,
        0.0,
        0.25,
        9.27477e-05,
        0.000389,
        1e-07,
        21.47123456,
        212.94531,
        87_177_978_871.0,
        1e15,
        np.nan,
    ]
    write_table(pa.table({"share": values}), terminal)
    found = [line.strip("│ ") for line in terminal.getvalue().splitlines()[3:-1]]
    assert found == [
        "<1e-09", "0", "0.25", "0.0000927", "0.000389", "1e-07", "21.4712", "212.945", "87,178,000,000",
        "1e+15", "nan",
    ]  # fmt: skip


def test_a_wide_row_is_a_record_and_wide_rows_have_fewer_columns(terminal):
    write_table(wide(2), terminal)
    assert terminal.getvalue().count("column_11  123,45") == 2
    terminal.seek(0)
    terminal.truncate()
    # What is the same in all rows needs no column: then few rows fit side by side.
    same = {f"same_{i}": ["some words"] * 2 for i in range(9)}
    write_table(pa.table(same | {"p50": [1.0, 2.0]}), terminal)
    assert "same_0" not in terminal.getvalue().split("┘")[0]
    assert "the same in all rows: same_0 some words" in terminal.getvalue()
    terminal.seek(0)
    terminal.truncate()
    write_table(wide(21), terminal)
    text = terminal.getvalue()
    assert max(map(len, text.splitlines())) <= 80
    assert "123,476" in text
    kept = columns_that_fit([8] * 12, 80)
    assert f"{12 - kept} more columns: column_{kept}, " in text


def test_who_pipes_a_table_gets_whole_cells():
    piped = io.StringIO()
    write_table(wide(30), piped)
    assert "column_11" in piped.getvalue()
    assert "more columns" not in piped.getvalue()


def test_columns_that_fit():
    assert columns_that_fit([10, 10], 27) == 2
    assert columns_that_fit([10, 10], 26) == 1
    assert columns_that_fit([200], 80) == 1
    assert columns_that_fit([], 80) == 0
