"""Cells that a conditional format hides, strikes through or shows as another number."""

import zipfile

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


NEWER = (
    '<extLst><ext xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main" '
    'uri="{78C0D931-6437-407d-A8EE-F0AAD7539E65}"><x14:conditionalFormattings><x14:conditionalFormatting '
    'xmlns:xm="http://schemas.microsoft.com/office/excel/2006/main">RULE<xm:sqref>E2:E9</xm:sqref>'
    "</x14:conditionalFormatting></x14:conditionalFormattings></ext></extLst></worksheet>"
)
OVER = '<x14:cfRule type="cellIs" priority="1" operator="greaterThan" id="{1}"><xm:f>ASKED</xm:f>'
WHITE_X14 = '<x14:dxf><font><color rgb="FFFFFFFF"/></font></x14:dxf></x14:cfRule>'
STRUCK_X14 = "<x14:dxf><font><strike/></font></x14:dxf></x14:cfRule>"
LOOKS_FOR = '<x14:cfRule type="containsText" priority="1" operator="containsText" id="{1}">'
LOOKS_FOR += "<xm:f>NOT(ISERROR(SEARCH(Other!$A$1,E2)))</xm:f><xm:f>ASKED</xm:f>"


def with_newer(settings: Settings, newer: str, mark=lambda sheet: None, rows=None):
    """Drop a workbook whose sheet ends with a rule in the words of newer spreadsheets."""
    assert settings.inbox is not None
    made = settings.inbox / "desk.xlsx"

    def write(sheet):
        mark(sheet)
        save = sheet.parent.save

        def saved(path):
            save(path)
            with zipfile.ZipFile(path) as packed:
                parts = {name: packed.read(name) for name in packed.namelist()}
            place = "xl/worksheets/sheet1.xml"
            ending = NEWER.replace("RULE", newer).encode()
            assert parts[place].count(b"</worksheet>") == 1
            parts[place] = parts[place].replace(b"</worksheet>", ending)
            with zipfile.ZipFile(made, "w") as packed:
                for name, content in parts.items():
                    packed.writestr(name, content)

        sheet.parent.save = saved

    return seen_workbook(settings, write, rows or ({"value": 8e10}, {"period": "2027", "value": 6e10}))


@pytest.mark.parametrize(
    ("newer", "sign"),
    [
        (OVER.replace("ASKED", "7e10") + WHITE_X14, "the colour of its background"),
        (OVER.replace("ASKED", "7e10") + STRUCK_X14, "struck through"),
        (
            '<x14:cfRule type="dataBar" id="{1}"><x14:dataBar minLength="0" maxLength="100" showValue="0">'
            '<x14:cfvo type="autoMin"/><x14:cfvo type="autoMax"/></x14:dataBar></x14:cfRule>',
            "the colour of its background, or no format",
        ),
        (
            '<x14:cfRule type="iconSet" priority="1" id="{1}"><x14:iconSet iconSet="3Stars" showValue="0">'
            '<x14:cfvo type="percent"><xm:f>0</xm:f></x14:cfvo></x14:iconSet></x14:cfRule>',
            "the colour of its background, or no format",
        ),
        (OVER.replace("ASKED", "Other!$A$1") + WHITE_X14, "a conditional format may hide it"),
        (LOOKS_FOR.replace("ASKED", "Other!$A$1") + WHITE_X14, "a conditional format may hide it"),
        (LOOKS_FOR.replace("ASKED", '"80"') + WHITE_X14, "the colour of its background"),
    ],
)
def test_a_rule_in_the_words_of_newer_spreadsheets_is_read_alike(settings: Settings, newer: str, sign: str):
    outcome, back = with_newer(settings, newer)
    assert outcome.n_refused >= 1, back
    assert "row 2, " in back
    assert sign in back
    assert ("row 3, " in back) == ("may hide" in sign or "no format" in sign)


def test_a_newer_rule_that_leaves_a_cell_to_be_seen_changes_nothing(settings: Settings):
    outcome, back = with_newer(settings, OVER.replace("ASKED", "9e10") + WHITE_X14)
    assert (outcome.n_taken, outcome.n_refused) == (2, 0), back


def test_a_newer_rule_shows_a_number_as_percent(settings: Settings):
    shown = '<x14:dxf><numFmt numFmtId="164" formatCode="0%"/></x14:dxf></x14:cfRule>'
    newer = OVER.replace("greaterThan", "lessThan").replace("ASKED", "1") + shown
    outcome, back = with_newer(settings, newer, rows=(SHARE,))
    assert (outcome.n_taken, outcome.n_refused) == (1, 0), back
    assert own_figures(settings)["value"].tolist() == [35]


@pytest.mark.parametrize(("first", "n_refused"), [(1, 0), (3, 1)])
def test_of_rules_of_both_kinds_the_first_by_priority_says_the_colour(
    settings: Settings, first: int, n_refused: int
):
    black = rule(
        "E2", "cellIs", style("FF000000"), operator="greaterThan", formula=["1e9"], priority=first,
        stopIfTrue=True,
    )  # fmt: skip
    newer = (OVER.replace("ASKED", "7e10") + WHITE_X14).replace('priority="1"', 'priority="2" stopIfTrue="1"')
    assert with_newer(settings, newer, black)[0].n_refused == n_refused
