"""``make schema``: write the warehouse's SQL anew from the descriptions of the tables."""

from dataclasses import asdict
from typing import Any

from models.evidence.tables.described import EVIDENCE_TABLES
from models.vocabulary.results.described import RESULT_TABLES
from models.vocabulary.systems import SYSTEMS
from warehouse.generate import write


def descriptions() -> tuple[list[dict[str, Any]], list[dict[str, Any]], dict[str, str]]:
    """Describe the tables of evidence and of results and the systems, as the warehouse takes them."""
    systems = {system.name: system.description for system in SYSTEMS}
    return [asdict(table) for table in EVIDENCE_TABLES], [asdict(table) for table in RESULT_TABLES], systems


if __name__ == "__main__":
    for path in write(*descriptions()):
        print(f"written: {path.name}")
