"""Tables that say what the readers of the outside world ask for, and what the answers are about."""

from typing import Final

from models.evidence.tables.shared import NOTE
from models.vocabulary.tables import Column, EvidenceTable
from models.vocabulary.units import CURRENCIES

# fmt: off
READERS: Final = (
    EvidenceTable(
        "filers",
        "Companies whose filings with the SEC are read, and what is taken from them, all versions",
        keys=("cik", "metric", "entity", "segment"),
        # Its figures inform the posterior, the list itself does not.
        only_systems=True,
        columns=(
            Column("cik", "Number of the filer at the SEC, without leading zeros",
                   type="integer", filled=True, not_null=True, least=1, most=9_999_999_999),
            Column("registered_name", "What the name of the company in the answer must contain: an answer "
                   "about another company is refused", filled=True),
            Column("concepts", "XBRL concepts as taxonomy/name, the one that counts first; a later one only "
                   "where a filing lacks those before it, several with a semicolon between", filled=True),
            Column("currency", "Currency of the facts taken; others are left alone",
                   filled=True, words=CURRENCIES, hint="say in which currency it reports"),
            Column("fiscal_year_end_month", "Month (1 to 12) in which the fiscal year ends; a year of 52 or "
                   "53 weeks counts to the nearest month's end",
                   type="integer", filled=True, least=1, most=12),
            Column("metric", "Metric of the figures made (metrics.metric)", filled=True, not_null=True),
            Column("entity", "Entity of the figures made, and publisher of the filings",
                   filled=True, not_null=True),
            Column("segment", "Segment of the figures made", not_null=False),
            NOTE,
        ),
    ),
)
