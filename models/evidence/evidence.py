"""All tables of evidence that a model reads, with the rows that were known on a day."""

from dataclasses import dataclass, field, fields

import pandas as pd

from models.evidence.chain_evidence import ChainEvidence


@dataclass(frozen=True, eq=False, kw_only=True)
class Evidence(ChainEvidence):
    """Tables of the chain, and those that only the systems read, each as its CSV is named and described.

    ``Evidence(**tables)`` takes what `warehouse.read.evidence` gives. The fields repeat the names of
    `models.evidence.tables`, so that a wrong name is found before anything runs; a test holds them equal.
    """

    process: pd.DataFrame = field(default_factory=pd.DataFrame)
    materials: pd.DataFrame = field(default_factory=pd.DataFrame)
    system_evidence: pd.DataFrame = field(default_factory=pd.DataFrame)
    suppliers: pd.DataFrame = field(default_factory=pd.DataFrame)
    server_content: pd.DataFrame = field(default_factory=pd.DataFrame)
    cowos_variants: pd.DataFrame = field(default_factory=pd.DataFrame)
    supply_chain: pd.DataFrame = field(default_factory=pd.DataFrame)
    scenarios: pd.DataFrame = field(default_factory=pd.DataFrame)
    report_findings: pd.DataFrame = field(default_factory=pd.DataFrame)
    filers: pd.DataFrame = field(default_factory=pd.DataFrame)

    def tables(self) -> dict[str, pd.DataFrame]:
        """All tables by name, for what treats all of them alike."""
        return {table.name: getattr(self, table.name) for table in fields(Evidence)}
