"""Rows against a description: whatever a column says of itself is checked, and told with its remedy."""

from datetime import date

import pytest

from models.evidence.checks.row_model import checked_rows, judged_rows, row_model
from models.evidence.checks.rows import Collector
from models.vocabulary.tables import POSITIVE, Column, EvidenceTable

PORTS = EvidenceTable(
    "ports",
    "Ports",
    keys=("port", "since"),
    columns=(
        Column("port", "Name", filled=True),
        Column("class", "A name that Python knows", words=("sea", "river"), hint="ask the harbour master"),
        Column("cranes", "Number of cranes", type="integer", least=0),
        Column("low", "Lower end", type="number", filled=True),
        Column("high", "Upper end", type="number", least=POSITIVE, says=("{column} {cell} is low", "dredge")),
        Column("inner", "Part", type="number", least=0, most=1),
        Column("outer", "Part", type="number", least=0, most=1),
        Column("since", "When", filled=True, reading="date"),
        Column("season", "When open", reading="period"),
        Column("opened", "Year", reading="year"),
        Column("serves", "Items", reading="items"),
        Column("lines", "Shipping lines", refers="lines", several=True),
        Column("owner", "Owner", refers="owners", says=("no {cell!r}", "one of {known}")),
        Column("mayor", "Mayor", filled=True, empty=("nobody rules", "elect one")),
    ),
    ordered=(("low", "high"),),
    sum_to_one=("inner", "outer"),
)
KNOWN = {"lines": ("east", "west"), "owners": {"town", "king"}}
GOOD = {
    **{"port": "Busan", "class": "sea", "cranes": "3", "low": "1", "high": "2", "inner": "0.25"},
    **{"outer": "0.75", "since": "2024-05", "season": "2024H1", "opened": "1876"},
    **{"serves": "equipment/tcb;chain/hbm_bits_gb", "lines": "east; west", "owner": "king", "mayor": "M"},
    **{"file": "ports.csv", "row": 2},
}


def judged(*rows):
    collector = Collector(date(2026, 1, 1))
    kept = checked_rows(PORTS, list(rows), collector, KNOWN)
    return kept, collector.records


def test_a_good_row_comes_typed():
    (kept,), rejected = judged(GOOD)
    assert rejected == []
    assert kept == GOOD | {
        "cranes": 3.0,
        "low": 1.0,
        "high": 2.0,
        "inner": 0.25,
        "outer": 0.75,
        "opened": 1876,
    }
    assert set(row_model(PORTS).model_fields) == set(PORTS.column_names)


@pytest.mark.parametrize(
    ("change", "field", "problem", "remedy"),
    [
        ({"port": ""}, "port", "port is empty", "fill in port"),
        ({"low": ""}, "low", "low is empty", "give low as a number"),
        ({"mayor": ""}, "mayor", "nobody rules", "elect one"),
        ({"class": "lake"}, "class", "unknown class 'lake'", "use one of sea, river; ask the harbour master"),
        ({"cranes": "2.5"}, "cranes", "cranes 2.5 is not a whole number", "without a fraction"),
        ({"cranes": "-1"}, "cranes", "cranes -1 is outside what is possible, 0 to inf", "look at the unit"),
        ({"low": "1_0"}, "low", "low '1_0' is not a number", "plain number"),
        ({"high": "0"}, "high", "high 0 is low", "dredge"),
        ({"low": "3"}, "low", "low 3 lies above high 2", "swap the two"),
        ({"inner": "0.5"}, "inner", "inner + outer is 1.25, not 1", "add up to 1"),
        ({"since": "2026-02"}, "since", "since 2026-02 lies after today", "wait until"),
        ({"since": "spring"}, "since", "'spring' is none of YYYY-MM-DD", "write YYYY-MM-DD"),
        ({"season": "spring"}, "season", "spring", "a date or a period"),
        ({"opened": "76"}, "opened", "opened '76' is not a year", "write it as 2024"),
        ({"serves": "tcb"}, "serves", "is not of the form system/item", "equipment/tcb"),
        ({"lines": "east;north"}, "lines", "unknown lines 'north'", "use one of east, west"),
        ({"owner": "duke"}, "owner", "no 'duke'", "one of king, town"),
    ],
)
def test_a_bad_cell_is_named_with_its_remedy(change, field, problem, remedy):
    kept, (found,) = judged(GOOD, GOOD | change | {"row": 3, "port": change.get("port", "Ulsan")})
    assert len(kept) == 1
    assert (found["file"], found["row"], found["field"]) == ("ports.csv", 3, field)
    assert found["value"] == change.get(field, GOOD[field])
    assert problem in found["problem"]
    assert remedy in found["remedy"]


def test_all_that_is_wrong_with_a_row_is_said_at_once():
    _, found = judged(GOOD | {"class": "lake", "low": "3", "opened": "76"})
    assert {record["field"] for record in found} == {"class", "low", "opened"}


def test_empty_cells_that_need_not_be_filled_stay_empty():
    free = dict.fromkeys(("class", "season", "opened", "serves", "lines", "owner", "high", "inner"), "")
    (kept,), found = judged(GOOD | free)
    assert found == []
    assert kept["class"] == kept["opened"] == ""
    assert kept["high"] != kept["high"]


def test_a_bad_row_is_judged_with_what_could_be_read():
    (row,) = judged_rows(PORTS, [GOOD | {"low": "x"}], Collector(date(2026, 1, 1)), KNOWN)
    assert (row["low"], row["high"]) == ("x", 2.0)


def test_a_key_stands_once():
    kept, (found,) = judged(GOOD, GOOD | {"row": 3, "cranes": "4"})
    assert len(kept) == 1
    assert "Busan/2024-05 is already given in ports.csv row 2 with another value" in found["problem"]
