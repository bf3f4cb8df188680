"""Labels of periods: read where they say one period, else refused with the nearest accepted form."""

import pytest

from models.vocabulary.period_labels import read_label
from models.vocabulary.printed_text import SignError


@pytest.mark.parametrize(
    ("printed", "accepted"),
    [
        *((text, text) for text in ("2025", "2025H1", "2025Q3", "2025-12", "FY2025", "FY2025H2", "FY2026Q2")),
        ("２０２５", "2025"),
        ("2025 Q3", "2025Q3"),
        ("2025-Q3", "2025Q3"),
        ("2025q3", "2025Q3"),
        ("3QFY26", "FY2026Q3"),
        ("Q2_FY24", "FY2024Q2"),
        ("FY24Q2", "FY2024Q2"),
        ("FY25 H1", "FY2025H1"),
        ("Q1 FY2027", "FY2027Q1"),
        ("FY26E", "FY2026"),
        ("CY3Q25", "2025Q3"),
        ("Q3 CY25", "2025Q3"),
        ("CY2027", "2027"),
        ("2025H1E", "2025H1"),
        ("2027F", "2027"),
        ("2026 (E)", "2026"),
        ("2025年", "2025"),
        ("2025年第2季", "2025Q2"),
        ("2025年第二季度", "2025Q2"),
        ("2025년 3분기", "2025Q3"),
        ("2025年上半年", "2025H1"),
        ("2025年11月", "2025-11"),
    ],
)
def test_labels_of_one_period_are_read(printed, accepted):
    assert read_label(printed, "forecast") == accepted


@pytest.mark.parametrize(
    ("printed", "problem", "nearest"),
    [
        ("3Q25", "the calendar's or a company's own", "2025Q3 or FY2025Q3"),
        ("Q3'25", "the calendar's or a company's own", "2025Q3 or FY2025Q3"),
        ("2H26E", "the calendar's or a company's own", "2026H2 or FY2026H2"),
        ("F2025", "a fiscal year or a forecast", "FY2025 or 2025"),
        ("2025年度", "a fiscal year in Japan", "FY2025 or 2025"),
        ("2Q", "names no year", "2024Q3"),
        ("6M25", "months of a year", "belongs to no single period"),
        ("TTM 3Q25", "roll on", "belongs to no single period"),
        ("LTM", "roll on", "2024Q3"),
        ("2026/27", "two years", "2026"),
        ("1Q25-3Q25", "two years or periods", "a row each, as 2025Q1"),
        ("Nov 2025", "date or month", "2025-11"),
        ("Nov-25", "date or month", "2025-11"),
        ("2025-09-30", "date or month", "2025-09"),
        ("2025/9", "date or month", "2025-09"),
        ("2025.0", "a spreadsheet", "2025"),
        ("2025A", "says an actual", "2025"),
        ("2025Q5", "can't be read", "2024Q3"),
        ("soon", "can't be read", "2024Q3"),
        ("2025\u200b", "U+200B", "type the cell again"),
    ],
)
def test_other_labels_are_refused_with_the_nearest_form(printed, problem, nearest):
    with pytest.raises(SignError) as refused:
        read_label(printed, "forecast")
    assert problem in refused.value.problem
    assert nearest in refused.value.remedy
