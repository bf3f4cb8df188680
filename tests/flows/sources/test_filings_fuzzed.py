"""Mutated company facts: each is a figure that says what the fact says, of another period, or told.

A filer's true history (quarters and years, some restated) is written as the SEC serves it, and then damaged:
repeated, reordered, moved to other days, currencies and concepts, with cells that can't be. What repeats and
reorders changes nothing; and of no mutation comes a figure that no fact says.
"""

import json
import os
import re
from datetime import date, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from flows.sources.fetch import FetchError
from flows.sources.filings import FILE, _parsed
from models.evidence.filing_facts import QUARTER_DAYS, YEAR_DAYS
from models.evidence.filings import figures_of_filer
from models.vocabulary.periods import parse_period
from tests.models.evidence.test_filings import TOTAL, answer, fact, filer

SHORT_RUN = int(os.environ.get("HBMCAST_FUZZED_ROWS", "200")) // 8
MONTHS = (12, 1, 8, 9, 6)


@st.composite
def histories(draw):
    """Facts of a filer with where each belongs: (label, value, filed), no two of a period in one filing."""
    end_month = draw(st.sampled_from(MONTHS))
    true: list[tuple[str, str, str]] = []
    facts: list[dict[str, Any]] = []
    for year in range(2022, 2025):
        for quarter in draw(st.lists(st.integers(1, 5), min_size=1, max_size=3, unique=True)):
            # The last month of the quarter, counted from year 0; 5 stands for the whole year.
            months = year * 12 + end_month - 1 - (12 - 3 * min(quarter, 4))
            last = date((months + 1) // 12, (months + 1) % 12 + 1, 1) - timedelta(days=1)
            end = last + timedelta(days=draw(st.sampled_from([0, 0, -3, 3, -6])))
            days = draw(st.sampled_from([91, 91, 98] if quarter < 5 else [364, 371]))
            part = f"Q{quarter}" if quarter < 5 else ""
            label = f"{'' if end_month == 12 else 'FY'}{year}{part}"
            value = draw(st.integers(100, 900))
            for n in range(draw(st.integers(1, 2))):
                filed = end + timedelta(days=30 + 365 * n)
                start = (end - timedelta(days=days - 1)).isoformat()
                number = len(facts) + 1
                facts.append(fact(start, end.isoformat(), value, filed.isoformat(), number))
                true.append((label, str(value), filed.isoformat()))
                value = value if draw(st.booleans()) else value + draw(st.integers(1, 40))
    return end_month, facts, true


def said_once(true: list[tuple[str, str, str]]) -> set[tuple[str, str, str]]:
    """Versions of each period, without those that repeat the one before."""
    kept: dict[str, list[tuple[str, str, str]]] = {}
    for label, value, filed in sorted(true, key=lambda row: row[2]):
        versions = kept.setdefault(label, [])
        if not versions or versions[-1][1] != value:
            versions.append((label, value, filed))
    return {version for versions in kept.values() for version in versions}


def read(facts: Any, end_month: int):
    found = figures_of_filer(facts, filer(fiscal_year_end_month=str(end_month), concepts=TOTAL))
    days = dict(zip(found.sources["source_id"], found.sources["published_on"], strict=True))
    rows = zip(found.figures["period"], found.figures["value"], found.figures["source_id"], strict=True)
    return found, {(label, value, days[source]) for label, value, source in rows}


@settings(max_examples=SHORT_RUN, deadline=None)
@given(histories(), st.randoms(use_true_random=False))
def test_what_is_repeated_reordered_or_beside_the_question_changes_nothing(history, rng):
    end_month, facts, true = history
    more = [{**one, "fy": rng.randint(2000, 2040), "fp": rng.choice(["Q1", "FY", None])} for one in facts]
    # Nine months, a day, and the same again in a filing of later.
    more += [
        {**one, "start": (date.fromisoformat(one["end"]) - timedelta(days=272)).isoformat()} for one in facts
    ]
    more += [{key: cell for key, cell in one.items() if key != "start"} for one in facts]
    told = [*facts, *more]
    rng.shuffle(told)
    whole = answer(*told)
    whole["facts"]["us-gaap"][TOTAL.split("/")[1]]["units"]["EUR"] = [{**one, "val": 7} for one in facts]
    found, said = read(whole, end_month)
    assert said == said_once(true)
    assert found.refused == []
    assert found.n_facts == len(told)


DAMAGES = (
    lambda one, n: {**one, "val": str(one["val"])},
    lambda one, n: {**one, "val": None},
    lambda one, n: {**one, "val": one["val"] * 1000},
    lambda one, n: {**one, "val": -one["val"]},
    lambda one, n: {**one, "end": one["end"][:-2] + "31"},
    lambda one, n: {**one, "end": moved(one["end"], n), "start": moved(one["start"], n)},
    lambda one, n: {**one, "end": moved(one["end"], n)},
    lambda one, n: {**one, "start": one["end"], "end": one["start"]},
    lambda one, n: {**one, "filed": moved(one["filed"], -n)},
    lambda one, n: {**one, "accn": one["accn"][:-n]},
    lambda one, n: {key: cell for i, (key, cell) in enumerate(one.items()) if i != n % len(one)},
    lambda one, n: [one],
)


def moved(day: str, days: int) -> str:
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()


def is_said(label: str, value: str, filed: str, facts: list[Any], end_month: int) -> bool:
    """Whether some fact says a figure: number, filing, days that end with its period and last as long."""
    period = parse_period(label, end_month if label.startswith("FY") else "")
    lengths = QUARTER_DAYS if "Q" in label else YEAR_DAYS
    for one in facts:
        try:
            start, end = date.fromisoformat(one["start"]), date.fromisoformat(one["end"])
            is_one = str(one["val"]) == value and one["filed"] == filed
            if is_one and (end - start).days + 1 in lengths and abs((end - period.end_date).days) <= 20:
                return True
        except (KeyError, TypeError, ValueError):
            continue
    return False


@settings(max_examples=SHORT_RUN, deadline=None)
@given(
    histories(),
    st.lists(
        st.tuples(st.integers(0, 20), st.sampled_from(range(len(DAMAGES))), st.integers(1, 100)), max_size=6
    ),
)
def test_a_damaged_fact_gives_no_figure_that_no_fact_says(history, damages):
    end_month, facts, true = history
    told: list[Any] = list(facts)
    for at, which, n in damages:
        told[at % len(facts)] = DAMAGES[which](facts[at % len(facts)], n)
    found, said = read(answer(*told), end_month)
    for label, value, filed in said:
        assert is_said(label, value, filed, told, end_month), (label, value, filed)
    # Every fact is a figure, of another period or repeated, or told.
    n_named = sum(len(re.findall(r" and ", r.value)) + 1 for r in found.refused if "two values" in r.problem)
    n_refused = sum("two values" not in r.problem for r in found.refused) + n_named
    assert len(found.figures) + found.n_other + n_refused >= found.n_facts == len(told)
    assert all(refused.problem and refused.remedy for refused in found.refused)
    if not damages:
        assert said == said_once(true)


@settings(max_examples=SHORT_RUN, deadline=None)
@given(
    histories(),
    st.integers(0, 10**6),
    st.sampled_from(("cut", "put in", "take out", "swap")),
    st.text(max_size=3),
)
def test_a_damaged_answer_is_read_or_refused_whole(history, at, change, text):
    end_month, facts, _ = history
    content = json.dumps(answer(*facts))
    at %= len(content)
    content = {
        "cut": content[:at],
        "put in": content[:at] + text + content[at:],
        "take out": content[:at] + content[at + 1 :],
        "swap": content[at:] + content[:at],
    }[change]
    try:
        read = _parsed(content.encode(errors="replace"), [filer(fiscal_year_end_month=str(end_month))], "x")
    except FetchError:
        return
    assert len(read.files[FILE]) == len(read.origins[FILE])
    assert all(p.problem and p.remedy for p in read.problems)
