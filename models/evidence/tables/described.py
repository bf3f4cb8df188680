"""All tables of evidence that are described, by name."""

from typing import Final

from models.evidence.tables.core import CORE
from models.evidence.tables.market import MARKET
from models.evidence.tables.readers import READERS
from models.evidence.tables.shown import SHOWN
from models.evidence.tables.systems import SYSTEMS
from models.vocabulary.tables import EvidenceTable

REJECTED: Final = "rejected_figures"
"""Table of refused rows: kept like evidence, and no file."""
EVIDENCE_TABLES: Final = (*MARKET, *CORE, *SYSTEMS, *READERS, *SHOWN)
BY_NAME: Final[dict[str, EvidenceTable]] = {table.name: table for table in EVIDENCE_TABLES}
SYSTEM_EVIDENCE: Final = tuple(table.name for table in EVIDENCE_TABLES if table.only_systems)
"""What only the systems read: it changes their tables, never the posterior."""
