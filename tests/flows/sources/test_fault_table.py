"""Each fault of a server against each reader: the last good answer stands, or the new one is read right.

The slow ones are measured by `python -m tests.flows.sources.fault_table` only.
"""

import pytest

from tests.flows.sources.fault_table import FAULTS, KEPT, READERS, cost

SLOW = {
    name for name in FAULTS if "drip" in name or "no answer" in name or "endless" in name or "bomb" in name
}
# What feedparser reads of a list that was cut is a list; its other pages are asked for the next night.
LENIENT = {("press list", "Content-Length too short")}


@pytest.mark.slow
@pytest.mark.parametrize("reader", READERS)
def test_no_fault_stops_a_reader_or_changes_what_it_reads(reader: str, monkeypatch: pytest.MonkeyPatch):
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "127.0.0.1,localhost")
    monkeypatch.setattr("flows.sources.filings.PAUSE_SECONDS", 0.0)
    monkeypatch.setattr("flows.sources.press_questions.PAUSE_SECONDS", 0.0)
    for fault, (_, wanted) in FAULTS.items():
        if fault in SLOW or ("Retry-After" in fault and "in seconds" in fault):
            continue
        found, n_good = cost(reader, fault)
        outcome = KEPT if "read again" in found.note or "last good" in found.note else "read"
        if (reader, fault) not in LENIENT:
            assert (outcome, found.n) == (wanted, n_good), (fault, found.note)
