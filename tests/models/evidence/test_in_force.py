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
        ({"sources": [SOURCE | {"source_id": "s2"}]}, "source_id"),
    ],
)
def test_what_a_changed_rule_refuses_may_not_stay(in_force, changes, field):
    unreadable = [WON | {"value": "lots"}, GOOD | {"source_id": "s2", "value": "1e9"}]
    found = unfit(in_force, figures=unreadable, **changes)
    assert ("hbm-0001", field) in found


def test_a_refused_source_is_still_there(in_force):
    undated = SOURCE | {"published_on": "spring"}
    assert unfit(in_force, figures=[WON, GOOD], sources=[undated]) == []


def test_a_figure_that_is_gone_is_not_judged_one_that_a_new_bound_refuses_is(in_force):
    assert unfit(in_force, figures=[GOOD], metrics=[METRIC | {"upper": "1e10"}]) == [("hbm-0002", "value")]
