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
        ("Apr-Jun 2026", "2026Q2"),
        ("October–December 2025", "2025Q4"),
        ("Jan to Mar '27", "2027Q1"),
        ("Jan-Jun 2026", "2026H1"),
        ("2025年4-6月期", "2025Q2"),
        ("1-12월 2025", "2025"),
        ("25년 1분기", "2025Q1"),
        ("2026/Q2", "2026Q2"),
        ("FY26/1Q", "FY2026Q1"),
        ("calendar year 2026", "2026"),
        ("fiscal 2026", "FY2026"),
        ("second quarter of fiscal 2026", "FY2026Q2"),
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
        ("2025-13", "can't be read", "2024Q3"),
        ("YE26", "end of a period", "2026-12 for a level at the year's end or 2026"),
        ("end of 2026", "end of a period", "2026-12"),
        ("exit 2026", "end of a period", "2026-12"),
        ("2026年底", "end of a period", "2026-12"),
        ("2026년 말", "end of a period", "2026-12"),
        ("2026年6月末", "end of a period", "2026-06"),
        ("202606", "date or month", "2026-06"),
        ("20260630", "date or month", "2026-06"),
        ("06/2026", "date or month", "2026-06"),
        ("46203", "number of the day 2026-06-30", "2026-06"),
        ("25Q2", "the calendar's or a company's own", "2025Q2 or FY2025Q2"),
        ("first half of 2026", "the calendar's or a company's own", "2026H1 or FY2026H1"),
        ("2nd quarter 2026", "the calendar's or a company's own", "2026Q2 or FY2026Q2"),
        ("full-year 2026", "the calendar's or a company's own", "2026 or FY2026"),
        ("2025-26", "two years, a fiscal one", "FY2026 or 2025"),
        ("115年第2季", "Republic of China", "2026Q2"),
        ("令和8年", "Reiwa", "2026"),
        ("2026年度第1季度", "a fiscal year in Japan", "FY2026 or 2026"),
        ("2026P", "a letter behind it", "2026"),
        ("2026Q2 (1)", "mark of a footnote", "2026Q2"),
        ("mid-2026", "no exact period", "2026-06 or 2026H1"),
        ("2H26-1H27", "two years or periods", "a row each, as 2026H2"),
        ("9M 2026", "months of a year", "as 2026"),
        ("Jan-Sep 2026", "no quarter, half or year", "each month's"),
        ("Feb-Apr 2026", "no quarter or half of the calendar", "FY2026Q1"),
        ("2025\u200b", "U+200B", "type the cell again"),
    ],
)
def test_other_labels_are_refused_with_the_nearest_form(printed, problem, nearest):
    with pytest.raises(SignError) as refused:
        read_label(printed, "forecast")
    assert problem in refused.value.problem
    assert nearest in refused.value.remedy
