"""A number of a workbook is what its format shows, or is said to be shown as another one."""

from datetime import date

import pytest

from flows.sources.number_formats import shown, shown_date
from models.vocabulary.printed_numbers import read_number
from models.vocabulary.printed_text import SignError


@pytest.mark.parametrize(
    ("value", "code", "said"),
    [
        (54.6, "General", 54.6),
        (54.6, "#,##0.0", 54.6),
        (54.6, "@", 54.6),
        (0.35, "0.0%", "35%"),
        (-0.35, "0.0%", "-35%"),
        (35.0, '0"%"', "35%"),
        (35.0, r"0\%", "35%"),
        (61.4, '[$€-407]#,##0.0"bn"', "€61.4bn"),
        (12.5, "_($* #,##0.0_);_($* (#,##0.0)", "$12.5"),
        (-12.5, "_($* #,##0.0_);_($* (#,##0.0)", "-$12.5"),
        (-12.5, "0.0_);(0.0)", -12.5),
        (-12.5, "0.0;[Red]0.0", -12.5),
        (-12.5, '0.0;"▲"0.0', -12.5),
        (54.6, '">"0.0', ">54.6"),
        (54.6, '"~"0.0', "~54.6"),
        (54.6, "0.00E+00", 54.6),
        (0.5, "# ?/?", 0.5),
        (0.0, '_($* #,##0_);_($* (#,##0);_($* "-"??_);_(@_)', "-"),
        (3.0, '0"Q26"', "3Q26"),
    ],
)
def test_a_number_is_as_its_format_shows_it(value: float, code: str, said: float | str):
    assert shown(value, code) == said


@pytest.mark.parametrize(
    ("value", "code", "said"),
    [
        (54600.0, "#,##0,", "54600 shown divided by thousands"),
        (54600.0, '0.0,"k"', "54600 shown divided by thousands"),
        (54.6, ";;;", "54.6 shown as nothing"),
        (54.6, '"n/a"', "54.6 shown as n/a"),
        (54.6, '"-"0.0', "54.6 shown as -54.6, as if below zero"),
        (12.5, "(0.0)", "12.5 shown as (12.5), as if below zero"),
        (-12.5, "0.0;0.0", "-12.5 shown without its minus"),
        (0.5, "[<1]0%;0", "0.5 shown by a format with conditions"),
        (1234.0, "00-00", "1234 shown in several parts"),
        (55.0, '0"/100"', "55/100"),
        (55.0, '"10x "0', "10x 55"),
    ],
)
def test_what_is_shown_as_another_number_is_no_number(value: float, code: str, said: str):
    assert shown(value, code) == said
    with pytest.raises(SignError) as refused:
        read_number(said)
    assert "format" in refused.value.problem or "shown" not in said


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("mmm yyyy", "Oct 2026"),
        ("[$-409]mmmm\\-yy;@", "Oct 2026"),
        ("yyyy", "2026"),
        ('yyyy"年"m"月"', "Oct 2026"),
        ("yyyy-mm-dd", ""),
        ("d. mmmm yyyy", ""),
        ('yyyy"年"m"月"d"日"', ""),
        ("h:mm", ""),
        ("General", ""),
    ],
)
def test_a_day_of_which_only_month_or_year_is_shown_is_that(code: str, said: str):
    assert shown_date(date(2026, 10, 1), code) == said
