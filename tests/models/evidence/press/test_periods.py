"""Which period an amount has where its sentence compares it with another: by number, the period wanted.

A period may be left open; none of another is proposed. The sentences were written for this.
"""

import pytest

from tests.models.evidence.press.test_traps import rows

COMPARED = [
    ("올해 서버 출하량은 지난해보다 9.8% 증가한 1490만대로 예상된다.", {"14900000": "2026", "9.8": "2026"}),
    (
        "올해 HBM 매출은 지난해 338억 달러보다 66% 늘어난 562억 달러로 전망된다.",
        {"33800000000": "2025", "56200000000": "2026", "66": "2026"},
    ),
    (
        "2026년 서버 출하량은 2025년 1360만대에서 1480만대로 증가할 전망이다.",
        {"13600000": "2025", "14800000": "2026"},
    ),
    ("작년에 비해 올해 서버 출하량은 9% 늘어난 1480만대다.", {"14800000": "2026", "9": "2026"}),
    (
        "올해 HBM 매출은 562억 달러로, 지난해 338억 달러 대비 66% 늘었다.",
        {"56200000000": "2026", "33800000000": "2025", "66": "2026"},
    ),
    ("2026年HBM營收將比2025年成長66%，達562億美元。", {"56200000000": "2026", "66": "2026"}),
    ("今年HBM營收與去年相比成長66%，達562億美元。", {"56200000000": "2026", "66": "2026"}),
    (
        "2026年HBM營收將由2025年的338億美元增至562億美元。",
        {"33800000000": "2025", "56200000000": "2026"},
    ),
    ("2026年HBM產值較2025年的338億美元成長66%。", {"33800000000": "2025", "66": "2026"}),
    ("明年伺服器出貨量較今年增加10%至1,630萬台。", {"16300000": "2027", "10": "2027"}),
    ("HBM占DRAM營收比重將從2025年的21%升至2026年的26%。", {"21": "2025", "26": "2026"}),
    ("HBM revenue in 2026 will rise 66% from 2025 to $56.2 billion.", {"56200000000": "2026", "66": "2026"}),
    (
        "Relative to 2025, server shipments will grow 9% to 14.8 million units in 2026.",
        {"14800000": "2026", "9": "2026"},
    ),
    (
        "AI server shipments will be 2.4 million units in 2026, against 1.9 million units the year before.",
        {"2400000": "2026", "1900000": "2025"},
    ),
    (
        "Server shipments should climb to 14.8 million units from 13.6 million units in 2025.",
        {"13600000": "2025"},
    ),
    ("Server shipments in 2026 should climb to 14.8 million units from 13.6 million.", {"14800000": "2026"}),
    (
        "In 2025 HBM revenue was $33.8 billion; a year later it will be $56.2 billion.",
        {"33800000000": "2025", "56200000000": "2026"},
    ),
    ("Two years ago HBM revenue was $16 billion.", {"16000000000": "2024"}),
    ("The 2026 HBM revenue forecast was raised in January 2026 to $56.2 billion.", {"56200000000": "2026"}),
    (
        "TSMC의 CoWoS 생산능력은 지난해 월 1만2500장에서 올해 월 1만8000장으로 늘었다.",
        {"12500": "2025", "18000": "2026"},
    ),
]
SPANS = [
    "From 2025 through 2027 HBM revenue will total $200 billion.",
    "HBM revenue for 2025-2027 will total $200 billion.",
    "HBM revenue in 2025/26 will be $90 billion.",
    "HBM revenue between January and June 2026 will be $25 billion.",
    "2024至2026年HBM營收為1,060億美元。",
    "2024~2026년 HBM 매출은 1060억 달러다.",
]


@pytest.mark.parametrize(("text", "wanted"), COMPARED)
def test_what_an_amount_is_compared_with_is_not_its_period(text: str, wanted: dict[str, str]):
    found = {row[4]: row[3] for row in rows(text, day="2026-01-20") if row[3]}
    assert found
    assert found.items() <= wanted.items()


@pytest.mark.parametrize("text", SPANS)
def test_several_periods_named_as_one_are_left_open(text: str):
    assert [row[3] for row in rows(text, title="HBM in 2026", day="2026-01-20")] == [""]


def test_a_multiple_over_two_years_is_no_growth_of_one():
    said = "The HBM market will triple from $16 billion in 2024 to $50 billion in 2026."
    assert [row[0] for row in rows(said, day="2026-01-20")] == ["hbm_revenue", "hbm_revenue"]
    assert rows("Server shipments grew 30% in 2026 from 2023.") == []


def test_a_company_that_only_the_sentence_before_names_is_left_open():
    said = "The foundry's CoWoS capacity could hit 110,000 wafers per month at the end of 2026."
    assert [row[1] for row in rows(said)] == [""]
