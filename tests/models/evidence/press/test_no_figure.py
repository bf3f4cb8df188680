"""Sentences whose number is no figure, or another than its digits alone say; written for this.

What is only supposed or denied, sums of months so far, what is added, rates, what a forecast was before it
was changed, bounds that a "no" turns round, numbers of a part, of a place or of somebody who is not known.
"""

import pytest

from tests.models.evidence.press.test_traps import rows

DAY = "2026-11-10"
SUPPOSED = [
    "Should tariffs return, HBM revenue would drop to US$45 billion in 2026.",
    "Had tariffs been imposed, HBM revenue would be US$45 billion in 2025.",
    "Assuming 20% price cuts, HBM revenue comes to US$50 billion in 2026.",
    "若關稅重啟，2026年HBM營收恐降至450億美元。",
    "假設價格下跌20%，2026年HBM營收為500億美元。",
    "만약 관세가 부과되면 올해 HBM 매출은 450억 달러로 줄어든다.",
    "관세가 부과될 경우 올해 HBM 매출은 450억 달러에 그친다.",
    "HBM revenue might reach US$70 billion in 2026 under the most optimistic assumptions.",
]
DENIED = [
    "HBM revenue never reached US$60 billion in 2025.",
    "Nobody expects HBM revenue of US$90 billion in 2026.",
    "Rumors that HBM revenue hit US$70 billion in 2025 are false.",
    "The target of US$70 billion in HBM revenue for 2026 was withdrawn.",
    "Talk of US$80 billion in HBM revenue in 2026 is exaggerated.",
    "Few believe that HBM revenue will hit US$80 billion in 2026.",
    "HBM revenue missed the US$60 billion mark in 2025.",
    "2026年HBM營收不如預期的620億美元。",
    "2026年HBM營收較預期的620億美元低。",
    "HBM營收並非600億美元。",
    "2026年HBM營收不太可能達到600億美元。",
    "有人预测2026年HBM营收将达900亿美元，但我们认为过高。",
    "올해 HBM 매출이 600억 달러라는 것은 사실이 아니다.",
    "HBM 매출 목표치 700억 달러는 철회됐다.",
]
SUMS_SO_FAR = [
    "HBM revenue in the first nine months of 2026 was US$44 billion.",
    "For the first nine months of 2026, HBM revenue was US$44 billion.",
    "HBM revenue in the three quarters to September 2026 was US$44 billion.",
    "HBM revenue in the twelve months to June 2026 was US$50 billion.",
    "HBM revenue over the past four quarters was US$50 billion.",
    "HBM revenue year to date is US$44 billion.",
    "HBM revenue reached an annual run rate of US$64 billion in 3Q26.",
    "Cumulative HBM revenue by 2027 will be US$250 billion.",
    "HBM revenue through 2030 will be US$100 billion.",
    "HBM revenue for 2026 and 2027 combined is US$150 billion.",
    "HBM revenue, at US$44 billion so far in 2026, already exceeds that of 2025.",
    "By the end of September 2026, HBM revenue had reached US$44 billion.",
    "Since the start of 2026 HBM makers have booked revenue of US$44 billion.",
    "截至9月底，2026年HBM營收已達440億美元。",
    "今年前三季HBM營收440億美元。",
    "2026年前九個月HBM營收440億美元。",
    "HBM營收今年累計已達440億美元。",
    "2024至2026年HBM營收累計1,060億美元。",
    "올해 3분기 누적 HBM 매출은 440억 달러다.",
    "올해 9월까지 HBM 매출은 440억 달러다.",
]
ADDED_OR_RATES = [
    "TSMC adds 40,000 wafers per month of CoWoS capacity in 2026.",
    "TSMC will expand CoWoS capacity by 40,000 wafers per month in 2026.",
    "CoWoS capacity at TSMC grows 40,000 wafers per month in 2026.",
    "台積電CoWoS月產能今年將增加4萬片。",
    "Server shipments averaged 1.2 million units a month in 2026.",
    "2026年伺服器月出貨量約118萬台。",
    "HBM prices will fall 5% per quarter in 2026.",
    "DRAM contract prices rose 10% in October 2026.",
]
OF_OTHERS = [
    "HBM revenue in China was US$6.1 billion in 2025.",
    "Equipment sales in Taiwan doubled to $8.8 billion in 2Q26.",
    "AI server shipments grew 24.3% in China in 2025.",
    "Inspur’s server shipments grew 24.3% in 2025.",
    "Zhongtian's HBM revenue was US$0.6 billion in 2025.",
    "HBM revenue of Chinese makers was US$1 billion in 2025.",
    "HBM revenue outside the big three was US$1 billion in 2025.",
    "HBM revenue of the three makers is US$20 billion each in 2026.",
    "HBM equipment sales are US$3.1 billion in 2026.",
    "Excluding China, HBM revenue is $58bn in 2026.",
    "中國HBM市場規模2026年達61億美元。",
    "北美AI伺服器出貨量2026年年增24%。",
    "중국의 HBM 매출은 61억 달러다.",
    "In 2026 SK hynix and Samsung together hold 88% of the HBM market.",
    "三星與SK海力士2026年HBM營收合計530億美元。",
    "SK hynix wants 60% of the HBM market in 2027.",
    "SK hynix has 67% of HBM4 supply at NVIDIA in 2026.",
    "HBM4 will be 38% of Micron HBM bits in 2026.",
    "CoWoS-L capacity at TSMC will reach 65,000 wafers per month in 2026.",
    "CoWoS capacity of outsourced packagers will reach 25,000 wafers per month in 2026.",
    "Samsung will have 170K of the 440K wafers per month of TSV capacity at the end of 2026.",
]
READ = [
    ("HBM revenue will be no less than US$60 billion in 2026.", "60000000000..", "2026"),
    ("2026年HBM營收不低於600億美元。", "60000000000..", "2026"),
    ("2026年HBM營收不超過600億美元。", "..60000000000", "2026"),
    ("2026年HBM營收最多600億美元。", "..60000000000", "2026"),
    ("올해 HBM 매출은 85조원을 밑돌 전망이다.", "..85000000000000", "2026"),
    ("올해 HBM 매출은 최소 85조원으로 전망된다.", "85000000000000..", "2026"),
    ("올해 HBM 매출은 최대 85조원으로 전망된다.", "..85000000000000", "2026"),
    (
        "HBM revenue could be anywhere from US$58 billion to US$63 billion next year.",
        "58000000000..63000000000",
        "2027",
    ),
    ("올해 HBM 매출은 80조원에서 85조원 사이로 전망된다.", "80000000000000..85000000000000", "2026"),
    ("올해 서버 출하량은 1천420만대로 예상된다.", "14200000", "2026"),
    ("올해 HBM 매출은 85조 2천5백억원으로 전망된다.", "85250000000000", "2026"),
    ("2026上半年HBM產值為280億美元。", "28000000000", "2026H1"),
    (
        "TrendForce cut its 2026 HBM revenue forecast from US$62 billion to US$58 billion.",
        "58000000000",
        "2026",
    ),
    (
        "The 2027 forecast for HBM revenue, earlier US$95 billion, is now US$88 billion.",
        "88000000000",
        "2027",
    ),
    ("HBM revenue from 2024 to 2026 adds up to US$113 billion.", "113000000000", ""),
    ("HBM revenue did better than US$34 billion in 2025.", "34000000000..", "2025"),
    ("2026年HBM營收少於620億美元。", "..62000000000", "2026"),
    ("올해 HBM 매출은 600억 달러를 돌파할 전망이다.", "60000000000..", "2026"),
    ("HBM 매출 전망치를 620억 달러에서 580억 달러로 낮췄다.", "58000000000", ""),
    (
        "Server shipments will total 14.2 million units, or 3.6 million a quarter, in 2026.",
        "14200000",
        "2026",
    ),
    ("HBM revenue for 2025 was not $34.1bn but $33.8bn.", "33800000000", "2025"),
    ("HBM revenue for 2026 and 2027 will total US$150 billion.", "150000000000", ""),
    ("Micron's HBM revenue in fiscal 2026 was $9.4 billion.", "9400000000", ""),
    ("Yole's HBM revenue estimate for 2026 is US$61 billion.", "61000000000", "2026"),
]


@pytest.mark.parametrize("text", [*SUPPOSED, *DENIED, *SUMS_SO_FAR, *ADDED_OR_RATES, *OF_OTHERS])
def test_what_is_no_figure_of_the_industry_is_not_proposed(text: str):
    assert rows(text, day=DAY) == []


@pytest.mark.parametrize(("text", "number", "period"), READ)
def test_a_number_is_what_its_sentence_says(text: str, number: str, period: str):
    assert [(row[4], row[3]) for row in rows(text, day=DAY)] == [(number, period)]


def test_a_change_said_again_in_another_unit_is_no_level():
    said = "HBM revenue rises by 80%, or US$27 billion, to US$61.4 billion in 2026."
    assert [row[4] for row in rows(said, day=DAY)] == ["80", "61400000000"]


def test_a_year_named_behind_one_amount_is_not_the_next_amounts():
    found = rows("HBM在DRAM營收的比重由21.4%升至2026年的31%。", day=DAY)
    assert [(row[4], row[3]) for row in found] == [("21.4", ""), ("31", "2026")]


def test_what_is_nearly_doubled_is_not_doubled():
    assert rows("올해 HBM 매출은 두 배 가까이 늘 전망이다.", day=DAY) == []


def test_what_is_expected_is_not_of_the_quarter_that_the_title_reports():
    said = "Revenue is expected to be $98.0 billion, plus or minus 2%."
    found = rows(said, "NVIDIA", "NVIDIA results for the third quarter of fiscal 2027", "2026-11-19")
    assert [(row[3], row[4]) for row in found] == [("", "98000000000")]


def test_what_a_number_may_differ_by_is_no_number():
    said = "First quarter fiscal 2027 guidance: revenue of $16.0 billion ± $300 million."
    found = rows(said, "Micron", day="2026-09-24")
    assert [(row[3], row[4]) for row in found] == [("FY2027Q1", "16000000000")]


def test_of_two_companies_that_share_one_number_neither_is_taken():
    found = rows("Samsung overtook SK hynix with 40% of the HBM market in 3Q26.", day=DAY)
    assert [(row[1], row[4]) for row in found] == [("", "40")]
