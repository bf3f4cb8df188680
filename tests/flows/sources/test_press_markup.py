"""What a press page strikes through, hides or raises is no digit of its numbers."""

from datetime import date

import pytest

from flows.sources.fetch import Answer
from flows.sources.press_lists import Offer
from flows.sources.press_pages import read_page
from models.evidence.press.propose import proposals_of
from tests.flows.sources.test_press import TEXT, html
from tests.models.evidence.press.measure import vocabulary

TODAY = date(2026, 3, 13)


def proposed(words: str) -> tuple[str, list[tuple[str, str]]]:
    """Sentence of a page that its text holds, and the periods and values that it proposes."""
    answer = Answer(
        200, {"content-type": "text/html; charset=utf-8"}, html(TEXT[1], words, TEXT[1] + " Yes.")
    )
    page = read_page(answer, Offer("https://example.org/1", "A note", "2026-03-12"), TODAY, None)
    found = proposals_of(page.text, page.described("Example"), vocabulary())
    said = next(line for line in page.text.splitlines() if "HBM" in line)
    return said, [(row.period, row.value) for row in found]


ONE = [("2026", "54600000000")]


@pytest.mark.parametrize(
    ("printed", "rows"),
    [
        ("$54.6 billion", ONE),
        ("<b>$54</b>.6 billion", ONE),
        ("<del>$60 billion</del> <ins>$54.6 billion</ins>", ONE),
        ("<s>$60 billion</s> $54.6 billion", ONE),
        ("<del><s>$60</s> billion</del> $54.6 billion", ONE),
        ("<span style='color: red; text-decoration: line-through'>$60 billion</span> $54.6 billion", ONE),
        ("<span hidden>$60 billion</span> $54.6 billion", ONE),
        ("<span style='display: none'>$60 billion</span> $54.6 billion", ONE),
        ("$54.6 billion<sup>3</sup>", ONE),
        ("$54.6 billion<sup>[3]</sup>", ONE),
        ("$54.6<sup>1</sup> billion", []),
        ("$54<sup>1</sup> billion", []),
        ("10<sup>10</sup> dollars", []),
    ],
)
def test_a_number_is_what_is_seen_of_it(printed: str, rows: list[tuple[str, str]]):
    said, found = proposed(f"HBM revenue is forecast at {printed} for 2026.")
    assert found == rows, said


def test_letters_are_raised_and_years_marked_without_harm():
    assert "3rd quarter" in proposed("HBM revenue is forecast for the 3<sup>rd</sup> quarter.")[0]
    assert proposed("HBM revenue of 2026<sup>2</sup> is forecast at $54.6 billion.")[1] == ONE


def test_blocks_that_open_when_they_are_asked_for_are_left_to_the_reader_of_texts():
    said, _ = proposed("<span style='color: red'>HBM</span> revenue is <em>forecast</em> to grow.")
    assert said == "HBM revenue is forecast to grow."
