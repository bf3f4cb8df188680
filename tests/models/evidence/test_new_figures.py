"""Figures that the last night did not have are listed one by one, with what becomes of each."""

import pandas as pd

from models.evidence.mapping import resolve
from models.evidence.new_figures import new_figures
from models.evidence.validation import validate
from tests.models.evidence.test_validation import FIGURE, METRIC, TODAY, evidence

NO_DOUBT = pd.DataFrame(columns=["figure_id", "finding"])


def accepted_of(*figures: dict) -> dict:
    rows = [FIGURE | {"figure_id": f"f{i}", "origin_id": f"f{i}"} | more for i, more in enumerate(figures)]
    read = validate(evidence(figures=rows, metrics=[METRIC | {"entity": "industry"}]), TODAY)
    assert read.rejected.empty, read.rejected.to_string()
    return read.accepted


def listed(now: dict, before: dict | None, doubtful: pd.DataFrame = NO_DOUBT, of_systems=()) -> pd.DataFrame:
    resolved = resolve(now["figures"], now["metrics"]).assign(file="own.csv")
    resolved["row"] = range(2, len(resolved) + 2)
    frame = before["figures"] if before is not None else None
    return new_figures(resolved, now, frame, doubtful, of_systems).set_index("figure_id")


def test_a_new_and_a_changed_figure_are_listed_and_what_stayed_is_not():
    before = accepted_of({}, {"period": "2025"})
    now = accepted_of({}, {"period": "2025", "value": "61e9"}, {"period": "2026"}, {"period": "2030"})
    found = listed(now, before)
    assert found["since"].to_dict() == {"f1": "changed", "f2": "new", "f3": "new"}
    assert found.loc["f2", ["file", "row"]].tolist() == ["own.csv", 4]
    assert found.loc["f1", "says"].endswith("2025 = 61,000,000,000 USD, estimate")
    assert found.loc["f2", "becomes"] == f"informs {METRIC['quantity']}"
    assert "outside the model's quarters" in found.loc["f3", "becomes"]
    assert listed(now, None).empty


def test_what_informs_nothing_is_doubtful_or_read_by_a_system_is_said():
    other = {"entity": "Hanmi", "period": "2026"}
    now = accepted_of({}, other, other | {"period": "2025"})
    doubts = pd.DataFrame({"figure_id": ["f0"], "finding": ["ten times the others"]})
    found = listed(now, accepted_of({"period": "2021"}), doubts)
    assert found.loc["f0", "becomes"].endswith("; doubtful: ten times the others")
    assert found.loc["f1", "becomes"].startswith("informs nothing: no rule")
    assert "rules are for entity" in found.loc["f1", "remedy"]
    assert listed(now, accepted_of({}), of_systems=["f2"]).loc["f1", "becomes"] == "informs systems"
