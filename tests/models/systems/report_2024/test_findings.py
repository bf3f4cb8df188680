"""Sixty inconsistencies: every one that is arithmetic is computed again from the report's figures."""

import numpy as np
import pandas as pd
import pytest

from models.evidence.tables.described import BY_NAME as TABLES
from models.systems.report_2024.findings import (
    FORMULAS,
    recompute_findings,
)
from models.vocabulary.systems import (
    ARITHMETIC,
    COINCIDENCE,
    CONFLICT,
    FINDING_CHECKS,
    FINDING_GROUPS,
    READING,
)
from tests.places import DATA

COLUMNS = tuple(column.name for column in TABLES["report_findings"].columns)
NUMBERS = ["stated_low", "stated_high", "recomputed_low", "recomputed_high"]


@pytest.fixture(scope="module")
def figures():
    return pd.concat(
        [pd.read_csv(path) for path in sorted((DATA / "figures").glob("*.csv"))], ignore_index=True
    )


@pytest.fixture(scope="module")
def findings():
    return pd.read_csv(DATA / "report_findings.csv", dtype=dict.fromkeys(COLUMNS[:9], str))


def test_all_sixty_are_kept_in_their_groups(findings):
    assert tuple(findings.columns) == COLUMNS
    assert findings["finding_id"].tolist() == [f"finding-{i:02d}" for i in range(1, 61)]
    assert findings["topic_group"].value_counts().to_dict() == {"A": 19, "B": 16, "C": 15, "D": 10}
    assert set(findings["topic_group"]) == set(FINDING_GROUPS)
    assert set(findings["check"]) == set(FINDING_CHECKS)
    assert not findings["statement"].duplicated().any()
    assert (findings["statement"].str.len() > 20).all()
    # All of group A can be computed.
    assert set(findings.loc[findings["topic_group"] == "A", "check"]) == {ARITHMETIC}


def test_every_one_recomputes_from_the_figures_and_still_stands(findings, figures):
    # Its own numbers are taken away first: nothing may come from them.
    found = recompute_findings(findings.drop(columns=NUMBERS), figures)
    assert found.loc[~found["stands"], "finding_id"].tolist() == []
    for column in NUMBERS:
        np.testing.assert_allclose(found[column], findings[column].astype(float), rtol=1e-5, err_msg=column)
    computed = found[found["check"] != READING]
    assert len(computed) == 34
    assert computed["recomputed_low"].notna().all()
    assert found.loc[found["check"] == READING, ["recomputed_low", "stated_low"]].isna().all(axis=None)


@pytest.mark.parametrize(
    ("number", "low", "high"),
    [
        (1, -0.0325, -0.0325), (2, 0.127, 0.127), (3, 5.9e9, 9.8e9), (4, 13.3, 13.3), (5, 0.41, 0.62),
        (6, 0.049, 0.066), (7, 0.61, 0.75), (8, 0.08, 0.09), (9, 0.070, 0.083), (10, 0.956, 0.956),
        (11, 0.31, 0.31), (12, 0.64, 0.64), (13, 28_200, 28_200), (14, 230, 230), (15, 1.5, 1.5),
        (16, 4.0, 4.0), (17, 34_500, 34_500), (18, 2.5, 2.5), (19, 0.084, 0.084), (20, 21, 21),
        (36, 6.4, 6.4), (46, 2.5, 3.5), (54, 819, 819),
    ],
)  # fmt: skip
def test_results_are_those_that_readers_found_by_hand(findings, figures, number, low, high):
    found = recompute_findings(findings, figures).iloc[number - 1]
    np.testing.assert_allclose([found["recomputed_low"], found["recomputed_high"]], [low, high], rtol=0.04)


def test_a_finding_falls_when_the_figures_are_mended(findings, figures):
    mended = figures.copy()
    mended.loc[mended["figure_id"] == "report-0003", "value"] = 13.835 / 14.3 - 1
    mended.loc[mended["figure_id"] == "report-0269", "value"] = 2013
    mended.loc[mended["figure_id"] == "report-0009", "value"] = 0.1
    found = recompute_findings(findings, mended).set_index("finding_id")
    assert found.index[~found["stands"]].tolist() == ["finding-01", "finding-22", "finding-32"]
    assert found.loc[["finding-22", "finding-32"], "check"].tolist() == [CONFLICT, COINCIDENCE]


def test_converted_figures_give_the_same(findings, figures):
    converted = figures.assign(unit_factor=7.0)
    for column in ("value", "low", "high"):
        converted[column] = pd.to_numeric(converted[column]) * 7.0
    one, other = (recompute_findings(findings, f)[NUMBERS].to_numpy(float) for f in (figures, converted))
    np.testing.assert_allclose(one, other)


def test_every_formula_is_used(findings):
    used = {*findings["formula"].dropna(), *findings["stated_formula"].dropna()}
    assert used == set(FORMULAS)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"input_figure_ids": "report-9999"}, "finding-01.*'report-9999' is not in the collection"),
        ({"formula": "guess"}, "finding-01.*unknown formula 'guess'"),
        ({"check": "feeling"}, "finding-01.*unknown check 'feeling'"),
        ({"input_figure_ids": "report-0001"}, "finding-01"),
        ({"formula": "", "input_figure_ids": ""}, "needs a formula"),
    ],
)
def test_a_finding_that_cannot_be_computed_is_named(findings, figures, changes, words):
    with pytest.raises(ValueError, match=words):
        recompute_findings(findings.iloc[:1].assign(**changes), figures)
