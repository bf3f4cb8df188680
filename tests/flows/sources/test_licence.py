"""What may not leave the house does not come into what others see, however its mark is spelled."""

from pathlib import Path

import pytest

from flows.sources.licence import without_confidential
from flows.sources.readers import read_all
from tests.flows.sources.test_layers import FIGURE, SOURCE, with_overlays, write


@pytest.mark.parametrize(
    ("note", "is_marked"),
    [
        ("not_to_be_exported", True),
        ("Not to be exported; desk only", True),
        ("licensed, NOT-TO-BE-EXPORTED", True),
        ("public page; facts (numbers) only", False),
        ("", False),
    ],
)
def test_marked_rows_are_nowhere_in_what_is_taken_in(tmp_path: Path, note: str, is_marked: bool):
    own = tmp_path / "own"
    write(own, "sources.csv", [*SOURCE[:-1], note])
    # Refused too, for its unit: neither among the good rows nor, with its text, among those put aside.
    write(own, "figures/desk.csv", FIGURE, ["own-0002", *FIGURE[1:11], "secret", *FIGURE[12:]])
    evidence = read_all(with_overlays(tmp_path, own))
    shown = "".join(frame.to_csv() for frame in evidence.files.values())
    assert ("own-0002" not in shown) == is_marked
    assert ("own-2026-11-01" not in shown) == is_marked
    assert [name for name in evidence.notes if "2 rows of 1 publications" in name] != [] or not is_marked
    assert without_confidential(evidence).notes == evidence.notes
    assert all(len(evidence.origins[name]) == len(frame) for name, frame in evidence.files.items())
