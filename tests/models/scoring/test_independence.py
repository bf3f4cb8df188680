"""Targets that share their evidence count once."""

import pandas as pd

from models.scoring.independence import independent_groups


def groups(*rows):
    table = pd.DataFrame(
        [{"quantity": q, "period": p, "start": s, "end": e, "figure_ids": f} for q, p, s, e, f in rows]
    )
    found = independent_groups(table)
    return [int(found[q, p]) for q, p, *_ in rows]


def test_a_year_and_its_quarters_are_one_and_the_next_year_is_another():
    found = groups(
        ("dram", "2024Q1", 36, 38, "a"),
        ("dram", "2024", 36, 47, "b"),
        ("dram", "2024Q4", 45, 47, "c"),
        ("dram", "2025Q1", 48, 50, "d"),
        ("hbm", "2024", 36, 47, "e"),
    )
    assert found[0] == found[1] == found[2]
    assert len({found[0], found[3], found[4]}) == 3


def test_quarters_without_their_year_are_each_their_own():
    assert len(set(groups(("dram", "2024Q1", 36, 38, "a"), ("dram", "2024Q2", 39, 41, "b")))) == 2


def test_a_common_figure_makes_one_of_two_quantities_and_links_pass_on():
    found = groups(
        ("bits", "2024", 36, 47, "a b"),
        ("demand", "2024", 36, 47, "b c"),
        ("price", "2023", 24, 35, "c"),
        ("price", "2026", 60, 71, "d"),
    )
    assert found[0] == found[1] == found[2] != found[3]


def test_a_long_period_links_what_comes_long_after_a_short_one():
    found = groups(
        ("q", "2024-2025", 36, 59, "a"), ("q", "2024Q1", 36, 38, "b"), ("q", "2025Q4", 57, 59, "c")
    )
    assert len(set(found)) == 1


def test_nothing_is_no_group():
    empty = pd.DataFrame({name: [] for name in ("quantity", "period", "start", "end", "figure_ids")})
    assert independent_groups(empty).empty
