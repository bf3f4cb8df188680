"""Cells of a dropped workbook that a person does not see as they stand: hidden, struck through, raised."""

import pytest

from flows.runtime.settings import Settings
from flows.sources.readers import take_in_inbox
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
