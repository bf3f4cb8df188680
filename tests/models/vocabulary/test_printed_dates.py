"""Dates as printed: what the evidence would write, two where day and month may be swapped."""

import pytest

from models.vocabulary.printed_dates import nearest_dates


@pytest.mark.parametrize(
    ("printed", "written"),
    [
        ("2025/3/7", ["2025-03-07"]),
        ("2025.03.07", ["2025-03-07"]),
        ("2025-03-07 00:00:00", ["2025-03-07"]),
        ("２０２５-０３-０７", ["2025-03-07"]),
        ("2025年3月7日", ["2025-03-07"]),
        ("2025年3月", ["2025-03"]),
        ("2025년 3월 7일", ["2025-03-07"]),
        ("7 March 2025", ["2025-03-07"]),
        ("7-Mar-2025", ["2025-03-07"]),
        ("March 7, 2025", ["2025-03-07"]),
        ("Mar. 7 2025", ["2025-03-07"]),
        ("Mar 2025", ["2025-03"]),
        ("2025/3", ["2025-03"]),
        ("03/07/2025", ["2025-03-07", "2025-07-03"]),
        ("25.03.2025", ["2025-03-25"]),
        ("07/07/2025", ["2025-07-07"]),
        ("2025-02-30", []),
        ("last spring", []),
        ("45357", ["2024-03-06"]),
        ("99999", []),
        ("20261101", ["2026-11-01"]),
        ("Nov-26", ["2026-11"]),
        ("2026-11-02T08:30:00+09:00", ["2026-11-02"]),
    ],
)
def test_dates_are_written_as_the_evidence_writes_them(printed, written):
    assert nearest_dates(printed) == written
