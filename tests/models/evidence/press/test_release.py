"""Case 20, a press release: levels, bounds and years as printed, bits apart from bytes, and nothing wrong."""

from models.evidence.press.propose import proposals_of
from models.evidence.proposals import Page
from tests.models.evidence.press.measure import vocabulary

TEXT = """Northwind Research sees TSV capacity of the three suppliers at 310K wafers per month by the end of \
2025, to reach 440K by the end of 2026, a rise of 40%. Supplier A has 150K of it.
HBM is to make up over 30% of DRAM value in 2026 (2025: 21.4%).
AI servers: 2.35 million units in 2026, of which 68.9% carry high-end accelerators.
At roughly $14.3 per Gb-equivalent... correction: per GB. Total HBM demand will exceed 30 billion Gb in 2026.
Revenue of HBM is estimated at US$61.4bn for CY26, close to double that of the prior year, US$34.1bn.
"""
PAGE = Page(
    **{"url": "https://example.org/note", "title": "Note", "publisher": "Northwind Research"},
    **{"published_on": "2026-11-01", "published_precision": "day", "accessed_on": "2026-11-04"},
)
WANTED = {
    ("hbm_tsv_capacity", "2025-12", "310000", "", "wafers_per_month"),
    ("hbm_tsv_capacity", "2026-12", "440000", "", "wafers_per_month"),
    ("hbm_share_of_dram_revenue", "2026", "", "30", "percent"),
    ("hbm_share_of_dram_revenue", "2025", "21.4", "", "percent"),
    ("ai_server_shipments", "2026", "2350000", "", "units"),
    ("hbm_bits", "2026", "", "30000000000", "Gb"),
    ("hbm_revenue", "2026", "61400000000", "", "USD"),
    ("hbm_revenue", "2025", "34100000000", "", "USD"),
}


def test_a_release_is_proposed_as_printed():
    found = [proposal.cells for proposal in proposals_of(TEXT, PAGE, vocabulary())]
    said = [tuple(cells[name] for name in ("metric", "period", "value", "low", "unit")) for cells in found]
    assert set(said) == WANTED
    assert len(said) == len(WANTED)
    assert all(cells["high"] == "" for cells in found)
