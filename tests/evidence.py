"""Evidence made of tables, as the models take it."""

from collections.abc import Mapping

import pandas as pd

from models.evidence.evidence import Evidence


def evidence_of_tables(tables: Mapping[str, pd.DataFrame]) -> Evidence:
    """Put tables together, without those that are only shown."""
    return Evidence(**{name: tables[name] for name in Evidence().tables() if name in tables})
