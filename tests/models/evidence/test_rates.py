"""Rates of exchange: a factor of 100, an inverse, a slip of the year are put aside, with what they may be."""

from datetime import date

import pytest

from models.evidence.checks.rates import check_rates
from models.evidence.checks.rows import Collector


def checked(*rates, notes=None, currency="JPY"):
    collector = Collector(date(2026, 7, 1))
    rows = [
        {
            "file": "exchange_rates.csv",
            "row": i + 2,
            "currency": currency,
            "year": 2022 + i,
            "usd_per_unit": rate,
        }
        | {"note": (notes or {}).get(i, "")}
        for i, rate in enumerate(rates)
    ]
    kept = check_rates(rows, collector)
    assert len(kept) + len(collector.bad) == len(rows)
    return [row["year"] for row in kept], collector.records


def test_rates_that_move_as_rates_do_are_kept():
    assert checked(0.0076, 0.0071, 0.0066, 0.0067) == ([2022, 2023, 2024, 2025], [])


@pytest.mark.parametrize("at", range(4))
@pytest.mark.parametrize(
    ("slip", "remedy"),
    [
        (lambda rate: rate * 100, "a rate per 100 units? write 0.0067"),
        (lambda rate: 1 / rate, "units per US dollar? write 0.0067"),
        (lambda rate: rate / 2, "begin its note with 'confirmed:'"),
    ],
)
def test_the_wrong_one_is_put_aside_wherever_it_stands(at, slip, remedy):
    rates = [0.0067] * 4
    rates[at] = slip(rates[at])
    kept, (problem,) = checked(*rates)
    assert kept == [year for year in range(2022, 2026) if year != 2022 + at]
    assert problem["field"] == "usd_per_unit"
    assert remedy in problem["remedy"]


def test_a_person_may_confirm_what_surprises():
    assert checked(0.0067, 0.0067, 0.003, notes={2: "confirmed: the yen was revalued"})[1] == []


def test_of_two_alone_neither_is_believed():
    kept, problems = checked(0.0067, 0.67)
    assert kept == []
    assert len(problems) == 2


def test_a_dollar_is_a_dollar():
    kept, (problem,) = checked(1.0, 1.1, 1.0, currency="USD", notes={1: "confirmed: it is so"})
    assert kept == [2022, 2024]
    assert "of USD itself, which is 1" in problem["problem"]
