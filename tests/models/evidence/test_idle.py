"""Figures that inform nothing are told at the door, with the names that have a rule."""

from models.evidence.idle import idle_figures, idle_words
from models.evidence.tables.described import BY_NAME
from models.evidence.validation import validate
from tests.models.evidence.test_validation import FIGURE, METRIC, TODAY, evidence, table

OF_INDUSTRY = METRIC | {"entity": "industry", "segment": "total"}
OF_MAKERS = METRIC | {"metric": "sales", "quantity": "", "description": "informs nothing in the chain yet"}
LINK = {"metric": "sales", "entity": "*", "segment": "equipment", "system": "equipment", "item": "tcb"}
LINK |= {
    "measure": "usd",
    "relation": "observes",
    "share_p05": "0.9",
    "share_p95": "1.1",
    "basis": "judgement",
}


def idle(*figures: dict, of_systems: tuple | list = (), metrics: tuple = ()) -> dict[str, tuple[str, str]]:
    rows = [
        FIGURE | {"figure_id": f"f{i}", "origin_id": f"f{i}"} | figure for i, figure in enumerate(figures)
    ]
    raw = evidence(figures=rows, metrics=[OF_INDUSTRY, OF_MAKERS, *metrics])
    links = table(BY_NAME["system_evidence"].column_names, LINK)
    read = validate(raw | {"system_evidence.csv": links}, TODAY)
    assert read.rejected.empty
    found = idle_figures(read.accepted, of_systems=of_systems)
    return {row.figure_id: (row.reason, row.remedy) for row in found.itertuples()}


def test_an_entity_without_a_rule_is_told_with_those_that_have_one():
    found = idle({"entity": "SK hynix", "segment": "total"}, {"entity": "the industry"}, {"segment": "total"})
    assert found.keys() == {"f0", "f1"}
    assert "entity 'SK hynix'" in found["f0"][0]
    assert found["f0"][1] == "rules are for entity industry"
    assert found["f1"][1].startswith("did you mean 'industry'?")


def test_a_segment_without_a_rule_is_told_with_those_that_have_one():
    assert idle({"segment": "totals"})["f0"][1] == "did you mean 'total'? rules are for segment total"


def test_a_segment_that_only_the_rule_for_any_entity_takes_is_told_with_those_that_inform():
    of_anybody = OF_INDUSTRY | {"entity": "*", "segment": "*", "quantity": "", "description": "one supplier"}
    left_out = {"segment": "shoes", "not_used_reason": "a blog"}
    named = ({"entity": "Micron"}, {"entity": "industy"})
    found = idle({}, {"segment": "totals"}, *named, left_out, metrics=(of_anybody,))
    assert [found[f"f{i}"][1] for i in range(5)] == [
        "of industry what informs has segment total",
        "did you mean 'total'? of industry what informs has segment total",
        "",
        "did you mean 'industry'? what informs has entity industry",
        "",
    ]


def test_a_figure_that_a_system_reads_or_its_editor_left_out_is_no_slip():
    sale = {"metric": "sales", "entity": "Hanmi", "segment": "equipment"}
    found = idle(sale, sale | {"segment": "shoes"}, {"segment": "total", "not_used_reason": "a blog"})
    assert found == {"f1": ("informs nothing in the chain yet", ""), "f2": ("a blog", "")}


def test_a_figure_like_those_that_a_system_reads_by_its_own_code_is_not_idle():
    shares = [{"metric": "sales", "segment": ""}, {"metric": "sales", "segment": "", "period": "2026"}]
    shares += [{"metric": "sales", "segment": "", "period": "2025", "not_used_reason": "a blog"}]
    assert set(idle(*shares)) == {"f0", "f1", "f2"}
    assert set(idle(*shares, of_systems=["f0"])) == {"f2"}


def test_a_slip_of_a_name_that_only_systems_read_is_told_with_that_name():
    hanmi = {"metric": "sales", "entity": "Hanmi", "segment": ""}
    slips = ({"metric": "sales", "entity": "Hamni", "segment": ""}, {"metric": "sales", "entity": "Besi"})
    found = idle(hanmi, *slips, of_systems=["f0"])
    assert found["f1"][1] == "did you mean 'Hanmi'? what informs has entity Hanmi"
    assert found["f2"][1] == ""
    assert idle(slips[0])["f0"][1] == ""


def test_only_the_figures_asked_for_are_looked_at():
    read = validate(evidence(metrics=[OF_INDUSTRY]), TODAY)
    assert idle_figures(read.accepted, set()).empty
    assert len(idle_figures(read.accepted, {"hbm-0001"})) == 1


def test_one_line_says_how_many_and_why():
    read = validate(evidence(metrics=[OF_INDUSTRY]), TODAY)
    found = idle_figures(read.accepted)
    words = idle_words(found, 4)
    assert words.startswith("1 of 4 figures inform nothing: hbm-0001: no rule in metrics.csv")
    assert "(rules are for segment total)" in words
    assert idle_words(found, 4, shown=0) == "1 of 4 figures inform nothing"
    assert idle_words(found.iloc[:0], 4) == ""
