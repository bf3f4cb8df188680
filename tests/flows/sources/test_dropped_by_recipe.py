"""A CSV of another layout, dropped and read by its recipe."""

from dataclasses import replace
from pathlib import Path

from flows.runtime.settings import Settings
from flows.sources.readers import take_in_inbox
from tests.flows.sources.test_inbox import block, own_figures, settings, sheet, workbook

__all__ = ["settings"]

LONG = b"""\xef\xbb\xbfInvented shares;;;;;;
provider_name;provider_id;provided_name;provided_id;share_provided;year;source

Own desk;P900;HBM revenue;N900;1.062,5;2025;invented
Own desk;P900;"HBM
revenue";N901;0,4;2026;invented
Others;P999;HBM revenue;N900;;2025;invented
"""
RECIPE = """
name = "provision"
files = ["*provision*.csv"]
separator = ";"
decimal = ","
header = "provider_name"
label = ["provider_name", "provided_name"]
period = "year"
values = { value = "share_provided" }
ignored_columns = ["provider_id", "provided_id", "source"]
ignored_rows = ["Others / *"]
unit = "billion USD"
kind = "estimate"
[columns]
"{year}" = "{year}"
[rows."Own desk / HBM revenue"]
metric = "hbm_revenue"
entity = "industry"
[source]
publisher = "Example Research"
title = "Invented shares"
"""


def test_a_csv_by_its_recipe(settings: Settings, tmp_path: Path):
    """Case 23: unit, separator and decimal comma from the recipe, each row a figure; Others say nothing."""
    assert settings.inbox is not None
    (tmp_path / "own/recipes").mkdir(parents=True)
    (tmp_path / "own/recipes/shares.toml").write_text(RECIPE, encoding="utf-8")
    settings = replace(settings, overlays=(tmp_path / "own",))
    (settings.inbox / "provision.csv").write_bytes(LONG.replace(b"1.062,5", b"62,5"))
    (settings.inbox / "other.csv").write_bytes(LONG)
    outcomes = {outcome.file: outcome for outcome in take_in_inbox(settings)}
    assert (outcomes["provision.csv"].n_taken, outcomes["provision.csv"].n_refused) == (2, 0)
    # 0.4 is 0.4, not 40; the row is placed where it ends.
    found = own_figures(settings).set_index("period")
    assert found["value"].to_dict() == {"2025": 62.5e9, "2026": 4e8}
    assert "provision.csv E6" in found["note"]["2026"]
    assert "or a recipe for its layout" in outcomes["other.csv"].refusal


def test_what_a_recipe_read_and_was_refused_is_mended_and_dropped_again(settings: Settings, tmp_path: Path):
    assert settings.inbox is not None
    (tmp_path / "own/recipes").mkdir(parents=True)
    wrong = RECIPE.replace('"hbm_revenue"', '"hbm_revenues"')
    (tmp_path / "own/recipes/shares.toml").write_text(wrong, encoding="utf-8")
    settings = replace(settings, overlays=(tmp_path / "own",))
    (settings.inbox / "provision.csv").write_bytes(LONG.replace(b"1.062,5", b"62,5"))
    (outcome,) = take_in_inbox(settings)
    assert (outcome.n_taken, outcome.n_refused) == (0, 2)
    (back,) = (settings.inbox / "refused").glob("*.csv")
    mended = back.read_text(encoding="utf-8").replace(",hbm_revenues,", ",hbm_revenue,")
    (settings.inbox / back.name).write_text(mended, encoding="utf-8")
    (outcome,) = take_in_inbox(settings)
    assert (outcome.n_taken, outcome.n_refused) == (2, 0), outcome.line()
    assert set(own_figures(settings)["value"]) == {62.5e9, 4e8}


def test_a_point_where_the_recipe_says_a_comma_is_told(settings: Settings, tmp_path: Path):
    """1.5 beside 1.062,5 is 1.5, 15 or a slip; 1.500 are groups of three."""
    assert settings.inbox is not None
    (tmp_path / "own/recipes").mkdir(parents=True)
    (tmp_path / "own/recipes/shares.toml").write_text(RECIPE, encoding="utf-8")
    settings = replace(settings, overlays=(tmp_path / "own",))
    content = LONG.replace(b"1.062,5", b"62.5").replace(b"0,4", b"90")
    (settings.inbox / "provision.csv").write_bytes(content)
    (outcome,) = take_in_inbox(settings)
    assert (outcome.n_taken, outcome.n_refused) == (1, 1)
    told = "".join(p.read_text(encoding="utf-8") for p in (settings.inbox / "refused").iterdir())
    assert "has a point, and the recipe says a comma" in told


def test_numbers_of_a_workbook_have_no_decimal_sign(settings: Settings, tmp_path: Path):
    """1.234 in a cell is no 1234, whatever a recipe says of the CSVs of the layout."""
    assert settings.inbox is not None
    (tmp_path / "own/recipes").mkdir(parents=True)
    recipe = RECIPE.replace("*provision*.csv", "*provision*.xlsx")
    (tmp_path / "own/recipes/shares.toml").write_text(recipe, encoding="utf-8")
    settings = replace(settings, overlays=(tmp_path / "own",))
    header = [
        "provider_name",
        "provider_id",
        "provided_name",
        "provided_id",
        "share_provided",
        "year",
        "source",
    ]
    rows = [header, ["Own desk", "P900", "HBM revenue", "N900", 41.234, 2025, "invented"]]
    (settings.inbox / "provision.xlsx").write_bytes(workbook(("Shares", rows)))
    (outcome,) = take_in_inbox(settings)
    assert (outcome.n_taken, outcome.n_refused) == (1, 0)
    assert own_figures(settings)["value"].tolist() == [41.234e9]


def test_a_sheet_that_a_recipe_neither_reads_nor_ignores_is_told(settings: Settings):
    assert settings.inbox is not None
    billings = ("Monthly Data", sheet(block(2025, 9)))
    ignored, unnamed = ("3MMA", sheet(block(2025, 9))), ("Annual Data", [["2025", 1]])
    (settings.inbox / "wsts.xlsx").write_bytes(workbook(billings, ignored, unnamed, ("Empty", [])))
    (outcome,) = take_in_inbox(settings)
    (told,) = [note for note in outcome.notes if "ignored_sheets" in note]
    assert told == (
        "wsts.xlsx: wsts_billings reads 'Monthly Data' and names neither in sheet nor in ignored_sheets "
        "'Annual Data'"
    )
