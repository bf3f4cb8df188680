"""Company facts into figures: periods from days alone, repetitions once, restatements when filed."""

from typing import Any

import pytest

from models.evidence.filings import FilingError, figures_of_filer

TOTAL = "us-gaap/RevenueFromContractWithCustomerExcludingAssessedTax"
OTHER = "us-gaap/Revenues"


def filer(**cells: str) -> dict[str, str]:
    row = {
        **{"cik": "42", "registered_name": "Example Memory", "concepts": f"{TOTAL};{OTHER}"},
        **{"currency": "USD", "fiscal_year_end_month": "12", "metric": "vendor_revenue"},
        **{"entity": "Example", "segment": "", "note": ""},
    }
    return {**row, **cells}


def fact(start: str, end: str, val: Any, filed: str, n: int = 1, **more: Any) -> dict[str, Any]:
    # fy and fp as they stand in such answers: those of the filing, wrong for the fact.
    told = {"start": start, "end": end, "val": val, "filed": filed, "fy": 2099, "fp": "FY", "form": "10-Q"}
    return {**told, "accn": f"0000000042-{filed[2:4]}-{n:06d}", **more}


def answer(*facts: dict, concept: str = TOTAL, currency: str = "USD", **more: Any) -> dict[str, Any]:
    taxonomy, name = concept.split("/")
    told = {taxonomy: {name: {"units": {currency: list(facts)}}}}
    return {"cik": 42, "entityName": "EXAMPLE MEMORY INC", "facts": told, **more}


def read(*facts: dict, **cells: str) -> dict[str, str]:
    found = figures_of_filer(answer(*facts), filer(**cells))
    assert found.refused == []
    return dict(zip(found.figures["period"], found.figures["value"], strict=True))


def test_periods_follow_from_days_and_nothing_else():
    assert read(
        fact("2024-07-01", "2024-09-29", 100, "2025-10-30"),
        fact("2024-01-01", "2024-09-29", 280, "2025-10-30"),  # nine months
        fact("2025-06-30", "2025-09-28", 170, "2025-10-30"),
        fact("2025-03-31", "2025-09-28", 320, "2025-10-30"),  # a half
        fact("2022-12-26", "2023-12-31", 330, "2026-02-20", 2),  # 53 weeks
        fact("2024-01-01", "2024-12-29", 390, "2026-02-20", 2),
        fact("2024-12-30", "2025-12-28", 640, "2026-02-20", 2),
        fact("2019-12-30", "2020-12-27", 99, "2026-02-20", 2),  # before the grid
    ) == {"2024Q3": "100", "2025Q3": "170", "2023": "330", "2024": "390", "2025": "640"}


@pytest.mark.parametrize(
    ("month", "start", "end", "label"),
    [
        ("12", "2025-09-29", "2026-01-04", "2025Q4"),  # ends on 4 January: the fourth, not the first
        ("12", "2025-12-29", "2026-04-04", "2026Q1"),
        ("1", "2025-01-27", "2025-04-27", "FY2026Q1"),
        ("1", "2024-01-29", "2025-01-26", "FY2025"),
        ("8", "2024-08-30", "2024-11-28", "FY2025Q1"),
        ("8", "2025-08-29", "2026-09-03", "FY2026"),  # 53 weeks, ends in September
        ("10", "2024-08-05", "2024-11-03", "FY2024Q4"),
        ("9", "2025-06-29", "2025-10-04", "FY2025Q4"),
        ("6", "2025-04-01", "2025-06-30", "FY2025Q4"),
    ],
)
def test_fiscal_calendars(month: str, start: str, end: str, label: str):
    assert read(fact(start, end, 7, "2026-11-01"), fiscal_year_end_month=month) == {label: "7"}


def test_a_quarter_of_fourteen_weeks_says_so():
    found = figures_of_filer(answer(fact("2025-09-29", "2026-01-04", 61, "2026-02-20")), filer())
    assert "98 days (14 weeks" in found.figures["note"].item()


def test_what_is_repeated_is_one_figure_known_from_the_first_filing():
    facts = [fact("2024-07-01", "2024-09-29", 100, filed, 1) for filed in ("2025-10-30", "2024-10-31")]
    found = figures_of_filer(answer(*facts, *facts), filer())
    assert found.figures["value"].tolist() == ["100"]
    assert found.sources["published_on"].tolist() == ["2024-10-31"]


def test_a_restatement_is_a_new_figure_known_from_its_filing():
    later = fact("2024-07-01", "2024-09-29", 98, "2025-10-30")
    found = figures_of_filer(answer(later, fact("2024-07-01", "2024-09-29", 100, "2024-10-31")), filer())
    assert found.figures["value"].tolist() == ["100", "98"]
    assert found.sources["published_on"].tolist() == ["2024-10-31", "2025-10-30"]
    assert found.figures["figure_id"].is_unique
    assert "restates 100 of 2024-10-31" in found.figures["note"].iloc[1]


def two_concepts(total: int, other: int) -> dict[str, Any]:
    facts = answer(fact("2024-12-30", "2026-01-04", total, "2026-02-20"))
    taxonomy, name = OTHER.split("/")
    facts["facts"][taxonomy][name] = {
        "units": {"USD": [fact("2024-12-30", "2026-01-04", other, "2026-02-20")]}
    }
    return facts


def test_rival_concepts_are_never_added():
    found = figures_of_filer(two_concepts(640, 41), filer())
    assert found.figures["value"].tolist() == ["640"]
    # Named in the wrong order, the element would stand for the total: put aside instead, with a remedy.
    wrong = figures_of_filer(two_concepts(640, 41), filer(concepts=f"{OTHER};{TOTAL}"))
    assert wrong.figures.empty
    (refused,) = wrong.refused
    assert "is more than us-gaap/Revenues (41)" in refused.problem
    assert "total first" in refused.remedy


def test_other_currencies_are_left_alone():
    facts = answer(fact("2025-09-29", "2026-01-04", 52, "2026-02-20"), currency="EUR")
    assert figures_of_filer(facts, filer()).figures.empty


def test_two_values_in_one_filing_are_put_aside():
    twice = [fact("2024-07-01", "2024-09-29", val, "2024-10-31") for val in (100, 200)]
    found = figures_of_filer(answer(*twice), filer())
    assert found.figures.empty
    assert "two values, 100 and 200" in found.refused[0].problem


@pytest.mark.parametrize(
    "bad",
    [
        {"val": "100"},
        {"val": None},
        {"val": True},
        {"val": float("nan")},
        {"val": 10**400},
        {"start": "2024-13-01"},
        {"end": None},
        {"filed": "2024-01-01"},
        {"accn": "../../etc/passwd"},
    ],
)
def test_a_fact_that_cannot_be_read_costs_no_other(bad: dict):
    good = fact("2024-07-01", "2024-09-29", 100, "2024-10-31")
    found = figures_of_filer(answer(good, {**good, **bad}, "text", None, 7), filer())  # type: ignore[arg-type]
    assert found.figures["value"].tolist() == ["100"]
    assert len(found.refused) == 4
    assert found.n_facts == 5


def test_a_wrong_fiscal_month_is_told():
    found = figures_of_filer(
        answer(fact("2025-04-01", "2025-06-30", 7, "2025-08-01")), filer(fiscal_year_end_month="8")
    )
    assert "no quarter or year of this filer" in found.refused[0].problem
    assert "fiscal_year_end_month (8)" in found.refused[0].remedy


@pytest.mark.parametrize(
    "wrong", [[], None, {}, {"facts": 1}, answer(cik=43), answer(entityName="Another Inc"), answer(cik="x")]
)
def test_an_answer_about_something_else_is_refused_whole(wrong: Any):
    with pytest.raises(FilingError):
        figures_of_filer(wrong, filer())


@pytest.mark.parametrize(
    "inside", [{"us-gaap": 1}, {"us-gaap": {TOTAL.split("/")[1]: []}}, {"us-gaap": None}]
)
def test_an_unknown_shape_gives_nothing(inside: Any):
    assert figures_of_filer(answer(facts=inside), filer()).figures.empty


def test_every_fact_is_a_figure_or_counted_or_told():
    quarter = ("2024-07-01", "2024-09-30")
    facts = [fact(*quarter, 100, "2024-10-31"), fact(*quarter, 100, "2024-10-31")]
    facts += [fact(*quarter, 100, "2025-10-31", 2), fact(*quarter, 105, "2026-01-31", 3)]
    facts += [fact("2024-01-01", "2024-09-30", 300, "2024-10-31"), fact(*quarter, "x", "2024-10-31")]
    found = figures_of_filer(answer(*facts), filer())
    assert found.n_facts == len(found.figures) + found.n_other + len(found.refused) == len(facts)


def test_a_value_that_lost_its_thousands_is_no_restatement():
    """It would have taken the place of the right one."""
    quarter = ("2024-07-01", "2024-09-30")
    facts = answer(fact(*quarter, 100_000_000, "2024-10-31"), fact(*quarter, 100_000, "2025-10-31", 2))
    found = figures_of_filer(facts, filer())
    assert found.figures["value"].tolist() == ["100000000"]
    assert "a slip of scale" in found.refused[0].problem


AROUND = [
    fact("2025-12-29", "2026-03-29", 620, "2026-04-30", 1),
    fact("2026-03-30", "2026-06-28", 640, "2026-07-30", 2),
    fact("2026-09-28", "2026-12-27", 690, "2027-02-20", 4),
]
THIRD = ("2026-06-29", "2026-09-27")


@pytest.mark.parametrize(("value", "concept"), [(41, OTHER), (660_000, TOTAL), (0.66, TOTAL)])
def test_a_figure_far_from_the_periods_around_it_is_told(value: float, concept: str):
    told = answer(*AROUND)
    taxonomy, name = concept.split("/")
    third = fact(*THIRD, value, "2026-10-30", 3)
    told["facts"][taxonomy].setdefault(name, {"units": {"USD": []}})["units"]["USD"].append(third)
    found = figures_of_filer(told, filer())
    assert found.figures["period"].tolist() == ["2026Q1", "2026Q2", "2026Q4"]
    (refused,) = found.refused
    assert "2026Q3" in refused.problem
    assert "the periods around it some 640" in refused.problem


@pytest.mark.parametrize(("value", "concept"), [(1300, TOTAL), (900, OTHER)])
def test_a_quarter_that_only_grew_is_read(value: float, concept: str):
    told = answer(*AROUND)
    taxonomy, name = concept.split("/")
    third = fact(*THIRD, value, "2026-10-30", 3)
    told["facts"][taxonomy].setdefault(name, {"units": {"USD": []}})["units"]["USD"].append(third)
    found = figures_of_filer(told, filer())
    assert (len(found.figures), found.refused) == (4, [])


def test_an_answer_without_a_fact_that_was_asked_for_says_what_it_has():
    found = figures_of_filer(answer(fact(*THIRD, 100, "2026-10-30"), currency="EUR"), filer())
    (refused,) = found.refused
    assert "no fact of these concepts in USD" in refused.problem
    assert f"{TOTAL} in EUR" in refused.problem
