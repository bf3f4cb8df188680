"""Dropped Parquet files: cells say what a person would read in them, and damage is refused with a word."""

import io
import json
from datetime import datetime

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from flows.sources import parquet_drop
from flows.sources.drop_rows import DropRefused
from flows.sources.parquet_drop import parquet_frame


def saved(table: pa.Table, **how) -> bytes:
    out = io.BytesIO()
    pq.write_table(table, out, **how)
    return out.getvalue()


def cells(column: pa.Array, **how) -> list[str]:
    return parquet_frame(saved(pa.table({"value": column}), **how))["value"].tolist()


@pytest.mark.parametrize("kind", [pa.float32(), pa.float16()])
def test_a_short_number_is_read_as_it_was_written(kind: pa.DataType):
    import numpy as np

    short = np.array([17.1, 43.7, 0.5], kind.to_pandas_dtype())
    assert cells(pa.array(short, kind)) == ["17.1", "43.7", "0.5"]
    assert cells(pa.array([None, float("nan"), 3.0], pa.float32()).dictionary_encode()) == ["", "", "3"]


def test_a_day_beyond_all_calendars_is_told_in_its_cell():
    far = pa.array([6_585_000, 20_605, None], pa.int32()).cast(pa.date32())
    assert cells(far) == ["a date32[day] beyond all years", "2026-06-01", ""]
    late = pa.array([884_541_340_800_000_000], pa.timestamp("us"))
    assert cells(late) == ["a timestamp[us] beyond all years"]


def test_text_that_is_no_utf8_is_shown_by_its_bytes():
    text = pa.array([b"a\xff", b"b"]).view(pa.string())
    assert cells(text) == ["a\\xff", "b"]


def test_days_text_and_dictionaries_are_plain():
    assert cells(pa.array([datetime(2026, 6, 1)], pa.timestamp("ns"))) == ["2026-06-01"]
    assert cells(pa.array(["x", "y", "x"]).dictionary_encode()) == ["x", "y", "x"]
    assert cells(pa.array([2**60, None])) == [str(2**60), ""]


@pytest.mark.parametrize(
    ("frequency", "kept", "read"),
    [
        ("Q-DEC", 216, "2024Q1"),
        ("M", 648, "2024-01"),
        ("Y-DEC", 54, "2024"),
        ("A-DEC", 54, "2024"),
        ("D", 20_605, "2026-06-01"),
        ("Q-JAN", 216, "2024Q1 (pandas' frequency Q-JAN)"),
        ("W-SUN", 2000, "2008-04-21/2008-04-27 (pandas' frequency W-SUN)"),
        ("moons", 216, "the 216th period of pandas' frequency moons"),
    ],
)
def test_a_period_of_pandas_is_read_as_it_is_shown(frequency: str, kept: int, read: str):
    about = {"ARROW:extension:name": "pandas.period"}
    about |= {"ARROW:extension:metadata": json.dumps({"freq": frequency})}
    periods = pa.table(
        [pa.array([kept, None])], schema=pa.schema([pa.field("value", pa.int64(), metadata=about)])
    )
    assert parquet_frame(saved(periods))["value"].tolist() == [read, ""]


def test_periods_written_by_pandas_itself_are_read():
    out = io.BytesIO()
    quarters = pd.PeriodIndex(["2024Q1", "2026Q2"], freq="Q")
    pd.DataFrame({"value": quarters, "other": ["a", "b"]}).to_parquet(out)
    assert parquet_frame(out.getvalue())["value"].tolist() == ["2024Q1", "2026Q2"]
    pd.DataFrame({"other": ["a", "b"]}, index=quarters.rename("value")).to_parquet(again := io.BytesIO())
    assert parquet_frame(again.getvalue())["value"].tolist() == ["2024Q1", "2026Q2"]


def _flipped() -> bytes:
    whole = saved(pa.table({"value": ["17100000000"] * 3}), compression="none", write_page_checksum=True)
    return whole.replace(b"17100000000", b"77100000000")


REFUSED = {
    "two columns of a name": (
        saved(pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["value", "value"])), "value twice",
    ),
    "a nested column": (saved(pa.table({"value": pa.array([{"a": 1}])})), "'value' is nested"),
    "a list": (saved(pa.table({"value": pa.array([[1.0]])})), "'value' is nested"),
    "600 columns": (saved(pa.table({f"c{i}": [1] for i in range(600)})), "600 columns, more than 500"),
    "a page changed": (_flipped(), "no Parquet that can be read"),
    "cut": (saved(pa.table({"value": [1]}))[:-9], "no Parquet that can be read"),
    "encrypted": (saved(pa.table({"value": [1]}))[:-4] + b"PARE", "encrypted"),
    "CSV": (b"a,b\n1,2\n", "no Parquet that can be read"),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_what_can_not_be_read_is_refused_with_a_word(what: str):
    content, said = REFUSED[what]
    with pytest.raises(DropRefused, match=said) as caught:
        parquet_frame(content)
    assert caught.value.needed
    assert "\n" not in str(caught.value)


def test_a_word_said_in_every_row_is_counted_in_every_row(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(parquet_drop, "MOST_UNPACKED", 2**20)
    bomb = saved(pa.table({"note": pa.array(["x" * 1000] * 2000).dictionary_encode()}), compression="zstd")
    assert len(bomb) < 20_000
    with pytest.raises(DropRefused, match="unpacked its cells have 2000000 bytes"):
        parquet_frame(bomb)
    plain = saved(pa.table({"note": ["x" * 1000] * 2000}), compression="zstd", use_dictionary=False)
    with pytest.raises(DropRefused, match="unpacked it has"):
        parquet_frame(plain)
