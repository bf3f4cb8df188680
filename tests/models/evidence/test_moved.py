"""Numbers of supporting tables beside last night's: a slip waits, what is argued or confirmed passes."""

from datetime import date

import pandas as pd
import pytest

from models.evidence.moved import GUARDED, REMARKS, held_back
from models.evidence.tables.described import BY_NAME
from models.evidence.validation import validate
from tests.models.evidence.test_validation import ASSUMPTION, METRIC, PRODUCT, RATE, TODAY, evidence, table

SERVER = {"server": "ordinary", "component": "dram", "p05": "200", "p95": "700", "unit": "GB"}
SERVER |= {"growth_per_year_p05": "0.0", "growth_per_year_p95": "0.25", "known_since": "2021-01", "note": ""}
SUPPLIER = {"supplier": "micron", "bits_ratio_p05": "0.02", "bits_ratio_p95": "0.6", "known_since": "2021-01"}
STEP = {"step": "tcb", "passes_p05": "6", "passes_p95": "25", "known_since": "2021-01"}
CORRECTION = {"figure_id": "hbm-0001", "field": "value", "expected_wrong_value": "18"}
CORRECTION |= {"corrected_value": "1.8e10", "reason": "slip"}
ROWS = {
    **{"exchange_rates": RATE, "metrics": METRIC, "products": PRODUCT, "assumptions": ASSUMPTION},
    **{"server_content": SERVER, "suppliers": SUPPLIER, "process": STEP, "corrections": CORRECTION},
}


def compared(name: str, before: dict, after: dict) -> tuple[dict, pd.DataFrame]:
    """Row that is read tonight, and what is said of it."""
    columns = BY_NAME[name].column_names
    old = table(columns, before)
    for column in BY_NAME[name].columns:
        if column.type != "text":
            old[column.name] = pd.to_numeric(old[column.name])
    files, told, _ = held_back({f"{name}.csv": table(columns, after)}, {name: old}, TODAY)
    return files[f"{name}.csv"].iloc[0].to_dict(), told


SLIPS = [
    ("exchange_rates", "usd_per_unit", "0.073", "per hundred units"),
    ("exchange_rates", "usd_per_unit", "0.00095", "1.3 times"),
    ("exchange_rates", "usd_per_unit", "1369.86", ""),
    ("metrics", "lower", "1e11", "zeros"),
    ("metrics", "upper", "1e9", "zeros"),
    ("metrics", "upper", "", "empty"),
    ("metrics", "unit", "percent", "was 'USD'"),
    ("products", "hbm_gb", "640", "bits for bytes"),
    ("products", "hbm_gb", "80000", "zeros"),
    ("assumptions", "p95", "10", "percent"),
    ("assumptions", "p05", "-10", "percent"),
    ("assumptions", "unit", "USD", "was 'log'"),
    ("server_content", "p95", "700000", "zeros"),
    ("server_content", "growth_per_year_p05", "9e9", ""),
    ("server_content", "growth_per_year_p95", "25", "percent"),
    ("suppliers", "bits_ratio_p95", "60", "percent"),
    ("process", "passes_p05", "0.006", "zeros"),
    ("corrections", "corrected_value", "1.8e13", "zeros"),
]


@pytest.mark.parametrize(("name", "column", "cell", "said"), SLIPS)
def test_a_number_that_jumped_is_told_and_last_nights_stays(name: str, column: str, cell: str, said: str):
    read, told = compared(name, ROWS[name], ROWS[name] | {column: cell})
    assert read[column] == ROWS[name][column] or float(read[column]) == float(ROWS[name][column])
    (row,) = told.to_dict("records")
    assert (row["file"], row["row"], row["field"], row["value"]) == (f"{name}.csv", 2, column, cell)
    assert said in row["problem"] + row["remedy"]
    assert "begin its " in row["remedy"]


@pytest.mark.parametrize(("name", "column", "cell", "said"), SLIPS)
def test_a_jump_that_a_person_confirmed_is_taken(name: str, column: str, cell: str, said: str):
    remark = next(word for word in ("note", "description", "reason") if word in BY_NAME[name].column_names)
    after = ROWS[name] | {column: cell, remark: "Confirmed: read again on the page"}
    read, told = compared(name, ROWS[name], after)
    assert told.empty
    assert read[column] == cell


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("exchange_rates", {"usd_per_unit": "0.00066"}),
        ("metrics", {"lower": "2e8", "upper": "3e12"}),
        ("products", {"hbm_gb": "141"}),
        ("products", {"hbm_gb": "80.0", "note": "another note"}),
        ("assumptions", {"p05": "0.05", "p95": "0.5"}),
        ("server_content", {"growth_per_year_p05": "0.05"}),
        ("suppliers", {"known_since": "2024-01", "bits_ratio_p95": "0.9"}),
        ("suppliers", {"known_since": "2020-01", "bits_ratio_p95": "60"}),
        ("metrics", {"segment": "packages", "unit": "percent"}),
        ("assumptions", {"p05": "a tenth"}),
    ],
)
def test_what_is_argued_anew_new_or_unreadable_is_left_to_the_other_checks(name: str, changes: dict):
    read, told = compared(name, ROWS[name], ROWS[name] | changes)
    assert told.empty
    assert read == dict.fromkeys(BY_NAME[name].column_names, "") | ROWS[name] | changes


def test_without_a_night_before_nothing_is_held():
    raw = evidence()
    files, told, aside = held_back(raw, {}, date(2026, 7, 1))
    assert told.empty
    assert aside == set()
    assert files == raw


def test_figures_are_judged_by_the_rate_that_stays_in_force():
    in_won = {"figure_id": "hbm-0001", "source_id": "s1", "origin_id": "hbm-0001", "metric": "hbm_revenue"}
    in_won |= {"entity": "industry", "period": "2024", "value": "2.3e13", "unit": "KRW", "kind": "estimate"}
    before = validate(evidence(figures=[in_won]), TODAY).accepted
    files, told, _ = held_back(
        evidence(figures=[in_won], exchange_rates=[RATE | {"usd_per_unit": "0.073"}]), before, TODAY
    )
    assert len(told) == 1
    after = validate(files, TODAY)
    assert after.rejected.empty
    assert after.accepted["exchange_rates"]["usd_per_unit"].tolist() == [0.00073]


@pytest.mark.parametrize(
    ("name", "later", "field"),
    [
        ("assumptions", {"known_since": "2024-01", "p95": "10"}, "p95"),
        ("assumptions", {"known_since": "2024-01", "unit": "USD"}, "unit"),
        ("products", {"announced_on": "2023-01", "hbm_gb": "640"}, "hbm_gb"),
    ],
)
def test_a_row_of_a_later_day_is_held_against_the_one_it_takes_over_from(name: str, later: dict, field: str):
    before = validate(evidence(), TODAY).accepted
    rows = evidence()[f"{name}.csv"].to_dict("records")
    raw = evidence(**{name: [*rows, ROWS[name] | later]})
    files, told, aside = held_back(raw, before, TODAY)
    assert told["field"].tolist() == [field]
    assert aside == {(f"{name}.csv", len(rows) + 2)}
    # It is put aside by this alone, and the row before goes on.
    after = validate(files, TODAY, aside)
    assert after.rejected.empty
    assert len(after.accepted[name]) == len(rows)
    remark = "note" if name == "products" else "description"
    confirmed = evidence(**{name: [*rows, ROWS[name] | later | {remark: "confirmed: read again"}]})
    assert held_back(confirmed, before, TODAY)[1].empty


def test_each_table_whose_numbers_are_guarded_has_a_column_to_confirm_one_in():
    without = [name for name in GUARDED if not set(REMARKS) & set(BY_NAME[name].column_names)]
    assert not without, "give it a column note, or name it among those that may move"
    assert {"process", "exchange_rates", "assumptions"} <= set(GUARDED)
