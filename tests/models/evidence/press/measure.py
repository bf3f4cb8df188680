"""Precision and recall of what is proposed from the labelled pages, by language and part.

The pages were written for this purpose, in the style of press pages; no text of others stands in them. The
words and rules were tuned on the part "development"; the part "held out" was written before that, and its
sentences were not looked at in tuning. The parts "first look" to "fourth look" were written on 2026-11-30,
the first by somebody who had read neither the words nor the sentences, all answers before the first run; what
was wrong in them was mended afterwards, so that they measure what must not come back (docs/howto/press.md has
what they measured before).

``python -m tests.models.evidence.press.measure`` prints the table, ``... measure errors`` what goes wrong in
all parts but the held-out one.
"""

import json
import sys
from collections import Counter
from functools import cache
from pathlib import Path

import pandas as pd

from models.evidence.press.propose import proposals_of
from models.evidence.press.reference import Vocabulary, read_vocabulary
from models.evidence.proposals import CELLS, Page, Proposal

HERE = Path(__file__).parent
DATA = HERE.parents[3] / "data"
DEVELOPMENT, HELD_OUT = "development", "held out"
FIRST, SECOND, THIRD, FOURTH = "first look", "second look", "third look", "fourth look"
PARTS = (DEVELOPMENT, HELD_OUT, FIRST, SECOND, THIRD, FOURTH)
FILES = ("labelled_pages.jsonl", "labelled_looks.jsonl")
LANGUAGES = ("en", "zh", "ko")
OUTCOMES = ("exact", "open", "wrong", "missed")
TABLES = ("press_words", "press_metrics", "metrics", "exchange_rates", "filers")
NUMBERS = ("lower", "upper", "year", "usd_per_unit")


@cache
def vocabulary() -> Vocabulary:
    """The words and rules of the repository."""
    tables = {name: pd.read_csv(DATA / f"{name}.csv", dtype=str, keep_default_na=False) for name in TABLES}
    for table in tables.values():
        for column in table.columns.intersection(NUMBERS):
            table[column] = pd.to_numeric(table[column])
    return read_vocabulary(tables)


@cache
def labelled_pages() -> list[dict]:
    """Every page: page, language, part, published_on, publisher, title, sentences (text, rows)."""
    texts = [(HERE / name).read_text(encoding="utf-8") for name in FILES]
    return [json.loads(line) for text in texts for line in text.splitlines()]


def page_of(labelled: dict) -> Page:
    """Where the sentences of a labelled page stand."""
    return Page(
        url=f"https://example.org/{labelled['page']}",
        title=labelled["title"],
        publisher=labelled["publisher"],
        published_on=labelled["published_on"],
        published_precision="day",
        accessed_on=labelled["published_on"],
    )


def judged(page: dict) -> list[tuple[str, str, Proposal | dict]]:
    """Outcome, sentence, and the proposal or the row missed, for each of a page.

    A proposal is exact where all its cells are those of a labelled row, open where those it has are and
    others are empty, wrong otherwise. Rows marked optional (a statement said twice, a number whose sentence
    leaves its metric to the one before) count neither as found nor as missed.
    """
    outcomes: list[tuple[str, str, Proposal | dict]] = []
    for sentence in page["sentences"]:
        left = [{**dict.fromkeys(CELLS, ""), **row} for row in sentence["rows"]]
        for proposal in proposals_of(sentence["text"], page_of(page), vocabulary()):
            cells = proposal.cells
            exact = [row for row in left if all(cells[name] in _right(row, name) for name in CELLS)]
            open_ = [row for row in left if all(cells[name] in ("", *_right(row, name)) for name in CELLS)]
            row = next(iter(exact or open_), None)
            if row is None:
                outcomes.append(("wrong", sentence["text"], proposal))
                continue
            left.remove(row)
            if not row.get("optional"):
                outcomes.append(("exact" if exact else "open", sentence["text"], proposal))
        outcomes += [("missed", sentence["text"], row) for row in left if not row.get("optional")]
    return outcomes


def _right(row: dict, name: str) -> list[str]:
    """What a cell may say: of a past quarter's kind "actual/estimate" either word, no cell else."""
    return row[name].split("/") if name == "kind" else [row[name]]


@cache
def measured() -> pd.DataFrame:
    """A row a part and language: pages, sentences, counts of outcomes, precision and recall.

    `precision` counts open ones as right (nothing in them is wrong), `precision_exact` only whole rows; so
    does recall.
    """
    rows = []
    for part in PARTS:
        for language in (*LANGUAGES, "all"):
            pages = [p for p in labelled_pages() if p["part"] == part and language in (p["language"], "all")]
            counts = Counter(outcome for page in pages for outcome, _, _ in judged(page))
            n = {name: counts[name] for name in OUTCOMES}
            proposed = n["exact"] + n["open"] + n["wrong"]
            expected = n["exact"] + n["open"] + n["missed"]
            rows.append(
                {
                    "part": part,
                    "language": language,
                    "pages": len(pages),
                    "sentences": sum(len(page["sentences"]) for page in pages),
                    **n,
                    "precision": (n["exact"] + n["open"]) / proposed,
                    "precision_exact": n["exact"] / proposed,
                    "recall": (n["exact"] + n["open"]) / expected,
                    "recall_exact": n["exact"] / expected,
                }
            )
    return pd.DataFrame(rows)


def main() -> None:
    """Print the table, or the errors of all parts but the held-out one."""
    if sys.argv[1:] == ["errors"]:
        for page in labelled_pages():
            for outcome, sentence, what in judged(page) if page["part"] != HELD_OUT else []:
                if outcome != "exact":
                    cells = what.cells if isinstance(what, Proposal) else what
                    print(f"{outcome}: {page['page']}: {sentence}\n    {[cells[name] for name in CELLS]}")
        return
    print(measured().round(2).to_string(index=False))


if __name__ == "__main__":
    main()
