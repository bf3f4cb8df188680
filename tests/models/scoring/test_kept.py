"""What is committed of a scoreboard passes the checks of the evidence, and is the board it came from."""

import io
from datetime import date

import pandas as pd
import pytest

from models.evidence.tables.described import BY_NAME
from models.scoring.kept import KEPT_COLUMNS, kept_rows
from models.vocabulary.results.described import BY_NAME as RESULTS

BOARD = pd.DataFrame(
    [
        dict.fromkeys(RESULTS["skill"].column_names, 0.123456)
        | {"quantity": "all", "horizon_group": "all", "opponent": opponent, "outcome_dates": "all"}
        | {"n": 12, "n_targets": 3, "n_independent": 2}
        for opponent in ("none", "no change", "publisher: X")
    ]
)


def test_rivals_are_kept_and_single_publishers_are_not():
    rows = kept_rows(BOARD, "0.1.0+ab", "2026-11-29", "2023-07-31", "2026-10-31")
    assert rows["opponent"].tolist() == ["no change", "none"]
    assert rows["skill"].tolist() == [0.1235, 0.1235]
    assert set(rows["code_version"]) == {"0.1.0+ab"}


def test_what_is_written_is_what_the_evidence_accepts(tmp_path):
    from models.evidence.validation import validate
    from tests.places import DATA

    rows = kept_rows(BOARD, "0.1.0+ab", "2026-11-29", "2023-07-31", "2026-10-31")
    text = pd.read_csv(io.StringIO(rows.to_csv(index=False)), dtype=str, keep_default_na=False)
    raw = {
        path.name: pd.read_csv(path, dtype=str, keep_default_na=False)
        for path in DATA.glob("*.csv")
        if path.name != "kept_scores.csv"
    }
    found = validate(raw | {"kept_scores.csv": text}, date(2026, 11, 30))
    mine = found.rejected[found.rejected["file"] == "kept_scores.csv"]
    assert mine.empty, mine.to_dict("records")
    assert len(found.accepted["kept_scores"]) == 2
    assert found.accepted["kept_scores"]["crps"].astype(float).tolist() == pytest.approx([0.1235, 0.1235])
    broken = text.assign(code_version="")
    refused = validate(raw | {"kept_scores.csv": broken}, date(2026, 11, 30)).rejected
    assert set(refused[refused["file"] == "kept_scores.csv"]["field"]) == {"code_version"}


def test_no_model_reads_it():
    assert BY_NAME["kept_scores"].shown_only
    assert BY_NAME["kept_scores"].column_names == KEPT_COLUMNS
