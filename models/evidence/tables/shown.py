"""Tables of evidence that no model reads: they are shown, and change neither posteriors nor tables."""

from typing import Final

from models.vocabulary.results.scores import SCORES
from models.vocabulary.tables import Column, EvidenceTable

KEPT_KEYS: Final = ("run_at", "quantity", "horizon_group", "opponent", "outcome_dates")
_SKILL: Final = next(table for table in SCORES if table.name == "skill")
_NAMED: Final = ("quantity", "horizon_group", "opponent", "outcome_dates")

# fmt: off
SHOWN: Final = (
    EvidenceTable(
        "kept_scores",
        "Scoreboards committed with the code (data/kept_scores.csv, written by hbmcast scoreboard --keep): "
        "what a fresh clone shows until it has a backtest of its own, all versions",
        keys=KEPT_KEYS,
        shown_only=True,
        columns=(
            Column("code_version", "Version of the code that made them", filled=True, not_null=True),
            Column("run_at", "Day of the backtest", filled=True, not_null=True, reading="date"),
            Column("first_as_of", "Its earliest vintage", filled=True),
            Column("last_as_of", "Its latest vintage", filled=True),
            *(
                Column(c.name, c.comment, type=c.type, filled=c.name in _NAMED, not_null=c.name in _NAMED)
                for c in _SKILL.columns
                if c.name != "run_id"
            ),
        ),
    ),
)
