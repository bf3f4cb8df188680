"""Words and columns that several tables of evidence share."""

from typing import Final

from models.vocabulary.tables import Column

BASES: Final = ("published", "derived", "judgement")
"""What an assumed number rests on."""
FIGURE_KINDS: Final = ("actual", "estimate", "forecast", "guidance", "spec", "assumption")

BASIS: Final = Column("basis", "published, derived or judgement", filled=True, words=BASES)
SOURCE: Final = Column("source", "Where the numbers come from", filled=True)
KNOWN_SINCE: Final = Column(
    "known_since",
    "Day, month or year from which it could be known",
    filled=True,
    not_null=True,
    reading="date",
)
NOTE: Final = Column("note", "Remark")
