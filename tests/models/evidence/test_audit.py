"""Audit: the counts add up, and self-contradicting pages are found without accusing rounded ones."""

import pandas as pd
import pytest

from models.evidence.audit import audit, growth_conflicts

SOURCES = pd.DataFrame({"source_id": ["s1", "s2"], "publisher": ["A", "B"], "url": ["u1", "u2"]})


def figure(figure_id, metric, period, value, **changes):
    return {
        **{
            "figure_id": figure_id,
            "origin_id": figure_id,
            "source_id": "s1",
            "metric": metric,
            "entity": "industry",
        },
        **{
            "segment": "",
            "period": period,
            "fiscal_year_end_month": None,
            "value": value,
            "low": float("nan"),
            "high": float("nan"),
            "file": "figures/a.csv",
            "unit": "fraction" if metric.endswith("growth") else "count",
        },
        **{
            "aggregation": "growth" if metric.endswith("growth") else "sum",
            "mapped": True,
            "unmapped_reason": "",
        },
        **changes,
    }


def rejected(*rows):
    columns = ["file", "row", "field", "value", "problem", "remedy", "raw"]
    return pd.DataFrame(rows, columns=columns)


def conflicts(*rows):
    return growth_conflicts(pd.DataFrame(rows), SOURCES)


@pytest.mark.parametrize(("stated", "found"), [(0.54, False), (0.545, False), (0.7, True), (0.2, True)])
def test_stated_growth_is_compared_with_its_own_end_points(stated, found):
    out = conflicts(
        figure("a", "bits", "2023", 1.1e9),
        figure("b", "bits", "2024", 1.7e9),
        figure("g", "bits_growth", "2024", stated),
    )
    assert out["figure_id"].tolist() == (["g"] if found else [])
    if found:
        assert out.loc[0, "implied"] == pytest.approx(1.7 / 1.1 - 1)
        assert out.loc[0, ["from_figure", "to_figure", "url"]].tolist() == ["a", "b", "u1"]


@pytest.mark.parametrize(
    ("units", "numbers", "found"),
    [
        (("GB", "GB", "percent"), (1.1e9, 1.7e9, 54.0), False),
        (("GB", "GB", "percent"), (1.1e9, 1.7e9, 0.54), True),
        (("Gb", "GB", "fraction"), (8.8e9, 1.7e9, 0.54), False),
        (("thousand_units", "units", "percent"), (1100.0, 1.7e6, 54.0), False),
        (("KRW", "KRW", "percent"), (1.1e12, 1.7e12, 54.0), False),
        (("KRW", "USD", "percent"), (1.1e12, 1.7e9, 54.0), False),  # not judged: it takes two rates
        (("units", "units", "ratio"), (1.1e6, 1.7e6, 54.0), False),  # not judged: of what is unsaid
    ],
)
def test_growth_and_end_points_are_compared_in_one_unit(units, numbers, found):
    names = (("a", "n", "2023"), ("b", "n", "2024"), ("g", "n_growth", "2024"))
    rows = [figure(*name, x, unit=unit) for name, unit, x in zip(names, units, numbers, strict=True)]
    assert (len(conflicts(*rows)) == 1) is found


@pytest.mark.parametrize(
    "change", [{"source_id": "s2"}, {"entity": "NVIDIA"}, {"segment": "supply"}, {"period": "2022"}]
)
def test_only_end_points_of_the_same_statement_count(change):
    rows = [figure("a", "bits", "2023", 1.1e9), figure("b", "bits", "2024", 1.7e9)]
    assert conflicts(*rows, figure("g", "bits_growth", "2024", 9.0)).shape[0] == 1
    assert conflicts({**rows[0], **change}, rows[1], figure("g", "bits_growth", "2024", 9.0)).empty


def test_a_stated_range_is_contradicted_only_from_outside():
    rows = [figure("a", "n", "2023", 1.00e6), figure("b", "n", "2024", 1.50e6)]
    inside = figure("g", "n_growth", "2024", float("nan"), low=0.4, high=0.55)
    assert conflicts(*rows, inside).empty
    assert len(conflicts(*rows, {**inside, "low": 0.1, "high": 0.2})) == 1
    assert conflicts(*rows, {**inside, "low": 0.1, "high": float("nan")}).empty


def test_sequential_growth_looks_at_the_period_before():
    rows = [
        figure("a", "rev", "2024Q1", 100.0),
        figure("b", "rev", "2024Q2", 150.0),
        figure("c", "rev", "2023Q2", 50.0),
    ]
    stated = figure("g", "rev_growth", "2024Q2", 0.5, aggregation="sequential_growth")
    assert conflicts(*rows, stated).empty
    assert conflicts(*rows, {**stated, "aggregation": "growth"})["implied"].tolist() == pytest.approx([2.0])


def test_rounding_of_what_is_printed_is_no_conflict():
    # 14.3 m over 13 m is 10 %; printed "13 million" may be 12.95 to 13.05 once two digits are believed.
    rows = [figure("a", "n", "2023", 13e6), figure("b", "n", "2024", 14.3e6)]
    assert conflicts(*rows, figure("g", "n_growth", "2024", 0.13)).empty
    assert len(conflicts(*rows, figure("g", "n_growth", "2024", 0.20))) == 1


def test_the_counts_add_up():
    resolved = pd.DataFrame(
        [
            figure("a", "m", "2024", 1.0),
            figure("b", "m", "2024", 1.0, origin_id="a", file="figures/b.csv"),
            figure("c", "m", "2024", 1.0, mapped=False, unmapped_reason="informs nothing yet"),
            figure("d", "m", "2024", 1.0, mapped=False, unmapped_reason="informs nothing yet"),
        ]
    )
    bad = rejected(
        (
            "figures/b.csv",
            3,
            "value",
            "9",
            "value 9 USD lies outside the bounds 0..1 of m",
            "r",
            '{"figure_id": "e"}',
        ),
        ("figures/b.csv", 3, "kind", "", "unknown kind ''", "r", '{"figure_id": "e"}'),
        ("sources.csv", 2, "publisher", "", "unknown publisher", "r", "{}"),
    )
    result = audit(resolved, SOURCES, bad)
    counts = result.counts.set_index("item")["n"]
    assert counts["figures read"] == counts["figures accepted"] + counts["figures rejected"] == 5
    assert counts["figures accepted"] == counts["figures used"] + counts["figures accepted but not used"] == 4
    assert counts["figures that repeat another's origin"] == 1
    assert counts["rows of other files rejected"] == 1
    assert result.by_file.set_index("file").loc["figures/b.csv"].tolist() == [1, 1, 0, 1]
    assert result.not_used.to_dict("records") == [{"reason": "informs nothing yet", "n": 2, "example": "c"}]
    assert result.echoes.loc[0].tolist() == ["a", 2, "a b"]
    assert result.rejections[["file", "row", "field", "remedy"]].to_numpy().tolist() == [
        ["figures/b.csv", 3, "value", "r"],
        ["figures/b.csv", 3, "kind", "r"],
        ["sources.csv", 2, "publisher", "r"],
    ]
    assert result.growth_conflicts.empty


def test_a_figure_of_a_system_is_used_whatever_the_chain_makes_of_it():
    rows = [
        figure("a", "m", "2024", 1.0, mapped=False, unmapped_reason="informs no quantity"),
        figure("b", "m", "2024", 1.0, mapped=False, unmapped_reason="informs no quantity"),
    ]
    result = audit(pd.DataFrame(rows), SOURCES, rejected(), of_systems=["b"])
    counts = result.counts.set_index("item")["n"]
    assert counts[["figures used", "figures used by the chain", "figures used by systems"]].tolist() == [
        1,
        0,
        1,
    ]
    assert result.not_used["example"].tolist() == ["a"]


def test_nothing_rejected_and_nothing_used_is_still_an_audit():
    resolved = pd.DataFrame([figure("a", "m", "2024", 1.0, mapped=False, unmapped_reason="why")])
    result = audit(resolved, SOURCES, rejected())
    assert result.by_file.loc[0, ["accepted", "used", "not_used", "rejected"]].tolist() == [1, 0, 1, 0]
    assert result.echoes.empty
