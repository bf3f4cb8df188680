"""Sheets read by a recipe: months and not their sums, the unit it rests on, and what it does not name."""

import tomllib
from typing import Any

import pytest

from models.evidence.recipe_sheets import read_sheet
from models.evidence.recipes import HIDDEN_COLUMN, HIDDEN_ROW, STRUCK, RecipeError, recipe_from
from tests.places import ROOT

MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September"]
MONTHS += ["October", "November", "December"]
HEADER = ["", *MONTHS, "Q1", "Q2", "Q3", "Q4", "Total Year"]


def recipe(**changes: Any):
    path = ROOT / "flows" / "sources" / "recipes" / "wsts_billings.toml"
    return recipe_from({**tomllib.loads(path.read_text(encoding="utf-8")), **changes})


def block(year: Any, first: float, n_months: int = 12) -> list[list[Any]]:
    """A year's regions and their sum; a running year's quarters and total are partial sums."""
    rows: list[list[Any]] = [[year]]
    for i, region in enumerate(["Americas ", "Europe ", "Japan ", "Asia Pacific "]):
        months = [first + i + m for m in range(n_months)] + [""] * (12 - n_months)
        sums = [sum(v for v in months[q : q + 3] if v != "") for q in (0, 3, 6, 9)]
        rows.append([region, *months, *sums, sum(sums)])
    columns = zip(*(row[1:] for row in rows[1:]), strict=True)
    rows.append(["Worldwide", *(sum(c for c in column if c != "") or "" for column in columns)])
    return rows


def sheet(*blocks: list[list[Any]], says: str = "in thousands of US dollars") -> list[list[Any]]:
    rows = [["Invented billings report"], [says], [], HEADER]
    for one in blocks:
        rows += [*one, []]
    return rows


def test_months_of_the_world_and_nothing_twice():
    found = read_sheet(sheet(block(2025.0, 900), block("2026", 1000, 10)), recipe())
    assert found.problems == []
    periods = [figure["period"] for figure in found.figures]
    assert periods == [f"2025-{m:02d}" for m in range(1, 13)] + [f"2026-{m:02d}" for m in range(1, 11)]
    assert (found.n_cells, found.n_empty) == (24, 2)
    first = found.figures[0]
    # 900 + 901 + 902 + 903 thousand dollars.
    assert (first["value"], first["unit"], first["kind"]) == ("3606000", "USD", "actual")
    assert found.places[0] == (10, "B")


def test_a_second_table_with_other_columns_is_told_and_not_read():
    one = block(2025.0, 900)
    alike = read_sheet([*sheet(one), HEADER, *block(2026, 1000)], recipe())
    assert (len(alike.figures), alike.problems) == (24, [])
    other = [*HEADER[:1], *HEADER[2:13], HEADER[1], *HEADER[13:]]
    found = read_sheet([*sheet(one), other, *block(2026, 1000)], recipe())
    assert found.figures == read_sheet(sheet(one), recipe()).figures
    assert [each.value for each in found.problems] == [
        "",
        "Americas",
        "Europe",
        "Japan",
        "Asia Pacific",
        "Worldwide",
    ]
    assert "above other columns than row 4" in found.problems[0].problem


def test_a_row_that_stands_twice_is_told_at_both_places():
    rows = sheet(block(2025.0, 900))
    world = next(row for row in rows if row and row[0] == "Worldwide")
    found = read_sheet([*rows[:-1], ["Worldwide", 1.0, *[""] * 16]], recipe())
    assert [figure["period"] for figure in found.figures] == [f"2025-{m:02d}" for m in range(2, 13)]
    assert [(each.row, each.column) for each in found.problems] == [(10, "B"), (11, "B")]
    assert "B10 and B11 are both" in found.problems[0].problem
    assert world[1] == 3606


def test_a_sheet_without_a_figure_says_what_is_wrong_with_its_first():
    rows = [["", *MONTHS], ["2025"], ["Worldwide", "31.000,5", *[""] * 11]]
    with pytest.raises(RecipeError, match=r"finds no figure.*row 4, column B '31\.000,5'.*decimal comma"):
        read_sheet([["in thousands of US dollars"], *rows], recipe())


def test_another_unit_above_the_table_refuses_the_sheet():
    with pytest.raises(RecipeError, match=r"thousands of US dollars.*in millions"):
        read_sheet(sheet(block(2025, 900), says="in millions of US dollars"), recipe())


def test_what_the_recipe_does_not_name_is_told():
    rows = sheet(block(2025, 900))
    rows[3] = [*HEADER, "Q5"]
    rows.insert(6, ["Middle East", 7])
    told = read_sheet(rows, recipe()).problems
    assert [(t.row, t.column, t.value) for t in told] == [(4, "S", "Q5"), (7, "A", "Middle East")]


def test_what_is_not_seen_as_it_stands_is_told_and_not_taken():
    rows = sheet(block(2025, 900))
    (worldwide,) = (i for i, row in enumerate(rows, start=1) if row[:1] == ["Worldwide"])
    unseen = {(worldwide, 2): STRUCK, (4, 3): HIDDEN_COLUMN, (worldwide, 3): HIDDEN_COLUMN}
    unseen |= {(4, len(HEADER) - 1): HIDDEN_COLUMN}
    found = read_sheet(rows, recipe(), unseen)
    periods = [figure["period"] for figure in found.figures]
    assert periods == [f"2025-{m:02d}" for m in (1, *range(4, 13))]
    assert [(t.row, t.column, t.problem) for t in found.problems] == [
        (4, "D", HIDDEN_COLUMN),
        (worldwide, "C", STRUCK),
    ]
    hidden = {(worldwide, j): HIDDEN_ROW for j in range(len(HEADER))}
    with pytest.raises(RecipeError, match=HIDDEN_ROW):
        read_sheet(rows, recipe(), hidden)
    table = {(2, 3): STRUCK}
    whole, less = (read_sheet(TABLE, recipe_from(MIX), unseen=place) for place in ({}, table))
    assert len(less.figures) == len(whole.figures) - 1
    assert [t.problem for t in less.problems[: len(less.problems) - len(whole.problems)]] == [STRUCK]


@pytest.mark.parametrize(
    ("cell", "value", "kind"),
    [
        ("1,234", "1234000", "actual"),
        ("1234 (E)", "1234000", "estimate"),
        ("1234 (F)", "1234000", "forecast"),
        ("1234.5", "1234500", "actual"),
        ("１２３４", "1234000", "actual"),
        (1234.0, "1234000", "actual"),
    ],
)
def test_cells_that_are_read(cell: Any, value: str, kind: str):
    rows = sheet(block(2025, 900))
    rows[9][1] = cell
    first = read_sheet(rows, recipe()).figures[0]
    assert (first["value"], first["kind"]) == (value, kind)


@pytest.mark.parametrize("cell", ["-", "–", "n/a", "", None])
def test_cells_that_say_nothing(cell: Any):
    rows = sheet(block(2025, 900))
    rows[9][1] = cell
    found = read_sheet(rows, recipe())
    assert found.n_empty == 1
    assert len(found.figures) == 11


@pytest.mark.parametrize("cell", ["12,34", "1.234,5", "#REF!", "12-15", "億", True, "35%", "€7", ">7"])
def test_cells_that_are_put_aside(cell: Any):
    rows = sheet(block(2025, 900))
    rows[9][1] = cell
    found = read_sheet(rows, recipe())
    (told,) = found.problems
    assert (told.row, told.column) == (10, "B")
    assert len(found.figures) == 11


def test_a_row_above_the_first_year_has_no_period():
    rows = sheet(block(2025, 900))
    del rows[4]
    with pytest.raises(RecipeError, match="finds no figure"):
        read_sheet(rows, recipe())


def test_periods_across_with_estimates_marked():
    wide = recipe(
        header="Maker",
        says=[],
        blocks="",
        ignored_columns=["Share"],
        ignored_rows=["Note*", "Total"],
        columns={"{year}": "{year}", "Q{quarter} {year}": "{year}Q{quarter}"},
        rows={"Makers A": {"metric": "hbm_revenue", "entity": "A"}},
        factor=1,
    )
    rows = [
        ["Maker", "2025", "Q1 2026", "2026 (E)", "2027(F)", "Share"],
        ["Makers A¹", 10, 3, 14, "-", 0.5],
        ["Total", 20, 6, 28, "", 1],
        ["Note: invented", "x"],
    ]
    found = read_sheet(rows, wide)
    assert found.problems == []
    assert [(f["period"], f["value"], f["kind"]) for f in found.figures] == [
        ("2025", "10", "actual"),
        ("2026Q1", "3", "actual"),
        ("2026", "14", "estimate"),
    ]


MIX = {
    **{"name": "mix", "files": ["*mix*.csv"], "header": "quarter", "unit": "fraction", "kind": "estimate"},
    **{"label": ["gpu_model"], "period": "quarter", "values": {"low": "share_low", "high": "share_high"}},
    "columns": {"Q{quarter} {year}": "{year}Q{quarter}"},
    "ignored_columns": ["notes"],
    "rows": {
        f"Model {x}": {
            "metric": "accelerator_shipments_mix_share",
            "entity": "NVIDIA",
            "segment": f"Model {x}",
        }
        for x in "ABC"
    },
    "source": {"publisher": "Example Research", "title": "Invented mix"},
}
TABLE = [
    ["quarter", "gpu_model", "share_low", "share_high", "notes"],
    ["Q1 2026", "Model A", "0.70", "0.90", ""],
    ["Q1 2026", "Model B", "15%", "25%", ""],
    ["Q1 2026", "Model C", "", "", "ramp"],
    ["1H 2026", "Model C", "0.01", "0.05", ""],
    ["Q1 2026", "Model D", "0.01", "0.05", ""],
    ["Q2 2026", "Model C", "low", "0.05", ""],
]


def test_a_table_whose_rows_are_figures():
    """Case 22: ends of shares are bounds; what the recipe does not name is told."""
    found = read_sheet(TABLE, recipe_from(MIX))
    assert [(f["segment"], f["period"], f["low"], f["high"]) for f in found.figures] == [
        ("Model A", "2026Q1", "0.7", "0.9"),
        ("Model B", "2026Q1", "0.15", "0.25"),
    ]
    assert not any("value" in figure for figure in found.figures)
    assert [(t.row, t.column, t.value) for t in found.problems] == [
        (5, "A", "1H 2026"),
        (6, "A", "model d"),
        (7, "C", "low"),
    ]
    assert (found.n_cells, found.n_empty) == (5, 1)
    with pytest.raises(RecipeError, match="no column share_high"):
        read_sheet([row[:3] for row in TABLE], recipe_from(MIX))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"values": {"worth": "x"}}, "values says the columns of"),
        ({"decimal": ";"}, "decimal is"),
        ({"unti": "USD"}, "unti"),
        ({"factor": "thousand"}, "can't be used"),
        ({"rows": {"Worldwide": {"metric": "x"}}}, "lacks entity"),
        ({"rows": {"Worldwide": 3}}, "can't be used"),
        ({"source": {}}, "lacks publisher"),
        ({"blocks": "month"}, "neither"),
    ],
)
def test_a_recipe_that_is_wrong_says_what(changes: dict, said: str):
    with pytest.raises(RecipeError, match=said):
        recipe(**changes)
    with pytest.raises(RecipeError, match="lacks name, files"):
        recipe_from({})
