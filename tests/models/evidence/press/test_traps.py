"""What must never be proposed, and how what is proposed is read."""

import pytest

from models.evidence.press.amounts import amounts
from models.evidence.press.mentions import Speaker, mentions
from models.evidence.press.propose import proposals_of
from models.evidence.press.sentences import sentences
from models.evidence.proposals import Page
from tests.models.evidence.press.measure import vocabulary


def rows(
    text: str, publisher: str = "TrendForce", title: str = "", day: str = "2026-03-12"
) -> list[list[str]]:
    page = Page(
        url="https://example.org/1", title=title, publisher=publisher,
        published_on=day, published_precision="day", accessed_on=day,
    )  # fmt: skip
    return [
        [p.metric, p.entity, p.segment, p.period, p.value or f"{p.low}..{p.high}", p.unit, p.kind]
        for p in proposals_of(text, page, vocabulary())
    ]


@pytest.mark.parametrize(
    "text",
    [
        "HBM3E 12-high and HBM4 16-high stacks use 24Gb dies in a 1c process.",
        "Shares of SK hynix rose 4.2% after the HBM news.",
        "For HBM questions call +82-2-3459-5114 or write by March 12, 2026.",
        "HBM revenue rose by US$2.1 billion in 2025.",
        "HBM's share of DRAM revenue gained 3 percentage points in 2025.",
        "NAND revenue will reach $65 billion in 2025.",
        "The HBM module market reached $12.5 billion in 2025.",
        "HBM revenue will grow at a CAGR of 33% until 2030.",
        "HBM yields range from 40% to 60% in 2026.",
        "Micron paid a dividend of $0.115 per share in 2025.",
        "HBM bandwidth rises by 60% in 2026.",
        "삼성전자 주가는 2.1% 오른 7만8500원에 마감했다.",
        "受此消息激勵，SK海力士股價上漲 4.5%。",
        "HBM 良率約 50% 至 60%。",
        "In the worst case scenario AI server shipments grow 20-25% in 2026.",
        "ASIC servers account for 26% of AI server shipments in 2026.",
        "The HBM die costs $25 billion in 2026.",
        "HBM revenue will be US$5.62 quadrillion in 2026.",
        "HBM revenue will be US$56 in 2026.",
        "HBM revenue is not expected to reach US$60 billion in 2026.",
        "HBM revenue is unlikely to reach US$60 billion in 2026.",
        "HBM bit demand is set to grow by double digits in 2027.",
        "HBM bit demand will rise by a triple-digit percentage in 2026.",
        "DRAM revenue excluding HBM is expected to reach $120 billion in 2026.",
        "Non-HBM DRAM bit supply will grow 15% in 2026.",
        "2026年不含HBM的DRAM營收為1,200億美元。",
        "HBM을 제외한 2026년 D램 매출은 1200억 달러로 예상된다.",
        "HBM gross margin rose 500 bps from 50% a year ago.",
        "HBM revenue would have been $54.6bn in 2026 without the export ban.",
        "Analysts dispute that HBM revenue reached $54.6bn in 2025.",
        "If prices hold, HBM revenue could reach $54.6bn in 2026; otherwise $45bn.",
        "2026年HBM產值將不會達到620億美元。",
        "2026년 HBM 매출은 85조원에 미치지 못할 전망이다.",
    ],
)
def test_what_is_no_figure_is_not_proposed(text: str):
    assert rows(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "HBM revenue fell 5-10% in 2025.",
            ["hbm_revenue_growth", "industry", "", "2025", "-10..-5", "percent", "estimate"],
        ),
        (
            "2026 年 HBM 營收上看逾 562 億美元。",
            ["hbm_revenue", "industry", "", "2026", "56200000000..", "USD", "forecast"],
        ),
        (
            "내년 HBM 매출은 100억 달러 미만일 전망이다.",
            ["hbm_revenue", "industry", "", "2027", "..10000000000", "USD", "forecast"],
        ),
        ("HBM revenue will be $60 billion.", ["hbm_revenue", "industry", "", "", "60000000000", "USD", ""]),
        (
            "DRAM contract prices rose 10% QoQ in 1Q26.",
            ["dram_contract_price_change", "industry", "", "2026Q1", "10", "percent", "forecast"],
        ),
        (
            "HBM revenue was US$33.8 billion (about KRW 49 trillion) in 2025.",
            ["hbm_revenue", "industry", "", "2025", "33800000000", "USD", "estimate"],
        ),
    ],
)
def test_signs_bounds_periods_and_what_is_left_open(text: str, expected: list[str]):
    assert rows(text) == [expected]


def test_each_amount_has_the_period_of_its_own_part():
    said = "Test equipment sales are to surge 23% in 2026, reaching $9.3 billion, after strong gains in 2025."
    assert [row[3:5] for row in rows(said)] == [["2026", "23"], ["2026", "9300000000"]]
    said = "이는 지난해 4분기(매출 19조7670억원)에 이어 높은 성과다."
    assert [row[3:5] for row in rows(said, "SK hynix", "1분기 실적")] == [["2025Q4", "19767000000000"]]
    said = "AI servers grow in the second quarter, and the annual shipment forecast is 1.67 million units."
    assert [row[3:5] for row in rows(said)] == [["", "1670000"]]


@pytest.mark.parametrize(("base", "metric"), [("3Q25", "qoq"), ("4Q24", "yoy"), ("2Q25", "none")])
def test_a_change_from_a_quarter_is_over_what_lies_between(base: str, metric: str):
    found = rows(f"Server shipments grew 4% in 4Q25 from {base}.")
    expected = {"qoq": ["quarter on quarter"], "yoy": [""], "none": []}[metric]
    assert [row[2] for row in found] == expected


def test_a_companys_part_is_not_the_company_and_its_total_not_the_industrys():
    assert rows("H20 revenue was $4.6 billion in fiscal 2026.", "NVIDIA") == []
    whole = rows("Total revenue was $46 billion in fiscal 2026.", "NVIDIA")
    assert [row[0] for row in whole] == ["vendor_revenue"]
    said = "전체 D램 매출에서 HBM 비중은 2025년 4분기 40% 이상이다."
    assert [row[:2] for row in rows(said, "SK hynix")] == [["hbm_share_of_dram_revenue", ""]]
    said = "After a record $104 billion last year, wafer fab equipment grows further."
    assert rows(said, "SEMI", "Semiconductor equipment sales") == []


def test_a_quarter_without_a_year_is_the_nearest_or_none():
    def labels(text: str, day: str, month: int = 12) -> list[str]:
        from datetime import date

        return [m.label for m in mentions(text, Speaker(date.fromisoformat(day), month))]

    assert labels("in the fourth quarter", "2026-01-29") == ["2025Q4"]
    assert labels("1분기", "2025-11-20") == ["2026Q1"]
    assert labels("in the second quarter", "2025-08-27", 1) == ["FY2026Q2"]
    assert labels("in the second quarter", "2025-12-31") == [""]
    assert labels("明年底與去年第四季", "2026-03-01") == ["2027-12", "2025Q4"]


def test_amounts_of_a_sentence():
    def printed(text: str) -> list[str]:
        return [amount.printed for amount in amounts(text, [])]

    assert printed("1兆412億元, 7억6000만 달러, 約六成") == ["1兆412億元", "7억6000만 달러", "六成"]
    assert printed("surge 48.1% to $11.2 billion") == ["48.1%", "$11.2 billion"]
    assert printed("from 10% to 20%") == ["10%", "20%"]
    assert printed("HBM3E, DDR5, GB300, 4nm, 12-high, 2.5D") == []


def test_sentences_end_where_they_end():
    text = "U.S. sales of HBM rose 5.5% to $1.2 bn. Next one。第三句。 네 번째다. Fifth\nSixth"
    assert len(sentences(text)) == 6
    assert sentences("HBM\u200b 營收\uff0c2026 年") == ["HBM 營收, 2026 年"]
    assert sentences("٣ of something") == []


def test_a_share_that_lost_points_gives_no_growth():
    text = "SK hynix held a 57% share of the HBM market in 4Q25, down 300 bps from 60% a year earlier."
    assert rows(text) == [["hbm_supplier_share", "SK hynix", "", "2025Q4", "57", "percent", "estimate"]]


def test_prices_without_hbm_are_those_of_dram():
    text = "Excluding HBM, conventional DRAM contract prices rise 20-25% QoQ in 2Q26."
    assert [row[:5] for row in rows(text)] == [
        ["dram_contract_price_change", "industry", "conventional", "2026Q2", "20..25"]
    ]


def test_several_numbers_of_one_period_are_left_open():
    text = "HBM revenue of 2026 is put at $54.6bn by one house and at $61bn by another."
    page = Page(
        url="https://example.org/1", title="", publisher="Example", published_on="2026-03-12",
        published_precision="day", accessed_on="2026-03-12",
    )  # fmt: skip
    found = proposals_of(text, page, vocabulary())
    assert [(p.value, p.period, p.kind) for p in found] == [("54600000000", "", ""), ("61000000000", "", "")]
    assert all("several numbers" in p.why_it_waits for p in found)


def test_the_year_that_is_named_is_not_this_one():
    assert [row[3] for row in rows("HBM demand will reach 30 billion Gb in the year 2027.")] == ["2027"]
    assert [row[3] for row in rows("HBM demand will reach 30 billion Gb in the year.")] == ["2026"]


@pytest.mark.parametrize(
    ("per", "unit"), [("per GB", "USD_per_GB"), ("per Gb", "USD_per_Gb"), ("per gigabyte", "USD_per_GB")]
)
def test_a_gigabit_is_no_gigabyte(per: str, unit: str):
    said = rows(f"HBM's average price was $3.3 {per} in 2025.")
    assert [row[4:6] for row in said] == [["3.3", unit]]


def test_gb_in_small_letters_may_be_either():
    assert rows("HBM's average price was $3.3 per gb in 2025.") == []


@pytest.mark.parametrize(
    "text",
    ["Revenue for December 2025 was $11.2 billion.", "Revenue rose to $11.2 billion in December 2025."],
)
def test_december_of_what_flows_is_not_its_year(text: str):
    assert [row[3] for row in rows(text, publisher="TSMC", day="2026-01-10")] == ["2025-12"]


def test_a_page_that_says_a_row_whole_does_not_say_it_half_again():
    whole = "HBM revenue of the industry is to reach $61.4 billion in 2026."
    half = "Its HBM revenue is to reach $61.4 billion in 2026."
    assert [row[1] for row in rows(half)] == [""]
    assert [row[1] for row in rows(f"{half}\n{whole}")] == ["industry"]


@pytest.mark.parametrize(
    "text",
    [
        "HBM's price in 2026 is double that of DDR5.",
        "HBM 수요는 2026년 공급의 두 배에 달한다.",
        "HBM 가격은 2026년 1.2배가 된다.",
        "A year ago they saw HBM revenue of $49 billion for 2026.",
        "1년 전에는 2026년 HBM 매출을 490억달러로 전망했다.",
        "TSMC의 CoWoS 생산능력은 2026년 말 월 11만장에서 12만장에 이른다.",
        "HBM revenue will grow 30% annually between 2025 and 2030.",
        "記憶體營收2026年將達2500億美元。",
    ],
)
def test_what_is_another_things_or_of_another_time_is_not_proposed(text: str):
    assert rows(text, title="HBM") == []


def test_numbers_before_their_companies_keep_their_order():
    said = rows("In 2026, 60% and 20% of HBM go to SK hynix and Samsung.")
    assert {row[1]: row[4] for row in said if row[1]}.get("Samsung") == "20"
    assert not [row for row in said if row[1] == "SK hynix" and row[4] == "20"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "HBM and DRAM revenue reach $58 billion and $240 billion in 2026.",
            ["hbm_revenue 58000000000", "dram_revenue 240000000000"],
        ),
        ("HBM demand and supply grow 62% and 55% in 2026.", ["demand 62", "supply 55"]),
        ("HBM3E與HBM4 2026年價格分別下跌10%與5%。", ["HBM3E -10", "HBM4 -5"]),
        ("In 2026 Samsung holds 30% of HBM3E and 20% of HBM4.", ["HBM3E 30", "HBM4 20"]),
        (
            "2026년 HBM 시장에서 삼성전자는 SK하이닉스(54%)에 이어 28%를 차지한다.",
            ["SK hynix 54", "Samsung 28"],
        ),
        ("4Q26 contract prices of PC and server DRAM rise 5-10% and 8-13%.", []),
        ("Micron and Samsung hold 20% and 28%, up from 15% and 30%, of HBM in 2026.", []),
        ("Samsung overtook Micron, which fell to 19%, with 28% of the HBM market in 2026.", []),
    ],
)  # fmt: skip
def test_of_two_things_and_two_numbers_each_has_its_own_or_none(text: str, expected: list[str]):
    found = [[*row[:3], row[4]] for row in rows(text)]
    assert len(found) == len(expected)
    for cells, said in zip(found, expected, strict=True):
        name, number = said.rsplit(" ", 1)
        assert name in cells
        assert number == cells[3]


@pytest.mark.parametrize(
    "text",
    [
        "HBM4 12hi makes up 70% of HBM4 shipments in 2027.",
        "Samsung's HBM3E makes up 60% of its HBM shipments in 2026.",
        "2026年HBM4占三星HBM出貨六成。",
        "CoWoS capacity at TSMC and its partners is 140,000 wafers per month at the end of 2026.",
        "TSMC 등의 CoWoS 생산능력은 2026년 말 월 14만장이다.",
        "The AP8 plant alone contributes 40,000 wafers of CoWoS per month in 2026.",
        "GPU-based AI server shipments rise 15% in 2026.",
        "2026年高階AI伺服器出貨量110萬台。",
        "美光目標2026年HBM市占達兩成。",
    ],
)
def test_a_part_is_not_the_whole_nor_a_target_a_forecast(text: str):
    assert rows(text) == []


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("HBM 평균판매단가는 2025년 3% 하락했으나 2026년에는 4% 상승할 전망이다.", ["-3", "4"]),
        ("HBM均價2025年年減3%,2026年將年增4%。", ["-3", "4"]),
        ("1분기 3% 내린 D램 고정거래가격은 2분기 12% 반등했다.", ["-3", "12"]),
        ("HBM prices fell 10% in 2025 and will rebound 5% in 2026.", ["-10", "5"]),
    ],
)
def test_each_change_has_the_sign_of_its_own_verb(text: str, numbers: list[str]):
    assert [row[4] for row in rows(text, day="2026-07-08")] == numbers
