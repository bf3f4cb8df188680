"""Cells that a conditional format hides, strikes through or shows as another number."""

import pytest

from flows.runtime.settings import Settings
from tests.flows.sources.test_inbox import own_figures, settings
from tests.flows.sources.test_unseen_cells import seen_workbook

__all__ = ["settings"]
SHARE = {"metric": "hbm_share_of_dram_revenue", "unit": "percent", "value": 0.35}


def style(colour: str = "", fill: str = "", strike: bool = False, code: str = ""):
    from openpyxl.styles import Font, PatternFill
    from openpyxl.styles.differential import DifferentialStyle
    from openpyxl.styles.numbers import NumberFormat

    return DifferentialStyle(
        font=Font(color=colour or None, strike=strike or None) if colour or strike else None,
        fill=PatternFill(bgColor=fill) if fill else None,
        numFmt=NumberFormat(numFmtId=200, formatCode=code) if code else None,
    )


def rule(where: str, kind: str, look, **more):
    from openpyxl.formatting.rule import Rule

    return lambda sheet: sheet.conditional_formatting.add(where, Rule(type=kind, dxf=look, **more))


def bars(sheet):
    from openpyxl.formatting.rule import DataBarRule

    sheet.conditional_formatting.add("E2", DataBarRule("min", 0, "max", 0, color="FF638EC6", showValue=False))


WHITE = "FFFFFFFF"


@pytest.mark.parametrize(
    ("mark", "sign"),
    [
        (
            rule("E2:E9", "cellIs", style(WHITE), operator="greaterThan", formula=["7e10"]),
            "the colour of its background",
        ),
        (
            rule("A1:N9", "cellIs", style(strike=True), operator="between", formula=["7e10", "9e10"]),
            "struck through",
        ),
        (
            rule("E1:E1048576", "cellIs", style("FF1F3864", "FF1F3864"), operator="equal", formula=["8E10"]),
            "the colour of its background",
        ),
        (rule("E2", "expression", style(WHITE), formula=["$N2<>1"]), "a conditional format may hide it"),
        (rule("E2:E2", "expression", style(strike=True), formula=["ROW()=2"]), "a conditional format may"),
        (rule("E2", "top10", style(code='0.0,,," bn"'), rank=1), "a conditional format may hide it"),
        (rule("I2", "containsText", style(WHITE), text="forecast", operator="containsText"), "background"),
        (bars, "the colour of its background, or no format"),
    ],
)
def test_a_cell_that_a_rule_hides_or_may_hide_is_put_aside(settings: Settings, mark, sign: str):
    outcome, back = seen_workbook(settings, mark, ({"value": 8e10}, {"period": "2027", "value": 6e10}))
    assert (outcome.n_taken, outcome.n_refused) == (1, 1), back
    assert "row 2, " in back
    assert sign in back


@pytest.mark.parametrize(
    "mark",
    [
        rule("E2:E9", "cellIs", style(WHITE), operator="lessThan", formula=["1e9"]),
        rule("E2:E9", "cellIs", style("FF9C0006", "FFFFC7CE"), operator="greaterThan", formula=["1e9"]),
        rule("E2:E9", "expression", style("FF006100", "FFC6EFCE"), formula=["$N2=1"]),
        rule("E2:E9", "containsErrors", style(WHITE)),
        rule("P2:P9", "expression", style(WHITE), formula=["TRUE"]),
        rule("E2:E9", "cellIs", style(WHITE, "FF1F3864"), operator="greaterThan", formula=["1e9"]),
    ],
)
def test_a_rule_that_leaves_a_cell_to_be_seen_changes_nothing(settings: Settings, mark):
    outcome, back = seen_workbook(settings, mark, ({"value": 8e10}, {"period": "2027", "value": 6e10}))
    assert (outcome.n_taken, outcome.n_refused) == (2, 0), back


def test_a_number_that_a_rule_shows_as_percent_is_read_as_percent(settings: Settings):
    mark = rule("E2", "cellIs", style(code="0%"), operator="lessThan", formula=["1"])
    outcome, back = seen_workbook(settings, mark, (SHARE,))
    assert (outcome.n_taken, outcome.n_refused) == (1, 0), back
    assert own_figures(settings)["value"].tolist() == [35]


def test_the_first_rule_that_holds_says_the_colour(settings: Settings):
    def both(sheet):
        rule("E2", "cellIs", style(WHITE), operator="greaterThan", formula=["1e9"], priority=2)(sheet)
        rule(
            "E2", "cellIs", style("FF000000"), operator="greaterThan", formula=["1e9"], priority=1,
            stopIfTrue=True,
        )(sheet)  # fmt: skip

    outcome, back = seen_workbook(settings, both, ({"value": 8e10},))
    assert (outcome.n_taken, outcome.n_refused) == (1, 0), back
