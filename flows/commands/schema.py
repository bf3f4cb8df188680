"""``make schema``: write the warehouse's SQL anew from the descriptions of the tables."""

from dataclasses import asdict
from typing import Any

from models.evidence.tables.described import EVIDENCE_TABLES
from models.vocabulary.results.described import RESULT_TABLES
from warehouse.generate import write


def descriptions() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Descriptions of the tables of evidence and of results, as the warehouse takes them."""
    return [asdict(table) for table in EVIDENCE_TABLES], [asdict(table) for table in RESULT_TABLES]


if __name__ == "__main__":
    for path in write(*descriptions()):
        print(f"written: {path.name}")
