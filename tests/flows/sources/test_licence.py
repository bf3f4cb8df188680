"""What may not leave the house is known by its mark, however it is spelled."""

from pathlib import Path

import pandas as pd
import pytest

from flows.sources.licence import is_marked as has_mark
from flows.sources.licence import marked_aside
from flows.sources.raw import RawEvidence
from flows.sources.readers import read_all
from tests.flows.sources.test_layers import FIGURE, SOURCE, with_overlays, write


@pytest.mark.parametrize(
    ("note", "is_marked"),
    [
        ("not_to_be_exported", True),
        ("Not to be exported; desk only", True),
        ("licensed, NOT-TO-BE-EXPORTED", True),
        ("licensed, not_to_be_ex", True),  # a file that was cut
        ("public page; facts (numbers) only", False),
        ("", False),
    ],
)
def test_the_mark_counts_however_it_is_spelled(note: str, is_marked: bool):
    assert has_mark(note) == is_marked


def test_figures_of_a_marked_publication_are_read_and_its_other_rows_left_out(tmp_path: Path):
    own = tmp_path / "own"
    write(own, "sources.csv", SOURCE)
    write(own, "figures/desk.csv", FIGURE)
    products = ["Own", "P1", "accelerator", "hopper", "HBM3", "8", "80", "5", "2026-11", "2026Q4"]
    columns = len(write(own, "products.csv").read_text(encoding="utf-8").split(","))
    row = [*products, *[""] * (columns - len(products) - 2), SOURCE[0], ""]
    write(own, "products.csv", row)
    evidence = read_all(with_overlays(tmp_path, own))
    assert "own-0001" in "".join(f.to_csv() for n, f in evidence.files.items() if n.startswith("figures/"))
    assert SOURCE[0] not in evidence.files["products.csv"].to_csv()
    assert any("1 rows that are no figures" in note for note in evidence.notes)


def test_a_marked_row_of_a_table_that_is_shown_is_put_aside_before_it_replaces_one():
    cells = {"assumption": ["a", "b"], "p05": ["1", "2"], "source": ["desk: Not to be exported", "desk"]}
    layer = RawEvidence(
        {
            "assumptions.csv": pd.DataFrame(cells),
            "figures/own.csv": pd.DataFrame({"note": ["not_to_be_exported"]}),
        },
        {
            "assumptions.csv": [("own/assumptions.csv", 2), ("own/assumptions.csv", 3)],
            "figures/own.csv": [("f", 2)],
        },
    )
    left = marked_aside(layer)
    assert left.files["assumptions.csv"]["assumption"].tolist() == ["b"]
    assert len(left.files["figures/own.csv"]) == 1
    (problem,) = left.problems
    assert (problem.file, problem.row, problem.field, problem.value) == (
        "own/assumptions.csv",
        2,
        "source",
        "",
    )
    assert problem.raw == ""
