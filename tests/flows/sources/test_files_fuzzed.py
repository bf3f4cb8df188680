"""Mutated files through every door: each row is read as what it says or told; never a third thing.

A file of four rows is saved, moved and cut as people and programs do it. What comes out of a door must be the
number that the file had for that period; what does not come out must be told, with a remedy.
"""

import io
import os
import tempfile
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flows.commands.csv_file import read_rows
from flows.runtime.errors import HbmcastError
from flows.sources.drop_rows import DROPPED_FIGURES, DropRefused
from flows.sources.drops import read_drop
from flows.sources.feeds import read_feeds
from flows.sources.layers import read_overlay
from models.evidence.checks.reference import definition_keys
from models.evidence.recipes import Recipe, recipe_from
from models.evidence.shared_header import FIGURE_COLUMNS, SHARED_COLUMNS, from_shared_header
from models.evidence.validation import checked_figures, validate
from tests.models.evidence.test_validation import FIGURE, METRIC, evidence

TODAY = date(2026, 7, 1)
SHORT_RUN = int(os.environ.get("HBMCAST_FUZZED_ROWS", "100")) // 10
ACCEPTED = validate(evidence(metrics=[METRIC]), TODAY).accepted
DEFINITIONS = definition_keys(ACCEPTED["assumptions"].to_dict("records"))
NUMBERS = {"2024": 1.71e10, "2025": 2.93e10, "2026": 4.37e10, "2026Q1": 9.1e9}
FLAT = dict.fromkeys(SHARED_COLUMNS, "") | {
    **{"metric": "hbm_revenue", "entity": "industry", "unit": "USD", "kind": "forecast", "title": "Größe, 1"},
    **{"source_org": "Own desk", "published_on": "2026-06-01", "note": "記憶體"},
}
ROWS = [[*(FLAT | {"period": p, "value": f"{x:.0f}"}).values()] for p, x in NUMBERS.items()]
AS_FIGURES = [
    [*(dict.fromkeys(FIGURE_COLUMNS, "") | FIGURE | {"figure_id": p, "origin_id": p, "period": p}
       | {"value": f"{x:.0f}", "note": "記憶體, Größe"}).values()]
    for p, x in NUMBERS.items()
]  # fmt: skip


def csv_of(table: list[list[str]], separator: str = ",", end: str = "\n") -> str:
    quoted = [[f'"{c}"' if set(c) & set(f'{separator},"\n') else c for c in row] for row in table]
    return "".join(separator.join(row) + end for row in quoted)


def shifted(table, row, at):
    """One cell of a row too many on the left of `at`, and the last one gone."""
    moved = [*table[row][:at], "", *table[row][at:-1]]
    return [*table[:row], moved, *table[row + 1 :]]


def without_column(table, at):
    return [[c for j, c in enumerate(row) if j != at] for row in table]


def swapped(row, at):
    """Two neighbours of a row changed."""
    return [*row[:at], row[at + 1], row[at], *row[at + 2 :]] if at + 1 < len(row) else row


MUTATIONS = {
    "as it is": lambda t, r, c: csv_of(t).encode(),
    "BOM": lambda t, r, c: csv_of(t).encode("utf-8-sig"),
    "CRLF and blank lines": lambda t, r, c: ("\r\n" * r + csv_of(t, end="\r\n\r\n")).encode(),
    "UTF-16": lambda t, r, c: csv_of(t).encode("utf-16"),
    "UTF-16 without a mark": lambda t, r, c: csv_of(t).encode("utf-16-le"),
    "cp1252": lambda t, r, c: csv_of(t).encode("cp1252", errors="replace"),
    "Big5": lambda t, r, c: csv_of(t).encode("big5", errors="replace"),
    "semicolons": lambda t, r, c: csv_of(t, ";").encode(),
    "tabs": lambda t, r, c: csv_of(t, "\t").encode(),
    "bars": lambda t, r, c: csv_of(t, "|").encode(),
    "cut": lambda t, r, c: csv_of(t).encode()[: -(r * 31 + c)],
    "a cell moved": lambda t, r, c: csv_of(shifted(t, r, c)).encode(),
    "a cell taken out": lambda t, r, c: csv_of([*t[:r], t[r][:c] + t[r][c + 1 :], *t[r + 1 :]]).encode(),
    "a cell cut in two": lambda t, r, c: csv_of([*t[:r], [*t[r][:c], "1", *t[r][c:]], *t[r + 1 :]]).encode(),
    "a column less": lambda t, r, c: csv_of(without_column(t, c)).encode(),
    "two columns of a name": lambda t, r, c: csv_of([[*row, row[c]] for row in t]).encode(),
    "columns in another order": lambda t, r, c: csv_of([row[c:] + row[:c] for row in t]).encode(),
    "header in capitals": lambda t, r, c: csv_of([[x.upper() for x in t[0]], *t[1:]]).encode(),
    "a title above": lambda t, r, c: csv_of([["Table 1", *[""] * (len(t[0]) - 1)], *t]).encode(),
    "a sum below": lambda t, r, c: csv_of([*t, ["Total", *[""] * (len(t[0]) - 1)]]).encode(),
    "its header again": lambda t, r, c: csv_of([*t[:r], t[0], *t[r:]]).encode(),
    "another table below": lambda t, r, c: csv_of(
        [*t[:2], *(row[c:] + row[:c] for row in [t[0], *t[2:]])]
    ).encode(),
    "another table below, two columns swapped": lambda t, r, c: csv_of(
        [*t[:r], *(swapped(row, c) for row in [t[0], *t[r:]])]
    ).encode(),
    "a row twice": lambda t, r, c: csv_of([*t, t[r]]).encode(),
    "a stray quote": lambda t, r, c: csv_of(t).replace("industry", 'indu"stry', r).encode(),
    "an open quote": lambda t, r, c: csv_of(t).replace(",industry", ',"industry', 1).encode(),
    "zero bytes": lambda t, r, c: csv_of(t).encode()[: 40 * r] + b"\x00" + csv_of(t).encode()[40 * r :],
    "cells merged downwards": lambda t, r, c: csv_of(
        [*t[:2], *([*row[:c], "", *row[c + 1 :]] for row in t[2:])]
    ).encode(),
    "empty": lambda t, r, c: b"",
    "a web page": lambda t, r, c: b"<!DOCTYPE html><html>" + csv_of(t).encode(),
}


def checked(figures: pd.DataFrame) -> tuple[dict[str, float], int]:
    """Numbers that are taken in, by period, and how many rows are put aside."""
    named = figures.assign(source_id="s1")
    accepted, rejected, _ = checked_figures(
        named, {"s1"}, ACCEPTED["metrics"], DEFINITIONS, ACCEPTED["exchange_rates"], TODAY
    )
    assert rejected[["problem", "remedy"]].map(len).gt(0).all(axis=None)
    assert len(accepted) + rejected["row"].nunique() == len(figures)
    numbers = {p: (v, lo, hi) for p, v, lo, hi in accepted[["period", "value", "low", "high"]].to_numpy()}
    for _, low, high in numbers.values():
        assert pd.isna(low) & pd.isna(high), "a cell moved, and was read as a bound"
    return {period: value for period, (value, _, _) in numbers.items()}, rejected["row"].nunique()


def said(*words: str) -> tuple[dict[str, float], int]:
    """A file that is refused whole, with what is wrong and what would help."""
    assert all(words)
    return {}, 99


def by_inbox(name: str, content: bytes, *recipes: Recipe) -> tuple[dict[str, float], int]:
    try:
        drop = read_drop(name, content, recipes, TODAY)
    except DropRefused as refused:
        return said(str(refused), refused.needed)
    assert all(p.problem and p.remedy for p in drop.evidence.problems)
    numbers, aside = checked(drop.evidence.files[DROPPED_FIGURES])
    return numbers, aside + len(drop.evidence.problems)


def by_overlay(content: bytes) -> tuple[dict[str, float], int]:
    with tempfile.TemporaryDirectory() as place:
        (Path(place) / "figures").mkdir()
        (Path(place) / "figures/own.csv").write_bytes(content)
        return of_evidence(read_overlay(Path(place)))


def by_feed(content: bytes) -> tuple[dict[str, float], int]:
    with tempfile.TemporaryDirectory() as place:
        (Path(place) / "feed.csv").write_bytes(content)
        return of_evidence(read_feeds((f"{place}/feed.csv",), Path(place) / "kept"))


def of_evidence(evidence) -> tuple[dict[str, float], int]:
    assert all(p.problem and p.remedy for p in evidence.problems)
    frames = [f for name, f in evidence.files.items() if name.startswith("figures/")]
    if not frames:
        assert evidence.problems or evidence.notes
        return {}, 99
    numbers, aside = checked(frames[0])
    return numbers, aside + len(evidence.problems)


def by_score(content: bytes) -> tuple[dict[str, float], int]:
    with tempfile.TemporaryDirectory() as place:
        (Path(place) / "own.csv").write_bytes(content)
        try:
            read = read_rows(Path(place) / "own.csv")
            figures, _ = from_shared_header(read.frame)
        except (HbmcastError, ValueError) as error:
            return said(str(error))
    numbers, aside = checked(figures)
    return numbers, aside + len(read.problems)


DOORS = {
    "inbox, flat": (by_inbox, [list(SHARED_COLUMNS), *ROWS]),
    "inbox, figures": (by_inbox, [list(FIGURE_COLUMNS), *AS_FIGURES]),
    "score": (by_score, [list(SHARED_COLUMNS), *ROWS]),
    "overlay": (by_overlay, [list(FIGURE_COLUMNS), *AS_FIGURES]),
    "feed": (by_feed, [list(FIGURE_COLUMNS), *AS_FIGURES]),
}


@pytest.mark.parametrize("door", DOORS)
@settings(max_examples=SHORT_RUN, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(sorted(MUTATIONS)), st.integers(1, 4), st.integers(0, 13))
def test_a_mutated_file_is_read_as_what_it_says_or_told(door: str, name: str, row: int, column: int):
    read, table = DOORS[door]
    content = MUTATIONS[name](table, row, column)
    numbers, n_told = read("own.csv", content) if read is by_inbox else read(content)
    for period, number in numbers.items():
        assert number == NUMBERS[period], (name, period)
    if name not in ("cut", "an open quote"):
        assert len(numbers) + n_told >= len(NUMBERS), name
    if name in ("as it is", "BOM", "CRLF and blank lines", "columns in another order"):
        assert numbers == NUMBERS


type Mark = tuple[dict[str, object], str | None]
"""How a cell looks; with a text, how that text behind what the cell says looks."""
type Place = tuple[int, int]


def workbook(
    rows: list[list[object]], marks: dict[Place, Mark] | None = None, hidden: Place = (-1, -1)
) -> bytes:
    """Write a sheet: marked cells in their way, and the row and the column that are hidden."""
    import xlsxwriter

    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Own")
        for i, row in enumerate(rows):
            for j, cell in enumerate(row):
                if cell == "":
                    continue
                look, behind = (marks or {}).get((i, j), ({}, None))
                if behind is None:
                    sheet.write(i, j, cell, book.add_format(look))
                else:
                    sheet.write_rich_string(i, j, str(cell), book.add_format(look), behind)
        if hidden[0] >= 0:
            sheet.set_row(hidden[0], None, None, {"hidden": True})
        if hidden[1] >= 0:
            sheet.set_column(hidden[1], hidden[1], None, None, {"hidden": True})
    return out.getvalue()


SHEETS = {
    "as it is": lambda t, r, c: t,
    "numbers as numbers": lambda t, r, c: [t[0], *([*w[:4], float(w[4]), *w[5:]] for w in t[1:])],
    "cells moved to the right": lambda t, r, c: [*t[:r], [*t[r][:c], "", *t[r][c:]], *t[r + 1 :]],
    "cells merged downwards": lambda t, r, c: [*t[:2], *([*w[:c], "", *w[c + 1 :]] for w in t[2:])],
    "a title above": lambda t, r, c: [["Table 1"], [], *t],
    "another table below": lambda t, r, c: [*t[:r], *(swapped(row, c) for row in [t[0], *t[r:]])],
    "rows above empty": lambda t, r, c: [*[[]] * r, *t],
    "a footnote below": lambda t, r, c: [*t, [], ["Source: own desk"]],
    "a remark beside": lambda t, r, c: [*t[:r], [*t[r], "", "see below"], *t[r + 1 :]],
    "two columns of a name": lambda t, r, c: [[*w, w[c]] for w in t],
    "a date in a number": lambda t, r, c: [*t[:r], [*t[r][:4], date(2026, 5, 10), *t[r][5:]], *t[r + 1 :]],
}


@settings(max_examples=SHORT_RUN, deadline=None)
@given(st.sampled_from(sorted(SHEETS)), st.integers(1, 4), st.integers(0, 13))
def test_a_mutated_workbook_is_read_as_what_it_says_or_told(name: str, row: int, column: int):
    content = workbook(SHEETS[name]([list(SHARED_COLUMNS), *ROWS], row, column))
    numbers, n_told = by_inbox("own.xlsx", content)
    for period, number in numbers.items():
        assert number == NUMBERS[period], (name, period)
    assert len(numbers) + n_told >= len(NUMBERS), name
    if name in ("as it is", "numbers as numbers", "rows above empty"):
        assert numbers == NUMBERS


UNSEEN_MARKS: dict[str, Mark] = {
    "struck through": ({"font_strikeout": True}, None),
    "white on nothing": ({"font_color": "#FFFFFF"}, None),
    "nearly white on nothing": ({"font_color": "#F7F7F7"}, None),
    "blue on blue": ({"font_color": "#1F3864", "bg_color": "#1F3864"}, None),
    "a format that shows nothing": ({"num_format": ";;;"}, None),
    "a footnote's digit": ({"font_script": 1}, "1"),
    "an index's digit": ({"font_script": 2}, "2"),
    "a digit struck through": ({"font_strikeout": True}, "7"),
    "a white digit behind": ({"font_color": "#FFFFFF"}, "0"),
}
SEEN_MARKS: dict[str, Mark] = {
    "white on dark": ({"font_color": "#FFFFFF", "bg_color": "#1F3864", "bold": True}, None),
    "dark on yellow": ({"font_color": "#000000", "bg_color": "#FFFF00"}, None),
    "grey on nothing": ({"font_color": "#A6A6A6"}, None),
    "yellow on nothing": ({"font_color": "#FFFF00"}, None),
}
BY_RECIPE = recipe_from(
    {
        "name": "own",
        "files": ["own.xlsx"],
        "header": "period",
        "unit": "USD",
        "kind": "forecast",
        "label": ["metric"],
        "period": "period",
        "values": {"value": "value"},
        "columns": {"{year}": "{year}", "{year}Q{quarter}": "{year}Q{quarter}"},
        "rows": {"hbm_revenue": {"metric": "hbm_revenue", "entity": "industry"}},
        "ignored_columns": [c for c in SHARED_COLUMNS if c not in ("metric", "period", "value")],
        "source": {"publisher": "Own desk", "title": "Own"},
    }
)
SHEET = [list(SHARED_COLUMNS), *ROWS]
READ_BY_RECIPE = [SHARED_COLUMNS.index(column) for column in ("metric", "period", "value")]


@pytest.mark.parametrize("recipes", [(), (BY_RECIPE,)], ids=["flat", "by recipe"])
@settings(max_examples=SHORT_RUN, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.sampled_from(sorted(UNSEEN_MARKS | SEEN_MARKS)), st.integers(1, 4), st.integers(0, 13), st.booleans()
)
def test_what_is_not_seen_is_put_aside_and_what_is_seen_is_read(recipes, name, row, column, as_number):
    mark = (UNSEEN_MARKS | SEEN_MARKS)[name]
    rows: list[list[object]] = [list(cells) for cells in SHEET]
    cell = SHEET[row][column]
    if as_number and mark[1] is None:
        rows = [rows[0], *([*w[:4], float(str(w[4])), *w[5:]] for w in rows[1:])]
    numbers, n_told = by_inbox("own.xlsx", workbook(rows, {(row, column): mark}), *recipes)
    is_read = column in READ_BY_RECIPE if recipes else True
    is_lost = bool(cell) and is_read and name in UNSEEN_MARKS
    if mark[0].get("font_script") and not any(map(str.isdigit, cell)):
        # A raised letter or a digit behind a word is no damage of a number: the word is read, or unknown.
        is_lost = SHEET[row][3] not in numbers
    lost = {SHEET[row][3]} if is_lost else set()
    assert numbers == {period: x for period, x in NUMBERS.items() if period not in lost}, name
    assert n_told >= len(lost)


@pytest.mark.parametrize("recipes", [(), (BY_RECIPE,)], ids=["flat", "by recipe"])
@settings(max_examples=SHORT_RUN, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(-1, 4), st.integers(-1, 13))
def test_hidden_rows_and_columns_are_put_aside(recipes, row, column):
    row = -1 if row == 0 else row
    numbers, n_told = by_inbox("own.xlsx", workbook(list(map(list, SHEET)), hidden=(row, column)), *recipes)
    of_use = column in READ_BY_RECIPE if recipes else any(cells[column] for cells in ROWS)
    lost = set(NUMBERS) if column >= 0 and of_use else {SHEET[row][3]} if row > 0 else set()
    assert numbers == {period: x for period, x in NUMBERS.items() if period not in lost}
    assert n_told >= len(lost)


def _typed(name: str):
    import pyarrow as pa

    numbers = [int(float(row[4])) for row in ROWS]
    return {
        "text": pa.array([row[4] for row in ROWS]),
        "bytes": pa.array([row[4].encode() for row in ROWS]),
        "int64": pa.array(numbers, pa.int64()),
        "float64": pa.array(numbers, pa.float64()),
        "decimal": pa.array(numbers).cast(pa.decimal128(22, 2)),
        "dictionary": pa.array([row[4] for row in ROWS]).dictionary_encode(),
    }[name]


# Of one cell: an empty one, one of a sign that no CSV keeps, a day beyond all years, bytes that are no text.
LOST = {"nothing": None, "a zero byte": "x\x00", "no text": b"\xff\xfe", "": ""}


@settings(max_examples=SHORT_RUN, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.sampled_from(("text", "bytes", "int64", "float64", "decimal", "dictionary")),
    st.sampled_from(sorted(LOST)),
    st.integers(0, 3),
    st.integers(0, 13),
    st.integers(1, 4),
    st.sampled_from(("none", "snappy", "zstd")),
    st.integers(0, 5_000),
)
def test_a_mutated_parquet_is_read_as_what_it_says_or_told(kind, lost, row, column, group, packing, flipped):
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = {name: pa.array([r[j] for r in ROWS]) for j, name in enumerate(SHARED_COLUMNS)}
    columns["value"] = _typed(kind)
    name = SHARED_COLUMNS[column]
    if lost and name != "value":
        cells = [r[column] if i != row else LOST[lost] for i, r in enumerate(ROWS)]
        is_bytes = lost == "no text"
        texts = [c.encode() if isinstance(c, str) else c for c in cells] if is_bytes else cells
        columns[name] = pa.array(texts, pa.binary() if is_bytes else pa.string())
    out = io.BytesIO()
    pq.write_table(
        pa.table(columns), out, row_group_size=group, compression=packing, write_page_checksum=True
    )
    content = bytearray(out.getvalue())
    if flipped < 1_000:
        content[flipped * len(content) // 1_000] ^= 0xFF
    numbers, n_told = by_inbox("own.parquet", bytes(content))
    for period, number in numbers.items():
        assert number == NUMBERS[period], (kind, lost, name)
    assert len(numbers) + n_told >= len(NUMBERS)
    if flipped >= 1_000 and (not lost or name in ("note", "url", "low", "high", "segment")):
        assert len(numbers) + n_told == len(NUMBERS)
    if flipped >= 1_000 and not lost:
        assert numbers == NUMBERS
