"""The inbox: what is good comes in, the rest goes back with its reason, and every row is accounted for."""

import io
import os
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from flows.runtime.settings import Settings
from flows.sources.readers import read_folders, take_in_inbox
from models.evidence.shared_header import SHARED_COLUMNS
from models.evidence.validation import validate
from tests.flows.sources.test_layers import FIGURE, SOURCE, TODAY, assumption, write
from tests.models.evidence.test_recipes import block, sheet
from tests.places import DATA
from tests.world.files import DATA as WORLD

FLAT = dict(zip(SHARED_COLUMNS, [""] * len(SHARED_COLUMNS), strict=True))
FLAT |= {"metric": "hbm_revenue", "entity": "industry", "period": "2026", "value": "61e9", "unit": "USD"}
FLAT |= {"kind": "forecast", "source_org": "Own desk", "title": "Note", "published_on": "2026-11-01"}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "inbox").mkdir()
    return Settings(tmp_path / "state", WORLD, TODAY, inbox=tmp_path / "inbox", today=TODAY)


def workbook(*sheets: tuple[str, list[list]]) -> bytes:
    import openpyxl

    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets:
        tab = book.create_sheet(name)
        for row in rows:
            tab.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def own_figures(settings: Settings) -> pd.DataFrame:
    """Accepted figures that came in through the inbox."""
    evidence = read_folders(settings)
    accepted = evidence.placed(validate(evidence.files, TODAY).accepted["figures"])
    return accepted[accepted["file"].str.contains("/taken/")]


def test_a_dropped_assumption_that_nothing_asks_for_goes_back_with_the_nearest_name(settings: Settings):
    assert settings.inbox is not None
    write(settings.inbox, "assumptions.csv", assumption("driver.server_shipment.level"))
    (outcome,) = take_in_inbox(settings)
    assert (outcome.n_taken, outcome.n_refused) == (0, 1)
    (copy,) = (settings.inbox / "refused").glob("*assumptions*.csv")
    assert "did you mean 'driver.server_shipments.level'" in pd.read_csv(copy)["error"][0]


def test_good_rows_come_in_and_bad_ones_go_back_to_be_mended(settings: Settings):
    assert settings.inbox is not None
    rows = [FLAT, {**FLAT, "period": "2027", "unit": "dollars"}, {**FLAT, "period": "20277"}]
    pd.DataFrame(rows).to_csv(settings.inbox / "desk.csv", index=False)
    (outcome,) = take_in_inbox(settings)
    assert (outcome.n_rows, outcome.n_taken, outcome.n_known, outcome.n_refused) == (3, 1, 0, 2)
    assert own_figures(settings)["value"].tolist() == [61e9]
    assert not (settings.inbox / "desk.csv").exists()
    assert len(list((settings.inbox / "archive").iterdir())) == 1
    back = pd.read_csv(settings.inbox / "refused" / "desk.csv.csv", dtype=str, keep_default_na=False)
    assert back["period"].tolist() == ["2027", "20277"]
    assert "unknown unit 'dollars'" in back["error"][0]
    assert "20277" in back["error"][1]
    # Mended and dropped again, as it is with its column of errors.
    back.assign(period=["2027", "2026Q4"], unit="USD").to_csv(settings.inbox / "again.csv", index=False)
    (outcome,) = take_in_inbox(settings)
    assert (outcome.n_taken, outcome.n_refused) == (2, 0)
    assert sorted(own_figures(settings)["period"]) == ["2026", "2026Q4", "2027"]


def test_the_same_file_again_brings_nothing_twice(settings: Settings):
    assert settings.inbox is not None
    for _ in range(2):
        pd.DataFrame([FLAT]).to_csv(settings.inbox / "desk.csv", index=False)
        (outcome,) = take_in_inbox(settings)
    assert (outcome.n_taken, outcome.n_known, outcome.n_refused) == (0, 1, 0)
    assert len(own_figures(settings)) == 1


def test_figures_and_their_sources_in_two_files(settings: Settings):
    assert settings.inbox is not None
    write(settings.inbox, "figures.csv", FIGURE)
    write(settings.inbox, "sources.csv", SOURCE)
    outcomes = take_in_inbox(settings)
    assert [(o.file, o.n_taken, o.n_refused) for o in outcomes] == [
        ("sources.csv", 1, 0),
        ("figures.csv", 1, 0),
    ]
    assert own_figures(settings)["figure_id"].tolist() == ["own-0001"]


def test_a_workbook_by_its_recipe_month_after_month(settings: Settings, tmp_path: Path):
    # The synthetic world knows no billings.
    settings = replace(settings, data=Path(shutil.copytree(WORLD, tmp_path / "data")))
    shutil.copy(DATA / "metrics.csv", settings.data)
    assert settings.inbox is not None
    path = settings.inbox / "WSTS-Historical-Billings-Report.xlsx"
    averages = ("3MMA", sheet(block(2025, 890)))
    path.write_bytes(workbook(("Monthly Data", sheet(block(2025, 900_000, 10))), averages))
    (outcome,) = take_in_inbox(settings)
    assert (outcome.n_taken, outcome.n_known, outcome.n_refused) == (10, 0, 0)
    found = own_figures(settings)
    assert found["value"].iloc[0] == (900_000 + 900_001 + 900_002 + 900_003) * 1000
    assert set(found["metric"]) == {"semiconductor_billings"}
    # Next month: two months more, one revised.
    rows = sheet(block(2025, 900_000, 12))
    rows[9][1] = 4_000_000
    path.write_bytes(workbook(("Monthly Data", rows), averages))
    later = replace(settings, today=TODAY.replace(month=12))
    (outcome,) = take_in_inbox(later)
    assert (outcome.n_taken, outcome.n_known, outcome.n_refused) == (3, 9, 0)
    evidence = read_folders(later)
    figures = validate(evidence.files, later.today).accepted["figures"]
    january = figures[(figures["metric"] == "semiconductor_billings") & (figures["period"] == "2025-01")]
    # Both stay: the first was known before, the second is known from its own day.
    assert sorted(january["value"]) == [3_600_006_000, 4_000_000_000]
    assert january["source_id"].is_unique


def test_a_workbook_with_a_header_of_ours_needs_no_recipe(settings: Settings):
    assert settings.inbox is not None
    rows = [list(FLAT), [*FLAT.values()]]
    (settings.inbox / "desk.xlsx").write_bytes(workbook(("Any", rows), ("Empty", [])))
    (outcome,) = take_in_inbox(settings)
    assert (outcome.n_taken, outcome.refusal) == (1, "")


def test_parquet(settings: Settings):
    assert settings.inbox is not None
    pd.DataFrame([{**FLAT, "value": 61e9}]).to_parquet(settings.inbox / "desk.parquet")
    (outcome,) = take_in_inbox(settings)
    assert outcome.n_taken == 1
    assert own_figures(settings)["value"].tolist() == [61e9]


def test_text_of_parquet_that_does_not_say_that_it_is_text(settings: Settings):
    assert settings.inbox is not None
    row = {**FLAT, "unit": "億美元".encode(), "value": "620"}
    pd.DataFrame([row]).to_parquet(settings.inbox / "desk.parquet")
    take_in_inbox(settings)
    assert own_figures(settings)["value"].tolist() == [62e9]


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for i in range(9):
            packed.writestr(f"xl/{i}.xml", bytes(2**26))
    return out.getvalue()


REFUSED = {
    "unknown.xlsx": (lambda: workbook(("Table 1", [["Billings", "2025"], ["A", 1]])), "no recipe reads it"),
    "wsts billings.xlsx": (
        lambda: workbook(("Monthly Data", sheet(block(2025, 9), says="in millions of euros"))),
        "on which the unit rests",
    ),
    "bomb.xlsx": (bomb, "unpacked it has"),
    "broken.xlsx": (lambda: b"PK\x03\x04 nothing", "no workbook"),
    "broken.parquet": (lambda: b"PAR1 nothing", "no Parquet"),
    "page.html": (lambda: b"<html>", "a .html can't be read"),
    "header.csv": (lambda: b"a,b\n1,2\n", "that of no table"),
    "capitals.csv": (
        lambda: (",".join(SHARED_COLUMNS).replace("metric", "Metric") + "\n").encode(),
        "the columns 'Metric' written as metric, for the header metric,entity",
    ),
    "beside.csv": (
        lambda: (",".join(SHARED_COLUMNS[:-2]) + "\n").encode(),
        "the columns published_on, note, for the header",
    ),
    "utf16.csv": (lambda: "a,b\n".encode("utf-16"), "not UTF-8"),
    "empty.csv": (lambda: b"", "empty"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_cannot_be_taken_in_goes_back_whole(settings: Settings, name: str):
    assert settings.inbox is not None
    make, said = REFUSED[name]
    content = make()
    (settings.inbox / name).write_bytes(content)
    (outcome,) = take_in_inbox(settings)
    assert said in outcome.refusal
    assert "Needed: " in outcome.refusal
    assert (settings.inbox / "refused" / name).read_bytes() == content
    assert said in (settings.inbox / "refused" / f"{name}.error.txt").read_text(encoding="utf-8")
    assert take_in_inbox(settings) == []


def test_what_is_not_dropped_is_left_alone(settings: Settings):
    assert settings.inbox is not None
    for name in ("~$desk.xlsx", ".hidden.csv", "desk.csv.part", "README.md"):
        (settings.inbox / name).write_text("x", encoding="utf-8")
    assert take_in_inbox(settings) == []
    assert len(os.listdir(settings.inbox)) == 4


def test_rows_of_a_flat_file_that_share_all_but_the_number_are_told_by_their_place(settings: Settings):
    assert settings.inbox is not None
    rows = [FLAT, {**FLAT, "value": "58e9"}, {**FLAT, "value": "58e9", "segment": "demand"}]
    pd.DataFrame(rows).to_csv(settings.inbox / "desk.csv", index=False)
    (outcome,) = take_in_inbox(settings)
    assert (outcome.n_rows, outcome.n_taken, outcome.n_refused) == (3, 2, 1)
    back = pd.read_csv(settings.inbox / "refused" / "desk.csv.csv", dtype=str, keep_default_na=False)
    assert back["error"].str.contains("row 2 gives the same metric, entity, segment, period").all()
    assert "figure_id" not in back["error"][0]


def test_one_statement_in_two_spellings_is_no_second_opinion(settings: Settings):
    assert settings.inbox is not None
    rows = [{**FLAT, "period": p} for p in ("2026", "CY2026", "2026年", "２０２６")]
    rows += [{**FLAT, "source_org": " Own  desk"}]
    pd.DataFrame(rows).to_csv(settings.inbox / "desk.csv", index=False)
    (outcome,) = take_in_inbox(settings)
    assert (outcome.n_rows, outcome.n_taken, outcome.n_refused) == (5, 1, 4)
    # Nor is it one when it is dropped again, spelled otherwise.
    pd.DataFrame([{**FLAT, "period": "2026E"}]).to_csv(settings.inbox / "again.csv", index=False)
    (outcome,) = take_in_inbox(settings)
    assert len(own_figures(settings)) == 1


def test_columns_that_are_not_read_are_told_and_one_that_says_the_unit_is_refused(settings: Settings):
    assert settings.inbox is not None
    rows = [{**FLAT, "currency": "JPY", "analyst": "A"}, {**FLAT, "period": "2027", "currency": "USD"}]
    pd.DataFrame(rows).fillna("").to_csv(settings.inbox / "desk.csv", index=False)
    (outcome,) = take_in_inbox(settings)
    assert (outcome.n_taken, outcome.n_refused) == (1, 1)
    assert "not read: the columns analyst" in outcome.line()
    assert "says 'JPY' of the number" in errors(settings, "desk.csv.csv")[0]


def test_the_flat_header_takes_the_end_of_a_fiscal_year(settings: Settings):
    assert settings.inbox is not None
    row = {**FLAT, "period": "FY26 Q3"}
    pd.DataFrame([row]).to_csv(settings.inbox / "desk.csv", index=False)
    take_in_inbox(settings)
    assert "in a column fiscal_year_end_month" in errors(settings, "desk.csv.csv")[0]
    pd.DataFrame([row | {"fiscal_year_end_month": "9"}]).to_csv(settings.inbox / "mended.csv", index=False)
    (outcome,) = take_in_inbox(settings)
    assert outcome.n_taken == 1
    assert own_figures(settings)["fiscal_year_end_month"].tolist() == [9]


def test_what_is_wrong_with_a_publication_is_said_at_each_flat_row_in_its_own_words(settings: Settings):
    assert settings.inbox is not None
    rows = [{**FLAT, "published_on": "46327", "period": p} for p in ("2026", "2027", "2028Q9")]
    sheets = (("Any", [list(FLAT), *([*row.values()] for row in rows)]),)
    (settings.inbox / "desk.xlsx").write_bytes(workbook(*sheets))
    (outcome,) = take_in_inbox(settings)
    assert (outcome.n_rows, outcome.n_taken, outcome.n_refused) == (3, 0, 3)
    # One copy with the header that was dropped, without names that nobody gave.
    assert [p.name for p in (settings.inbox / "refused").iterdir()] == ["desk.xlsx.csv"]
    told = errors(settings, "desk.xlsx.csv")
    assert all("write 2026-11-01" in error for error in told)
    assert not any("drop-" in error or "sources.csv" in error or "precision is" in error for error in told)
    assert "2028Q9" in told[2]


def errors(settings: Settings, name: str) -> list[str]:
    assert settings.inbox is not None
    path = settings.inbox / "refused" / name
    return pd.read_csv(path, dtype=str, keep_default_na=False)["error"].tolist()


def test_a_title_above_the_header_is_named(settings: Settings):
    assert settings.inbox is not None
    rows = [["HBM revenue (USD mn)"], [], list(FLAT), [*FLAT.values()]]
    (settings.inbox / "desk.xlsx").write_bytes(workbook(("Any", rows)))
    text = "\n".join(",".join(row) for row in rows)
    (settings.inbox / "desk.csv").write_text(text, encoding="utf-8")
    for outcome in take_in_inbox(settings):
        assert "the rows above line 3, where the header is, taken away" in outcome.refusal


def test_a_number_whose_format_shows_nothing_is_put_aside(settings: Settings):
    import openpyxl

    assert settings.inbox is not None
    book = openpyxl.load_workbook(
        io.BytesIO(workbook(("Any", [list(FLAT), [*(FLAT | {"value": 61e9}).values()]])))
    )
    book["Any"]["E2"].number_format = ";;;"
    book.save(settings.inbox / "desk.xlsx")
    (outcome,) = take_in_inbox(settings)
    assert (outcome.n_taken, outcome.n_refused) == (0, 1)
    assert "shown as nothing" in errors(settings, "desk.xlsx.csv")[0]


def test_a_workbook_is_read_as_it_is_shown(settings: Settings):
    """Percent by a format, errors, formulas without a result, hidden and merged rows."""
    import openpyxl

    assert settings.inbox is not None
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append([*FLAT])
    for more in (
        {"value": 61.4},
        {"value": "", "low": 5e10, "high": "=1+1", "period": "2024"},
        {"value": "", "low": 5e10, "high": "#REF!", "period": "2023"},
        {"period": "2027"},
        {"segment": "demand"},
        {"segment": ""},
        {"metric": "hbm_revenue_growth", "value": 0.45, "unit": "percent"},
        {"value": 6.1e10, "period": "2025"},
    ):
        sheet.append([*(FLAT | more).values()])
    sheet["E2"].number_format = '"$"0.0" bn"'
    sheet["G4"].data_type = "e"
    sheet.row_dimensions[5].hidden = True
    sheet.merge_cells("C6:C7")
    sheet["E8"].number_format = "0.0%"
    sheet["E9"].number_format = "#,##0,,"
    book.create_sheet("lists").sheet_state = "hidden"
    book["lists"]["A1"] = "industry"
    book.save(settings.inbox / "desk.xlsx")
    (outcome,) = take_in_inbox(settings)
    assert (outcome.n_rows, outcome.n_taken, outcome.n_refused) == (8, 3, 5)
    taken = own_figures(settings).sort_values("row")
    assert taken["value"].tolist() == [61.4e9, 61e9, 45]
    assert taken["segment"].tolist() == ["", "demand", ""]
    back = (settings.inbox / "refused" / "desk.xlsx.errors.txt").read_text(encoding="utf-8")
    assert "the row is hidden" in back
    assert "is merged with another" in back
    said = "".join(p.read_text(encoding="utf-8") for p in (settings.inbox / "refused").glob("*.csv"))
    for sign in ("=1+1 is a formula", "#REF! is the error", "shown divided by thousands"):
        assert sign in said


@pytest.mark.parametrize("content", [b"no figures at all", None])
def test_a_name_that_is_not_utf8_is_shown_by_its_bytes(settings: Settings, content: bytes | None):
    assert settings.inbox is not None
    file = Path(os.fsdecode(os.fsencode(settings.inbox) + b"/caf\xe9.csv"))
    try:
        file.write_bytes(content or pd.DataFrame([FLAT]).to_csv(index=False).encode())
    except OSError:
        pytest.skip("this disk takes names in UTF-8 only")
    (outcome,) = take_in_inbox(settings)
    assert outcome.line().encode()
    assert "caf\\xe9.csv" in outcome.line()
    assert not file.exists()


def test_a_publication_stays_for_the_other_rows_of_a_flat_file(settings: Settings):
    assert settings.inbox is not None
    # The row that names the publication first is the one put aside.
    rows = [{**FLAT, "value": "nothing"}, {**FLAT, "period": "2027"}]
    pd.DataFrame(rows).to_csv(settings.inbox / "desk.csv", index=False)
    (outcome,) = take_in_inbox(settings)
    assert (outcome.n_taken, outcome.n_refused) == (1, 1)
    assert own_figures(settings)["period"].tolist() == ["2027"]


@pytest.mark.parametrize("column", ["note", "title", "metric"])
def test_a_row_that_could_not_be_kept_as_csv_is_put_aside(settings: Settings, column: str):
    assert settings.inbox is not None
    rows = [{**FLAT, "url": "a"}, {**FLAT, "url": "b", column: FLAT[column] + "\x00"}]
    pd.DataFrame(rows).to_parquet(settings.inbox / "desk.parquet")
    (outcome,) = take_in_inbox(settings)
    assert (outcome.n_rows, outcome.n_taken, outcome.n_refused) == (2, 1, 1)
    assert len(own_figures(settings)) == 1
    (back,) = (settings.inbox / "refused").glob("*.csv")
    assert f"{column} " in back.read_text()
    assert "zero byte" in back.read_text()


def test_a_supporting_table_whose_columns_say_how_a_number_is_meant(settings: Settings):
    assert settings.inbox is not None
    rate = {"currency": "KRW", "year": "2026", "usd_per_unit": "0.00072", "source": "s", "note": ""}
    pd.DataFrame([rate]).to_csv(settings.inbox / "exchange_rates.csv", index=False)
    (outcome,) = take_in_inbox(settings)
    assert (outcome.n_rows, outcome.n_taken, outcome.n_refused) == (1, 1, 0)
    rates = read_folders(settings).files["exchange_rates.csv"]
    assert rates.loc[(rates["currency"] == "KRW") & (rates["year"] == "2026"), "usd_per_unit"].tolist() == [
        "0.00072"
    ]


def test_a_header_without_rows_is_refused(settings: Settings):
    assert settings.inbox is not None
    pd.DataFrame(columns=list(FLAT)).to_csv(settings.inbox / "desk.csv", index=False)
    (outcome,) = take_in_inbox(settings)
    assert "no row below it" in outcome.refusal
