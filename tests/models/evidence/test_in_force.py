"""A figure whose row is refused stays as it was only while that still passes tonight's rules."""

from datetime import date

import pytest

from models.evidence.in_force import unfit_in_force
from models.evidence.validation import validate
from tests.models.evidence.test_validation import FIGURE, METRIC, RATE, SOURCE, evidence

TODAY = date(2026, 7, 1)
WON = FIGURE | {"value": "2e13", "unit": "KRW"}
GOOD = FIGURE | {"figure_id": "hbm-0002", "origin_id": "hbm-0002"}


def night(**changes):
    return validate(evidence(**changes), TODAY)


@pytest.fixture(scope="module")
def in_force():
    return night(figures=[WON, GOOD]).accepted


def unfit(in_force, **changes):
    found = unfit_in_force(in_force, night(**changes), TODAY)
    return list(zip(found["figure_id"], found["field"], strict=True))


def test_what_still_passes_stays(in_force):
    assert unfit(in_force, figures=[WON | {"value": "lots"}, GOOD]) == []
    assert unfit(in_force, figures=[WON, GOOD]) == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"metrics": [METRIC | {"upper": "1e10"}]}, "value"),
        ({"exchange_rates": [RATE | {"usd_per_unit": "0.9"}]}, "value"),
        ({"exchange_rates": []}, "unit"),
    ],
)
def test_what_a_changed_rule_refuses_may_not_stay(in_force, changes, field):
    unreadable = [WON | {"value": "lots"}, GOOD | {"source_id": "s2", "value": "1e9"}]
    found = unfit(in_force, figures=unreadable, **changes)
    assert ("hbm-0001", field) in found


def test_a_source_stays_with_the_figures_in_force_whether_refused_or_gone(in_force):
    for sources in ([SOURCE | {"published_on": "spring"}], [SOURCE | {"source_id": "s2"}]):
        assert unfit(in_force, figures=[WON, GOOD], sources=sources) == []


@pytest.mark.parametrize("rows", [[GOOD], [GOOD | {"value": "lots"}], []])
def test_what_stays_in_force_unread_or_for_a_person_to_decide_is_judged_again(in_force, rows):
    """A file out of reach and many rows gone at once leave figures in force, as a refused row does."""
    found = unfit(in_force, figures=rows, metrics=[METRIC | {"upper": "1e10"}])
    assert sorted(found) == [("hbm-0001", "value"), ("hbm-0002", "value")]
    assert unfit(in_force, figures=rows) == []
