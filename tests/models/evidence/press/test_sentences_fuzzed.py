"""Mutated sentences of press pages: the same rows, fewer, or those that the changed number says."""

import os
import re
import unicodedata
from decimal import Decimal

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from models.evidence.press.propose import proposals_of
from tests.models.evidence.press.measure import labelled_pages, page_of, vocabulary

SHORT_RUN = int(os.environ.get("HBMCAST_FUZZED_ROWS", "200")) // 8
SENTENCES = [
    (page, sentence["text"])
    for page in labelled_pages()
    for sentence in page["sentences"]
    if sentence["rows"]
]
IDLE = {"en": "The company will hold a call. ", "zh": "公司將舉行說明會。", "ko": "회사는 설명회를 연다. "}
FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
NUMBERS = ("value", "low", "high")
KEPT = ("metric", "entity", "segment", "period", "unit")
WAYS = {
    "full width": lambda text, language: text.translate(FULL_WIDTH),
    "no-break blanks": lambda text, language: text.replace(" ", "\u00a0"),
    "two blanks": lambda text, language: text.replace(" ", "  "),
    "curly quotes": lambda text, language: text.replace("'", "’").replace('"', "“"),
    "decomposed": lambda text, language: unicodedata.normalize("NFD", text),
    "an idle sentence before": lambda text, language: IDLE[language] + text,
    "an idle sentence behind": lambda text, language: f"{text} {IDLE[language]}",
    "a remark behind": lambda text, language: f"{text} (1)",
}


def rows(page: dict, text: str) -> list[dict[str, str]]:
    found = proposals_of(text, page_of(page), vocabulary())
    return [{name: proposal.cells[name] for name in (*KEPT, *NUMBERS)} for proposal in found]


SLOW = {"deadline": None, "suppress_health_check": list(HealthCheck)}


@settings(max_examples=SHORT_RUN, **SLOW)
@given(st.sampled_from(range(len(SENTENCES))), st.sampled_from(sorted(WAYS)))
def test_a_sentence_set_in_another_way_says_nothing_else(sentence, way):
    page, text = SENTENCES[sentence]
    before, after = rows(page, text), rows(page, WAYS[way](text, page["language"]))
    # Fewer are a loss that recall measures; another number, period or metric would be a wrong one.
    numbers = [tuple(row[name] for name in NUMBERS) for row in before]
    for row in after:
        assert tuple(row[name] for name in NUMBERS) in numbers, (way, row)


@settings(max_examples=SHORT_RUN, **SLOW)
@given(st.sampled_from(range(len(SENTENCES))), st.integers(0, 9), st.integers(11, 97))
def test_another_number_in_a_sentence_is_that_number(sentence, at, tenths):
    page, text = SENTENCES[sentence]
    printed = re.findall(r"(?<![\d.,])\d{1,3}\.\d(?![\d.,])", text)
    assume(printed)
    old = printed[at % len(printed)]
    new = f"{len(old) * tenths / 10:.1f}"
    assume(text.count(old) == 1 and new not in text)
    before, after = rows(page, text), rows(page, text.replace(old, new))

    def changed(cell: str) -> str:
        """Cell with the new number where it came from the old one."""
        digits = Decimal(old).normalize().as_tuple().digits
        if not cell or Decimal(cell).normalize().as_tuple().digits != digits:
            return cell
        return f"{(Decimal(cell) / Decimal(old) * Decimal(new)).normalize():f}"

    allowed = [tuple(row[name] for name in NUMBERS) for row in before]
    allowed += [tuple(changed(row[name]) for name in NUMBERS) for row in before]
    for row in after:
        # A range whose ends changed places is proposed less, not otherwise.
        ends = tuple(f"{Decimal(row[name]).normalize():f}" if row[name] else "" for name in NUMBERS)
        assert ends in {tuple(f"{Decimal(x).normalize():f}" if x else "" for x in row) for row in allowed}, (
            row
        )


@settings(max_examples=SHORT_RUN, **SLOW)
@given(
    st.sampled_from(range(len(SENTENCES))),
    st.integers(0, 400),
    st.sampled_from(("cut", "put in", "take out", "double")),
    st.text(max_size=4),
)
def test_a_damaged_sentence_stops_nothing(sentence, at, change, more):
    page, text = SENTENCES[sentence]
    at %= len(text)
    damaged = {
        "cut": text[:at],
        "put in": text[:at] + more + text[at:],
        "take out": text[:at] + text[at + 1 :],
        "double": text + text[at:],
    }[change]
    for row in rows(page, damaged):
        assert any(row[name] for name in NUMBERS)
        assert all(not row[name] or Decimal(row[name]).is_finite() for name in NUMBERS)
