"""Tables of evidence that the chain reads: what its posterior rests on, and nothing else."""

from dataclasses import dataclass, field, fields

import pandas as pd

from models.vocabulary.market import Market, market_of


@dataclass(frozen=True, eq=False, kw_only=True)
class ChainEvidence:
    """Tables of the chain with the rows that were known on a day, each as its CSV is named and described.

    A class of its own, so that a new table of the systems leaves the posterior's code as it is. Tables that
    nobody brought are empty, without columns.
    """

    product_classes: pd.DataFrame = field(default_factory=pd.DataFrame)
    hbm_generations: pd.DataFrame = field(default_factory=pd.DataFrame)
    sources: pd.DataFrame = field(default_factory=pd.DataFrame)
    figures: pd.DataFrame = field(default_factory=pd.DataFrame)
    metrics: pd.DataFrame = field(default_factory=pd.DataFrame)
    products: pd.DataFrame = field(default_factory=pd.DataFrame)
    assumptions: pd.DataFrame = field(default_factory=pd.DataFrame)
    corrections: pd.DataFrame = field(default_factory=pd.DataFrame)
    exchange_rates: pd.DataFrame = field(default_factory=pd.DataFrame)

    @property
    def market(self) -> Market:
        """Classes, customers and generations; KeyError where the evidence is of before they were data."""
        return market_of(self.chain_tables())

    def chain_tables(self) -> dict[str, pd.DataFrame]:
        """Tables of the chain by name, for what treats all of them alike."""
        return {table.name: getattr(self, table.name) for table in fields(ChainEvidence)}
