"""Precision and recall on the labelled pages, as measured; held-out sentences were not tuned on."""

import pytest

from models.evidence.proposals import CELLS
from tests.models.evidence.press.measure import (
    DEVELOPMENT,
    FIRST,
    FOURTH,
    HELD_OUT,
    LANGUAGES,
    PARTS,
    SECOND,
    THIRD,
    labelled_pages,
    measured,
)

FEWEST_PAGES = {"en": 30, "zh": 15, "ko": 15}
# A little under what was measured: a held-out language has 18 to 46 proposals: one weighs 2 to 6 %.
LEAST = {
    DEVELOPMENT: {"precision": 0.98, "recall": 0.93},
    HELD_OUT: {"precision": 0.94, "recall": 0.78},
    FIRST: {"precision": 0.98, "recall": 0.75},
    SECOND: {"precision": 0.98, "recall": 0.80},
    THIRD: {"precision": 0.98, "recall": 0.55},
    FOURTH: {"precision": 0.98, "recall": 0.65},
}


def test_there_are_as_many_pages_as_asked_for():
    for language, fewest in FEWEST_PAGES.items():
        pages = [
            p for p in labelled_pages() if p["language"] == language and p["part"] in (DEVELOPMENT, HELD_OUT)
        ]
        assert len(pages) >= fewest
        assert abs(sum(page["part"] == HELD_OUT for page in pages) - len(pages) / 2) <= 1
    sentences = [sentence for page in labelled_pages() for sentence in page["sentences"]]
    assert sum(not sentence["rows"] for sentence in sentences) > len(sentences) / 3
    assert {name for s in sentences for row in s["rows"] for name in row} <= {*CELLS, "optional"}


def test_a_third_of_the_later_looks_has_no_figure():
    for part, fewest in ((FIRST, 250), (SECOND, 100)):
        sentences = [s for page in labelled_pages() if page["part"] == part for s in page["sentences"]]
        assert len(sentences) >= fewest
        assert sum(not sentence["rows"] for sentence in sentences) > len(sentences) / 3


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_precision_comes_before_recall(part: str, language: str):
    table = measured().set_index(["part", "language"])
    print(table.round(2).to_string())
    row = table.loc[(part, language)]
    for measure, least in LEAST[part].items():
        assert row[measure] >= least, f"{measure} {row[measure]:.2f}"
