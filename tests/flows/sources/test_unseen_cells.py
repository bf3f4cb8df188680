"""Cells of a dropped workbook that a person does not see as they stand: hidden, struck through, raised."""

import pytest

from flows.runtime.settings import Settings
from flows.sources.readers import read_folders, take_in_inbox
from tests.flows.sources.test_inbox import FLAT, settings

__all__ = ["settings"]


def seen_workbook(settings: Settings, mark, rows=({}, {"period": "2027"})):
    """Drop a sheet with a mark on it; gives the outcome and what was told."""
    import openpyxl

    assert settings.inbox is not None
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append([*FLAT])
    for more in rows:
        sheet.append([*(FLAT | more).values()])
    mark(sheet)
    book.save(settings.inbox / "desk.xlsx")
    (outcome,) = take_in_inbox(settings)
    told = (settings.inbox / "refused").glob("*.txt")
    return outcome, "".join(path.read_text(encoding="utf-8") for path in told)


def struck(cell):
    from openpyxl.styles import Font

    cell.font = Font(strike=True)


def coloured(cell, font: dict, fill: dict | None = None, code: str = ""):
    """Give a cell a colour of its text, one of its background, and a format."""
    from openpyxl.styles import Font, PatternFill
    from openpyxl.styles.colors import Color

    cell.font = Font(color=Color(**font)) if font else Font()
    if fill is not None:
        cell.fill = PatternFill("solid", fgColor=Color(**fill))
    cell.number_format = code or cell.number_format


def numbered(cell, number: float, code: str):
    cell.value, cell.number_format = number, code


def rich(cell, *parts):
    from openpyxl.cell.rich_text import CellRichText, TextBlock
    from openpyxl.cell.text import InlineFont

    cell.value = CellRichText(
        *(text if not font else TextBlock(InlineFont(**font), text) for text, font in parts)
    )


@pytest.mark.parametrize(
    ("mark", "sign"),
    [
        (lambda sheet: struck(sheet["E2"]), "row 2, E '61e9': it is struck through"),
        (lambda sheet: struck(sheet["D2"]), "row 2, D '2026': it is struck through"),
        (lambda sheet: rich(sheet["E2"], ("41", {"strike": True}), ("62", {})), "E '4162': it is struck"),
        (lambda sheet: rich(sheet["E2"], ("62", {}), ("1", {"vertAlign": "superscript"})), "'621': a part"),
        (lambda sheet: setattr(sheet.row_dimensions[2], "hidden", True), "the row is hidden"),
    ],
)
def test_a_row_that_is_not_seen_as_it_stands_is_put_aside(settings: Settings, mark, sign: str):
    outcome, back = seen_workbook(settings, mark)
    assert (outcome.n_taken, outcome.n_refused) == (1, 1), back
    assert sign in back


WHITE, NAVY = {"rgb": "FFFFFFFF"}, {"rgb": "FF1F3864"}


@pytest.mark.parametrize(
    "mark",
    [
        lambda cell: coloured(cell, WHITE),
        lambda cell: coloured(cell, {"theme": 0}),
        lambda cell: coloured(cell, {"indexed": 9}),
        lambda cell: coloured(cell, {"theme": 1, "tint": 0.99}),
        lambda cell: coloured(cell, {"theme": 0}, {"theme": 0, "tint": -0.03}),
        lambda cell: coloured(cell, NAVY, NAVY),
        lambda cell: coloured(cell, {}, {"rgb": "FF000000"}),
        lambda cell: coloured(cell, {}, None, "0;0;0;"),
        lambda cell: numbered(cell, 61e9, "[White]0"),
        lambda cell: numbered(cell, 61e9, "[Color 2]0;[Red]-0"),
        lambda cell: rich(cell, ("61e", {}), ("9", {"color": "FFFFFFFF"})),
    ],
)
def test_text_in_the_colour_of_its_background_is_put_aside(settings: Settings, mark):
    outcome, back = seen_workbook(settings, lambda sheet: mark(sheet["E2"]))
    assert (outcome.n_taken, outcome.n_refused) == (1, 1), back
    assert "row 2, E '61" in back
    assert "it has the colour of its background" in back


@pytest.mark.parametrize(
    "mark",
    [
        lambda cell: coloured(cell, WHITE, NAVY),
        lambda cell: coloured(cell, {"theme": 0}, {"theme": 4}),
        lambda cell: coloured(cell, {"theme": 0}, {"theme": 0, "tint": -0.5}),
        lambda cell: coloured(cell, {"rgb": "FFA6A6A6"}),
        lambda cell: coloured(cell, {}, None, "0;0;0;@"),
        lambda cell: numbered(cell, 61e9, "0;[White]-0"),
        lambda cell: numbered(cell, 61e9, "[Red]0"),
        lambda cell: rich(cell, ("61", {"color": "FFFF0000"}), ("e9", {})),
    ],
)
def test_text_that_is_seen_is_read(settings: Settings, mark):
    outcome, back = seen_workbook(settings, lambda sheet: mark(sheet["E2"]))
    assert (outcome.n_taken, outcome.n_refused) == (2, 0), back


def test_white_headers_on_what_a_cell_or_a_table_fills_are_seen(settings: Settings):
    from openpyxl.worksheet.table import Table, TableStyleInfo

    def dark(sheet):
        for cell in sheet[1]:
            coloured(cell, WHITE, NAVY)

    def in_table(sheet):
        for cell in sheet[1]:
            coloured(cell, WHITE)
        style = TableStyleInfo(name="TableStyleMedium2", showRowStripes=True)
        sheet.add_table(Table(displayName="Own", ref=f"A1:N{sheet.max_row}", tableStyleInfo=style))

    for mark in (dark, in_table):
        outcome, back = seen_workbook(settings, mark, ({"period": "2026"},))
        assert outcome.n_taken + outcome.n_known == 1, back


@pytest.mark.parametrize(
    ("number", "code", "sign"),
    [
        (0.0, "0;-0;;@", "0 shown as nothing"),
        (35.0, '[<1]0%;0" USD"', "35 shown by a format with conditions"),
    ],
)
def test_a_number_that_its_format_leaves_out_or_changes_is_put_aside(settings: Settings, number, code, sign):
    outcome, _ = seen_workbook(settings, lambda sheet: numbered(sheet["E2"], number, code))
    assert (outcome.n_taken, outcome.n_refused) == (1, 1)
    refused = (settings.inbox / "refused" / "desk.xlsx.csv").read_text(encoding="utf-8")
    assert sign in refused


def test_rows_that_a_sheet_hides_by_default_are_put_aside(settings: Settings):
    outcome, back = seen_workbook(settings, lambda sheet: setattr(sheet.sheet_format, "zeroHeight", True))
    assert (outcome.n_taken, outcome.n_refused, back.count("the row is hidden")) == (0, 2, 2)


@pytest.mark.parametrize(
    ("mark", "sign"),
    [
        (
            lambda sheet: setattr(sheet.column_dimensions["E"], "hidden", True),
            "the column E 'value' is hidden",
        ),
        (lambda sheet: struck(sheet["E1"]), "the column E 'value' is struck through"),
        (lambda sheet: coloured(sheet["E1"], WHITE), "the column E 'value' is written in the colour"),
        (
            lambda sheet: setattr(sheet.column_dimensions["E"], "width", 0.1),
            "the column E 'value' is hidden",
        ),
    ],
)
def test_a_column_that_is_not_seen_refuses_the_file(settings: Settings, mark, sign: str):
    outcome, back = seen_workbook(settings, mark)
    assert (outcome.n_taken, sign in back) == (0, True), back


def test_an_empty_hidden_column_and_a_raised_letter_change_nothing(settings: Settings):
    import openpyxl

    assert settings.inbox is not None
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append([*FLAT, "desk"])
    sheet.append([*(FLAT | {"low": ""}).values(), "x"])
    for column in "FP":
        sheet.column_dimensions[column].hidden = True
    rich(sheet["O2"], ("read", {}), ("a", {"vertAlign": "superscript"}))
    book.save(settings.inbox / "desk.xlsx")
    (outcome,) = take_in_inbox(settings)
    assert (outcome.n_taken, outcome.n_refused) == (1, 0)


@pytest.mark.parametrize(
    ("code", "n_taken", "sign"), [("yyyy", 2, ""), ("mmm yyyy", 1, "write 2026-01"), ("d mmm yyyy", 2, "")]
)
def test_a_day_is_known_only_as_far_as_it_is_shown(settings: Settings, code: str, n_taken: int, sign: str):
    from datetime import date

    def mark(sheet):
        sheet["M2"].value, sheet["M2"].number_format = date(2026, 1, 1), code

    outcome, _ = seen_workbook(settings, mark)
    assert outcome.n_taken == n_taken
    back = settings.inbox / "refused" / "desk.xlsx.csv"
    assert sign in (back.read_text(encoding="utf-8") if back.exists() else "")
    days = read_folders(settings).files["sources.csv"]["published_on"].tolist()
    assert "2026-01-01" not in days or code.startswith("d")
