"""Case 20, a press release: levels, bounds and years as printed, bits apart from bytes, and nothing wrong."""

from models.evidence.press.propose import proposals_of
from models.evidence.press.sentences import sentences
from models.evidence.proposals import Page
from tests.models.evidence.press.measure import vocabulary

# Broken to a width, as wire services do: a line's end is no sentence's end.
TEXT = """Northwind Research puts TSV capacity of the three suppliers at 310K wafers per month by the end of 2025, to reach 440K by
the end of 2026, a rise of 40%. Supplier A accounts for 150K, Supplier B for about 130K and Supplier C for the rest.
Contract prices for 2027 are being negotiated; blended HBM ASP is expected to increase by 5-10%, against 10~15% guessed
in August. HBM is to make up over 30% of DRAM value in 2026 (2025: 21.4%) but only about 8% of bits, up 3pp.
AI servers: 2.35 million units in 2026 (+21.5% YoY), of which 68.9% carry high-end accelerators; 4Q26 alone up 6% QoQ.
At roughly $14.3 per Gb-equivalent... correction: per GB. Total HBM demand will exceed 30 billion Gb in 2026.
Revenue of HBM is estimated at US$61.4bn for CY26, close to double that of the prior year, US$34.1bn.
"""  # noqa: E501
PAGE = Page(
    **{
        "url": "https://example.org/note",
        "title": "HBM supply stays tight",
        "publisher": "Northwind Research",
    },
    **{"published_on": "2026-11-01", "published_precision": "day", "accessed_on": "2026-11-04"},
)
WANTED = {
    ("hbm_tsv_capacity", "industry", "2025-12", "310000", "", "", "wafers_per_month"),
    ("hbm_tsv_capacity", "industry", "2026-12", "440000", "", "", "wafers_per_month"),
    # What was guessed in August is superseded.
    ("hbm_price_change", "industry", "2027", "", "5", "10", "percent"),
    ("hbm_share_of_dram_revenue", "industry", "2026", "", "30", "", "percent"),
    ("hbm_share_of_dram_revenue", "industry", "2025", "21.4", "", "", "percent"),
    ("hbm_share_of_dram_bits", "industry", "2026", "8", "", "", "percent"),
    ("ai_server_shipments", "industry", "2026", "2350000", "", "", "units"),
    ("ai_server_shipments_growth", "industry", "2026", "21.5", "", "", "percent"),
    ("hbm_bits", "industry", "2026", "", "30000000000", "", "Gb"),
    ("hbm_revenue", "industry", "2026", "61400000000", "", "", "USD"),
    ("hbm_revenue", "industry", "2025", "34100000000", "", "", "USD"),
}


CELLS = ("metric", "entity", "period", "value", "low", "high", "unit")


def test_a_release_is_proposed_as_printed():
    found = proposals_of(TEXT, PAGE, vocabulary())
    said = [tuple(proposal.cells[name] for name in CELLS) for proposal in found]
    assert set(said) == WANTED
    assert len(said) == len(WANTED)
    (growth,) = (proposal for proposal in found if proposal.metric.endswith("_growth"))
    assert "the same statement as the level beside it" in growth.why_it_waits


# Nothing of these two is joined.
HEADLINES = [
    "Micron posts record revenue of HBM in the quarter to May 2026",
    "TSMC expands CoWoS capacity again",
    "DRAM prices rise",
]
PARAGRAPHS = ["A title", "HBM grew in 2025.", "So did CoWoS."]
ENGLISH = ["TSV capacity of the three suppliers was 310K wafers per month", "by the end of 2025, no less."]
CHINESE = [
    "研調機構指出, 三大原廠的矽穿孔產能於年底達到每月三十一萬片, 並將於",
    "二零二六年底達到每月四十四萬片, 年增四成, 而先進封裝產能則將於同期",
    "倍增。",
]


def test_lines_are_joined_only_where_they_were_broken_to_a_width():
    for lines in (HEADLINES, PARAGRAPHS):
        assert sentences("\n".join(lines)) == lines
    assert sentences("\n".join(ENGLISH)) == [" ".join(ENGLISH)]
    assert sentences("\n".join(CHINESE)) == ["".join(CHINESE)]
